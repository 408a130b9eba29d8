"""Columns that say whether an event happened: which level is it, if that is certain, else the choices."""

import re
from typing import Any, NamedTuple

from recohort.draft import words
from recohort.draft.numbers import as_number

ENDPOINTS = {
    "os": "Overall survival",
    "pfs": "Progression-free survival",
    "dfs": "Disease-free survival",
    "rfs": "Recurrence-free survival",
    "efs": "Event-free survival",
    "dss": "Disease-specific survival",
    "css": "Cancer-specific survival",
    "mfs": "Metastasis-free survival",
    "dmfs": "Distant metastasis-free survival",
    "ttf": "Time to treatment failure",
    "ttp": "Time to progression",
}
MOST_CHOICES = 6


class Status(NamedTuple):
    """
    name : str, of the variable.
    events : tuple of str, the levels that are the event, spelt in several ways; empty if that is not certain.
    choices : tuple of str, the levels that may be it.
    is_death : bool, whether it tells of deaths.
    """

    name: str
    events: tuple[str, ...]
    choices: tuple[str, ...]
    is_death: bool


def find(book: dict[str, Any]) -> list[Status]:
    """
    The statuses of a codebook.

    Parameters
    ----------
    book : dict of str to Variable

    Returns
    -------
    list of Status
        An event is certain if the words of the levels say of each whether it is one, of one kind; or if the
        column is called by the event and its levels are no and yes.
    """
    found = [_status(variable) for variable in book.values() if variable.is_factor]
    return [status for status in found if status is not None]


def stems(name: str) -> set[str]:
    """The endpoints that a name names, as `os` in os_status."""
    return {word.removesuffix("time") for word in words.endpoint_tokens(name)} & set(ENDPOINTS)


def _status(variable: Any) -> Status | None:
    if variable.type == "flag":
        return _of_flag(variable)
    # a number taken as missing may be a third level
    has_more = any(as_number(code) is not None for code in variable.missing)
    if not 0 < len(variable.levels) <= MOST_CHOICES:
        return None
    kinds = {level: _kind(level) for level in variable.levels}
    is_death = "dead" in kinds.values() or "alive" in kinds.values() or _tells_of_death(variable)
    events = tuple(level for level, kind in kinds.items() if kind in ("dead", "event"))
    is_told = None not in kinds.values() and len({kinds[level] for level in events}) == 1
    if is_told and not has_more and 0 < len(events) < len(kinds):
        return Status(variable.name, events, events, "dead" in kinds.values())
    is_partly_told = any(kind is not None for kind in kinds.values())
    has_codes = all(as_number(re.sub(r"\s.*", "", level)) is not None for level in variable.levels)
    if is_partly_told or has_codes and _is_called_status(variable):
        return Status(variable.name, (), variable.levels, is_death)
    return None


def _of_flag(variable: Any) -> Status | None:
    if not _is_called_status(variable):
        return None
    has_more = any(as_number(code) is not None for code in variable.missing)
    is_certain = _only_of(variable, words.HAPPENED) and not has_more
    return Status(variable.name, ("yes",) if is_certain else (), ("yes", "no"), _tells_of_death(variable))


def _kind(level: str) -> str | None:
    """dead, alive, event, none or, where the words do not say, None."""
    text = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", level)
    said = re.findall(r"[^\W_]+", re.sub(r"^\W*\d+\s*[:=.)\]-]*\s*", "", words.plain(text)))
    phrase = " ".join(said)
    if phrase in words.flat(words.DEAD):
        return "dead"
    if phrase in words.flat(words.ALIVE):
        return "alive"
    if phrase in words.flat(words.CENSORED):
        return "none"
    events, negations = words.flat(words.EVENT) | {"disease"}, words.flat(words.NEGATION)
    told = [word for word in said if word not in ("or", "and", "of", "oder", "ou", "o", "e", "y")]
    if told and set(told) <= events and told != ["disease"]:
        return "event"
    if set(told) & negations and set(told) <= negations | events:
        return "none" if len(told) > 1 else None
    return None


def _is_called_status(variable: Any) -> bool:
    """Whether the column has a word of a status and none of anything else, as her2_status has."""
    named = words.endpoint_tokens(variable.column or variable.name)
    is_of_endpoint = set(named) & set(ENDPOINTS) and set(named) <= {*ENDPOINTS, "e", "ev", "evt", "s"}
    return bool(is_of_endpoint) or _only_of(variable, words.STATUS, words.HAPPENED, also=words.NEGATION)


def _only_of(variable: Any, *tables: dict[str, str], also: dict[str, str] | None = None) -> bool:
    """Whether a name has a word of the tables, and else only words that change nothing, or of `also`."""
    name = variable.column or variable.name
    if not any(words.has_any(name, table) for table in tables):
        return False
    return all(
        word in words.flat(words.FILLERS) | words.flat(also or {})
        or word in ENDPOINTS
        or any(words.has_any(word, table) for table in tables)
        for word in words.endpoint_tokens(name)
    )


def _tells_of_death(variable: Any) -> bool:
    name = variable.column or variable.name
    vital = {"any": "vital*|os|alive|lebt|lebend|survived|surv|survstat|dod"}
    return (
        words.has_any(name, vital)
        or any(word in words.flat(words.DEAD) | words.flat(words.ALIVE) for word in words.tokens(name))
        or words.has_any(name, words.DEATH_DATE)
    )
