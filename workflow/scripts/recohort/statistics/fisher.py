"""Fisher's exact test of a 2 x 2 table, and the conditional odds ratio."""

from collections.abc import Callable

import numpy as np

from recohort.statistics.arrays import Floats, Given
from recohort.statistics.distributions import central
from recohort.statistics.result import Estimate, Methods, Test, two_by_two

# R's fisher.test() counts a table this much more probable than the observed one as a tie
RELATIVE_TIE = 1 + 1e-7

# Its exponential is about the largest number there is
MAX_LOG_ODDS_RATIO = 700.0


def fisher(table: Given, confidence: float = 0.95) -> Estimate:
    """
    Fisher's exact test and the conditional maximum likelihood odds ratio of a 2 x 2 table.

    Parameters
    ----------
    table : array_like of counts, shape (2, 2)
    confidence : float

    Returns
    -------
    Estimate
        The odds ratio is 0 or infinite if the count is at the end of its range. The two-sided p sums the
        tables that are not more probable than the observed one. With an empty row or column p is 1, the
        interval is 0 to infinity and the estimate NaN.

    Raises
    ------
    RecohortError
        If the table is not 2 x 2 counts.
    ValueError
        If the confidence is not between 0 and 1.

    References
    ----------
    Agresti (2002), Categorical Data Analysis, 3.5-3.6. Agrees with R `fisher.test`, which solves for the
    estimate and the limits to four digits only; tests/statistics/test_contingency.py has R solve them fully.
    """
    alpha = (1 - central(confidence)) / 2
    table = two_by_two(table)
    count = table[0, 0]
    support, log_weight = _hypergeometric(table)
    methods: Methods = {"ci_method": "exact conditional", "p_method": "Fisher exact"}
    if len(support) == 1:
        return Estimate(np.nan, 0.0, np.inf, p_value=1.0, note="an empty row or column", **methods)

    def probabilities(log_odds_ratio: float) -> Floats:
        return _probabilities(support, log_weight, log_odds_ratio)

    def mean(log_odds_ratio: float) -> float:
        return float(probabilities(log_odds_ratio) @ support)

    def at_least(log_odds_ratio: float) -> float:
        return float(probabilities(log_odds_ratio)[support >= count].sum())

    def above(log_odds_ratio: float) -> float:
        return float(probabilities(log_odds_ratio)[support > count].sum())

    at_start, at_end = count == support[0], count == support[-1]
    ci_low = 0.0 if at_start else np.exp(_solve_increasing(at_least, alpha))
    ci_high = np.inf if at_end else np.exp(_solve_increasing(above, 1 - alpha))
    estimate = 0.0 if at_start else np.inf if at_end else np.exp(_solve_increasing(mean, count))
    null = probabilities(0)
    p_value = null[null <= null[support == count] * RELATIVE_TIE].sum()
    return Estimate(
        float(estimate), float(ci_low), float(ci_high), p_value=min(float(p_value), 1.0), **methods
    )


def fisher_mid_p(table: Given) -> Test:
    """
    Mid-p version of Fisher's exact test of a 2 x 2 table: less conservative.

    The two-sided p sums the tables less probable than the observed one and half of those as probable.

    Parameters
    ----------
    table : array_like of counts, shape (2, 2)

    Returns
    -------
    Test
        NaN with a note if a row or column is empty.

    Raises
    ------
    RecohortError
        If the table is not 2 x 2 counts.

    References
    ----------
    Lydersen, Fagerland & Laake (2009), Stat. Med. 28:1159.
    """
    table = two_by_two(table)
    support, log_weight = _hypergeometric(table)
    if len(support) == 1:
        return Test(np.nan, np.nan, np.nan, "Fisher mid-p", "an empty row or column")
    null = _probabilities(support, log_weight)
    observed = null[support == table[0, 0]]
    less = null < observed / RELATIVE_TIE
    as_much = ~less & (null <= observed * RELATIVE_TIE)
    return Test(np.nan, np.nan, float(null[less].sum() + null[as_much].sum() / 2), "Fisher mid-p")


def _hypergeometric(table: Floats) -> tuple[Floats, Floats]:
    """Values the first cell can have with these margins, and the log of their relative probabilities."""
    row, column, rest = table[0].sum(), table[:, 0].sum(), table[:, 1].sum()
    support = np.arange(max(0, row - rest), min(row, column) + 1)
    s = support[:-1]
    # Ratios of neighbours, not log gamma functions, whose difference loses five digits at n = 5000
    step = np.log((column - s) * (row - s)) - np.log((s + 1) * (rest - row + s + 1))
    return support, np.append(0.0, np.cumsum(step))


def _probabilities(support: Floats, log_weight: Floats, log_odds_ratio: float = 0) -> Floats:
    """The noncentral hypergeometric distribution; with odds ratio 1 the central one."""
    weight = log_weight + log_odds_ratio * support
    weight = np.exp(weight - weight.max())
    share: Floats = weight / weight.sum()
    return share


def _solve_increasing(function: Callable[[float], float], target: float) -> float:
    """Where an increasing function of a log odds ratio reaches a target, by bisection to the last bits."""
    low, high = -MAX_LOG_ODDS_RATIO, MAX_LOG_ODDS_RATIO
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return middle
