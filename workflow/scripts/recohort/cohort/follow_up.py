"""Endpoints: time, entry and event of each unit from typed columns, in days."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from recohort.protocol.expression_values import Values
from recohort.statistics.near_ties import tie


class FollowUp(NamedTuple):
    """
    One endpoint, arrays of shape (n,); time, event and entry are missing together, where any is unknown.

    time_days, event : float, event 0 or 1.
    entry_days : float, or None without delayed entry.
    is_backwards : bool, the end is before the start.
    is_late : bool, the entry is not before the end, so that the unit was never under observation.
    is_tied : bool, the time or the entry was made equal to another that differed by rounding only.
    """

    time_days: np.ndarray
    event: np.ndarray
    entry_days: np.ndarray | None
    is_backwards: np.ndarray
    is_late: np.ndarray
    is_tied: np.ndarray


def follow(endpoint: Any, columns: Mapping[str, Values], codebook: dict[str, Any]) -> FollowUp:
    """
    Follow-up of one endpoint.

    Parameters
    ----------
    endpoint : Endpoint
    columns : dict of str to Values
    codebook : dict of str to Variable

    Returns
    -------
    FollowUp
        Entries before the start are put at the start; late ones leave the endpoint missing. Times and entries
        that differ by rounding only are ties.
    """
    variable, level = endpoint.event
    status = columns[variable]
    event: Any = np.where(status.known, status.values == level, np.nan).astype(float)
    time: Any = _days(endpoint, endpoint.time or endpoint.end, columns, codebook)
    is_backwards = time < 0
    parts, is_late = [time, event], np.zeros(len(time), dtype=bool)
    if endpoint.entry is not None:
        # nobody is at risk before the start of the clock
        entry: Any = np.maximum(_days(endpoint, endpoint.entry, columns, codebook), 0.0)
        is_late = ~is_backwards & (entry >= time)
        parts.append(entry)
    known = ~is_late & np.logical_and.reduce([~np.isnan(part) for part in parts])
    time, event, entry = ([np.where(known, part, np.nan) for part in parts] + [None])[:3]
    known &= ~is_backwards
    is_tied = _tie(time, entry, known)
    if entry is not None:
        never = known & (entry >= time)
        is_late, is_tied = is_late | never, is_tied & ~never
        for part in (time, event, entry):
            part[never] = np.nan
    return FollowUp(time, event, entry, is_backwards, is_late, is_tied)


def _tie(time: np.ndarray, entry: np.ndarray | None, known: np.ndarray) -> np.ndarray:
    """Make near-equal times and entries of some units equal, in place; which units had one."""
    tied = tie(time[known], None if entry is None else entry[known])
    time[known] = tied.time
    if entry is not None:
        entry[known] = tied.entry
    is_tied = np.zeros(len(time), dtype=bool)
    is_tied[known] = tied.changed
    return is_tied


def _days(endpoint: Any, name: str, columns: Mapping[str, Values], codebook: dict[str, Any]) -> np.ndarray:
    """A number of its own unit, or a date from the start on, as days."""
    column = columns[name]
    if endpoint.start is None:
        in_days: np.ndarray = _float(column) * codebook[name].days_per_unit
        return in_days
    start = columns[endpoint.start]
    days = (column.values - start.values) / np.timedelta64(1, "D")
    return _float(Values(days, column.known & start.known))


def _float(column: Values) -> np.ndarray:
    return np.where(column.known, column.values, np.nan).astype(float)
