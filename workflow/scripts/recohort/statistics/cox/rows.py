"""The rows of a Cox model with its linear predictor, checked and sorted."""

from dataclasses import dataclass

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats, Integers
from recohort.statistics.cox.fit import CoxFit
from recohort.statistics.cox.partial_likelihood import check
from recohort.statistics.design import Patterns
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True)
class SortedRows:
    """
    The m rows that count, sorted by end, events first, and then by everything else: sums over them have the
    same bits in any order they came in.

    Times are whole numbers that sort by stratum, then by time: row i is at risk from begin[i] to end[i],
    both included.

    Parameters
    ----------
    given : ndarray of int, shape (m,)
        Where each row was among the n rows given.
    flag : ndarray of bool, shape (p,)
        Columns with no other values than -1, 0 and 1.
    centre : ndarray, shape (p,)
        0 for a flag, else the weighted mean, against cancellation.
    x : ndarray, shape (m, p)
        Covariates less their centre.
    eta : ndarray, shape (m,)
        Linear predictor of x, and the offset; equal to the last bit where both are.
    event : ndarray of bool, shape (m,)
    begin, end : ndarray of int, shape (m,)
    stratum, start : ndarray of int, shape (m,)
        The stratum's place among strata, and its first time.
    weight, count, offset : ndarray, shape (m,)
    times, strata : ndarray
        The distinct times and strata, sorted.
    """

    given: Integers
    flag: Booleans
    centre: Floats
    x: Floats
    eta: Floats
    event: Booleans
    begin: Integers
    end: Integers
    stratum: Integers
    start: Integers
    weight: Floats
    count: Floats
    offset: Floats
    times: Floats
    strata: Floats

    def as_given(self, values: Floats, n: int) -> Floats:
        """Values of the sorted rows (m, ...) in the order given; 0 for rows that count 0 times."""
        given = np.zeros((n, *values.shape[1:]))
        given[self.given] = values
        return given


def sort_rows(fit: CoxFit, patterns: Patterns, rows: SurvivalRows) -> SortedRows:
    """The SortedRows of a Cox fit; parameters and errors as for `cox.residuals.residuals`."""
    if len(fit.coefficients) != patterns.design.shape[1]:
        raise ValueError(f"the fit has {len(fit.coefficients)} columns, not {patterns.design.shape[1]}")
    check(patterns, rows, fit.ties)
    n, time, event = len(rows), rows.time, rows.event
    weights = np.ones(n) if rows.weights is None else rows.weights
    counts = np.ones(n) if rows.counts is None else rows.counts
    offset = np.zeros(n) if rows.offset is None else rows.offset
    entry = np.full(n, -np.inf) if rows.entry is None else rows.entry
    if not event[counts > 0].any():
        raise NotEstimable("no events")

    times, end = np.unique(time, return_inverse=True)
    strata, stratum = np.unique(np.zeros(n) if rows.strata is None else rows.strata, return_inverse=True)
    start = stratum * (len(times) + 1)
    begin, end = start + np.searchsorted(times, entry, side="right"), start + end
    keys = (offset, weights, counts, begin, patterns.index, -event, end)
    order = np.lexsort([key for key in keys if np.ptp(key)] or [end])
    order = order[counts[order] > 0]
    pattern, weight = patterns.index[order], counts[order] * weights[order]
    total = np.bincount(pattern, weight, len(patterns.design))
    flag: Booleans = np.all(np.isin(patterns.design[total > 0], (-1, 0, 1)), axis=0)
    # not matrix products, whose last bits depend on where a row is and on the number of threads
    centre = np.where(flag, 0, np.einsum("i,ij", total, patterns.design) / total.sum())
    design = patterns.design - centre
    predictor = (design * np.nan_to_num(fit.coefficients)).sum(axis=1)
    return SortedRows(
        given=order,
        flag=flag,
        centre=centre,
        x=design[pattern],
        eta=predictor[pattern] + offset[order],
        event=event[order] == 1,
        begin=begin[order],
        end=end[order],
        stratum=stratum[order],
        start=start[order],
        weight=weights[order],
        count=counts[order],
        offset=offset[order],
        times=times,
        strata=strata,
    )
