"""Tables of counts against R (tests/reference/contingency.R) and published examples."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal, assert_equal
from support.paths import REFERENCE

from recohort.base.errors import RecohortError
from recohort.statistics.contingency import (
    association,
    chi_square,
    expected_counts,
    holm,
    mantel_haenszel,
    odds_ratio,
)
from recohort.statistics.fisher import fisher, fisher_mid_p
from recohort.statistics.paired_tests import kappa, mcnemar
from recohort.statistics.proportions import diagnostic_accuracy, proportion, proportion_difference

# Closed formulas of a few steps: rounding only
RTOL = 1e-12
# R's dhyper and pbinom are good to some 1e-13 a term, and up to 2500 terms are added
RTOL_EXACT = 1e-10
# uniroot stops when its bracket is 1e-15 wide, glm when the deviance changes by less than 1e-12
RTOL_SOLVED = 1e-8

TWO_BY_TWO = [
    "tea",
    "oligometastatic",
    "few events",
    "large",
    "half and half",
    "strong",
    "ties",
    "empty first cell",
    "empty second cell",
    "perfect",
    "epinephrine",
    "tied tails",
    "nearly equal",
]
EMPTY_MARGIN = [[0, 0], [3, 5]], [[0, 3], [0, 5]]
NOT_TWO_BY_TWO = (
    [[1, 2, 3], [4, 5, 6]],
    [[1, 2]],
    [[1, -1], [2, 3]],
    [[1.5, 1], [2, 3]],
    [[np.nan, 1], [2, 3]],
)


@pytest.fixture(scope="module")
def reference():
    path = REFERENCE / "contingency.csv"
    rows = pd.read_csv(path, comment="#", float_precision="round_trip")
    values = rows.groupby(["case", "quantity"])["value"]
    return {key: column.to_numpy().squeeze() for key, column in values}


@pytest.fixture(scope="module")
def two_by_two(reference):
    return {case: reference[case, "table"].reshape(2, 2) for case in TWO_BY_TWO}


@pytest.mark.parametrize("case", TWO_BY_TWO)
def test_fisher_is_that_of_fisher_test(reference, two_by_two, case):
    found = fisher(two_by_two[case])
    assert_allclose(found.p_value, reference[case, "fisher_p"], rtol=RTOL_EXACT, atol=0)
    assert_allclose(found.estimate, reference[case, "fisher_or"], rtol=RTOL_SOLVED, atol=0)
    assert_allclose(found.ci_low, reference[case, "fisher_low"], rtol=RTOL_SOLVED, atol=0)
    assert_allclose(found.ci_high, reference[case, "fisher_high"], rtol=RTOL_SOLVED, atol=0)


@pytest.mark.parametrize("case", TWO_BY_TWO)
def test_fisher_mid_p_halves_the_tables_as_probable(reference, two_by_two, case):
    found = fisher_mid_p(two_by_two[case])
    assert_allclose(found.p_value, reference[case, "fisher_mid_p"], rtol=RTOL_EXACT, atol=0)


def test_fisher_mid_p_of_published_tables():
    # Lydersen, Fagerland & Laake (2009), table II, as printed
    assert round(fisher([[7, 27], [1, 33]]).p_value, 4) == 0.0544
    assert round(fisher_mid_p([[7, 27], [1, 33]]).p_value, 4) == 0.0297


@pytest.mark.parametrize("case", TWO_BY_TWO)
def test_fisher_of_swapped_rows_is_the_inverse(two_by_two, case):
    straight, swapped = fisher(two_by_two[case]), fisher(two_by_two[case][::-1])
    assert_allclose(swapped.p_value, straight.p_value, rtol=RTOL_EXACT, atol=0)
    with np.errstate(divide="ignore"):
        inverse = 1 / np.array([straight.estimate, straight.ci_high, straight.ci_low])
    assert_allclose([swapped.estimate, swapped.ci_low, swapped.ci_high], inverse, rtol=RTOL_EXACT, atol=0)


@pytest.mark.parametrize("confidence", [0.8, 0.99])
def test_limits_of_fisher_leave_out_the_chosen_probability(confidence):
    # With these margins the first cell is 0 or 1, and it is 1 with odds (2 / 9) x odds ratio
    found = fisher([[1, 0], [1, 9]], confidence)
    alpha = (1 - confidence) / 2
    assert_allclose(found.ci_low, 9 / 2 * alpha / (1 - alpha), rtol=RTOL, atol=0)


@pytest.mark.parametrize("table", EMPTY_MARGIN, ids=["empty row", "empty column"])
def test_an_empty_row_or_column_has_no_estimate_and_says_why(table):
    exact = fisher(table)
    assert np.isnan(exact.estimate)
    assert (exact.ci_low, exact.ci_high, exact.p_value) == (0, np.inf, 1)
    for found in [
        exact,
        fisher_mid_p(table),
        chi_square(table),
        association(table),
        mantel_haenszel([table]),
    ]:
        assert found.note.startswith("an empty row or column")
    for found in [fisher_mid_p(table), chi_square(table), mantel_haenszel([table])]:
        assert np.isnan(found.p_value)


@pytest.mark.parametrize("function", [fisher, fisher_mid_p, odds_ratio, mcnemar, diagnostic_accuracy])
@pytest.mark.parametrize("table", NOT_TWO_BY_TWO, ids=str)
def test_what_is_not_a_two_by_two_table_of_counts_is_refused(function, table):
    with pytest.raises(RecohortError, match="table"):
        function(table)
    with pytest.raises(RecohortError, match="table"):
        mantel_haenszel([table])


@pytest.mark.parametrize("function", [chi_square, association, expected_counts, kappa])
@pytest.mark.parametrize("table", NOT_TWO_BY_TWO[1:], ids=str)
def test_what_is_not_a_table_of_counts_is_refused(function, table):
    with pytest.raises(RecohortError, match="a table"):
        function(table)


@pytest.mark.parametrize("case", [c for c in TWO_BY_TWO if "empty" not in c and c != "perfect"])
def test_odds_ratio_is_that_of_logistic_regression(reference, two_by_two, case):
    found = odds_ratio(two_by_two[case])
    assert_allclose(found.estimate, reference[case, "odds_ratio"], rtol=RTOL_SOLVED, atol=0)
    assert_allclose(found.std_error, reference[case, "odds_ratio_se"], rtol=RTOL_SOLVED, atol=0)
    assert_allclose(found.ci_low, reference[case, "odds_ratio_low"], rtol=RTOL_SOLVED, atol=0)
    assert_allclose(found.ci_high, reference[case, "odds_ratio_high"], rtol=RTOL_SOLVED, atol=0)
    # An error of 1e-10 in z = 60 ("strong") is one of 6e-9 in p
    assert_allclose(found.p_value, reference[case, "odds_ratio_p"], rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    "table, estimate", [([[0, 5], [3, 4]], 0), ([[5, 0], [3, 4]], np.inf), ([[0, 0], [3, 4]], np.nan)]
)
def test_odds_ratio_with_an_empty_cell_has_no_woolf_interval(table, estimate):
    found = odds_ratio(table)
    assert_array_equal(
        [found.estimate, found.ci_low, found.ci_high, found.p_value], [estimate] + 3 * [np.nan]
    )
    assert found.note == "an empty cell"


@pytest.mark.parametrize("case", TWO_BY_TWO)
@pytest.mark.parametrize("correction", [False, True])
def test_chi_square_is_that_of_chisq_test(reference, two_by_two, case, correction):
    found = chi_square(two_by_two[case], correction)
    key = f"{case} {'corrected' if correction else 'uncorrected'}"
    assert_allclose(found.statistic, reference[key, "statistic"], rtol=RTOL, atol=0)
    assert_allclose(found.p_value, reference[key, "p_value"], rtol=RTOL_EXACT, atol=0)
    assert found.df == 1
    assert_allclose(expected_counts(two_by_two[case]).ravel(), reference[case, "expected"], rtol=RTOL, atol=0)


@pytest.mark.parametrize("case", ["hair and eye", "sparse 3 x 2"])
def test_chi_square_of_larger_tables_is_that_of_chisq_test(reference, case):
    table = reference[case, "table"].reshape(reference[case, "shape"].astype(int))
    # The continuity correction is for 2 x 2 only, as in R
    for found in [chi_square(table), chi_square(table, correction=True), association(table)]:
        assert_allclose(found.statistic, reference[case, "statistic"], rtol=RTOL, atol=0)
        assert_allclose(found.p_value, reference[case, "p_value"], rtol=RTOL_EXACT, atol=0)
        assert found.df == reference[case, "df"]
        assert found.p_method == "Pearson chi-square"
    assert_allclose(expected_counts(table).ravel(), reference[case, "expected"], rtol=RTOL, atol=0)


@pytest.mark.parametrize(
    "table, p_method, note",
    [
        ([[5, 5], [5, 5]], "Pearson chi-square", ""),
        ([[4, 5], [5, 5]], "Fisher exact", ""),
        ([[50, 50], [0, 9]], "Fisher exact", ""),
        ([[0, 50], [50, 0]], "Pearson chi-square", ""),
        ([[5, 5], [5, 5], [5, 5]], "Pearson chi-square", ""),
        ([[5, 4], [5, 5], [5, 5]], "Pearson chi-square", "expected counts below 5"),
    ],
)
def test_association_takes_fisher_for_two_by_two_tables_with_small_expected_counts(table, p_method, note):
    found = association(table)
    assert (found.p_method, found.note) == (p_method, note)
    same = fisher(table) if p_method == "Fisher exact" else chi_square(table)
    assert found.p_value == same.p_value


@pytest.mark.parametrize("case", TWO_BY_TWO)
def test_mcnemar_is_that_of_mcnemar_test_and_binom_test(reference, two_by_two, case):
    exact, asymptotic = mcnemar(two_by_two[case]), mcnemar(two_by_two[case], exact=False)
    assert_allclose(asymptotic.statistic, reference[case, "mcnemar_statistic"], rtol=RTOL, atol=0)
    assert_allclose(asymptotic.p_value, reference[case, "mcnemar_p"], rtol=RTOL_EXACT, atol=0)
    # binom.test refuses a table without discordant pairs, whose only outcome has probability 1
    expected = reference.get((case, "mcnemar_exact_p"), 1)
    assert_allclose(exact.p_value, expected, rtol=RTOL_EXACT, atol=0)
    assert exact.note == ("no discordant pair" if case == "perfect" else "")


KAPPA = ["diagnoses", "two by two", "worse than chance", "four categories"]


@pytest.mark.parametrize("case", KAPPA)
def test_kappa_and_its_errors_are_those_of_the_delta_method(reference, case):
    found = kappa(reference[case, "table"].reshape(reference[case, "shape"].astype(int)))
    assert_allclose(found.estimate, reference[case, "kappa"], rtol=RTOL, atol=0)
    assert_allclose(found.std_error, reference[case, "std_error"], rtol=RTOL, atol=0)
    assert_allclose(found.ci_low, reference[case, "ci_low"], rtol=RTOL, atol=0)
    assert_allclose(found.ci_high, reference[case, "ci_high"], rtol=RTOL, atol=0)
    assert_allclose(found.p_value, reference[case, "p_value"], rtol=RTOL_EXACT, atol=0)


@pytest.mark.parametrize("case", KAPPA)
def test_kappa_depends_on_neither_the_order_of_categories_nor_of_classifications(reference, case):
    table = reference[case, "table"].reshape(reference[case, "shape"].astype(int))
    straight = kappa(table)
    for other in [kappa(table[::-1, ::-1]), kappa(table.T)]:
        assert_allclose(other.estimate, straight.estimate, rtol=RTOL, atol=0)
        assert_allclose(other.std_error, straight.std_error, rtol=RTOL, atol=0)


def test_kappa_of_full_agreement_is_1_without_error():
    found = kappa([[3, 0], [0, 54]])
    assert (found.estimate, found.std_error) == (1, 0)


@pytest.mark.parametrize("table, estimate", [([[0, 0], [0, 57]], np.nan), ([[0, 0], [3, 54]], 0)])
def test_kappa_of_a_single_category_has_no_interval(table, estimate):
    found = kappa(table)
    assert_array_equal(
        [found.estimate, found.ci_low, found.ci_high, found.p_value], [estimate] + 3 * [np.nan]
    )
    assert found.note == "a classification with a single category"


def test_kappa_of_a_table_that_is_not_square_is_refused():
    with pytest.raises(RecohortError, match="same categories"):
        kappa([[1, 2], [3, 4], [5, 6]])


PROPORTIONS = [(0, 57), (57, 57), (1, 3), (2, 2), (81, 263), (15, 148), (745, 3563), (4883, 4884)]


@pytest.mark.parametrize("successes, n", PROPORTIONS)
@pytest.mark.parametrize("interval, column", [("wilson", "wilson"), ("clopper-pearson", "exact")])
def test_proportion_is_that_of_prop_test_and_binom_test(reference, successes, n, interval, column):
    found = proportion(successes, n, interval)
    expected = reference[f"{successes} of {n}", column]
    assert_allclose([found.ci_low, found.ci_high], expected, rtol=RTOL_EXACT, atol=0)
    assert found.estimate == successes / n
    assert found.ci_method.lower() == interval


def test_proportion_of_nobody_is_nan_and_says_why():
    found = proportion(0, 0)
    assert np.isnan([found.estimate, found.ci_low, found.ci_high]).all() and found.note == "nobody to count"


def test_unknown_interval_of_a_proportion_is_refused_with_the_nearest():
    with pytest.raises(RecohortError, match="Did you mean 'clopper-pearson'"):
        proportion(1, 2, "clopper pearson")


@pytest.mark.parametrize("case", ["Newcombe a", "Newcombe g", "Newcombe h"])
def test_difference_of_proportions_is_made_from_two_wilson_intervals(reference, case):
    found = proportion_difference(*reference[case, "counts"])
    assert_allclose(found.estimate, reference[case, "difference"], rtol=RTOL, atol=0)
    assert_allclose(found.ci_low, reference[case, "low"], rtol=RTOL, atol=0)
    assert_allclose(found.ci_high, reference[case, "high"], rtol=RTOL, atol=0)


def test_difference_of_proportions_as_published():
    # Newcombe (1998), table II, example (a), method 10: 0.0524, 0.3339
    found = proportion_difference(56, 70, 48, 80)
    assert (round(found.ci_low, 4), round(found.ci_high, 4)) == (0.0524, 0.3339)
    assert proportion_difference(0, 0, 1, 2).note == "nobody to count"


def test_diagnostic_accuracy_counts_from_the_right_margins():
    # HER2 by NGS (3 of 57 positive) against IHC (2 of those 3 positive, the rest not)
    found = diagnostic_accuracy([[2, 1], [0, 54]])
    shares = {name: value.estimate for name, value in found.items()}
    assert shares == {"sensitivity": 1, "specificity": 54 / 55, "ppv": 2 / 3, "npv": 1, "accuracy": 56 / 57}
    # a dataclass with a NaN equals no other from Python 3.13 on
    assert_equal(asdict(found["ppv"]), asdict(proportion(2, 3, "clopper-pearson")))
    shares = {name: value.estimate for name, value in diagnostic_accuracy([[8, 3], [2, 37]]).items()}
    assert shares == {
        "sensitivity": 8 / 10,
        "specificity": 37 / 40,
        "ppv": 8 / 11,
        "npv": 37 / 39,
        "accuracy": 45 / 50,
    }
    found = diagnostic_accuracy([[2, 1], [0, 54]], "wilson")
    assert_equal(asdict(found["npv"]), asdict(proportion(54, 54)))


def test_diagnostic_accuracy_without_positives_has_no_sensitivity():
    found = diagnostic_accuracy([[0, 0], [0, 5]])
    assert np.isnan(found["sensitivity"].estimate) and np.isnan(found["ppv"].estimate)
    assert found["specificity"].estimate == 1


def test_holm_is_that_of_p_adjust(reference):
    assert_allclose(holm(reference["holm", "p"]), reference["holm", "adjusted"], rtol=RTOL, atol=0)
    assert holm([]).shape == (0,)


@pytest.mark.parametrize("case", ["Berkeley admissions", "rabbits", "hardly any difference"])
@pytest.mark.parametrize("correction", [False, True])
def test_mantel_haenszel_is_that_of_mantelhaen_test(reference, case, correction):
    key = f"{case} {'corrected' if correction else 'uncorrected'}"
    found = mantel_haenszel(reference[key, "tables"].reshape(-1, 2, 2), correction=correction)
    assert_allclose(found.estimate, reference[key, "estimate"], rtol=RTOL, atol=0)
    assert_allclose(found.ci_low, reference[key, "ci_low"], rtol=RTOL, atol=0)
    assert_allclose(found.ci_high, reference[key, "ci_high"], rtol=RTOL, atol=0)
    assert_allclose(found.p_value, reference[key, "p_value"], rtol=RTOL_EXACT, atol=0)


def test_mantel_haenszel_leaves_out_strata_without_a_pair(reference):
    tables = reference["rabbits corrected", "tables"].reshape(-1, 2, 2)
    more = np.concatenate([tables, [[[1, 0], [0, 0]], [[0, 0], [0, 0]]]])
    assert mantel_haenszel(more) == mantel_haenszel(tables)


@pytest.mark.parametrize("table, estimate", [([[0, 5], [3, 4]], 0), ([[5, 0], [3, 4]], np.inf)])
def test_mantel_haenszel_with_empty_cells_has_no_interval(table, estimate):
    found = mantel_haenszel([table])
    assert found.estimate == estimate and np.isnan(found.ci_low) and np.isnan(found.ci_high)
    assert found.p_value < 0.5 and found.note == "empty cells"
