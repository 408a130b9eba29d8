"""Every public function refuses what its docstring does not allow; the rest is tested with the function."""

import re

import numpy as np
import pandas as pd
import pytest

from recohort.base.errors import RecohortError
from recohort.statistics import (
    batch,
    bootstrap,
    contingency,
    fisher,
    logistic,
    paired_tests,
    proportions,
    rank_tests,
)
from recohort.statistics.coded_table import code_terms
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Column, Term, encode, labels
from recohort.statistics.distributions import chi_squared_tail, normal_quantile
from recohort.statistics.kaplan_meier import at_times, kaplan_meier, logrank, numbers_at_risk
from recohort.statistics.maximum_likelihood import (
    likelihood_ratio,
    profile_interval,
    wald_interval,
    wald_test,
)
from recohort.statistics.survival_rows import SurvivalRows

TABLE = [[10, 20], [30, 25]]
ROWS = SurvivalRows([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1])
PATTERNS = encode([Term("x", np.array([0.0, 1, 1, 0, 0, 1]))])
FIT = cox.fit(PATTERNS, ROWS)
CURVE = kaplan_meier(ROWS)
BATCH = batch.cox(code_terms([Term("x", np.array([0.0, 1, 1, 0, 0, 1]))]), ROWS)

OF_CONFIDENCE = {
    "odds_ratio": lambda c: contingency.odds_ratio(TABLE, c),
    "mantel_haenszel": lambda c: contingency.mantel_haenszel([TABLE], c),
    "fisher": lambda c: fisher.fisher(TABLE, c),
    "kappa": lambda c: paired_tests.kappa(TABLE, c),
    "proportion": lambda c: proportions.proportion(1, 3, confidence=c),
    "exact proportion": lambda c: proportions.proportion(1, 3, "clopper-pearson", c),
    "proportion_difference": lambda c: proportions.proportion_difference(1, 3, 2, 3, c),
    "diagnostic_accuracy": lambda c: proportions.diagnostic_accuracy(TABLE, confidence=c),
    "kaplan_meier": lambda c: kaplan_meier(ROWS, confidence=c),
    "wald_interval": lambda c: wald_interval(FIT, c),
    "profile_interval": lambda c: profile_interval(FIT, c),
}


@pytest.mark.parametrize("confidence", [95, 1, 0, -0.5, float("nan"), float("inf")])
@pytest.mark.parametrize("function", OF_CONFIDENCE)
def test_a_confidence_that_is_none_is_refused(function, confidence):
    with pytest.raises(ValueError, match=f"confidence is {confidence}, not between 0 and 1"):
        OF_CONFIDENCE[function](confidence)


OF_TABLE = {
    "odds_ratio": contingency.odds_ratio,
    "mantel_haenszel": lambda table: contingency.mantel_haenszel([TABLE, table]),
    "expected_counts": contingency.expected_counts,
    "chi_square": contingency.chi_square,
    "association": contingency.association,
    "fisher": fisher.fisher,
    "fisher_mid_p": fisher.fisher_mid_p,
    "mcnemar": paired_tests.mcnemar,
    "kappa": paired_tests.kappa,
    "diagnostic_accuracy": proportions.diagnostic_accuracy,
}


@pytest.mark.parametrize(
    "table",
    [[[1, 2], [3, -4]], [[1, 2.5], [3, 4]], [[1, np.nan], [3, 4]], [[1, np.inf], [3, 4]], [1, 2], [[1, 2]]],
)
@pytest.mark.parametrize("function", OF_TABLE)
def test_a_table_that_holds_no_counts_is_refused(function, table):
    with pytest.raises(RecohortError, match="a table (holds counts|needs at least two rows)"):
        OF_TABLE[function](table)


@pytest.mark.parametrize("function", ["odds_ratio", "mantel_haenszel", "fisher", "fisher_mid_p", "mcnemar"])
def test_a_table_that_is_not_2_by_2_is_refused(function):
    with pytest.raises(RecohortError, match="not 2 x 2"):
        OF_TABLE[function]([[1, 2, 3], [4, 5, 6]])


MISSING = [float("nan"), None, pd.NA, pd.NaT]
CASES = {
    "event of 2": (lambda: SurvivalRows([1, 2, 3], [1, 2, 0]), "event is not 0 or 1"),
    "time NaN": (lambda: SurvivalRows([1, np.nan, 3], [1, 1, 0]), "time has missing or infinite"),
    "time infinite": (lambda: SurvivalRows([1, np.inf, 3], [1, 1, 0]), "time has missing or infinite"),
    "lengths": (lambda: SurvivalRows([1, 2, 3], [1, 1]), "event has shape (2,), not (3,)"),
    "curve of strata": (
        lambda: kaplan_meier(SurvivalRows([1, 2], [1, 1], strata=[1, 2])),
        "strata would not be used",
    ),
    "curve of counts": (lambda: kaplan_meier(ROWS.counted(np.ones(6))), "counts would not be used"),
    "curve of weights": (
        lambda: kaplan_meier(SurvivalRows([1], [1], weights=[2])),
        "weights would not be used",
    ),
    "log-rank of an offset": (
        lambda: logrank(SurvivalRows([1], [1], offset=[2]), [1]),
        "offset would not be used",
    ),
    "log-rank of fewer groups": (lambda: logrank(ROWS, [1, 2]), "group has shape (2,), not (6,)"),
    "numbers at risk at NaN": (lambda: numbers_at_risk(ROWS, [1, np.nan]), "at has missing or infinite"),
    "survival at infinity": (lambda: at_times(CURVE, [1, np.inf]), "times has missing or infinite"),
    "survival at NaN": (lambda: at_times(CURVE, [np.nan]), "times has missing or infinite"),
    "rank_sum NaN": (lambda: rank_tests.rank_sum([1, np.nan], [2, 3]), "first has missing or infinite"),
    "rank_sum infinite": (lambda: rank_tests.rank_sum([1, 2], [2, np.inf]), "second has missing or infinite"),
    "rank_sum matrix": (lambda: rank_tests.rank_sum([[1, 2]], [2, 3]), "first has shape (1, 2)"),
    "kruskal NaN": (lambda: rank_tests.kruskal_wallis([1, np.nan], [1, 2]), "values has missing or infinite"),
    "kruskal lengths": (
        lambda: rank_tests.kruskal_wallis([1, 2, 3], [1, 2]),
        "group has shape (2,), not (3,)",
    ),
    "quartiles NaN": (lambda: rank_tests.quartiles([1, np.nan]), "values has missing or infinite"),
    "holm above 1": (lambda: contingency.holm([0.1, 1.2]), "p values are not between 0 and 1"),
    "holm below 0": (lambda: contingency.holm([0.1, -0.2]), "p values are not between 0 and 1"),
    "holm matrix": (lambda: contingency.holm([[0.1, 0.2]]), "p values have shape (1, 2)"),
    "quantile of 1": (lambda: normal_quantile(1), "1 is not a probability between 0 and 1"),
    "no degrees of freedom": (lambda: chi_squared_tail(3.0, 0), "0 degrees of freedom are not"),
    "half degrees of freedom": (lambda: chi_squared_tail(3.0, 1.5), "1.5 degrees of freedom are not"),
    "unknown column, Wald": (lambda: wald_test(FIT, [Column("y")]), "y: no such column of the fit"),
    "unknown column, ratio": (
        lambda: likelihood_ratio(FIT, [Column("x", "a")]),
        "x a: no such column of the fit",
    ),
    "two terms of a name": (
        lambda: code_terms([Term("x", np.ones(2)), Term("x", np.ones(2))]),
        "have one name",
    ),
    "unknown term": (lambda: BATCH.fit(["y"]), "['y'] are not terms of the table"),
    "no terms": (lambda: BATCH.fit([]), "[] are not terms of the table"),
    "a term twice": (lambda: BATCH.fit(["x", "x"]), "['x', 'x'] are not terms of the table"),
    "population of others": (lambda: BATCH.fit(["x"], np.ones(5, dtype=bool)), "a population does not say"),
    "population of numbers": (lambda: BATCH.univariable(np.arange(6)), "a population does not say"),
    "bootstrap, less than none": (
        lambda: bootstrap.coefficients(PATTERNS, ROWS, replicates=-1, seed=1),
        "-1 replicates of seed 1",
    ),
    "bootstrap, seed": (lambda: bootstrap.coefficients(PATTERNS, ROWS, replicates=1, seed=-1), "of seed -1"),
    "logistic outcome": (lambda: logistic.fit(PATTERNS, [0, 1, 2, 0, 1, 0]), "outcome is not 0 or 1"),
    "logistic weights": (
        lambda: logistic.fit(PATTERNS, [0, 1] * 3, weights=[1, 1, 1, 1, 1, -1]),
        "weights are negative",
    ),
    "logistic lengths": (lambda: logistic.firth(PATTERNS, [0, 1]), "outcome has shape (2,), not (6,)"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_allowed_is_refused(case):
    call, message = CASES[case]
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("missing", MISSING, ids=["NaN", "None", "NA", "NaT"])
def test_a_missing_group_is_refused(missing):
    for values in ([1, 2, 3, 4, 5, missing], ["a", "b", "a", "b", "a", missing]):
        group = np.array(values, dtype=object)
        for call in (lambda g: logrank(ROWS, g), lambda g: rank_tests.kruskal_wallis(np.arange(6), g)):
            with pytest.raises(ValueError, match="group has missing values"):
                call(group)
    with pytest.raises(ValueError, match="group has missing values"):
        logrank(ROWS, [1, 2, 3, 4, 5, np.nan])


def test_labels_are_as_they_were_given():
    for values in (["b", "a"], [2, 1], [2.5, 1.5], [True, False], [(1, 2), (3, 4)]):
        given = np.empty(2, dtype=object) if isinstance(values[0], tuple) else values
        if isinstance(values[0], tuple):
            given[:] = values
        assert list(labels("group", given, 2)) == values


@pytest.mark.parametrize(
    ("successes", "n"), [(11, 10), (-1, 10), (1, -10), (1.5, 10), (1, 2.5), (np.nan, 10), (1, np.inf)]
)
def test_a_proportion_of_more_than_all_or_of_no_counts_is_refused(successes, n):
    for call in (
        lambda: proportions.proportion(successes, n),
        lambda: proportions.proportion(successes, n, "clopper-pearson"),
        lambda: proportions.proportion_difference(1, 2, successes, n),
        lambda: proportions.proportion_difference(successes, n, 1, 2),
    ):
        with pytest.raises(RecohortError, match="more successes than there are|a count is a whole number"):
            call()


def test_an_interval_of_another_name_is_refused():
    with pytest.raises(RecohortError, match="no such interval of a proportion"):
        proportions.diagnostic_accuracy(TABLE, "wald")
