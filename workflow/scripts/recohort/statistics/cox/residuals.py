"""Residuals of a Cox model, and the robust covariance that they give."""

from dataclasses import dataclass, replace

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.cox.risk_sets import risk_sets
from recohort.statistics.cox.rows import sort_rows
from recohort.statistics.design import row_vector
from recohort.statistics.maximum_likelihood import covariance


@dataclass(frozen=True)
class Residuals:
    """
    Residuals of n rows and p columns, without case weights, in the order of the rows.

    Parameters
    ----------
    martingale : ndarray, shape (n,)
        Events observed less expected.
    schoenfeld : ndarray, shape (n_events, p)
        Covariates of each row with an event less their mean over its risk set; of ``event == 1``.
    score : ndarray, shape (n, p)
        What each row adds to the score.
    """

    martingale: np.ndarray
    schoenfeld: np.ndarray
    score: np.ndarray


def residuals(fit, patterns, time, event, entry=None, strata=None, weights=None, counts=None, offset=None):
    """
    Martingale, Schoenfeld and score residuals of a Cox model.

    Each belongs to one of the identical rows that a row with a count stands for; those of a row that counts 0
    times are 0. A dropped column has residuals too, its coefficient counting as 0.

    Parameters
    ----------
    fit : CoxFit
    patterns, time, event, entry, strata, weights, counts, offset
        The rows that were fitted, as for `recohort.statistics.cox.fit.fit`.

    Returns
    -------
    Residuals
        The same bits in any order of the rows.

    Raises
    ------
    ValueError
        If the columns are not those of the fit, a length differs, a value is missing or infinite, an event is
        not 0/1, entry is not before time, a weight is not positive or a count not a whole number from 0 up.
    NotEstimable
        If there are no events.

    References
    ----------
    Therneau, Grambsch and Fleming (1990), Biometrika 77:147. Therneau and Grambsch (2000), Modeling Survival
    Data, ch. 4 and appendix E. Agrees with R `survival::residuals.coxph`, tests/test_residuals.py.
    """
    rows = sort_rows(fit, patterns, time, event, entry, strata, weights, counts, offset)
    sets = risk_sets(rows, fit.ties)
    of_event = sets.last[rows.event]
    x_less_mean = np.zeros_like(rows.x)
    # the terms of a day weigh the same
    mean = sets.of_days(sets.mean) / np.bincount(sets.day)[:, None]
    x_less_mean[rows.event] = rows.x[rows.event] - mean[of_event]
    expected = sets.risk * sets.integrate(sets.hazard)
    expected_mean = sets.risk[:, None] * sets.integrate(sets.hazard[:, None] * sets.mean)
    n, known = len(patterns.index), np.asarray(event) == 1
    return Residuals(
        martingale=rows.as_given(rows.event - expected, n),
        schoenfeld=rows.as_given(x_less_mean, n)[known],
        score=rows.as_given(x_less_mean - expected[:, None] * rows.x + expected_mean, n),
    )


def dfbeta(fit, patterns, time, event, entry=None, strata=None, weights=None, counts=None, offset=None):
    """
    Dfbeta residuals of a Cox model: how much each row moves the coefficients, about.

    Parameters
    ----------
    fit : CoxFit
    patterns, time, event, entry, strata, weights, counts, offset
        The rows that were fitted, as for `recohort.statistics.cox.fit.fit`.

    Returns
    -------
    ndarray, shape (n, p)
        Weighted: of the whole row with its case weight, once if it has a count. NaN for a dropped column.

    Raises
    ------
    ValueError
        As for `residuals`, or if the fit is penalised.
    NotEstimable
        If there are no events.

    References
    ----------
    Agrees with R `residuals(coxph(), type = "dfbeta")`, tests/test_residuals.py.
    """
    if fit.penalised:
        raise ValueError("dfbeta residuals and robust covariances are those of fits without a penalty")
    score = residuals(fit, patterns, time, event, entry, strata, weights, counts, offset).score
    if weights is not None:
        score *= np.asarray(weights, dtype=float)[:, None]
    kept = fit.position >= 0
    moved = np.full_like(score, np.nan)
    # of the model, also where the fit has a robust covariance
    inverse = covariance(fit.evaluate(fit.parameters).information)
    # not a matrix product, here and below: its last bits depend on where a row is and on the threads
    moved[:, kept] = np.einsum("ij,jk", score[:, kept], inverse)
    return moved


def robust(
    fit,
    patterns,
    time,
    event,
    entry=None,
    strata=None,
    weights=None,
    counts=None,
    offset=None,
    cluster=None,
):
    """
    A Cox model with the robust (sandwich) covariance in place of the inverse information.

    Wald tests and intervals of what is returned are robust; likelihood-ratio and score tests are not.

    Parameters
    ----------
    fit : CoxFit
    patterns, time, event, entry, strata, weights, counts, offset
        The rows that were fitted, as for `recohort.statistics.cox.fit.fit`.
    cluster : ndarray, shape (n,), optional
        Numeric codes: rows with one code may depend on each other, and the copies of a row always may.
        Without it each row, each of its copies too, is a cluster of its own.

    Returns
    -------
    CoxFit
        The fit with another covariance and other standard errors; in another order of the rows they differ by
        rounding, less than 1e-11 of their size.

    Raises
    ------
    ValueError
        As for `dfbeta`, or if cluster has another length or a missing value.
    NotEstimable
        If there are no events, or no more clusters than columns: the covariance would be singular.

    References
    ----------
    Lin and Wei (1989), J. Am. Stat. Assoc. 84:1074. Agrees with R `coxph(cluster =)`,
    tests/test_residuals.py.
    """
    n = len(patterns.index)
    moved = dfbeta(fit, patterns, time, event, entry, strata, weights, counts, offset)
    counts = np.ones(n) if counts is None else np.asarray(counts, dtype=float)
    if cluster is None:
        n_clusters = counts.sum()
        moved *= np.sqrt(counts)[:, None]
    else:
        code = np.unique(row_vector("cluster", cluster, n), return_inverse=True)[1]
        n_clusters = len(np.unique(code[counts > 0]))
        moved = np.column_stack([np.bincount(code, counts * column) for column in moved.T])
    if n_clusters <= len(fit.parameters):
        raise NotEstimable(f"{n_clusters:g} clusters are too few for a robust covariance")
    sandwich = np.einsum("ij,ik", moved, moved)
    return replace(fit, covariance=sandwich, std_error=np.sqrt(np.diag(sandwich)))
