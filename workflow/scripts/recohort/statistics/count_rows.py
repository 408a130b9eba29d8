"""Rows that agree in all their columns, counted: the cells that a likelihood is a sum over."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from recohort.statistics.arrays import Integers, Values

# Rows at a time: few enough for their codes to stay in the processor's cache
BLOCK = 2**16


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices that cover 0 .. n - 1."""
    return (slice(start, start + size) for start in range(0, n, size))


def codes(values: Values) -> tuple[Integers, Values]:
    """
    Whole numbers from 0 up that are equal where values are, and in the same order.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite numbers, n > 0.

    Returns
    -------
    code : ndarray of int, shape (n,)
    distinct : ndarray
        The value of each code. Whole numbers from 0 up to a few times n are their own codes.
    """
    highest = values.max()
    if values.min() >= 0 and highest < 4 * len(values) + 1024:
        whole = values if values.dtype.kind in "iu" else values.astype(np.int64)
        if whole is values or (whole == values).all():
            return whole, np.arange(int(highest) + 1)
    distinct, code = np.unique(values, return_inverse=True)
    return code, distinct


def mixed_radix(columns: Sequence[Values], sizes: Sequence[int], dtype: type[np.integer]) -> Integers:
    """The codes of a row, 0 .. size - 1 in each column, as digits of one number, shape (n,)."""
    number: Integers = columns[0].astype(dtype)
    for code, size in zip(columns[1:], sizes[1:], strict=True):
        number *= dtype(size)
        number += code.astype(dtype, copy=False)
    return number


def count_rows(columns: Sequence[Values], sizes: Sequence[int]) -> tuple[list[Values], Integers]:
    """
    The distinct rows of a table and how often each occurs, whatever the order of the rows.

    Parameters
    ----------
    columns : list of ndarray of int, shape (n,)
        Codes 0 .. size - 1.
    sizes : list of int

    Returns
    -------
    cells : list of ndarray of int, shape (n_cells,)
        The columns of the distinct rows, sorted by the first column, then by the second, and so on.
    count : ndarray of int, shape (n_cells,)
    """
    n, size = len(columns[0]), math.prod(sizes)
    if size > np.iinfo(np.int64).max:
        order = np.lexsort(columns[::-1])
        sorted_rows = [code[order] for code in columns]
        start, count = _runs(sorted_rows)
        return [code[start] for code in sorted_rows], count

    dtype = np.int32 if size <= np.iinfo(np.int32).max else np.int64
    numbers = ((rows, mixed_radix([code[rows] for code in columns], sizes, dtype)) for rows in blocks(n))
    if size <= BLOCK:
        count = np.zeros(size, dtype=int)
        for _, some in numbers:
            count += np.bincount(some, minlength=size)
        number = np.flatnonzero(count)
        count = count[number]
    else:
        number = np.empty(n, dtype=dtype)
        for rows, some in numbers:
            number[rows] = some
        number.sort()
        start, count = _runs([number])
        number = number[start]
    cells = []
    for size in reversed(sizes):
        # divmod takes twice the time
        rest = number // size
        cells.append(number - rest * size)
        number = rest
    return cells[::-1], count


def _runs(columns: Sequence[Values]) -> tuple[Integers, Integers]:
    """Where each run of equal rows starts, and its length."""
    edge = np.zeros(len(columns[0]) + 1, dtype=bool)
    edge[[0, -1]] = True
    for code in columns:
        edge[1:-1] |= code[1:] != code[:-1]
    bounds = np.flatnonzero(edge)
    return bounds[:-1], np.diff(bounds)
