"""The terms of each event day in Efron's method: one for each tied event, or a few that stand for many."""

from typing import NamedTuple

import numpy as np

from recohort.statistics.arrays import Floats, Integers

# Few terms stand for many while the part of the hazard at risk that has events is at most this many times the
# part of the rows,
MARGIN = 10.0
# and at most this
MOST = 0.5


class Terms(NamedTuple):
    """
    Terms ``share * log(S0 - tied * D0)``: S0 is the hazard of the rows at risk, D0 of those with an event.

    Parameters
    ----------
    day : ndarray of int, shape (n_terms,)
        Sorted.
    start : ndarray of int, shape (n_days,)
        The first term of each day.
    tied, share : ndarray, shape (n_terms,)
    condensed : ndarray of int
        Days whose terms are fewer than their events.
    most : ndarray, one for each condensed day
        D0 / S0 up to which these terms give the same sums, to rounding.
    """

    day: Integers
    start: Integers
    tied: Floats
    share: Floats
    condensed: Integers
    most: Floats

    def of_days(self, values: Floats) -> Floats:
        """Sums of term values (..., n_terms) over each day."""
        return np.add.reduceat(values, self.start, axis=-1)

    def weighted(self, weight: Floats) -> "Terms":
        """The same with the share of each term times a weight (n_days,) of its day."""
        return self._replace(share=self.share * weight[self.day])


def breslow(weight: Floats) -> Terms:
    """
    One term for all events of a day.

    Parameters
    ----------
    weight : ndarray, shape (n_days,)
        Of the events of the day.

    Returns
    -------
    Terms
    """
    days = np.arange(len(weight))
    return Terms(days, days, np.zeros(len(days)), weight, np.zeros(0, dtype=int), np.zeros(0))


def every(events: Integers) -> Terms:
    """
    A term for each event.

    Parameters
    ----------
    events : ndarray of int, shape (n_days,)

    Returns
    -------
    Terms
    """
    return _terms(events, events, np.zeros(0, dtype=int), np.zeros(0))


def few(events: Integers, at_risk: Floats) -> Terms:
    """
    A term for each event, or as many nodes of a Gauss quadrature as give the same sums where there are fewer.

    Parameters
    ----------
    events, at_risk : ndarray, shape (n_days,)
        Events (>= 1, whole) and rows at risk of each day.

    Returns
    -------
    Terms

    References
    ----------
    Golub and Welsch (1969), Math. Comp. 23:221. The polynomials orthogonal on 0, 1, ... d - 1 are the
    discrete Chebyshev polynomials: Gautschi (2004), Orthogonal Polynomials: Computation and Approximation.
    """
    days = np.flatnonzero((events > 2) & (events <= MOST / 2 * at_risk))
    if not len(days):
        return every(events)
    most = np.minimum(MARGIN * events[days] / at_risk[days], MOST)
    # the sums are of functions of u that are analytic up to 1 / most: by that the error falls with each node
    z = 2 / most - 1
    size = np.ceil(np.log(1e17) / np.log(z + np.sqrt(z * z - 1)) / 2).astype(int)
    fewer = size < events[days]
    condensed, number = days[fewer], events.copy()
    number[condensed] = size[fewer]
    return _terms(events, number, condensed, most[fewer])


def _terms(events: Integers, number: Integers, condensed: Integers, most: Floats) -> Terms:
    day = np.repeat(np.arange(len(events)), number)
    start = np.cumsum(number) - number
    tied, share = (np.arange(len(day)) - start[day]) / events[day], np.ones(len(day))
    for size in set(number[condensed].tolist()):
        days = condensed[number[condensed] == size]
        at = start[days, None] + np.arange(size)
        tied[at], share[at] = _quadrature(events[days], size)
    return Terms(day, start, tied, share, condensed, most)


def _quadrature(events: Integers, size: int) -> tuple[Floats, Floats]:
    """Nodes and weights (n_days, size) for sums over 0/d, 1/d, ... (d - 1)/d; exact below degree 2 size."""
    d, which = np.unique(events, return_inverse=True)
    k = np.arange(1, size)
    jacobi = np.zeros((len(d), size, size))
    jacobi[:, k, k - 1] = k / 2 * np.sqrt((1 - (k / d[:, None]) ** 2) / (4 * k**2 - 1))
    nodes, vectors = np.linalg.eigh(jacobi)
    return (nodes + (d[:, None] - 1) / (2 * d[:, None]))[which], (d[:, None] * vectors[:, 0] ** 2)[which]
