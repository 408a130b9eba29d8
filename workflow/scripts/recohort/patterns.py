"""Covariates as patterns: rows that share all their covariates share one row of the design matrix."""

from dataclasses import dataclass

import numpy as np

from recohort.errors import NotEstimable


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
    values: np.ndarray
    levels: tuple[str, ...] | None = None
    reference: int = 0


@dataclass(frozen=True)
class Column:
    """A column of the design: a level against the reference, or a numeric term (level None)."""

    term: str
    level: str | None = None

    def __str__(self):
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

    index: np.ndarray
    design: np.ndarray
    columns: tuple[Column, ...]


def encode(terms):
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
    _, first, index = np.unique(_mixed_radix(terms), return_index=True, return_inverse=True)
    blocks = [_design(t, np.asarray(t.values)[first]) for t in terms]
    columns = tuple(column for labels, _ in blocks for column in labels)
    design = np.ascontiguousarray(np.concatenate([block for _, block in blocks], axis=1))
    return Patterns(index, design, columns)


def _mixed_radix(terms):
    """One integer per row, equal where all terms are equal."""
    code, size = 0, 1
    for term in terms:
        digit, radix = _digit(term)
        if size * radix > np.iinfo(np.int64).max:
            code = np.unique(code, return_inverse=True)[1]
            size = int(code.max()) + 1
        code, size = code * radix + digit, size * radix
    return code


def _digit(term):
    """The integer code of each row's value and the number of codes."""
    values = np.asarray(term.values)
    if term.levels is None:
        if not np.isfinite(values).all():
            raise ValueError(f"{term.name} has missing or infinite values")
        distinct, rank = np.unique(values, return_inverse=True)
        return rank, len(distinct)
    if values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= len(term.levels):
        raise ValueError(f"{term.name} has codes outside its {len(term.levels)} levels")
    return values.astype(np.int64), len(term.levels)


def _design(term, values):
    """The columns of a term and their values, shape (len(values), len(columns))."""
    if term.levels is None:
        return (Column(term.name),), np.asarray(values, dtype=float)[:, None]
    present = np.unique(values)
    if len(present) > 1 and term.reference not in present:
        reference = Column(term.name, term.levels[term.reference])
        raise NotEstimable(f"the reference level of {term.name} does not occur", (reference,))
    shown = present[present != term.reference] if len(present) > 1 else present[:0]
    return tuple(Column(term.name, term.levels[k]) for k in shown), (values[:, None] == shown).astype(float)


def row_vector(name, values, n):
    """One finite number for each of n rows, or a ValueError that names what is wrong."""
    values = np.asarray(values)
    if values.shape != (n,):
        raise ValueError(f"{name} has shape {values.shape}, not ({n},)")
    values = values.astype(float)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} has missing or infinite values")
    return values
