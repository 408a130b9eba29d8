"""Association in tables of counts."""

from collections.abc import Sequence

import numpy as np

from recohort.statistics.arrays import Floats, Given
from recohort.statistics.distributions import central, chi_squared_tail, normal_quantile, normal_two_sided
from recohort.statistics.fisher import fisher
from recohort.statistics.result import Estimate, Methods, Test, counts, two_by_two

# Below this expected count Pearson's chi-square is not trusted (Cochran 1954, Biometrics 10:417)
MIN_EXPECTED = 5


def odds_ratio(table: Given, confidence: float = 0.95) -> Estimate:
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

    Raises
    ------
    RecohortError
        If the table is not 2 x 2 counts.
    ValueError
        If the confidence is not between 0 and 1.

    References
    ----------
    Woolf (1955), Ann. Hum. Genet. 19:251. The same as Wald's for logistic regression on one binary term.
    """
    z = normal_quantile(0.5 + central(confidence) / 2)
    (a, b), (c, d) = table = two_by_two(table)
    methods: Methods = {"ci_method": "Woolf", "p_method": "Wald"}
    if not table.all():
        with np.errstate(divide="ignore", invalid="ignore"):
            return Estimate(float(a * d / (b * c)), np.nan, np.nan, note="an empty cell", **methods)
    log_estimate = np.log(a) + np.log(d) - np.log(b) - np.log(c)
    std_error = np.sqrt(np.sum(1 / table))
    half = z * std_error
    return Estimate(
        float(np.exp(log_estimate)),
        float(np.exp(log_estimate - half)),
        float(np.exp(log_estimate + half)),
        std_error=float(std_error),
        p_value=normal_two_sided(log_estimate / std_error),
        **methods,
    )


def mantel_haenszel(tables: Sequence[Given], confidence: float = 0.95, correction: bool = True) -> Estimate:
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
    ValueError
        If the confidence is not between 0 and 1.

    References
    ----------
    Mantel & Haenszel (1959), J. Natl Cancer Inst. 22:719; Robins, Breslow & Greenland (1986), Biometrics
    42:311. Agrees with R `mantelhaen.test`.
    """
    z = normal_quantile(0.5 + central(confidence) / 2)
    strata = np.array([two_by_two(table) for table in tables]).reshape(-1, 2, 2)
    strata = strata[strata.sum(axis=(1, 2)) > 1]
    (a, b), (c, d) = strata.transpose(1, 2, 0)
    n = strata.sum(axis=(1, 2))
    rows, columns = strata.sum(axis=2), strata.sum(axis=1)
    variance = np.sum(rows.prod(axis=1) * columns.prod(axis=1) / (n**2 * (n - 1)))
    p_method = f"Mantel-Haenszel chi-square with{'' if correction else 'out'} continuity correction"
    methods: Methods = {"ci_method": "Robins-Breslow-Greenland", "p_method": p_method}
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
    half = z * std_error
    return Estimate(
        float(r / s),
        float(r / s * np.exp(-half)),
        float(r / s * np.exp(half)),
        std_error=float(std_error),
        p_value=p_value,
        **methods,
    )


def expected_counts(table: Given) -> Floats:
    """
    Counts expected if rows and columns are independent.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)

    Returns
    -------
    ndarray, shape (r, c)
        NaN for an empty table.

    Raises
    ------
    RecohortError
        If the table is not at least 2 x 2 counts.
    """
    table = counts(table)
    with np.errstate(invalid="ignore"):
        expected: Floats = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return expected


def chi_square(table: Given, correction: bool = False) -> Test:
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
    table = counts(table)
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


def association(table: Given) -> Test:
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
    table = counts(table)
    if table.shape == (2, 2) and not expected_counts(table).min() >= MIN_EXPECTED:
        exact = fisher(table)
        return Test(np.nan, np.nan, exact.p_value, exact.p_method, exact.note)
    return chi_square(table)


def holm(p_values: Given) -> Floats:
    """
    P values adjusted for the number of tests by Holm's step-down method.

    Parameters
    ----------
    p_values : array_like, shape (n,)
        NaN for a test that was not possible: stays NaN and does not count.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        If there is no vector, or a number in it is not between 0 and 1.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6:65. Agrees with R `p.adjust`.
    """
    p_values = np.asarray(p_values, dtype=float)
    if p_values.ndim != 1:
        raise ValueError(f"p values have shape {p_values.shape}, not (n,)")
    if not (np.isnan(p_values) | ((p_values >= 0) & (p_values <= 1))).all():
        raise ValueError("p values are not between 0 and 1")
    order = np.argsort(p_values)[: np.sum(~np.isnan(p_values))]
    adjusted = np.full(len(p_values), np.nan)
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted
