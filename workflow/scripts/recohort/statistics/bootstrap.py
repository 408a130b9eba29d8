"""Bootstrap replicates of a model: rows drawn with replacement, as counts over the same patterns."""

from typing import NamedTuple

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics import logistic
from recohort.statistics.cox import fit as cox


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

    coefficients: np.ndarray
    reasons: tuple[str, ...]


def coefficients(patterns, time, event, *, replicates, seed, **options):
    """
    Bootstrap replicates of the coefficients of a Cox model.

    Parameters
    ----------
    patterns, time, event
        As for `recohort.statistics.cox.fit.fit`.
    replicates : int
    seed : int
        Replicate i is the same for any number of replicates.
    **options
        entry, strata, weights, offset and ties, as for `recohort.statistics.cox.fit.fit`.

    Returns
    -------
    Replicates

    Raises
    ------
    NotEstimable
        If the model of the rows themselves is not estimable.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 7: whole rows are drawn.
    """
    full = cox.fit(patterns, time, event, **options)

    def fit(counts):
        return cox.fit(patterns, time, event, counts=counts, **options)

    return _replicates(full, fit, len(patterns.index), replicates, seed)


def logistic_coefficients(patterns, outcome, *, replicates, seed, offset=None):
    """
    Bootstrap replicates of the coefficients of a logistic model, without its intercept.

    Parameters
    ----------
    patterns, outcome, offset
        As for `recohort.statistics.logistic.fit`.
    replicates, seed : int
        As for `coefficients`.

    Returns
    -------
    Replicates

    Raises
    ------
    NotEstimable
        If the model of the rows themselves is not estimable.
    """
    full = logistic.fit(patterns, outcome, offset=offset)

    def fit(counts):
        return logistic.fit(patterns, outcome, weights=counts, offset=offset)

    return _replicates(full, fit, len(patterns.index), replicates, seed)


def counts_of(n, seed, replicate):
    """How often each of n rows is drawn in a replicate, shape (n,)."""
    drawn = np.random.default_rng([seed, replicate]).integers(0, n, n)
    return np.bincount(drawn, minlength=n)


def _replicates(full, fit, n, replicates, seed):
    found, reasons = np.full((replicates, len(full.columns)), np.nan), []
    for i in range(replicates):
        try:
            one = fit(counts_of(n, seed, i))
        except NotEstimable as refusal:
            reasons.append(str(refusal))
            continue
        found[i] = one.coefficients
        lost = [str(column) for column in one.dropped if column not in full.dropped]
        reasons.append(f"{', '.join(lost)}: nothing to compare" if lost else "")
    return Replicates(found, tuple(reasons))
