"""The rows of a Cox model, counted by covariate pattern and days at risk."""

from dataclasses import dataclass

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats, Integers, Values
from recohort.statistics.count_rows import codes, count_rows
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True)
class Cells:
    """
    The rows that are ever at risk; those that agree in everything are one cell.

    A day is an event time of a stratum. Cells with an event come first, then those without, each sorted by
    last day, then by pattern: a sum over cells has the same bits in any order of the rows.

    Parameters
    ----------
    pattern, first, last : ndarray of int, shape (n_cells,)
        Covariate pattern, first and last day at risk.
    count, weight, offset : ndarray, shape (n_cells,)
        Number of rows, their case weights added up, and the offset of each.
    event, other : slice
        The cells with and without an event on their last day.
    late : ndarray of int
        The cells that enter after the first day of their stratum, sorted by first day.
    strata : tuple of slice
        The days of each stratum that has any.
    """

    pattern: Integers
    first: Integers
    last: Integers
    count: Floats
    weight: Floats
    offset: Floats
    event: slice
    other: slice
    late: Integers
    strata: tuple[slice, ...]

    @property
    def n_days(self) -> int:
        return int(self.strata[-1].stop)


def risk_cells(pattern: Integers, n_patterns: int, rows: SurvivalRows) -> Cells:
    """
    The cells of rows.

    Parameters
    ----------
    pattern : ndarray of int, shape (n,)
    n_patterns : int
    rows : SurvivalRows

    Returns
    -------
    Cells

    Raises
    ------
    NotEstimable
        If there are no events.
    """
    # a moment is a time in a stratum
    moment, times = codes(rows.time)
    n_strata = 1
    if rows.strata is not None:
        stratum, names = codes(rows.strata)
        moment, n_strata = stratum.astype(np.int64) * len(times) + moment, len(names)
    columns: dict[str, Values] = {"other": rows.event == 0, "moment": moment, "pattern": pattern}
    sizes = [2, n_strata * len(times), n_patterns]
    if rows.entry is not None:
        begin = np.searchsorted(times, rows.entry, side="right")
        columns["begin"] = begin if rows.strata is None else stratum.astype(np.int64) * len(times) + begin
        sizes.append(sizes[1])
    values: dict[str, Values] = {}
    for name, of_row in {"count": rows.counts, "weight": rows.weights, "offset": rows.offset}.items():
        if of_row is not None:
            columns[name], values[name] = codes(of_row)
            sizes.append(len(values[name]))
    distinct_rows, number = count_rows(list(columns.values()), sizes)
    cells: dict[str, Values] = dict(zip(columns, distinct_rows, strict=True))
    cells |= {name: distinct[cells[name]] for name, distinct in values.items()}
    if rows.counts is None:
        return _on_days({**cells, "count": number}, len(times), n_strata)
    cells["count"] = number * cells["count"]
    return _on_days(_only(cells, cells["count"] > 0), len(times), n_strata)


def _on_days(cells: dict[str, Values], n_times: int, n_strata: int) -> Cells:
    """The Cells of rows counted by moment."""
    n_events = np.searchsorted(cells["other"], 1)
    if n_events == 0:
        raise NotEstimable("no events")
    event, other, moment = slice(n_events), slice(n_events, None), cells["moment"]
    days = moment[event][np.diff(moment[event], prepend=-1) > 0]
    bounds = np.searchsorted(days, np.arange(n_strata + 1) * n_times)
    start = bounds[moment // n_times] if n_strata > 1 else np.zeros(len(moment), dtype=np.int32)
    cells = {
        **cells,
        "start": start,
        "first": np.searchsorted(days, cells["begin"]) if "begin" in cells else start,
        "last": np.concatenate([_last_day(moment[k], days) for k in (event, other)]),
    }
    cells = _only(cells, cells["first"] <= cells["last"])
    late = np.flatnonzero(cells["first"] > cells["start"]) if "begin" in cells else np.zeros(0, dtype=int)
    count = cells["count"].astype(float)
    return Cells(
        pattern=cells["pattern"],
        first=cells["first"],
        last=cells["last"],
        count=count,
        weight=count * cells["weight"] if "weight" in cells else count,
        offset=cells.get("offset", np.zeros(len(count))),
        event=event,
        other=other,
        late=late[np.argsort(cells["first"][late], kind="stable")],
        strata=tuple(slice(a, b) for a, b in zip(bounds[:-1], bounds[1:], strict=True) if a < b),
    )


def _last_day(moments: Integers, days: Integers) -> Integers:
    """The last day up to each of the moments, both sorted; -1 before the first."""
    bounds = np.searchsorted(moments, days)
    return np.repeat(
        np.arange(-1, len(days), dtype=np.int32), np.diff(bounds, prepend=0, append=len(moments))
    )


def _only(cells: dict[str, Values], kept: Booleans) -> dict[str, Values]:
    return cells if kept.all() else {name: values[kept] for name, values in cells.items()}
