"""Bootstrap replicates of a model: rows drawn with replacement, as counts over the same patterns."""

from typing import NamedTuple

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Floats, Integers
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Patterns
from recohort.statistics.survival_rows import SurvivalRows


class Replicates(NamedTuple):
    """
    Bootstrap replicates.

    Parameters
    ----------
    coefficients : ndarray, shape (replicates, p)
        NaN where a replicate has no estimate.
    reasons : tuple of str, length replicates
        Why a replicate lacks some or all of its coefficients, else "".
    """

    coefficients: Floats
    reasons: tuple[str, ...]


def coefficients(
    patterns: Patterns, rows: SurvivalRows, *, replicates: int, seed: int, ties: str = "efron"
) -> Replicates:
    """
    Bootstrap replicates of the coefficients of a Cox model.

    Parameters
    ----------
    patterns, rows, ties
        As for `recohort.statistics.cox.fit.fit`; rows without counts.
    replicates : int
    seed : int
        Replicate i is the same for any number of replicates.

    Returns
    -------
    Replicates

    Raises
    ------
    ValueError
        As for `recohort.statistics.cox.fit.fit`, if the rows have counts, or if replicates or
        seed are negative.
    NotEstimable
        If the model of the rows themselves is not estimable.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 7: whole rows are drawn.
    """
    if replicates < 0 or seed < 0:
        raise ValueError(f"{replicates} replicates of seed {seed}: neither may be negative")
    if rows.counts is not None:
        raise ValueError("a bootstrap draws rows: repeat those that count more than once")
    full = cox.fit(patterns, rows, ties)
    found, reasons = np.full((replicates, len(full.columns)), np.nan), []
    for i in range(replicates):
        try:
            one = cox.fit(patterns, rows.counted(counts_of(len(rows), seed, i)), ties)
        except NotEstimable as refusal:
            reasons.append(str(refusal))
            continue
        found[i] = one.coefficients
        lost = [str(column) for column in one.dropped if column not in full.dropped]
        reasons.append(f"{', '.join(lost)}: nothing to compare" if lost else "")
    return Replicates(found, tuple(reasons))


def counts_of(n: int, seed: int, replicate: int) -> Integers:
    """How often each of n rows is drawn in a replicate, shape (n,)."""
    drawn = np.random.default_rng([seed, replicate]).integers(0, n, n)
    return np.bincount(drawn, minlength=n)
