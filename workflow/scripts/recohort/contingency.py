"""Inference on tables of counts: association, agreement, proportions and diagnostic accuracy."""

from dataclasses import dataclass

import numpy as np

from recohort.distributions import chi_squared_tail, normal_quantile, normal_two_sided
from recohort.errors import RecohortError, nearest

# R's fisher.test() counts a table this much more probable than the observed one as a tie
RELATIVE_TIE = 1 + 1e-7

# Its exponential is about the largest number there is
MAX_LOG_ODDS_RATIO = 700.0

# Below this expected count Pearson's chi-square is not trusted (Cochran 1954, Biometrics 10:417)
MIN_EXPECTED = 5

PROPORTION_INTERVALS = ("wilson", "clopper-pearson")


@dataclass(frozen=True)
class Estimate:
    """
    An estimate with its interval and test; NaN for what does not exist, and `note` says why.

    Attributes
    ----------
    estimate, ci_low, ci_high, p_value : float
    std_error : float
        On the scale the interval was made on; NaN if the interval was not made from one.
    ci_method, p_method, note : str
    """

    estimate: float
    ci_low: float
    ci_high: float
    ci_method: str
    std_error: float = np.nan
    p_value: float = np.nan
    p_method: str = ""
    note: str = ""


@dataclass(frozen=True)
class Test:
    """
    A test; NaN for what does not exist, and `note` says why.

    Attributes
    ----------
    statistic, df : float
        NaN for an exact test.
    p_value : float
        Two-sided.
    p_method, note : str
    """

    statistic: float
    df: float
    p_value: float
    p_method: str
    note: str = ""


def fisher(table, confidence=0.95):
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

    References
    ----------
    Agresti (2002), Categorical Data Analysis, 3.5-3.6. Agrees with R `fisher.test`, which solves for the
    estimate and the limits to four digits only; tests/test_contingency.py has R solve them fully.
    """
    table = _two_by_two(table)
    count = table[0, 0]
    support, log_weight = _hypergeometric(table)
    methods = {"ci_method": "exact conditional", "p_method": "Fisher exact"}
    if len(support) == 1:
        return Estimate(np.nan, 0.0, np.inf, p_value=1.0, note="an empty row or column", **methods)

    def probabilities(log_odds_ratio):
        return _probabilities(support, log_weight, log_odds_ratio)

    def mean(log_odds_ratio):
        return probabilities(log_odds_ratio) @ support

    def at_least(log_odds_ratio):
        return probabilities(log_odds_ratio)[support >= count].sum()

    def above(log_odds_ratio):
        return probabilities(log_odds_ratio)[support > count].sum()

    alpha = (1 - confidence) / 2
    at_start, at_end = count == support[0], count == support[-1]
    ci_low = 0.0 if at_start else np.exp(_solve_increasing(at_least, alpha))
    ci_high = np.inf if at_end else np.exp(_solve_increasing(above, 1 - alpha))
    estimate = 0.0 if at_start else np.inf if at_end else np.exp(_solve_increasing(mean, count))
    null = probabilities(0)
    p_value = null[null <= null[support == count] * RELATIVE_TIE].sum()
    return Estimate(
        float(estimate), float(ci_low), float(ci_high), p_value=min(float(p_value), 1.0), **methods
    )


def fisher_mid_p(table):
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
    table = _two_by_two(table)
    support, log_weight = _hypergeometric(table)
    if len(support) == 1:
        return Test(np.nan, np.nan, np.nan, "Fisher mid-p", "an empty row or column")
    null = _probabilities(support, log_weight)
    observed = null[support == table[0, 0]]
    less = null < observed / RELATIVE_TIE
    as_much = ~less & (null <= observed * RELATIVE_TIE)
    return Test(np.nan, np.nan, float(null[less].sum() + null[as_much].sum() / 2), "Fisher mid-p")


def odds_ratio(table, confidence=0.95):
    """
    Sample odds ratio of a 2 x 2 table with Woolf's interval and Wald's test.

    Parameters
    ----------
    table : array_like of counts, shape (2, 2)
    confidence : float

    Returns
    -------
    Estimate
        The standard error is that of the log odds ratio. With an empty cell there is no interval.

    References
    ----------
    Woolf (1955), Ann. Hum. Genet. 19:251. The same as Wald's for logistic regression on one binary term.
    """
    (a, b), (c, d) = table = _two_by_two(table)
    methods = {"ci_method": "Woolf", "p_method": "Wald"}
    if not table.all():
        with np.errstate(divide="ignore", invalid="ignore"):
            return Estimate(float(a * d / (b * c)), np.nan, np.nan, note="an empty cell", **methods)
    log_estimate = np.log(a) + np.log(d) - np.log(b) - np.log(c)
    std_error = np.sqrt(np.sum(1 / table))
    half = normal_quantile(0.5 + confidence / 2) * std_error
    return Estimate(
        float(np.exp(log_estimate)),
        float(np.exp(log_estimate - half)),
        float(np.exp(log_estimate + half)),
        std_error=float(std_error),
        p_value=normal_two_sided(log_estimate / std_error),
        **methods,
    )


def mantel_haenszel(tables, confidence=0.95, correction=True):
    """
    Odds ratio common to several 2 x 2 tables, and the test that it is 1.

    Parameters
    ----------
    tables : array_like of counts, shape (n_strata, 2, 2)
        Strata of fewer than two persons are left out.
    confidence : float
    correction : bool
        Continuity correction of the test, as is R's default.

    Returns
    -------
    Estimate
        The standard error is that of the log odds ratio.

    Raises
    ------
    RecohortError
        If the tables are not 2 x 2 counts.

    References
    ----------
    Mantel & Haenszel (1959), J. Natl Cancer Inst. 22:719; Robins, Breslow & Greenland (1986), Biometrics
    42:311. Agrees with R `mantelhaen.test`.
    """
    tables = np.array([_two_by_two(table) for table in tables]).reshape(-1, 2, 2)
    tables = tables[tables.sum(axis=(1, 2)) > 1]
    (a, b), (c, d) = tables.transpose(1, 2, 0)
    n = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    variance = np.sum(rows.prod(axis=1) * columns.prod(axis=1) / (n**2 * (n - 1)))
    p_method = f"Mantel-Haenszel chi-square with{'' if correction else 'out'} continuity correction"
    methods = {"ci_method": "Robins-Breslow-Greenland", "p_method": p_method}
    if variance == 0:
        note = "an empty row or column in every stratum"
        return Estimate(np.nan, np.nan, np.nan, note=note, **methods)
    excess = abs(np.sum(a - rows[:, 0] * columns[:, 0] / n))
    # As in R, a smaller excess is not corrected
    corrected = excess - 0.5 if correction and excess >= 0.5 else excess
    statistic = corrected**2 / variance
    p_value = chi_squared_tail(statistic, 1)
    concordant, discordant = a * d / n, b * c / n
    r, s = concordant.sum(), discordant.sum()
    if r == 0 or s == 0:
        estimate = np.inf if s == 0 else 0.0
        return Estimate(estimate, np.nan, np.nan, p_value=p_value, note="empty cells", **methods)
    p, q = (a + d) / n, (b + c) / n
    std_error = np.sqrt(
        np.sum(p * concordant) / (2 * r**2)
        + np.sum(p * discordant + q * concordant) / (2 * r * s)
        + np.sum(q * discordant) / (2 * s**2)
    )
    half = normal_quantile(0.5 + confidence / 2) * std_error
    return Estimate(
        float(r / s),
        float(r / s * np.exp(-half)),
        float(r / s * np.exp(half)),
        std_error=float(std_error),
        p_value=p_value,
        **methods,
    )


def expected_counts(table):
    """
    Counts expected if rows and columns are independent.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)

    Returns
    -------
    ndarray, shape (r, c)
        NaN for an empty table.
    """
    table = _counts(table)
    with np.errstate(invalid="ignore"):
        return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def chi_square(table, correction=False):
    """
    Pearson's chi-square test of independence.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)
    correction : bool
        Yates' continuity correction, of a 2 x 2 table only (R's default for those).

    Returns
    -------
    Test
        NaN with a note if a row or column is empty. A note also says when a count below 5 is expected.

    Raises
    ------
    RecohortError
        If the table is not at least 2 x 2 counts.

    References
    ----------
    Agrees with R `chisq.test`.
    """
    table = _counts(table)
    correct = correction and table.shape == (2, 2)
    p_method = "Pearson chi-square with continuity correction" if correct else "Pearson chi-square"
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    expected = expected_counts(table)
    if not expected.all() or np.isnan(expected).any():
        return Test(np.nan, df, np.nan, p_method, "an empty row or column")
    difference = abs(table - expected)
    if correct:
        difference = difference - min(0.5, difference.min())
    statistic = float(np.sum(difference**2 / expected))
    note = f"expected counts below {MIN_EXPECTED}" if expected.min() < MIN_EXPECTED else ""
    return Test(statistic, df, chi_squared_tail(statistic, df), p_method, note)


def association(table):
    """
    The test of association that the counts allow.

    The rule: of a 2 x 2 table Fisher's exact test if any expected count is below 5, else Pearson's
    chi-square without continuity correction. Larger tables always have Pearson's chi-square, with a note
    if any expected count is below 5.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)

    Returns
    -------
    Test

    Raises
    ------
    RecohortError
        If the table is not at least 2 x 2 counts.
    """
    table = _counts(table)
    if table.shape == (2, 2) and not expected_counts(table).min() >= MIN_EXPECTED:
        exact = fisher(table)
        return Test(np.nan, np.nan, exact.p_value, exact.p_method, exact.note)
    return chi_square(table)


def mcnemar(table, exact=True):
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
    table = _two_by_two(table)
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


def kappa(table, confidence=0.95):
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

    References
    ----------
    Fleiss, Cohen & Everitt (1969), Psychol. Bull. 72:323, equations 13 (interval) and 14 (test).
    """
    table = _counts(table)
    if table.shape[0] != table.shape[1]:
        raise RecohortError("kappa needs the same categories in rows and columns", value=table.shape)
    methods = {"ci_method": "Wald", "p_method": "Wald, null standard error"}
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
    half = normal_quantile(0.5 + confidence / 2) * std_error
    return Estimate(
        float(estimate),
        float(estimate - half),
        float(estimate + half),
        std_error=float(std_error),
        p_value=normal_two_sided(estimate / null_error),
        **methods,
    )


def proportion(successes, n, interval="wilson", confidence=0.95):
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
        If the interval has another name.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22:209; Clopper & Pearson (1934), Biometrika 26:404.
    Agrees with R `prop.test(correct = FALSE)` and `binom.test`.
    """
    if interval not in PROPORTION_INTERVALS:
        remedy = nearest(interval, PROPORTION_INTERVALS)
        raise RecohortError("no such interval of a proportion", value=interval, remedy=remedy)
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

        alpha = (1 - confidence) / 2
        low = betaincinv(successes, n - successes + 1, alpha)
        high = betaincinv(successes + 1, n - successes, 1 - alpha)
    # At the ends Wilson's limit is 0 or 1 but for rounding, and the exact one 0 or 1 by definition
    low, high = (0.0 if successes == 0 else low), (1.0 if successes == n else high)
    return Estimate(float(share), float(low), float(high), interval.title())


def proportion_difference(successes_1, n_1, successes_2, n_2, confidence=0.95):
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


def diagnostic_accuracy(table, interval="clopper-pearson", confidence=0.95):
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
        If the table is not 2 x 2 counts.
    """
    (tp, fp), (fn, tn) = _two_by_two(table)
    parts = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, tp + fp + fn + tn),
    }
    return {name: proportion(x, n, interval, confidence) for name, (x, n) in parts.items()}


def holm(p_values):
    """
    P values adjusted for the number of tests by Holm's step-down method.

    Parameters
    ----------
    p_values : array_like, shape (n,)
        NaN for a test that was not possible: stays NaN and does not count.

    Returns
    -------
    ndarray, shape (n,)

    References
    ----------
    Holm (1979), Scand. J. Stat. 6:65. Agrees with R `p.adjust`.
    """
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(p_values)[: np.sum(~np.isnan(p_values))]
    adjusted = np.full(len(p_values), np.nan)
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted


def _counts(table):
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or min(counts.shape) < 2:
        raise RecohortError("a table needs at least two rows and two columns", value=counts.shape)
    if not np.all((counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts)):
        raise RecohortError("a table holds counts: whole numbers, not below 0", value=counts.tolist())
    return counts


def _two_by_two(table):
    counts = _counts(table)
    if counts.shape != (2, 2):
        raise RecohortError("the table is not 2 x 2", value=counts.shape)
    return counts


def _hypergeometric(table):
    """Values the first cell can have with these margins, and the log of their relative probabilities."""
    row, column, rest = table[0].sum(), table[:, 0].sum(), table[:, 1].sum()
    support = np.arange(max(0, row - rest), min(row, column) + 1)
    s = support[:-1]
    # Ratios of neighbours, not log gamma functions, whose difference loses five digits at n = 5000
    step = np.log((column - s) * (row - s)) - np.log((s + 1) * (rest - row + s + 1))
    return support, np.append(0.0, np.cumsum(step))


def _probabilities(support, log_weight, log_odds_ratio=0):
    """The noncentral hypergeometric distribution; with odds ratio 1 the central one."""
    weight = log_weight + log_odds_ratio * support
    weight = np.exp(weight - weight.max())
    return weight / weight.sum()


def _solve_increasing(function, target):
    """Where an increasing function of a log odds ratio reaches a target, by bisection to the last bits."""
    low, high = -MAX_LOG_ODDS_RATIO, MAX_LOG_ODDS_RATIO
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < target else (low, middle)
    return middle
