"""Covariates as patterns: rows that share all their covariates share one row of the design matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Floats, Given, Integers, Values
from recohort.statistics.count_rows import BLOCK, blocks, codes, mixed_radix

# Patterns at a time: few enough for their design to stay in the processor's cache
DESIGN_BLOCK = 2**12


@dataclass(frozen=True)
class Term:
    """
    One covariate, without missing values.

    Parameters
    ----------
    name : str
    values : ndarray, shape (n,)
        Integer codes 0 .. len(levels) - 1 of a factor; real numbers of a numeric term.
    levels : tuple of str, optional
        None for a numeric term.
    reference : int
        Index into levels.
    """

    name: str
    values: Values
    levels: tuple[str, ...] | None = None
    reference: int = 0

    def level(self, code: int | None) -> str | None:
        """The level of a code; None for a numeric term."""
        return None if self.levels is None or code is None else self.levels[code]


@dataclass(frozen=True)
class Column:
    """A column of the design: a level against the reference, or a numeric term (level None)."""

    term: str
    level: str | None = None

    def __str__(self) -> str:
        return self.term if self.level is None else f"{self.term} {self.level}"


@dataclass(frozen=True)
class Patterns:
    """
    Distinct covariate patterns and which one each row has.

    Parameters
    ----------
    index : ndarray of int, shape (n,)
        Row i has the covariates ``design[index[i]]``.
    design : ndarray of float, shape (n_patterns, n_columns)
        Without an intercept; 0/1 for a level, the value itself for a numeric term.
    columns : tuple of Column, length n_columns
    """

    index: Integers
    design: Floats
    columns: tuple[Column, ...]


def encode(terms: Sequence[Term]) -> Patterns:
    """
    Code terms as patterns. Exact: ``design[index]`` is the design matrix of the rows.

    Parameters
    ----------
    terms : list of Term, all of length n

    Returns
    -------
    Patterns
        Columns in the order of the terms and of their levels, the reference and the levels that
        do not occur left out. The patterns do not depend on the order of the rows.

    Raises
    ------
    ValueError
        If there are no terms or rows, lengths differ, a code is outside the levels, or a value is not finite.
    NotEstimable
        If the reference level of a factor with two or more other levels does not occur: its
        comparisons are undefined (with a single level left there is no column, and no comparison).
    """
    shapes = {np.shape(term.values) for term in terms}
    if len(shapes) != 1 or len(shape := shapes.pop()) != 1 or shape == (0,):
        raise ValueError("terms must be vectors of one common length, at least 1")
    terms = [replace(term, values=_checked(term)) for term in terms]
    row, index = _distinct(terms)
    columns, sources = [], []
    for term in terms:
        for level in _shown(term, row):
            columns.append(Column(term.name, term.level(level)))
            sources.append((term.values, level))
    if 2 * len(row) < len(index):
        design = _design([(values[row], level) for values, level in sources], len(row))
    else:
        # to read all rows in turn and then to sort them is faster than to read most of them out of turn
        design = _design(sources, len(index)).take(row, axis=0)
    return Patterns(index, design, tuple(columns))


def _checked(term: Term) -> Values:
    """The values of a term, or a ValueError."""
    values = np.asarray(term.values)
    if term.levels is None:
        return finite(term.name, values, len(values))
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= len(term.levels):
        raise ValueError(f"{term.name} has codes outside its {len(term.levels)} levels")
    return values


def _distinct(terms: Sequence[Term]) -> tuple[Integers, Integers]:
    """A row of each pattern, and the pattern of each row."""
    n = len(terms[0].values)
    code, size = _codes(terms[0])
    for term in terms[1:]:
        if size == n and (row := _row_of_each(code, size)).min() >= 0:
            return row, code.astype(np.int32)  # a pattern for each row, whatever other terms are
        digit, radix = _codes(term)
        if size * radix > np.iinfo(np.int64).max:
            code, size = _ranks(code)
        size *= radix
        code = mixed_radix([code, digit], [size, radix], np.min_scalar_type(size).type)
    if size > 4 * n + 1024:
        code, size = _ranks(code)
    row = _row_of_each(code, size)
    occurs = row >= 0
    if occurs.all():
        return row, code.astype(np.int32)
    return row[occurs], (np.cumsum(occurs, dtype=np.int32) - 1)[code]


def _row_of_each(code: Integers, size: int) -> Integers:
    """A row that has each code, -1 if there is none."""
    row = np.full(size, -1)
    for rows in blocks(len(code)):
        row[code[rows]] = np.arange(rows.start, min(rows.stop, len(code)))
        if size <= BLOCK and row.min() >= 0:
            break  # seen them all
    return row


def _codes(term: Term) -> tuple[Integers, int]:
    """The code of each row's value and the number of codes."""
    if term.levels is not None:
        return term.values, len(term.levels)
    code, distinct = codes(term.values)
    return code, len(distinct)


def _ranks(code: Integers) -> tuple[Integers, int]:
    """The same codes, numbered without gaps, and their number."""
    distinct, code = np.unique(code, return_inverse=True)
    return code, len(distinct)


def _shown(term: Term, row: Integers) -> list[int | None]:
    """The levels of a term that have a column, given a row of each pattern; None for a numeric term."""
    if term.levels is None:
        return [None]
    present = np.flatnonzero(np.bincount(term.values[row].astype(np.intp)))
    if len(present) > 1 and term.reference not in present:
        reference = Column(term.name, term.level(term.reference))
        raise NotEstimable(f"the reference level of {term.name} does not occur", (reference,))
    return [int(level) for level in present if level != term.reference] if len(present) > 1 else []


def _design(sources: Sequence[tuple[Values, int | None]], n: int) -> Floats:
    """The design of n rows: of each column its term's values and, of a factor, the level it stands for."""
    design = np.empty((n, len(sources)))
    for rows in blocks(n, DESIGN_BLOCK):
        for j, (values, level) in enumerate(sources):
            design[rows, j] = values[rows] if level is None else values[rows] == level
    return design


def finite(name: str, values: Given, n: int) -> Values:
    """
    One finite number for each of n rows.

    Parameters
    ----------
    name : str
    values : array_like
    n : int

    Returns
    -------
    ndarray, shape (n,)
        Integers as they are, anything else as real numbers.

    Raises
    ------
    ValueError
        If the shape is another, or a number is missing or infinite.
    """
    array = np.asarray(values)
    if array.shape != (n,):
        raise ValueError(f"{name} has shape {array.shape}, not ({n},)")
    if array.dtype.kind in "iu":
        return array
    numbers = array.astype(float, copy=False)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} has missing or infinite values")
    return numbers


def labels(name: str, values: Given, n: int) -> Values:
    """
    One label for each of n rows.

    Raises
    ------
    ValueError
        If the shape is another, or a label is missing.
    """
    array = np.asarray(values)
    if array.shape != (n,):
        raise ValueError(f"{name} has shape {array.shape}, not ({n},)")
    if any(map(_is_missing, array.tolist() if array.dtype.kind in "Of" else ())):
        raise ValueError(f"{name} has missing values")
    return array


def _is_missing(label: object) -> bool:
    equal = label == label  # neither NaN nor what pandas has for missing is equal to itself
    return label is None or not (isinstance(equal, bool) and equal)


def row_vector(name: str, values: Given, n: int) -> Floats:
    """The same as real numbers."""
    return finite(name, values, n).astype(float)
