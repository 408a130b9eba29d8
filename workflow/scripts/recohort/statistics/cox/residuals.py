"""Residuals of a Cox model, and the robust covariance that they give."""

from dataclasses import dataclass, replace

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Floats, Given
from recohort.statistics.cox.fit import CoxFit
from recohort.statistics.cox.risk_sets import risk_sets
from recohort.statistics.cox.rows import sort_rows
from recohort.statistics.design import Patterns, row_vector
from recohort.statistics.maximum_likelihood import covariance
from recohort.statistics.survival_rows import SurvivalRows


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

    martingale: Floats
    schoenfeld: Floats
    score: Floats


def residuals(fit: CoxFit, patterns: Patterns, rows: SurvivalRows) -> Residuals:
    """
    Martingale, Schoenfeld and score residuals of a Cox model.

    Each belongs to one of the identical rows that a row with a count stands for; those of a row that counts 0
    times are 0. A dropped column has residuals too, its coefficient counting as 0.

    Parameters
    ----------
    fit : CoxFit
    patterns : Patterns
    rows : SurvivalRows
        Those that were fitted.

    Returns
    -------
    Residuals
        The same bits in any order of the rows.

    Raises
    ------
    ValueError
        If the columns are not those of the fit, or patterns and rows differ in length.
    NotEstimable
        If there are no events.

    References
    ----------
    Therneau, Grambsch and Fleming (1990), Biometrika 77:147. Therneau and Grambsch (2000), Modeling Survival
    Data, ch. 4 and appendix E. Agrees with R `survival::residuals.coxph`,
    tests/statistics/cox/test_residuals.py.
    """
    ordered = sort_rows(fit, patterns, rows)
    sets = risk_sets(ordered, fit.ties)
    of_event = sets.last[ordered.event]
    x_less_mean = np.zeros_like(ordered.x)
    # the terms of a day weigh the same
    mean = sets.of_days(sets.mean) / np.bincount(sets.day)[:, None]
    x_less_mean[ordered.event] = ordered.x[ordered.event] - mean[of_event]
    expected = sets.risk * sets.integrate(sets.hazard)
    expected_mean = sets.risk[:, None] * sets.integrate(sets.hazard[:, None] * sets.mean)
    return Residuals(
        martingale=ordered.as_given(ordered.event - expected, len(rows)),
        schoenfeld=ordered.as_given(x_less_mean, len(rows))[rows.event == 1],
        score=ordered.as_given(x_less_mean - expected[:, None] * ordered.x + expected_mean, len(rows)),
    )


def dfbeta(fit: CoxFit, patterns: Patterns, rows: SurvivalRows) -> Floats:
    """
    Dfbeta residuals of a Cox model: how much each row moves the coefficients, about.

    Parameters
    ----------
    fit : CoxFit
    patterns : Patterns
    rows : SurvivalRows
        Those that were fitted.

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
    Agrees with R `residuals(coxph(), type = "dfbeta")`, tests/statistics/cox/test_residuals.py.
    """
    if fit.penalised:
        raise ValueError("dfbeta residuals and robust covariances are those of fits without a penalty")
    score = residuals(fit, patterns, rows).score
    if rows.weights is not None:
        score *= rows.weights[:, None]
    kept = fit.position >= 0
    moved = np.full_like(score, np.nan)
    # of the model, also where the fit has a robust covariance
    inverse = covariance(fit.evaluate(fit.parameters).information)
    # not a matrix product, here and below: its last bits depend on where a row is and on the threads
    moved[:, kept] = np.einsum("ij,jk", score[:, kept], inverse)
    return moved


def robust(fit: CoxFit, patterns: Patterns, rows: SurvivalRows, cluster: Given | None = None) -> CoxFit:
    """
    A Cox model with the robust (sandwich) covariance in place of the inverse information.

    Wald tests and intervals of what is returned are robust; likelihood-ratio and score tests are not.

    Parameters
    ----------
    fit : CoxFit
    patterns : Patterns
    rows : SurvivalRows
        Those that were fitted.
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
    tests/statistics/cox/test_residuals.py.
    """
    n = len(rows)
    moved = dfbeta(fit, patterns, rows)
    counts = np.ones(n) if rows.counts is None else rows.counts
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
