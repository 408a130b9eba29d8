"""Rank tests for two and for more groups, and quartiles; agrees with R `stats`."""

import numpy as np

from recohort.statistics.arrays import Floats, Given
from recohort.statistics.design import labels, row_vector
from recohort.statistics.distributions import chi_squared_tail, normal_two_sided
from recohort.statistics.result import Test


def rank_sum(first: Given, second: Given) -> Test:
    """
    Wilcoxon's rank-sum (Mann-Whitney) test, by the normal approximation.

    Parameters
    ----------
    first, second : array_like
        Values of the two groups, without missing ones.

    Returns
    -------
    Test
        The statistic is the number of pairs in which the first is larger, ties as one half. Variance
        corrected for ties, statistic for continuity. NaN with a note if a group is empty or all values
        are equal.

    Raises
    ------
    ValueError
        If a value is missing or infinite.

    References
    ----------
    Agrees with R `wilcox.test(exact = FALSE)`.
    """
    first, second = _numbers("first", first), _numbers("second", second)
    n_1, n_2 = len(first), len(second)
    p_method = "Wilcoxon rank-sum with continuity correction"
    ranks, tied = _ranks(np.concatenate([first, second]))
    n = n_1 + n_2
    pairs = float(n_1 * n_2)
    variance = pairs / 12 * (n + 1 - tied / (n * (n - 1))) if pairs else 0.0
    if variance <= 0:
        return Test(np.nan, np.nan, np.nan, p_method, "an empty group" if not pairs else "all values equal")
    statistic = ranks[:n_1].sum() - n_1 * (n_1 + 1) / 2
    excess = statistic - pairs / 2
    z = (excess - np.sign(excess) / 2) / np.sqrt(variance)
    return Test(float(statistic), np.nan, normal_two_sided(z), p_method)


def kruskal_wallis(values: Given, group: Given) -> Test:
    """
    Kruskal-Wallis rank test of two or more groups.

    Parameters
    ----------
    values : array_like, shape (n,)
        Without missing ones.
    group : array_like, shape (n,)
        Any labels that sort.

    Returns
    -------
    Test
        Corrected for ties. NaN with a note if there is one group or all values are equal.

    Raises
    ------
    ValueError
        If there is not one group for each value, a value is missing or infinite, or a group is missing.

    References
    ----------
    Kruskal & Wallis (1952), J. Am. Stat. Assoc. 47:583. Agrees with R `kruskal.test`.
    """
    p_method = "Kruskal-Wallis"
    values = _numbers("values", values)
    group = labels("group", group, len(values))
    levels, code, size = np.unique(group, return_inverse=True, return_counts=True)
    if len(levels) < 2:
        return Test(np.nan, np.nan, np.nan, p_method, "fewer than two groups")
    df = len(levels) - 1
    ranks, tied = _ranks(values)
    n = len(ranks)
    distinct = 1 - tied / (n**3 - n)
    if distinct <= 0:
        return Test(np.nan, df, np.nan, p_method, "all values equal")
    rank_sums = np.bincount(code, weights=ranks)
    statistic = (12 * np.sum(rank_sums**2 / size) / (n * (n + 1)) - 3 * (n + 1)) / distinct
    return Test(float(statistic), df, chi_squared_tail(statistic, int(df)), p_method)


def quartiles(values: Given) -> tuple[float, float, float]:
    """
    First quartile, median and third quartile.

    Parameters
    ----------
    values : array_like
        Without missing ones.

    Returns
    -------
    first, median, third : float
        R's type 7, the default of `quantile` there and in NumPy; NaN if there is no value.

    Raises
    ------
    ValueError
        If a value is missing or infinite.
    """
    numbers = _numbers("values", values)
    if not len(numbers):
        return np.nan, np.nan, np.nan
    first, median, third = np.quantile(numbers, [0.25, 0.5, 0.75])
    return float(first), float(median), float(third)


def _numbers(name: str, values: Given) -> Floats:
    return row_vector(name, values, np.size(values))


def _ranks(values: Given) -> tuple[Floats, float]:
    """Mid-ranks from 1, and the sum of t^3 - t over the groups of t tied values."""
    _, position, count = np.unique(values, return_inverse=True, return_counts=True)
    highest = np.cumsum(count)
    return (highest - (count - 1) / 2)[position], float(np.sum(count.astype(float) ** 3 - count))
