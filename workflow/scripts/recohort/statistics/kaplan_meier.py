"""Kaplan-Meier curves and the log-rank test, with delayed entry; agrees with R `survival`."""

from dataclasses import dataclass

import numpy as np

from recohort.base.errors import RecohortError, nearest
from recohort.statistics.arrays import Floats, Given, Integers, Values
from recohort.statistics.design import labels, row_vector
from recohort.statistics.distributions import central, chi_squared_tail, normal_quantile
from recohort.statistics.survival_rows import SurvivalRows

INTERVALS = ("log", "log-log", "plain")
UNUSED = ("weights", "counts", "offset")

# R's survmean() takes a survival this close to one half for one half exactly
HALF_TOLERANCE = np.sqrt(np.finfo(float).eps)

# Eigenvalues of the log-rank covariance below this fraction of the number of events are rounding
RANK_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Curve:
    """
    A Kaplan-Meier curve: one element per distinct time at which somebody leaves, in order.

    Attributes
    ----------
    time : ndarray
        In the unit of the input. Time 0, where survival is 1, is not part of it.
    at_risk : ndarray of int
        Persons with entry < time <= exit.
    events, censored : ndarray of int
        Persons who leave at this time.
    survival : ndarray
    std_error : ndarray
        Greenwood's, of the log of the survival (R's `survfit()$std.err`); infinite where survival is 0.
    ci_low, ci_high : ndarray
        Pointwise; NaN where the scale of the interval has no value (as in R).
    note : str
        What to know of a curve with delayed entry whose risk set was empty before others entered.
    """

    time: Floats
    at_risk: Integers
    events: Integers
    censored: Integers
    survival: Floats
    std_error: Floats
    ci_low: Floats
    ci_high: Floats
    note: str = ""


@dataclass(frozen=True)
class LogRank:
    """
    A log-rank test.

    Attributes
    ----------
    statistic, p_value : float
        NaN if fewer than two groups were ever at risk together when somebody had an event.
    df : int
    levels : ndarray
        The distinct groups, sorted; the order of the next two.
    observed, expected : ndarray
        Events per group, summed over the strata.
    """

    statistic: float
    df: int
    p_value: float
    levels: Values
    observed: Floats
    expected: Floats


def kaplan_meier(rows: SurvivalRows, interval: str = "log", confidence: float = 0.95) -> Curve:
    """
    Kaplan-Meier estimate of survival.

    Parameters
    ----------
    rows : SurvivalRows
        Of persons; time, event and entry only.
    interval : {"log", "log-log", "plain"}
        Scale of the pointwise confidence interval; "log" is R's default.
    confidence : float

    Returns
    -------
    Curve

    Raises
    ------
    ValueError
        If the rows have strata, weights, counts or an offset, or the confidence is not between 0 and 1.
    RecohortError
        If the interval has another name.

    References
    ----------
    Kaplan & Meier (1958), J. Am. Stat. Assoc. 53:457.
    Agrees with R `survival::survfit`, tests/statistics/test_kaplan_meier.py.
    """
    z = normal_quantile(0.5 + central(confidence) / 2)
    rows.refuse("strata", *UNUSED)
    at, position = np.unique(rows.time, return_inverse=True)
    events = np.bincount(position[rows.event == 1], minlength=len(at))
    at_risk = numbers_at_risk(rows, at)
    survival = np.cumprod(1 - events / at_risk).astype(float, copy=False)
    with np.errstate(divide="ignore"):
        std_error = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
    ci_low, ci_high = _interval(survival, std_error, interval, z)
    censored = np.bincount(position, minlength=len(at)) - events
    note = _empty_early(at, at_risk, events, rows)
    return Curve(at, at_risk, events, censored, survival, std_error, ci_low, ci_high, note)


def numbers_at_risk(rows: SurvivalRows, at: Given) -> Integers:
    """
    How many persons are under observation just before each of some times.

    Parameters
    ----------
    rows : SurvivalRows
    at : array_like, shape (m,)

    Returns
    -------
    ndarray of int, shape (m,)
        Persons with entry < at <= time. With delayed entry nobody is at risk at 0, and between the times
        of the curve R's `summary.survfit` differs: it gives the number at the next one.

    Raises
    ------
    ValueError
        If a time is missing or infinite.
    """
    at = row_vector("at", at, np.size(at))
    leave_later = len(rows) - np.searchsorted(np.sort(rows.time), at, side="left")
    if rows.entry is None:
        return leave_later
    return leave_later - (len(rows) - np.searchsorted(np.sort(rows.entry), at, side="left"))


def median(curve: Curve) -> tuple[float, float, float]:
    """
    Median survival time with its confidence interval.

    The first time at which survival (its lower limit, its upper limit) is below one half. Where it is one
    half exactly, the middle of the flat stretch, as R's `print.survfit` does.

    Parameters
    ----------
    curve : Curve

    Returns
    -------
    median, low, high : float
        NaN for one that is not reached.

    References
    ----------
    Brookmeyer & Crowley (1982), Biometrics 38:29. Agrees with R `summary(survfit())$table`.
    """
    return (
        _crosses_half(curve.time, curve.survival),
        _crosses_half(curve.time, curve.ci_low),
        _crosses_half(curve.time, curve.ci_high),
    )


def at_times(curve: Curve, times: Given) -> tuple[Floats, Floats, Floats, Floats]:
    """
    Survival at chosen times.

    Parameters
    ----------
    curve : Curve
    times : array_like, shape (m,)
        In the unit of the curve.

    Returns
    -------
    survival, std_error, ci_low, ci_high : ndarray, shape (m,)
        1, 0, 1, 1 before anybody leaves; NaN after the last person has left, where nothing is known (but
        0 if all died). The standard error is of the log of the survival.

    Raises
    ------
    ValueError
        If a time is missing or infinite.
    """
    times = row_vector("times", times, np.size(times))
    step = np.searchsorted(curve.time, times, side="right")
    end = curve.time[-1] if len(curve.time) else -np.inf
    known = (times <= end) | (np.append(1.0, curve.survival)[step] == 0)

    def lookup(values: Floats, before: float) -> Floats:
        return np.where(known, np.append(before, values)[step], np.nan)

    return (
        lookup(curve.survival, 1.0),
        lookup(curve.std_error, 0.0),
        lookup(curve.ci_low, 1.0),
        lookup(curve.ci_high, 1.0),
    )


def logrank(rows: SurvivalRows, group: Given) -> LogRank:
    """
    Log-rank test of equal hazards in two or more groups.

    Parameters
    ----------
    rows : SurvivalRows
        Of persons; time, event, entry and strata only. Persons are compared within their stratum.
    group : array_like, shape (n,)
        Any labels that sort.

    Returns
    -------
    LogRank
        With the hypergeometric variance at tied times.

    Raises
    ------
    ValueError
        If there is not one group for each row, a group is missing, or rows have weights, counts or an offset.

    References
    ----------
    Mantel (1966), Cancer Chemother. Rep. 50:163. Agrees with R `survival::survdiff` and, with delayed entry,
    which survdiff refuses, with the score test of `coxph(ties = "exact")`;
    tests/statistics/test_kaplan_meier.py.
    """
    rows.refuse(*UNUSED)
    levels, code = np.unique(labels("group", group, len(rows)), return_inverse=True)
    strata = np.zeros(len(rows)) if rows.strata is None else rows.strata
    observed = np.bincount(code[rows.event == 1], minlength=len(levels)).astype(float)
    expected = np.zeros(len(levels))
    covariance = np.zeros((len(levels), len(levels)))
    for stratum in np.unique(strata):
        mine = strata == stratum
        e, v = _logrank_moments(rows.of(mine), code[mine], len(levels))
        expected += e
        covariance += v
    statistic, df = _quadratic_form(observed - expected, covariance, observed.sum())
    p_value = chi_squared_tail(statistic, int(df)) if df else np.nan
    return LogRank(statistic, df, p_value, levels, observed, expected)


def _empty_early(at: Floats, at_risk: Integers, events: Integers, rows: SurvivalRows) -> str:
    """What became of a risk set before others entered; "" if it was never empty."""
    if (at_risk[:-1] == events[:-1]).any():
        return "all then under observation had the event before others entered: 0 from then on"
    entered = np.searchsorted(np.sort(rows.entry), at, side="right") if rows.entry is not None else len(rows)
    if (entered - np.searchsorted(np.sort(rows.time), at, side="right") == 0)[:-1].any():
        return "for some time nobody was under observation before others entered"
    return ""


def _interval(survival: Floats, std_error: Floats, interval: str, z: float) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if interval == "plain":
            half = z * std_error * survival
            low, high = survival - half, survival + half
        elif interval == "log":
            known = np.where(survival == 0, np.nan, survival)
            low, high = known * np.exp(-z * std_error), known * np.exp(z * std_error)
        elif interval == "log-log":
            known = np.where((survival == 0) | (survival == 1), np.nan, survival)
            width = z * std_error / np.log(known)
            low, high = known ** np.exp(-width), known ** np.exp(width)
        else:
            remedy = nearest(interval, INTERVALS)
            raise RecohortError("no such confidence interval", value=interval, remedy=remedy)
    return np.maximum(low, 0), np.minimum(high, 1)


def _crosses_half(time: Floats, survival: Floats) -> float:
    below = np.flatnonzero(survival < 0.5 + HALF_TOLERANCE)
    if not len(below):
        return np.nan
    first = below[0]
    after = np.flatnonzero(survival < survival[first])
    if abs(survival[first] - 0.5) < HALF_TOLERANCE and len(after):
        return float((time[first] + time[after[0]]) / 2)
    return float(time[first])


def _logrank_moments(rows: SurvivalRows, code: Integers, n_groups: int) -> tuple[Floats, Floats]:
    """Expected events, shape (n_groups,), and their covariance within one stratum."""
    at, deaths = np.unique(rows.time[rows.event == 1], return_counts=True)
    at_risk = np.zeros((len(at), n_groups))
    for g in np.unique(code):
        at_risk[:, g] = numbers_at_risk(rows.of(code == g), at)
    total = at_risk.sum(axis=1)
    share = at_risk / total[:, None]
    expected = deaths @ share
    # The hypergeometric variance; a risk set of one person has none
    weight = deaths * (total - deaths) / np.maximum(total - 1, 1)
    covariance = np.diag(weight @ share) - (share * weight[:, None]).T @ share
    return expected, covariance


def _quadratic_form(difference: Floats, covariance: Floats, n_events: float) -> tuple[float, int]:
    """Difference' covariance^-1 difference over the directions that vary, and how many there are."""
    variance, direction = np.linalg.eigh(covariance)
    varies = variance > RANK_TOLERANCE * n_events
    if not varies.any():
        return np.nan, 0
    return float(np.sum((difference @ direction[:, varies]) ** 2 / variance[varies])), int(varies.sum())
