"""Two classifications of the same persons: agreement and difference."""

import numpy as np

from recohort.base.errors import RecohortError
from recohort.statistics.arrays import Given
from recohort.statistics.distributions import central, chi_squared_tail, normal_quantile, normal_two_sided
from recohort.statistics.result import Estimate, Methods, Test, counts, two_by_two


def mcnemar(table: Given, exact: bool = True) -> Test:
    """
    McNemar's test that two tests of the same persons are positive equally often.

    Parameters
    ----------
    table : array_like of counts, shape (2, 2)
        One test in rows, the other in columns.
    exact : bool
        Exact binomial test of the discordant pairs, else chi-square with continuity correction.

    Returns
    -------
    Test
        Without discordant pairs the exact p is 1 and the chi-square NaN.

    Raises
    ------
    RecohortError
        If the table is not 2 x 2 counts.

    References
    ----------
    McNemar (1947), Psychometrika 12:153. Agrees with R `binom.test` and `mcnemar.test`.
    """
    table = two_by_two(table)
    b, c = table[0, 1], table[1, 0]
    note = "" if b + c else "no discordant pair"
    if exact:
        from scipy.special import bdtr

        p_value = min(1.0, 2 * float(bdtr(min(b, c), int(b + c), 0.5)))
        return Test(np.nan, np.nan, p_value, "McNemar exact", note)
    p_method = "McNemar chi-square with continuity correction"
    if note:
        return Test(np.nan, 1, np.nan, p_method, note)
    # As in R, equal counts are not corrected away from 0
    statistic = (abs(b - c) - (b != c)) ** 2 / (b + c)
    return Test(float(statistic), 1, chi_squared_tail(statistic, 1), p_method)


def kappa(table: Given, confidence: float = 0.95) -> Estimate:
    """
    Cohen's kappa of two classifications of the same persons.

    Parameters
    ----------
    table : array_like of counts, shape (k, k)
        The same categories in the same order in rows and columns.
    confidence : float

    Returns
    -------
    Estimate
        The interval is made from the asymptotic standard error given, the p value from the one that holds
        if kappa is 0. Without interval and p if a classification has a single category.

    Raises
    ------
    RecohortError
        If the table is not square counts.
    ValueError
        If the confidence is not between 0 and 1.

    References
    ----------
    Fleiss, Cohen & Everitt (1969), Psychol. Bull. 72:323, equations 13 (interval) and 14 (test).
    """
    z = normal_quantile(0.5 + central(confidence) / 2)
    table = counts(table)
    if table.shape[0] != table.shape[1]:
        raise RecohortError("kappa needs the same categories in rows and columns", value=table.shape)
    methods: Methods = {"ci_method": "Wald", "p_method": "Wald, null standard error"}
    n = table.sum()
    if n in table.sum(axis=0) or n in table.sum(axis=1):
        # All in the same category: chance agreement is perfect and kappa 0 / 0
        estimate = np.nan if n in table.diagonal() else 0.0
        return Estimate(estimate, np.nan, np.nan, note="a classification with a single category", **methods)
    share = table / n
    row, column = share.sum(axis=1), share.sum(axis=0)
    agreement, chance = np.trace(share), row @ column
    estimate = (agreement - chance) / (1 - chance)
    # weight[i, j]: share of column category i plus that of row category j
    weight = column[:, None] + row[None, :]
    own = share.diagonal() @ (1 - weight.diagonal() * (1 - estimate)) ** 2
    other = (1 - estimate) ** 2 * np.sum((share - np.diag(share.diagonal())) * weight**2)
    offset = (estimate - chance * (1 - estimate)) ** 2
    std_error = np.sqrt(max(own + other - offset, 0) / n) / (1 - chance)
    null_error = np.sqrt((chance + chance**2 - np.sum(row * column * (row + column))) / n) / (1 - chance)
    half = z * std_error
    return Estimate(
        float(estimate),
        float(estimate - half),
        float(estimate + half),
        std_error=float(std_error),
        p_value=normal_two_sided(estimate / null_error),
        **methods,
    )
