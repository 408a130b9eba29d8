"""How an extract seems to measure times: numbers from an entry on, numbers, or the days between two dates."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from recohort.draft import words
from recohort.draft.statuses import ENDPOINTS
from recohort.protocol import model as protocol

MOST_MONTHS = 1200  # a longer time is in days


@dataclass(frozen=True)
class Clock:
    """
    How a time is measured.

    Attributes
    ----------
    names : tuple of str
        Its variables, the one that says of what first.
    entry : dict
        Keys of the endpoint: time, and entry; or start and end.
    unit : str
        Of a time, empty if it is not known; of two dates, days.
    """

    names: tuple[str, ...]
    entry: dict[str, Any]
    unit: str


def intervals(book: dict[str, Any], columns: Any) -> list[Clock]:
    """A time that begins at an entry: two numbers called so."""
    numbers = [name for name, variable in book.items() if variable.type == "number"]
    starts = [name for name in numbers if _is_called(book[name], words.START_TIME)]
    stops = [name for name in numbers if _is_called(book[name], words.STOP_TIME)]
    if len(starts) != 1 or len(stops) != 1:
        return []
    unit = (
        _unit(book[stops[0]], columns)
        if named_unit(book[starts[0]]) in ("", named_unit(book[stops[0]]))
        else ""
    )
    return [Clock((stops[0], starts[0]), {"time": stops[0], "entry": starts[0]}, unit)]


def times(book: dict[str, Any], columns: Any) -> list[Clock]:
    return [
        Clock((name,), {"time": name}, _unit(variable, columns))
        for name, variable in book.items()
        if variable.type == "number" and _is_called(variable, words.TIME, _is_prefixed)
    ]


def spans(book: dict[str, Any]) -> list[Clock]:
    """From each date that may be the start to each that may be the end."""
    dates = [
        name for name, v in book.items() if v.type == "date" and not words.has_any(v.column, words.BIRTH)
    ]

    def called(table: dict[str, str], names: list[str]) -> list[str]:
        return [name for name in names if words.has_any(book[name].column, table)]

    ends = called(words.END_DATE, dates) or called(words.DEATH_DATE, dates)
    starts = [name for name in called(words.START_DATE, dates) if name not in ends]
    return [Clock((end, start), {"start": start, "end": end}, "days") for start, end in product(starts, ends)]


def _is_called(
    variable: Any, table: dict[str, str], also: Callable[[str], bool] = lambda word: False
) -> bool:
    """Whether the name is a word of the table, beside an endpoint and a unit."""
    units = {
        w for tables in (words.TIME_UNITS, words.SHORT_UNITS) for t in tables.values() for w in words.flat(t)
    }
    tokens = words.endpoint_tokens(variable.column)
    said = [word for word in tokens if word not in ENDPOINTS and word not in ("in", "to")]
    rest = [word for word in said if word not in units]
    phrases = {tuple(phrase.replace(" to ", " ").split()) for phrase in words.flat(table)}
    if not rest:
        # an endpoint, or a unit and nothing else: a year or a day may be of the calendar
        is_plural = any(words.has_any(variable.column, table) for table in words.TIME_UNITS.values())
        return table is words.TIME and (is_plural or len(said) < len(tokens))
    return tuple(rest) in phrases or len(rest) == 1 and also(rest[0])


def _is_prefixed(word: str) -> bool:
    """rtime, dtime, os_time written in one: letters before the word."""
    return any(word.endswith(end) and len(word) - len(end) <= 4 for end in ("time", "zeit", "months", "days"))


def named_unit(variable: Any) -> str:
    if variable.unit in protocol.DAYS:
        unit: str = variable.unit
        return unit
    tokens = set(words.tokens(variable.column))
    short = [unit for unit, table in words.SHORT_UNITS.items() if tokens & words.flat(table)]
    glued = [unit for unit in protocol.DAYS if variable.column.casefold().endswith(unit)]
    return (short or glued or [""])[0]


def _unit(variable: Any, columns: Any) -> str:
    """The unit that the name states, or days where no life has as many months; else empty."""
    named = named_unit(variable)
    values = columns[variable.name].values[columns[variable.name].known]
    return named or ("days" if len(values) and np.max(values) > MOST_MONTHS else "")
