"""The baseline hazard of a Cox model."""

from dataclasses import dataclass

import numpy as np

from recohort.statistics.cox.risk_sets import risk_sets
from recohort.statistics.cox.rows import sort_rows


@dataclass(frozen=True)
class Baseline:
    """
    The cumulative hazard of one row: one element per stratum and event time, sorted so; it is 0 before.

    Parameters
    ----------
    stratum, time : ndarray, shape (n_days,)
    cumulative : ndarray, shape (n_days,)
    """

    stratum: np.ndarray
    time: np.ndarray
    cumulative: np.ndarray


def baseline(
    fit,
    patterns,
    time,
    event,
    entry=None,
    strata=None,
    weights=None,
    counts=None,
    offset=None,
    centred=False,
):
    """
    The baseline cumulative hazard of a Cox model, by the fit's method for ties.

    Parameters
    ----------
    fit : CoxFit
    patterns, time, event, entry, strata, weights, counts, offset
        The rows that were fitted, as for `recohort.statistics.cox.fit.fit`.
    centred : bool
        False: where all covariates, and the offset, are 0. True: as R's basehaz and survfit unless told
        otherwise, where offset and covariates are at their mean, except that columns with no other values
        than -1, 0 and 1 are 0. Means are weighted by the case weights, but as in R those of covariates are
        not if there is delayed entry.

    Returns
    -------
    Baseline

    Raises
    ------
    ValueError, NotEstimable
        As for `recohort.statistics.cox.residuals.residuals`.

    References
    ----------
    Breslow (1972), J. R. Stat. Soc. B 34:216. Agrees with R `survival::basehaz` and
    `survfit(coxph())$cumhaz`, tests/test_residuals.py.
    """
    rows = sort_rows(fit, patterns, time, event, entry, strata, weights, counts, offset)
    sets = risk_sets(rows, fit.ties)
    x, offset = np.zeros_like(rows.centre), 0.0
    if centred:
        offset = np.average(rows.offset, weights=rows.weight * rows.count)
        x = rows.centre
        if entry is not None:
            x = np.where(rows.flag, 0, rows.centre + np.average(rows.x, axis=0, weights=rows.count))
    eta = (x - rows.centre) @ np.nan_to_num(fit.coefficients) + offset
    stratum, time = np.divmod(sets.days, len(rows.times) + 1)
    return Baseline(
        stratum=rows.strata[stratum],
        time=rows.times[time],
        cumulative=sets.cumulate(sets.of_days(sets.hazard)) * np.exp(eta - sets.scale),
    )
