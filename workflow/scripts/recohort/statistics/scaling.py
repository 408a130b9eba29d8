"""Columns with outliers: where their middle is, and how far from it their values ordinarily are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recohort.statistics.arrays import Floats
from recohort.statistics.design import Column

# Patterns looked at, evenly among all: a middle need not be exact
SAMPLE = 2**11
# Distance of the farthest value from the middle, in spreads, from which sums about the mean lose digits
FAR = 1e3
# Error of a direction, as part of the movement that it ordinarily makes
DIRECTION = 1e-7


class Scale(NamedTuple):
    """
    Middle (p,) and spread (p,) of the columns of a design: weighted medians of the values, and of their
    distances from the middle, those that are 0 left out.
    """

    middle: Floats
    spread: Floats

    def slack(self, design: Floats, direction: Floats, shift: float | None = None) -> Floats:
        """
        How wrong the movement of each row along a direction may be.

        Of a row with an outlier more, of the others no more than without it.

        Parameters
        ----------
        design : ndarray, shape (n, p)
        direction : ndarray, shape (p,)
        shift : float, optional
            The direction of an intercept, at 0 of the design.

        Returns
        -------
        ndarray, shape (n,)
        """
        distance: Floats = (np.abs(design - self.middle) / self.spread).sum(axis=1)
        moved = np.abs(direction) * self.spread
        if shift is not None:
            distance += 1
            moved = np.append(moved, abs(shift + direction @ self.middle))
        return DIRECTION * float(moved.max()) * distance


def scale_of(design: Floats, weight: Floats) -> Scale:
    """
    The Scale of a design.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        No column constant.
    weight : ndarray, shape (n,)
    """
    found = [_scale(column, weight) for column in design.T]
    return Scale(np.array([middle for middle, _ in found]), np.array([spread for _, spread in found]))


def centre(mean: Floats, design: Floats, weight: Floats, columns: Sequence[Column]) -> Floats:
    """
    What to subtract from each column against cancellation: its mean, of a number with outliers its middle.

    Parameters
    ----------
    mean : ndarray, shape (p,)
    design : ndarray, shape (n, p)
    weight : ndarray, shape (n,)
    columns : sequence of Column, length p

    Returns
    -------
    ndarray, shape (p,)
    """
    centres = mean.copy()
    for j, column in enumerate(columns):
        if column.level is None:
            middle, spread = _scale(design[:, j], weight)
            if np.abs(design[:, j] - middle).max() > FAR * spread:
                centres[j] = middle
    return centres


def _scale(values: Floats, weight: Floats) -> tuple[float, float]:
    some = slice(None, None, max(1, len(values) // SAMPLE))
    middle = _median(values[some], weight[some])
    distance = np.abs(values[some] - middle)
    away = distance > 0
    spread = _median(distance[away], weight[some][away]) if away.any() else float(np.ptp(values))
    return middle, spread or 1.0


def _median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])
