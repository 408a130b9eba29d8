"""Sums over the rows at risk, and over those with an event, of each day: from patterns to days, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recohort.statistics.arrays import Floats, Integers, sums_by
from recohort.statistics.blocked_products import weighted
from recohort.statistics.cox.risk_cells import Cells

# Days times patterns up to which matrices are kept whole: an evaluation takes 0.07 ms, from cells 0.13 ms;
# beyond 9,216 it would start threads, see `recohort.statistics.blocked_products`
WHOLE = 2**13
# Cells from which SciPy's sparse matrices serve: an evaluation takes 1.2 instead of 5 ms, which repays their
# import (0.15 s) in a handful of fits; a million cells are evaluated in 5 ms
SPARSE = 2**15
# Part of a sum that must be left when late entries are subtracted: ten digits are lost then, of sixteen
LEFT = 1e-10


def risk_sums(cells: Cells, weight: Floats, n_patterns: int) -> "WholeSums | CellSums":
    """
    The sums over cells, in the form that is fastest for them.

    Parameters
    ----------
    cells : recohort.statistics.cox.risk_cells.Cells
    weight : ndarray, shape (n_cells,)
        Weight of each cell at risk.
    n_patterns : int

    Returns
    -------
    WholeSums or CellSums
        With the same two methods.
    """
    shape = (int(cells.n_days), n_patterns)
    if shape[0] * shape[1] <= WHOLE:
        return _whole_sums(cells, weight, shape)
    matrix: Callable[..., Matrix] = _sparse_matrix if len(weight) >= SPARSE else Gathered

    def of(k: slice | Integers, day: Integers) -> Matrix:
        return matrix(weight[k], day[k], cells.pattern[k], shape)

    late = of(cells.late, cells.first - 1)
    return CellSums(of(cells.event, cells.last), of(cells.other, cells.last), late, cells.strata)


class SparseMatrix(Protocol):
    """What is used of a scipy.sparse.csr_array, which has no types of its own."""

    data: Floats
    indices: Integers
    indptr: Integers
    shape: tuple[int, int]
    nnz: int
    T: "SparseMatrix"

    def __matmul__(self, values: Floats) -> Floats: ...


@dataclass(frozen=True)
class WholeSums:
    """
    Sums of few patterns on few days. Nothing is subtracted, so that late entries cost no digits.

    Parameters
    ----------
    at_risk, events : ndarray, shape (n_days, n_patterns)
        Weight of the rows at risk, and of those with an event, on each day.
    """

    at_risk: Floats
    events: Floats

    def by_day(self, r: Floats, x: Floats) -> tuple[Floats, Floats]:
        """
        Weighted sums of r and r * x over the rows at risk, and over those with an event, of each day.

        Parameters
        ----------
        r : ndarray, shape (n_patterns,)
        x : ndarray, shape (n_patterns, c)

        Returns
        -------
        at_risk, events : ndarray, shape (n_days, 1 + c)
        """
        values = weighted(r, r, x)
        return self.at_risk @ values, self.events @ values

    def by_pattern(self, at_risk: Floats, at_event: Floats) -> Floats:
        """
        Weighted sums over rows of a value of each day at risk, less another of the day of the event.

        Parameters
        ----------
        at_risk, at_event : ndarray, shape (n_days,) or (n_days, c)

        Returns
        -------
        ndarray, shape (n_patterns,) or (n_patterns, c)
        """
        return self.at_risk.T @ at_risk - self.events.T @ at_event


@dataclass(frozen=True)
class CellSums:
    """
    Sums of any size: first over the rows that leave the risk sets on a day, then over the days to come.

    Late entries are subtracted, which costs digits if their hazards are far larger than those at risk before
    them: where too few digits are left, sums are NaN and no maximum is found there.

    Parameters
    ----------
    events, others, late : scipy.sparse.csr_array or Gathered, shape (n_days, n_patterns)
        Weight of the rows that end on each day with an event, that end without, and that enter after it.
    strata : tuple of slice
        The days of each stratum.
    """

    events: "Matrix"
    others: "Matrix"
    late: "Matrix"
    strata: tuple[slice, ...]

    def by_day(self, r: Floats, x: Floats) -> tuple[Floats, Floats]:
        """As for WholeSums."""
        events = _product(self.events, r, x)
        at_risk = _to_come(events + _product(self.others, r, x), self.strata)
        if self.late.nnz:
            before = at_risk[:, 0].copy()
            at_risk -= _to_come(_product(self.late, r, x), self.strata)
            at_risk[at_risk[:, 0] < LEFT * before] = np.nan
        return at_risk, events

    def by_pattern(self, at_risk: Floats, at_event: Floats) -> Floats:
        """As for WholeSums."""
        until = np.concatenate([np.cumsum(at_risk[days], axis=0) for days in self.strata])
        sums: Floats = self.events.T @ (until - at_event) + self.others.T @ until
        return sums - self.late.T @ until if self.late.nnz else sums


@dataclass(frozen=True)
class Gathered:
    """
    A sparse matrix of few cells, without SciPy.

    Parameters
    ----------
    weight, row, column : ndarray, shape (n_cells,)
        Sorted by row.
    shape : tuple of int
    """

    weight: Floats
    row: Integers
    column: Integers
    shape: tuple[int, int]

    @property
    def nnz(self) -> int:
        return len(self.weight)

    @property
    def T(self) -> "Gathered":
        return Gathered(self.weight, self.column, self.row, self.shape[::-1])

    def __matmul__(self, values: Floats) -> Floats:
        if values.ndim == 1:
            return sums_by(self.row, self.weight * values[self.column], self.shape[0])
        cells = (self.row[:, None] * values.shape[1] + np.arange(values.shape[1])).ravel()
        products = (self.weight[:, None] * values[self.column]).ravel()
        return sums_by(cells, products, self.shape[0] * values.shape[1]).reshape(-1, values.shape[1])


Matrix = SparseMatrix | Gathered


def _sparse_matrix(weight: Floats, row: Integers, column: Integers, shape: tuple[int, int]) -> "SparseMatrix":
    from scipy.sparse import csr_array

    start = np.searchsorted(row, np.arange(shape[0] + 1))
    # SciPy would widen one to the type of the other
    index = column.astype(np.int32, copy=False), start.astype(np.int32)
    matrix: SparseMatrix = csr_array((weight, *index), shape=shape)
    return matrix


def _product(matrix: "Matrix", r: Floats, x: Floats) -> Floats:
    """Sums of r and r * x over the cells of each row of a matrix."""
    if isinstance(matrix, Gathered) or matrix.nnz > len(r):
        return matrix @ weighted(r, r, x)
    # so many patterns that r * x would be as large as all the rest
    from scipy.sparse import csr_array

    cells = csr_array((matrix.data * r[matrix.indices], matrix.indices, matrix.indptr), matrix.shape)
    return np.column_stack([cells @ np.ones(len(r)), cells @ x])


def _whole_sums(cells: Cells, weight: Floats, shape: tuple[int, int]) -> WholeSums:
    def matrix(values: Floats, day: Integers, k: slice | Integers) -> Floats:
        at = day[k] * shape[1] + cells.pattern[k]
        return sums_by(at, values[k], shape[0] * shape[1]).reshape(shape)

    def at_risk(values: Floats) -> Floats:
        leave = matrix(values, cells.last, slice(None))
        if len(cells.late):
            leave -= matrix(values, cells.first - 1, cells.late)
        return _to_come(leave, cells.strata)

    weights = at_risk(weight)
    if len(cells.late):
        weights[at_risk(cells.count) == 0] = 0  # where nobody is left, what is left is rounding
    return WholeSums(weights, matrix(weight, cells.last, cells.event))


def _to_come(values: Floats, strata: tuple[slice, ...]) -> Floats:
    """Sums of values (n_days, c) over each day and the later ones of its stratum."""
    return np.concatenate([np.cumsum(values[days][::-1], axis=0)[::-1] for days in strata])
