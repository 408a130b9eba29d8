"""Endpoints that an extract seems to have: a time or two dates, and a status."""

import re
from dataclasses import dataclass, replace

import numpy as np

from recohort.cohort import follow_up
from recohort.protocol import model as protocol

# how variables of an endpoint are called, and levels of a status that are the event, in English and Romance
TIME = re.compile(r"(^|_)(os|pfs|dfs|rfs|efs|dss|mfs|ttf|ttp|survival|followup|follow_up|futime|time)(_|$)")
STATUS = re.compile(r"status|event|died|dead|death|deceas|vital|cens|relapse|recur|progress|failure")
VITAL = re.compile(r"vital|dead|died|death|deceas|(^|_)os(_|$)")
START = re.compile(r"diag|(^|_)(dx|d?start|random\w*|enrol\w*|baseline|inclusion|surgery|index|first)(_|$)")
END = re.compile(r"last|contact|follow|(^|_)(fu|end|exit|censor\w*)(_|$)")
EVENT = re.compile(r"dea[dt]|died|dece|mort|yes|event|relaps|recur|progress", re.IGNORECASE)
NO_EVENT = re.compile(r"alive|living|viv|\b(no|not|free|without)\b", re.IGNORECASE)
KNOWN = {
    "os": "Overall survival",
    "pfs": "Progression-free survival",
    "dfs": "Disease-free survival",
    "rfs": "Recurrence-free survival",
    "efs": "Event-free survival",
    "ttf": "Time to treatment failure",
}
MOST_BACKWARDS = 0.2
MANY_DAYS = 250  # a median time above this is in days rather than in months


@dataclass(frozen=True)
class Outcome:
    """
    An endpoint as the protocol states it.

    Attributes
    ----------
    name : str
    entry : dict
        Keys of the endpoint.
    changes : dict of str to dict
        Keys of the codebook that it needs: the unit of its time, spellings of the event made one level.
    assumptions : tuple of str
    """

    name: str
    entry: dict
    changes: dict
    assumptions: tuple


def outcomes(book, columns):
    """
    Guess the endpoints of a codebook.

    Parameters
    ----------
    book : dict of str to Variable
    columns : dict of str to Values
        The cleaned extract.

    Returns
    -------
    list of Outcome
        Those with an event and a time that rarely runs backwards: from numbers, else from two dates.
    """
    events = {name: levels for name, variable in book.items() if (levels := _events(name, variable))}
    timed = [_from_time(name, book, columns, events) for name in book if book[name].type == "number"]
    candidates = [outcome for outcome in timed if outcome] or _from_dates(book, events)
    found = {}
    for outcome in candidates:
        if outcome.name not in found and _works(outcome, book, columns):
            found[outcome.name] = outcome
    return list(found.values())


def _events(name, variable):
    """The levels of a status that are the event, the first to stand for all; none of what is no status."""
    if not variable.is_factor or not STATUS.search(name) or len(variable.levels) < 2:
        return []
    if variable.type == "flag":
        return ["yes"]
    found = [level for level in variable.levels if EVENT.search(level) and not NO_EVENT.search(level)]
    found += ["1"] if {"0", "1"} <= set(variable.levels) else []
    return found if len(found) < len(variable.levels) else []


def _from_time(name, book, columns, events):
    matched = TIME.search(name)
    if matched is None:
        return None
    stem = matched[2]
    partners = [status for status in events if status.split("_")[0] == name.split("_")[0]]
    # a time called so and nothing else goes with the only status there is
    status = next(iter(partners or (events if len(events) == 1 else [])), None)
    if status is None:
        return None
    changes, assumptions = _one_event(book[status], events[status]), [_event_said(book[status], events)]
    unit = book[name].unit
    if unit not in protocol.DAYS:
        values = columns[name].values[columns[name].known]
        unit = "days" if np.median(values) > MANY_DAYS else "months"
        changes[name] = {"unit": unit}
        assumptions.append(f"{book[name].column} is in {unit}; the extract does not say.")
    entry = {"label": KNOWN.get(stem, book[name].label), "time": name}
    entry |= {"event": {status: events[status][0]}, "unit": "months" if unit == "days" else unit}
    return Outcome(_free_name(stem, book), entry, changes, tuple(assumptions))


def _from_dates(book, events):
    dates = [name for name, variable in book.items() if variable.type == "date"]
    starts = [name for name in dates if START.search(name) and not END.search(name)]
    ends = [name for name in dates if END.search(name)]
    statuses = sorted(events, key=lambda name: VITAL.search(name) is None)
    if not (starts and ends and statuses):
        return []
    start, end, status = starts[0], next((e for e in ends if "last" in e), ends[0]), statuses[0]
    is_death = VITAL.search(status) is not None
    label = KNOWN["os"] if is_death else f"Time to {book[status].label}"
    entry = {"label": label, "start": start, "end": end}
    entry |= {"event": {status: events[status][0]}, "unit": "months"}
    clock = f"{label} runs from {book[start].column} to {book[end].column}."
    assumptions = (clock, _event_said(book[status], events))
    name = _free_name("os" if is_death else "outcome", book)
    return [Outcome(name, entry, _one_event(book[status], events[status]), assumptions)]


def _event_said(status, events):
    levels = " or ".join(events[status.name])
    return f"{levels} in {status.column} is the event, all else that is known is censoring."


def _one_event(status, levels):
    """The change of a status that makes the event, spelt in several ways, one level."""
    if len(levels) == 1:
        return {}
    recode = {old: levels[0] if new in levels else new for old, new in status.recode.items()}
    recode |= dict.fromkeys(levels[1:], levels[0])
    kept = [level for level in status.levels if level not in levels[1:]]
    return {status.name: {"levels": kept, "recode": recode}}


def _free_name(stem, book):
    """A name whose columns in the cohort's table are no variables."""
    taken = {f"{stem}_{part}" for part in ("time_days", "event", "entry_days")}
    return f"{stem}_endpoint" if taken & set(book) else stem


def _works(outcome, book, columns):
    changed = {name: replace(book[name], **keys) for name, keys in outcome.changes.items()}
    endpoint = protocol.endpoint(outcome.name, outcome.entry)
    followed = follow_up.follow(endpoint, columns, {**book, **changed})
    n = int((~np.isnan(followed.time_days)).sum())
    is_timely = followed.is_backwards.sum() <= MOST_BACKWARDS * n
    return bool(is_timely and np.nansum(followed.event) > 0)
