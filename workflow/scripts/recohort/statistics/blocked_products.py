"""
Products of long, narrow matrices, a block of rows at a time.

A block stays in the processor's cache, and is so small that OpenBLAS works on it in one thread: results have
the same bits with any number of threads, and do not wait for them on a busy machine.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from recohort.statistics.arrays import Floats

# Multiplications from which OpenBLAS starts threads: of two matrices, of a matrix and a vector
MATRIX_THREADS = 2**18
VECTOR_THREADS = 9216


def times(matrix: Floats, vector: Floats) -> Floats:
    """matrix (n, p) @ vector (p,)."""
    if matrix.size <= VECTOR_THREADS:
        return matrix @ vector
    product = np.empty(len(matrix))
    for rows in _blocks(len(matrix), VECTOR_THREADS // len(vector)):
        np.dot(matrix[rows], vector, out=product[rows])
    return product


def cross(left: Floats, right: Floats) -> Floats:
    """left (n, p).T @ right (n, q)."""
    (n, p), q = left.shape, right.shape[1]
    limit = MATRIX_THREADS // (p * q) if min(p, q) > 1 else VECTOR_THREADS // max(p, q, 1)
    if n <= limit:
        return left.T @ right
    return _sum(left[rows].T @ right[rows] for rows in _blocks(n, limit))


def moments(design: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """
    Weighted sums over patterns, in one pass.

    Parameters
    ----------
    design : ndarray, shape (n_patterns, p)
    first, second : ndarray, shape (n_patterns,)
        Weights.

    Returns
    -------
    sums : ndarray, shape (p,)
        Of first * x.
    squares : ndarray, shape (p, p)
        Of second * x x'.
    """
    n, p = design.shape
    limit = MATRIX_THREADS // (p * (1 + p)) if p else n
    if n <= limit:
        sums = design.T @ weighted(first, second, design)
    else:
        parts = (design[k].T @ weighted(first[k], second[k], design[k]) for k in _blocks(n, limit))
        sums = _sum(parts)
    return sums[:, 0], sums[:, 1:]


def weighted(first: Floats, second: Floats, design: Floats) -> Floats:
    """first (n,) and second * design (n, p) side by side."""
    values = np.empty((len(design), 1 + design.shape[1]))
    values[:, 0] = first
    np.multiply(second[:, None], design, out=values[:, 1:])
    return values


def _sum(parts: Iterable[Floats]) -> Floats:
    first, *others = parts
    for other in others:
        first = first + other
    return first


def _blocks(n: int, size: int) -> Iterator[slice]:
    size = max(size, 1)
    return (slice(start, start + size) for start in range(0, n, size))
