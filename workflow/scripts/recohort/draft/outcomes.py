"""Endpoints that an extract seems to have: those that are certain, and for others the choices."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from recohort.cohort import follow_up
from recohort.draft import clocks, statuses, words
from recohort.draft.statuses import ENDPOINTS, MOST_CHOICES
from recohort.protocol import model as protocol

MOST_BACKWARDS = 0.2


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
    entry: dict[str, Any]
    changes: dict[str, dict[str, Any]]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is not certain of an endpoint, Outcomes of which one may be taken, and times without a unit."""

    said: str
    choices: tuple[Any, ...] = ()
    without_unit: tuple[str, ...] = ()


def outcomes(
    book: dict[str, Any], columns: Any, is_repeated: bool = False
) -> tuple[list[Outcome], list[Question]]:
    """
    Guess the endpoints of a codebook.

    Parameters
    ----------
    book : dict of str to Variable
    columns : dict of str to Values
        The cleaned extract.
    is_repeated : bool
        Whether patients seem to have several rows, so that no time of a row is theirs.

    Returns
    -------
    made : list of Outcome
        Those whose time, unit, status and event are certain, and whose time rarely runs backwards.
    questions : list of Question
        About what else looks like an endpoint.
    """
    found = statuses.find(book)
    timers = clocks.intervals(book, columns) or clocks.times(book, columns)
    if not any(_fits(timer, status, timers, found, book) for timer, status in product(timers, found)):
        timers = clocks.spans(book) or timers
    made, questions, timed = {}, [], set()
    for status in found:
        fitting = [clock for clock in timers if _fits(clock, status, timers, found, book)]
        timed |= {clock.names for clock in fitting}
        if not fitting:
            questions.append(Question(f"{book[status.name].column} may be a status; no time goes with it"))
            continue
        doubts = _doubts(fitting, status, book, is_repeated)
        offered = [
            _outcome(clock, status, event, book)
            for clock, event in product(fitting, status.events[:1] or status.choices)
        ][:MOST_CHOICES]
        outcome = offered[0]
        if not doubts and outcome.name in made:
            doubts = [f"{outcome.name} is there already"]
        if not doubts and not _works(outcome, book, columns):
            doubts = ["there is no event, or the time runs backwards in many rows"]
        if doubts:
            unknown = tuple(name for clock in fitting if not clock.unit for name in clock.names)
            questions.append(Question("; ".join(doubts), tuple(offered), unknown))
        else:
            made[outcome.name] = outcome
    left = [book[name].column for clock in timers if clock.names not in timed for name in clock.names]
    if left:
        questions.append(Question(f"{', '.join(dict.fromkeys(left))} may be times; no status goes with them"))
    deaths = [
        name for name, v in book.items() if v.type == "date" and words.has_any(v.column, words.DEATH_DATE)
    ]
    if deaths and not any(status.is_death for status in found):
        said = (
            f"{book[deaths[0]].column} may say who died: a flag with derive: known({deaths[0]}) is a status"
        )
        questions.append(Question(said))
    return list(made.values()), questions


def _fits(
    clock: clocks.Clock,
    status: statuses.Status,
    timers: list[clocks.Clock],
    found: list[statuses.Status],
    book: dict[str, Any],
) -> bool:
    """Whether a time and a status go together: by name, or as there is no other for either."""
    if "start" in clock.entry:
        deaths = [other for other in found if other.is_death]
        is_died = words.has_any(book[clock.entry["end"]].column, words.DEATH_DATE)
        return (status in deaths if deaths else True) and not (is_died and not status.is_death)
    if not status.events and len(timers) == len(found) == 1:
        # it is offered and never made
        return True
    of_time, of_status = statuses.stems(clock.names[0]), statuses.stems(status.name)
    if of_time or of_status:
        if of_time & of_status:
            return True
        if not of_time:
            return len(timers) == len(found) == 1
        is_taken = any(of_time & statuses.stems(other.name) for other in found)
        return of_time == {"os"} and status.is_death and not is_taken and not of_status
    letters = _prefix(clock.names[0])
    if letters:
        return status.name.startswith(letters)
    free = [other for other in found if not any(_prefixed_for(c, other) for c in timers)]
    return status in free


def _prefixed_for(clock: clocks.Clock, status: statuses.Status) -> bool:
    letters = _prefix(clock.names[0])
    shared = statuses.stems(clock.names[0]) & statuses.stems(status.name)
    return bool(shared) or bool(letters) and status.name.startswith(letters)


def _prefix(name: str) -> str:
    """r of rtime; none of a word that is a time itself."""
    word = name.split("_")[0]
    if word in words.flat(words.TIME):
        return ""
    ends = (end for end in ("time", "zeit") if word.endswith(end))
    return next((word.removesuffix(end) for end in ends if len(word) - len(end) in (1, 2, 3, 4)), "")


def _doubts(
    fitting: list[clocks.Clock], status: statuses.Status, book: dict[str, Any], is_repeated: bool
) -> list[str]:
    column, doubts = book[status.name].column, []
    if len(fitting) > 1:
        named = dict.fromkeys(book[name].column for clock in fitting for name in clock.names)
        doubts.append(f"{column} may go with {', '.join(named)}")
    if not status.events and len(status.choices) == 1:
        doubts.append(
            f"{column} has one level: if an empty cell means the contrary, recode '' to a level for it"
        )
    elif not status.events:
        levels = ", ".join(status.choices)
        doubts.append(f"nothing says for certain which of {levels} in {column} is the event")
    for clock in fitting:
        if not clock.unit:
            time = book[clock.names[0]].column
            doubts.append(f"first give {time} its unit in the codebook (days, weeks, months or years)")
        end = clock.entry.get("end")
        if end and not status.is_death:
            doubts.append(f"{book[end].column} may not be the day of what {column} says")
        elif end and not words.has_any(book[end].column, words.END_DATE):
            doubts.append(f"only the dead have a {book[end].column}")
    if is_repeated:
        doubts.append("patients seem to have several rows")
    return doubts


def _outcome(clock: clocks.Clock, status: statuses.Status, event: str, book: dict[str, Any]) -> Outcome:
    variable = book[status.name]
    stem = next(iter(sorted(statuses.stems(clock.names[0]) | statuses.stems(status.name))), None)
    stem = stem or ("os" if status.is_death and status.events else None)
    if stem is None:
        stem = clock.names[0] if "time" in clock.entry else "outcome"
    label = ENDPOINTS.get(stem) or (f"Time to {variable.label}" if status.events else "Time to event")
    entry = {"label": label, **clock.entry, "event": {status.name: event}}
    entry["unit"] = "months" if clock.unit in ("days", "") else clock.unit
    events = status.events or (event,)
    said = [f"{' or '.join(events)} in {variable.column} is the event, all else that is known is censoring."]
    changes = _one_event(variable, list(events))
    if "start" in clock.entry:
        start, end = (book[clock.entry[key]].column for key in ("start", "end"))
        said.insert(0, f"{label} runs from {start} to {end}.")
    elif clock.unit and book[clock.names[0]].unit != clock.unit:
        changes |= {name: {"unit": clock.unit} for name in clock.names}
        if not clocks.named_unit(book[clock.names[0]]):
            said.append(f"{book[clock.names[0]].column} is in {clock.unit}: it is too long for months.")
    return Outcome(_free_name(stem, book), entry, changes, tuple(said))


def _one_event(status: Any, levels: list[str]) -> dict[str, dict[str, Any]]:
    """The change of a status that makes the event, spelt in several ways, one level."""
    if len(levels) == 1:
        return {}
    recode = {old: levels[0] if new in levels else new for old, new in status.recode.items()}
    recode |= dict.fromkeys(levels[1:], levels[0])
    kept = [level for level in status.levels if level not in levels[1:]]
    return {status.name: {"levels": kept, "recode": recode}}


def _free_name(stem: str, book: dict[str, Any]) -> str:
    """A name whose columns in the cohort's table are no variables."""
    taken = {f"{stem}_{part}" for part in ("time_days", "event", "entry_days")}
    return f"{stem}_endpoint" if taken & set(book) else stem


def _works(outcome: Outcome, book: dict[str, Any], columns: Any) -> bool:
    changed = {name: replace(book[name], **keys) for name, keys in outcome.changes.items()}
    endpoint = protocol.endpoint(outcome.name, outcome.entry)
    followed = follow_up.follow(endpoint, columns, {**book, **changed})
    n = int((~np.isnan(followed.time_days)).sum())
    is_timely = followed.is_backwards.sum() <= MOST_BACKWARDS * n
    return bool(is_timely and np.nansum(followed.event) > 0)
