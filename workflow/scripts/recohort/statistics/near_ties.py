"""Times that differ by rounding only are ties, by the rule of R."""

from typing import NamedTuple

import numpy as np

from recohort.statistics.arrays import Booleans, Floats

# R's sqrt(.Machine$double.eps)
TOLERANCE = 2.0**-26


class Tied(NamedTuple):
    """
    Times and entries, near-equal ones made equal.

    Parameters
    ----------
    time : ndarray, shape (n,)
    entry : ndarray, shape (n,), or None
    changed : ndarray of bool, shape (n,)
        The rows of which either is another number now.
    """

    time: Floats
    entry: Floats | None
    changed: Booleans


def tie(time: Floats, entry: Floats | None = None) -> Tied:
    """
    Make near-equal times equal: to the earliest of a run in which each is near the one before.

    Near are two times whose difference, or its share of the mean absolute time, is 2^-26 at most. Times and
    entries are compared together. Whole numbers below 2^26 are returned as they are: none is near another.

    Parameters
    ----------
    time : ndarray, shape (n,)
        Finite.
    entry : ndarray, shape (n,), optional
        Finite.

    Returns
    -------
    Tied
        An entry may be equal to its time, where it was less by rounding only.

    References
    ----------
    Therneau, vignette "Roundoff error and tied times" of R survival. Agrees with `survival::aeqSurv`,
    tests/statistics/test_near_ties.py.
    """
    parts = [time] if entry is None else [time, entry]
    unchanged = Tied(time, entry, np.zeros(len(time), dtype=bool))
    if not len(time) or all(_is_whole(part) for part in parts):
        return unchanged
    distinct = np.unique(np.concatenate(parts))
    steps = np.diff(distinct)
    near = (steps <= TOLERANCE) | (steps / np.mean(np.abs(distinct)) <= TOLERANCE)
    if not near.any():
        return unchanged
    kept = distinct[np.append(True, ~near)]
    tied = [kept[np.searchsorted(kept, part, side="right") - 1] for part in parts]
    changed = np.any([new != old for new, old in zip(tied, parts, strict=True)], axis=0)
    return Tied(tied[0], None if entry is None else tied[1], changed)


def _is_whole(times: Floats) -> bool:
    return bool(np.abs(times).max() < 1 / TOLERANCE and (times == np.floor(times)).all())
