"""The baseline hazard of a Cox model."""

from dataclasses import dataclass

import numpy as np

from recohort.statistics.arrays import Floats
from recohort.statistics.cox.fit import CoxFit
from recohort.statistics.cox.risk_sets import risk_sets
from recohort.statistics.cox.rows import sort_rows
from recohort.statistics.design import Patterns
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True)
class Baseline:
    """
    The cumulative hazard of one row: one element per stratum and event time, sorted so; it is 0 before.

    Parameters
    ----------
    stratum, time : ndarray, shape (n_days,)
    cumulative : ndarray, shape (n_days,)
    """

    stratum: Floats
    time: Floats
    cumulative: Floats


def baseline(fit: CoxFit, patterns: Patterns, rows: SurvivalRows, centred: bool = False) -> Baseline:
    """
    The baseline cumulative hazard of a Cox model, by the fit's method for ties.

    Parameters
    ----------
    fit : CoxFit
    patterns : Patterns
    rows : SurvivalRows
        Those that were fitted.
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
    `survfit(coxph())$cumhaz`, tests/statistics/cox/test_baseline_hazard.py.
    """
    ordered = sort_rows(fit, patterns, rows)
    sets = risk_sets(ordered, fit.ties)
    x, offset = np.zeros_like(ordered.centre), 0.0
    if centred:
        offset = np.average(ordered.offset, weights=ordered.weight * ordered.count)
        x = ordered.centre
        if rows.entry is not None:
            mean = np.average(ordered.x, axis=0, weights=ordered.count)
            x = np.where(ordered.flag, 0, ordered.centre + mean)
    eta = (x - ordered.centre) @ np.nan_to_num(fit.coefficients) + offset
    stratum, time = np.divmod(sets.days, len(ordered.times) + 1)
    return Baseline(
        stratum=ordered.strata[stratum],
        time=ordered.times[time],
        cumulative=sets.cumulate(sets.of_days(sets.hazard)) * np.exp(eta - sets.scale),
    )
