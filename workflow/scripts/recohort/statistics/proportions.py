"""Proportions, their differences and diagnostic accuracy, with intervals."""

import numpy as np

from recohort.base.errors import RecohortError, nearest
from recohort.statistics.arrays import Given
from recohort.statistics.distributions import central, normal_quantile
from recohort.statistics.result import Estimate, two_by_two

PROPORTION_INTERVALS = ("wilson", "clopper-pearson")


def proportion(successes: float, n: float, interval: str = "wilson", confidence: float = 0.95) -> Estimate:
    """
    A proportion with its confidence interval.

    Parameters
    ----------
    successes, n : int
    interval : {"wilson", "clopper-pearson"}
        Wilson's score interval without continuity correction, or the exact one.
    confidence : float

    Returns
    -------
    Estimate
        NaN if n is 0.

    Raises
    ------
    RecohortError
        If the interval has another name, a count is not a whole number from 0 up, or successes exceed n.
    ValueError
        If the confidence is not between 0 and 1.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22:209; Clopper & Pearson (1934), Biometrika 26:404.
    Agrees with R `prop.test(correct = FALSE)` and `binom.test`.
    """
    if interval not in PROPORTION_INTERVALS:
        remedy = nearest(interval, PROPORTION_INTERVALS)
        raise RecohortError("no such interval of a proportion", value=interval, remedy=remedy)
    alpha = (1 - central(confidence)) / 2
    for count in (successes, n):
        if not (count >= 0 and count == np.floor(count) and np.isfinite(count)):
            raise RecohortError("a count is a whole number, not below 0", value=count)
    if successes > n:
        raise RecohortError("more successes than there are to count", value=f"{successes} of {n}")
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, interval.title(), note="nobody to count")
    share = successes / n
    if interval == "wilson":
        z = normal_quantile(0.5 + confidence / 2)
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        low, high = centre - half, centre + half
    else:
        from scipy.special import betaincinv

        low = betaincinv(successes, n - successes + 1, alpha)
        high = betaincinv(successes + 1, n - successes, 1 - alpha)
    # At the ends Wilson's limit is 0 or 1 but for rounding, and the exact one 0 or 1 by definition
    low, high = (0.0 if successes == 0 else low), (1.0 if successes == n else high)
    return Estimate(float(share), float(low), float(high), interval.title())


def proportion_difference(
    successes_1: float, n_1: float, successes_2: float, n_2: float, confidence: float = 0.95
) -> Estimate:
    """
    First minus second of two independent proportions, with Newcombe's hybrid score interval.

    Parameters
    ----------
    successes_1, n_1, successes_2, n_2 : int
    confidence : float

    Returns
    -------
    Estimate
        NaN if a group is empty.

    Raises
    ------
    RecohortError, ValueError
        As for `proportion`.

    References
    ----------
    Newcombe (1998), Stat. Med. 17:873, method 10.
    """
    first = proportion(successes_1, n_1, confidence=confidence)
    second = proportion(successes_2, n_2, confidence=confidence)
    difference = first.estimate - second.estimate
    below = np.hypot(first.estimate - first.ci_low, second.ci_high - second.estimate)
    above = np.hypot(first.ci_high - first.estimate, second.estimate - second.ci_low)
    note = first.note or second.note
    return Estimate(difference, float(difference - below), float(difference + above), "Newcombe", note=note)


def diagnostic_accuracy(
    table: Given, interval: str = "clopper-pearson", confidence: float = 0.95
) -> dict[str, Estimate]:
    """
    Accuracy of a test against a reference standard.

    Parameters
    ----------
    table : array_like of counts, shape (2, 2)
        Test positive, negative in rows; reference positive, negative in columns.
    interval, confidence
        As for `proportion`.

    Returns
    -------
    dict of str to Estimate
        sensitivity, specificity, ppv, npv, accuracy. The predictive values hold at the prevalence of the
        table only.

    Raises
    ------
    RecohortError
        If the table is not 2 x 2 counts, or the interval has another name.
    ValueError
        If the confidence is not between 0 and 1.
    """
    (tp, fp), (fn, tn) = two_by_two(table)
    parts = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, tp + fp + fn + tn),
    }
    return {name: proportion(x, n, interval, confidence) for name, (x, n) in parts.items()}
