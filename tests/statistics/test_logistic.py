"""
Logistic models against R (tests/reference/logistic.R), against closed forms, and what must not matter.

The made-up rows, the cases and R's answers are in tests/reference/logistic*.csv.
"""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.reference_cases import (
    GBSG2,
    factor,
    gbsg2_patterns,
    numeric,
    options,
    read_answers,
    read_cases,
    read_rows,
)

from recohort.base.errors import NotEstimable
from recohort.statistics import logistic
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.maximum_likelihood import (
    likelihood_ratio,
    profile_interval,
    score_test,
    wald_interval,
    wald_test,
)

# glm with epsilon = 1e-13, restarted at its solution, and our last decrement leave rounding
RTOL = 1e-9
# off-diagonal covariances are differences; a p value multiplies the relative error by half its chi-squared
RTOL_DIFFERENCE = 1e-8
# uniroot's tolerance in R is 1e-13 of a coefficient near 1, but a limit can be near 0
RTOL_LIMIT = 1e-8

CASES, ROWS = read_cases("logistic_cases.csv"), read_rows("logistic_rows.csv")
ANSWERS = read_answers("logistic.csv")


def fit_case(case):
    if case.columns == "gbsg2":
        return logistic.fit(gbsg2_patterns(), GBSG2["cens"])
    rows = ROWS[: case.n]
    patterns = numeric(rows, case.columns.split())
    return logistic.fit(patterns, rows["outcome"], **options(case, rows, ("weights", "offset")))


@pytest.mark.parametrize("name", CASES.index)
def test_matches_glm(name):
    fit, expected = fit_case(CASES.loc[name]), ANSWERS[name]
    kept = fit.position >= 0
    found = np.r_[fit.intercept, fit.coefficients]
    assert_allclose(found, expected["coefficient"], rtol=RTOL, atol=0)
    found = np.r_[fit.intercept_std_error, fit.std_error]
    assert_allclose(found, expected["std_error"], rtol=RTOL, atol=0)
    covariance = expected["covariance"].reshape(len(kept) + 1, -1)[1:, 1:]
    assert_allclose(fit.covariance, covariance, rtol=RTOL_DIFFERENCE, atol=0)
    assert_allclose(fit.deviance, expected["deviance"].item(), rtol=RTOL, atol=0)
    assert_allclose(fit.loglik, -expected["deviance"].item() / 2, rtol=RTOL, atol=0)
    assert_allclose(fit.loglik_null, expected["loglik_null"].item(), rtol=RTOL, atol=0)
    assert (fit.n, fit.n_events) == (expected["n"].item(), expected["n_events"].item())


@pytest.mark.parametrize("name", CASES.index.drop("collinear"))
def test_tests_and_intervals_match_the_profile_of_glm(name):
    # the limits are roots of the profile itself: MASS's confint interpolates it, good to some 1e-4
    fit, expected = fit_case(CASES.loc[name]), ANSWERS[name]
    tests = [likelihood_ratio(fit, [column]) for column in fit.columns]
    assert_allclose([t.statistic for t in tests], expected["lr"], rtol=RTOL_DIFFERENCE, atol=0)
    assert_allclose([t.p_value for t in tests], expected["lr_p"], rtol=RTOL_DIFFERENCE, atol=0)
    interval = profile_interval(fit)
    assert_allclose(interval[:, 0], expected["low"], rtol=RTOL_LIMIT, atol=0)
    assert_allclose(interval[:, 1], expected["high"], rtol=RTOL_LIMIT, atol=0)


def test_collinear_columns_are_dropped_and_named():
    fit = fit_case(CASES.loc["collinear"])
    assert fit.dropped == (Column("a_or_b"),)
    assert np.isnan(profile_interval(fit)[2]).all() and np.isnan(wald_interval(fit)[2]).all()


def test_nearly_collinear_columns_are_kept():
    rows = ROWS[:400].assign(nearly_a=ROWS["a"] + 1e-4 * ROWS["u"])
    a, u = logistic.fit(numeric(rows, ["a", "u"]), rows["outcome"]).coefficients
    fit = logistic.fit(numeric(rows, ["a", "nearly_a"]), rows["outcome"])
    # the information has a condition number of 1e8
    assert not fit.dropped
    assert_allclose(fit.coefficients, [a - 1e4 * u, 1e4 * u], rtol=1e-7, atol=0)


def test_constant_number_is_dropped():
    fit = logistic.fit(
        encode([Term("still", np.full(40, 0.1)), Term("u", ROWS["u"][:40])]), ROWS["outcome"][:40]
    )
    assert fit.dropped == (Column("still"),) and np.isfinite(fit.coefficients[1])


# --- closed forms ----------------------------------------------------------------------------------------
# two by two: 20 and 10 with and without the outcome among the exposed, 15 and 30 among the others
EXPOSED = encode([Term("exposed", np.array([1, 1, 0, 0]), ("no", "yes"))])
OUTCOME, COUNTS = np.array([1, 0, 1, 0]), np.array([20, 10, 15, 30])


def test_two_by_two_table():
    fit = logistic.fit(EXPOSED, OUTCOME, weights=COUNTS)
    # Woolf (1955): log odds ratio 4, variance the sum of reciprocals; Pearson's chi-squared is the score test
    assert_allclose(fit.coefficients, [np.log(4)], rtol=1e-14, atol=0)
    assert_allclose(fit.std_error, [np.sqrt(1 / 20 + 1 / 10 + 1 / 15 + 1 / 30)], rtol=1e-14, atol=0)
    assert_allclose(fit.intercept, np.log(15 / 30), rtol=1e-14, atol=0)
    assert_allclose(fit.intercept_std_error, np.sqrt(1 / 15 + 1 / 30), rtol=1e-14, atol=0)
    pearson = 75 * (20 * 30 - 10 * 15) ** 2 / (30 * 45 * 35 * 40)
    assert_allclose(score_test(fit).statistic, pearson, rtol=1e-13, atol=0)
    assert_allclose(wald_test(fit, fit.columns).statistic, np.log(4) ** 2 / 0.25, rtol=1e-13, atol=0)


@pytest.mark.parametrize("counts", [[20, 10, 15, 30], [5, 0, 3, 9]])
def test_firth_of_a_two_by_two_table_adds_a_half_to_each_cell(counts):
    # Firth (1993), section 3.3: Jeffreys' prior of a saturated logistic model is half an observation a cell
    a, b, c, d = np.array(counts) + 0.5
    fit = logistic.firth(EXPOSED, OUTCOME, weights=np.array(counts))
    # with the penalty convergence is linear, and stops at 1e-10 standard errors
    assert_allclose(fit.coefficients, [np.log(a * d / (b * c))], rtol=1e-10, atol=0)
    assert_allclose(fit.intercept, np.log(c / d), rtol=1e-10, atol=0)


# --- what must not matter --------------------------------------------------------------------------------
COLUMNS = ["a", "b", "e2", "e3", "age"]


SHUFFLED = ROWS.sample(frac=1, random_state=3)


@pytest.mark.parametrize("method", [logistic.fit, logistic.firth])
def test_same_bits_in_any_order_of_rows(method):
    fits = [method(numeric(r, COLUMNS), r["outcome"], r["count"]) for r in (ROWS, SHUFFLED)]
    assert_array_equal(fits[1].coefficients, fits[0].coefficients)
    assert_array_equal(fits[1].covariance, fits[0].covariance)


def test_order_of_rows_with_offsets_and_real_weights_is_lost_in_rounding():
    # with an offset each row is a cell of its own, and real weights are summed as they come
    fits = [
        logistic.fit(numeric(r, COLUMNS), r["outcome"], np.exp(r["u"]), offset=r["shift"])
        for r in (ROWS, SHUFFLED)
    ]
    assert_allclose(fits[1].coefficients, fits[0].coefficients, rtol=1e-12, atol=0)
    assert_allclose(fits[1].std_error, fits[0].std_error, rtol=1e-12, atol=0)


def test_splitting_a_counted_row_changes_nothing():
    rows = ROWS[ROWS["count"] > 1]
    split = pd.concat([rows.assign(count=1), rows.assign(count=rows["count"] - 1)])
    whole, parts = (logistic.fit(numeric(r, COLUMNS), r["outcome"], r["count"]) for r in (rows, split))
    assert_array_equal(parts.coefficients, whole.coefficients)
    assert (parts.n, parts.n_events) == (whole.n, whole.n_events)


def test_real_weights_scale_the_information():
    half = logistic.fit(numeric(ROWS, COLUMNS), ROWS["outcome"], np.full(1000, 0.25))
    whole = logistic.fit(numeric(ROWS, COLUMNS), ROWS["outcome"])
    assert_allclose(half.coefficients, whole.coefficients, rtol=1e-12, atol=0)
    assert_allclose(half.std_error, 2 * whole.std_error, rtol=1e-12, atol=0)
    assert half.n == 250 and half.n_events == ROWS["outcome"].sum() / 4


def test_offset_of_zeros_changes_nothing():
    # with an offset the cells are rows, without one they are patterns
    fits = [logistic.fit(numeric(ROWS, COLUMNS), ROWS["outcome"], offset=o) for o in (None, np.zeros(1000))]
    assert_allclose(fits[1].coefficients, fits[0].coefficients, rtol=1e-12, atol=0)
    assert_allclose(fits[1].loglik, fits[0].loglik, rtol=1e-13, atol=0)


def test_another_reference_level_changes_only_the_contrasts():
    first = logistic.fit(encode([factor("grade", GBSG2["tgrade"])]), GBSG2["cens"])
    second = logistic.fit(encode([factor("grade", GBSG2["tgrade"], reference=1)]), GBSG2["cens"])
    (ii, iii), (i_from_ii, iii_from_ii) = first.coefficients, second.coefficients
    assert_allclose([i_from_ii, iii_from_ii], [-ii, iii - ii], rtol=1e-12, atol=0)
    assert_allclose(second.intercept, first.intercept + ii, rtol=1e-12, atol=0)
    assert_allclose(second.deviance, first.deviance, rtol=1e-13, atol=0)


def test_the_opposite_outcome_has_the_opposite_coefficients():
    patterns = numeric(ROWS[:200], COLUMNS)
    fits = [logistic.fit(patterns, y) for y in (ROWS["outcome"][:200], 1 - ROWS["outcome"][:200])]
    assert_allclose(fits[1].coefficients, -fits[0].coefficients, rtol=1e-12, atol=0)
    assert_allclose(profile_interval(fits[1]), -profile_interval(fits[0])[:, ::-1], rtol=1e-8, atol=0)


# --- refusals --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", [logistic.fit, logistic.firth])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outcome": np.ones(3)}, "outcome has shape"),
        ({"outcome": np.array([0, 1, np.nan, 0])}, "outcome has missing"),
        ({"outcome": np.array([0, 1, 2, 0])}, "outcome is not 0 or 1"),
        ({"weights": np.array([1, 1, -1, 1])}, "weights are negative"),
        ({"weights": np.ones(5)}, "weights has shape"),
        ({"offset": np.array([0, 0, 0, np.inf])}, "offset has missing or infinite"),
    ],
)
def test_refuses_rows_that_make_no_model(method, changes, reason):
    with pytest.raises(ValueError, match=reason):
        method(EXPOSED, **{"outcome": OUTCOME, **changes})


@pytest.mark.parametrize("method", [logistic.fit, logistic.firth])
@pytest.mark.parametrize(
    ("outcome", "weights", "reason"),
    [([0] * 4, None, "no events"), ([1] * 4, None, "only events"), (OUTCOME, [0, 1, 0, 1], "no events")],
)
def test_refuses_a_constant_outcome(method, outcome, weights, reason):
    with pytest.raises(NotEstimable, match=reason):
        method(EXPOSED, np.array(outcome), None if weights is None else np.array(weights))


BEFORE, AFTER = "the outcome is separated by ", "the likelihood has no finite maximum in "


def refused_columns(terms, outcome, reason):
    """The columns that a refusal names, in its words too."""
    with pytest.raises(NotEstimable) as refusal:
        logistic.fit(encode(terms), np.array(outcome))
    assert refusal.value.reason == reason + ", ".join(map(str, refusal.value.columns))
    return refusal.value.columns


def test_names_a_level_without_events():
    grade = Term("grade", np.array([0, 1, 2, 0, 1, 2]), ("I", "II", "III"))
    assert refused_columns([grade], [1, 0, 1, 0, 0, 0], BEFORE) == (Column("grade", "II"),)


def test_names_a_level_with_only_events_beside_another_term():
    flag = Term("flag", np.array([0, 1, 0, 1, 0, 0, 0]), ("no", "yes"))
    u = Term("u", np.array([0.1, -2.0, 0.4, 0.3, -0.5, 1.1, 0.2]))
    assert refused_columns([u, flag], [0, 1, 1, 1, 0, 0, 1], BEFORE) == (Column("flag", "yes"),)


def test_names_the_levels_when_the_reference_separates():
    grade = Term("grade", np.array([0, 1, 2, 0, 1, 2, 1, 2]), ("I", "II", "III"))
    u = Term("u", np.array([0.3, -1, 0.5, 2, 0.1, -0.7, 1.5, 0.9]))
    columns = refused_columns([u, grade], [0, 1, 0, 0, 0, 1, 1, 1], AFTER)
    assert columns == (Column("grade", "II"), Column("grade", "III"))


def test_names_a_number_with_a_threshold():
    # quasi-separation: 3 occurs with both outcomes
    x = Term("x", np.array([1.0, 2, 3, 3, 4]))
    assert refused_columns([x], [0, 0, 0, 1, 1], BEFORE) == (Column("x"),)


def test_names_terms_that_separate_together():
    x, y = np.array([0.0, 1, 2, 3, 0, 1, 2, 3]), np.array([1.0, 2, 3, 4, 0, 1, 2, 3])
    z = np.array([5.0, 1, 4, 2, 3, 5, 1, 2])
    columns = refused_columns([Term("x", x), Term("y", y), Term("z", z)], [1, 1, 1, 1, 0, 0, 0, 0], AFTER)
    assert columns == (Column("x"), Column("y"))


def test_a_rare_event_is_no_separation():
    # 1 of 1,000 against 500 of 1,000
    fit = logistic.fit(EXPOSED, OUTCOME, weights=np.array([1, 999, 500, 500]))
    assert_allclose(fit.coefficients, [-np.log(999)], rtol=1e-12, atol=0)
