"""Tails and quantiles of the normal and chi-squared: to import SciPy's takes longer than most models."""

from math import erfc, exp, fsum, lgamma, log, nan, sqrt
from statistics import NormalDist


def normal_quantile(p: float) -> float:
    """
    The value below which a standard normal falls with probability p.

    Parameters
    ----------
    p : float, 0 < p < 1

    Raises
    ------
    ValueError
        If p is not between 0 and 1.
    """
    if not 0 < p < 1:
        raise ValueError(f"{p} is not a probability between 0 and 1")
    return NormalDist().inv_cdf(p)


def central(confidence: float) -> float:
    """
    The confidence of an interval, checked.

    Raises
    ------
    ValueError
        If it is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}, not between 0 and 1 (0.95 for 95%)")
    return confidence


def normal_two_sided(z: float) -> float:
    """The probability that a standard normal is at least as far from 0 as z; NaN for NaN."""
    return erfc(abs(z) / sqrt(2))


def chi_squared_tail(statistic: float, df: int) -> float:
    """
    The probability that a chi-squared variable is at least as large.

    Parameters
    ----------
    statistic : float
        NaN gives NaN.
    df : int, >= 1

    Raises
    ------
    ValueError
        If df is not a whole number from 1 up.

    References
    ----------
    Abramowitz and Stegun (1964) 26.4.4 and 26.4.5, finite sums for whole degrees of freedom.
    """
    if df < 1 or df != int(df):
        raise ValueError(f"{df} degrees of freedom are not a whole number from 1 up")
    if statistic != statistic:
        return nan
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    first, start = (erfc(sqrt(half)), 1.5) if df % 2 else (exp(-half), 2.0)
    # terms half^(a-1) exp(-half) / gamma(a), for a = 3/2, 5/2, ... or 2, 3, ... up to df/2
    orders = [start + k for k in range((df - 1) // 2)]
    return min(1.0, first + fsum(exp((a - 1) * log(half) - half - lgamma(a)) for a in orders))
