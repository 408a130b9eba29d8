"""Terms with missing values as one coded table, from which the patterns of any model are taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from recohort.statistics.arrays import Booleans, Floats, Integers, Values
from recohort.statistics.design import Patterns, Term, encode


@dataclass(frozen=True)
class CodedTerm:
    """
    A term in whole numbers.

    Parameters
    ----------
    term : Term
    code : ndarray of int, shape (n,)
        0 is missing, k + 1 stands for values[k].
    values : ndarray
        The codes of a factor's levels; the distinct values of a number, sorted.
    """

    term: Term
    code: Integers
    values: Values

    def of(self, levels: Integers) -> Term:
        """The Term of other rows, by their index into values."""
        return Term(self.term.name, self.values[levels], self.term.levels, self.term.reference)


@dataclass(frozen=True)
class CodedTable:
    """Coded terms by name, all of n rows."""

    n: int
    coded: dict[str, CodedTerm]
    _patterns: dict[tuple[str, ...], tuple[Integers, Integers]] = field(default_factory=dict, repr=False)
    _alone: dict[tuple[str, bytes], Patterns] = field(default_factory=dict, repr=False)

    def known(self, names: Iterable[str]) -> Booleans:
        """Which rows have all of some terms recorded, shape (n,)."""
        known: Booleans = np.all([self.coded[name].code > 0 for name in names], axis=0)
        return known

    def patterns(self, names: tuple[str, ...], rows: Integers) -> tuple[Integers, Integers]:
        """
        The patterns of some terms in rows that have them all recorded.

        Parameters
        ----------
        names : tuple of str
        rows : ndarray of int, shape (n_rows,)

        Returns
        -------
        index : ndarray of int, shape (n_rows,)
        levels : ndarray of int, shape (n_terms, n_patterns)
            Indices into the values of each term.
        """
        if names not in self._patterns:
            self._patterns[names] = self._all_patterns(names)
        index, levels = self._patterns[names]
        index = index[rows]
        used = np.bincount(index, minlength=levels.shape[1]) > 0
        return (np.cumsum(used) - 1)[index], levels[:, used]

    def alone(self, name: str, levels: Integers) -> Patterns:
        """The Patterns of one row for each of some levels (indices into the values) of a term."""
        key = name, levels.tobytes()
        if key not in self._alone:
            self._alone[key] = encode([self.coded[name].of(levels)])
        return self._alone[key]

    def _all_patterns(self, names: tuple[str, ...]) -> tuple[Integers, Integers]:
        """The same of all rows that have the terms recorded; worked out once for all populations."""
        rows, index = np.flatnonzero(self.known(names)), np.full(self.n, -1)
        if not len(rows):
            return index, np.empty((len(names), 0), dtype=int)
        patterns = encode([Term(name, self.coded[name].code[rows]) for name in names])
        index[rows] = patterns.index
        return index, patterns.design.T.astype(int) - 1


def code_terms(terms: Sequence[Term]) -> CodedTable:
    """
    Code the terms of all models of a study once.

    Parameters
    ----------
    terms : list of Term, all of length n
        A factor's code of -1 and a number of NaN are missing.

    Returns
    -------
    CodedTable

    Raises
    ------
    ValueError
        If there are no terms, two have one name, lengths differ, a code is outside the levels, or a number is
        infinite.
    """
    shapes = {np.shape(term.values) for term in terms}
    if len(shapes) != 1 or len(shape := shapes.pop()) != 1:
        raise ValueError("terms must be vectors of one common length")
    if len({term.name for term in terms}) < len(terms):
        raise ValueError("two terms have one name")
    return CodedTable(shape[0], {term.name: _coded(term) for term in terms})


def ranks(columns: Sequence[Values]) -> tuple[Integers, Floats]:
    """
    Sort rows by their first column, then by the next.

    Parameters
    ----------
    columns : list of ndarray, shape (n,)
        Finite numbers.

    Returns
    -------
    rank : ndarray of int, shape (n,)
        Equal for equal rows.
    distinct : ndarray, shape (len(columns), n_distinct)
        The distinct rows, sorted.
    """
    patterns = encode([Term(str(i), values) for i, values in enumerate(columns)])
    order = np.lexsort(patterns.design.T[::-1])
    return np.argsort(order)[patterns.index], patterns.design[order].T


def _coded(term: Term) -> CodedTerm:
    values = np.asarray(term.values)
    if term.levels is not None:
        return CodedTerm(term, _codes_of_factor(term, term.levels, values), np.arange(len(term.levels)))
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return CodedTerm(term, np.zeros(len(values), dtype=np.uint8), np.empty(0))
    rank, (distinct,) = ranks([values[known]])
    codes = np.zeros(len(values), dtype=np.min_scalar_type(len(distinct)))
    codes[known] = rank + 1
    return CodedTerm(term, codes, distinct)


def _codes_of_factor(term: Term, levels: tuple[str, ...], values: Values) -> Integers:
    if values.dtype.kind == "f":
        values = np.where(np.isnan(values), -1, values)
    if len(values) and not -1 <= values.min() <= values.max() < len(levels):
        raise ValueError(f"{term.name} has codes outside its {len(levels)} levels")
    return (values.astype(int) + 1).astype(np.min_scalar_type(len(levels)))
