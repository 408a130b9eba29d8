"""
Cox models against R (tests/reference/cox.R), against closed forms, and what must not matter.

The made-up rows, the cases and R's answers are in tests/reference/cox*.csv.
"""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.reference_cases import (
    GBSG2,
    factor,
    gbsg2_patterns,
    model,
    numeric,
    options,
    read_answers,
    read_cases,
    read_rows,
)

from recohort.statistics.cox import fit as cox
from recohort.statistics.cox.partial_likelihood import build
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.maximum_likelihood import (
    likelihood_ratio,
    profile_interval,
    score_test,
    wald_interval,
    wald_test,
)
from recohort.statistics.survival_rows import SurvivalRows

# coxph with eps = 1e-14 and our last decrement leave rounding, in sums over up to 1,500 rows
RTOL = 1e-9


# off-diagonal covariances are differences; a p value multiplies the relative error by half its chi-squared
RTOL_DIFFERENCE = 1e-8


CASES, ROWS, ANSWERS = read_cases("cox_cases.csv"), read_rows("cox_rows.csv"), read_answers("cox.csv")


def fit_case(case):
    if case.columns == "gbsg2_strata":
        grade = GBSG2["tgrade"].str.len()
        rows = SurvivalRows(GBSG2["time"], GBSG2["cens"], strata=grade)
        return cox.fit(gbsg2_patterns(["horTh", "menostat"]), rows)
    if case.columns == "gbsg2":
        return cox.fit(gbsg2_patterns(), SurvivalRows(GBSG2["time"], GBSG2["cens"]), case.ties)
    rows = ROWS[: case.n]
    more = options(case, rows, ("entry", "strata", "weights", "counts", "offset"))
    followed = SurvivalRows(rows[case.time], rows["event"], **more)
    return cox.fit(numeric(rows, case.columns.split()), followed, case.ties)


@pytest.mark.parametrize("name", CASES.index)
def test_matches_coxph(name):
    fit, expected = fit_case(CASES.loc[name]), ANSWERS[name]
    kept = fit.position >= 0
    assert_array_equal(kept, ~np.isnan(expected["coefficient"]))
    assert_allclose(fit.coefficients, expected["coefficient"], rtol=RTOL, atol=0)
    assert_allclose(fit.std_error[kept], expected["std_error"][kept], rtol=RTOL, atol=0)
    assert_allclose(fit.loglik_null, expected["loglik_null"].item(), rtol=RTOL, atol=0)
    assert_allclose(fit.loglik, expected["loglik"].item(), rtol=RTOL, atol=0)
    covariance = expected["covariance"].reshape(len(kept), -1)[np.ix_(kept, kept)]
    assert_allclose(fit.covariance[np.ix_(kept, kept)], covariance, rtol=RTOL_DIFFERENCE, atol=0)
    assert (fit.n, fit.n_events) == (expected["n"].item(), expected["n_events"].item())


@pytest.mark.parametrize("name", CASES.index)
def test_tests_match_coxph(name):
    fit, expected = fit_case(CASES.loc[name]), ANSWERS[name]
    assert_allclose(wald_test(fit, fit.columns).statistic, expected["wald_test"].item(), rtol=RTOL, atol=0)
    assert_allclose(score_test(fit).statistic, expected["score_test"].item(), rtol=RTOL, atol=0)
    for column, p_value in zip(fit.columns, expected["p_value"], strict=True):
        assert_allclose(wald_test(fit, [column]).p_value, p_value, rtol=RTOL_DIFFERENCE, atol=0)
    if "lr_first" in expected and not fit.dropped:
        test = likelihood_ratio(fit, fit.columns[:1])
        assert test.df == 1
        # a difference of two log likelihoods some 1e4 times larger
        assert_allclose(test.statistic, expected["lr_first"].item(), rtol=RTOL_DIFFERENCE, atol=0)
        assert_allclose(test.p_value, expected["lr_first_p"].item(), rtol=RTOL_DIFFERENCE, atol=0)


def test_collinear_columns_are_dropped_and_named():
    fit = fit_case(CASES.loc["collinear"])
    assert fit.dropped == (Column("a_or_b"), Column("still"))
    assert np.isnan(fit.coefficients[2:4]).all() and np.isnan(fit.std_error[2:4]).all()
    assert np.isnan(wald_interval(fit)[2:4]).all() and np.isnan(profile_interval(fit)[2:4]).all()
    assert wald_test(fit, fit.columns).df == 3


def test_nearly_collinear_columns_are_kept():
    rows = ROWS[:400].assign(nearly_a=ROWS["a"] + 1e-4 * ROWS["u"])
    data = SurvivalRows(rows["days"], rows["event"])
    a, u = cox.fit(numeric(rows, ["a", "u"]), data).coefficients
    fit = cox.fit(numeric(rows, ["a", "nearly_a"]), data)
    # the information has a condition number of 1e8
    assert not fit.dropped
    assert_allclose(fit.coefficients, [a - 1e4 * u, 1e4 * u], rtol=1e-7, atol=0)


def test_only_collinear_columns_leave_the_null_model():
    fit = cox.fit(numeric(ROWS[:50], ["still"]), SurvivalRows(ROWS["days"][:50], ROWS["event"][:50]))
    assert fit.dropped == (Column("still"),)
    assert fit.loglik == fit.loglik_null
    test = likelihood_ratio(fit, fit.columns)
    assert (test.statistic, test.df) == (0, 0) and np.isnan(test.p_value)


def test_wald_interval_is_symmetric_about_the_coefficient():
    fit = fit_case(CASES.loc["forty_rows"])
    # qnorm(0.95) as R prints it
    expected = fit.coefficients + 1.6448536269514722 * fit.std_error
    assert_allclose(wald_interval(fit, 0.9)[:, 1], expected, rtol=1e-15, atol=0)
    assert_allclose(wald_interval(fit, 0.9).mean(axis=1), fit.coefficients, rtol=1e-14, atol=0)


# --- closed forms ----------------------------------------------------------------------------------------
# Therneau and Grambsch (2000), Modeling Survival Data, appendix E: with one covariate and r = exp(beta) the
# log likelihood is slope * beta - sum of c * log(polynomial in r), here with the powers of r ascending.
BOOK = {
    "right_censored": (
        {"time": [9, 1, 1, 6, 6, 8], "event": [1, 1, 0, 1, 1, 0]},
        [0, 1, 1, 1, 0, 0],
        {
            "breslow": (2, [(1, [3, 3]), (2, [3, 1])]),
            "efron": (2, [(1, [3, 3]), (1, [3, 1]), (1, [2.5, 0.5])]),
        },
    ),
    "delayed_entry": (
        {
            "entry": [1, 2, 5, 2, 1, 7, 3, 4, 8, 8],
            "time": [2, 3, 6, 7, 8, 9, 9, 9, 14, 17],
            "event": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
        },
        [1, 0, 0, 1, 0, 1, 1, 1, 0, 0],
        {
            "breslow": (4, [(1, [1, 1]), (1, [2, 1]), (3, [2, 3]), (2, [1, 3])]),
            "efron": (4, [(1, [1, 1]), (1, [2, 1]), (2, [2, 3]), (2, [1, 3]), (1, [2, 2])]),
        },
    ),
    "case_weights": (
        {
            "time": [1, 1, 2, 2, 2, 2, 3, 4, 5],
            "event": [1, 0, 1, 1, 1, 0, 0, 1, 0],
            "weights": [1, 2, 3, 4, 3, 2, 1, 2, 1],
        },
        [2, 0, 1, 1, 0, 1, 0, 1, 0],
        {
            "breslow": (11, [(1, [7, 11, 1]), (10, [5, 11]), (2, [1, 2])]),
            "efron": (
                11,
                [
                    (1, [7, 11, 1]),
                    (10 / 3, [5, 11]),
                    (10 / 3, [4, 26 / 3]),
                    (10 / 3, [3, 19 / 3]),
                    (2, [1, 2]),
                ],
            ),
        },
    ),
}


def closed_form(beta, slope, logarithms):
    """Value, score and information of slope * beta - sum of c * log(polynomial(exp(beta)))."""
    value, score, information = slope * beta, slope, 0
    for c, coefficients in logarithms:
        weight = np.array(coefficients) * np.exp(beta * np.arange(len(coefficients)))
        power = np.arange(len(coefficients))
        mean = weight @ power / weight.sum()
        value -= c * np.log(weight.sum())
        score -= c * mean
        information += c * (weight @ power**2 / weight.sum() - mean**2)
    return value, score, information


@pytest.mark.parametrize("beta", [-2.0, -0.3, 0.0, 0.7, 3.0])
@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("name", BOOK)
def test_likelihood_is_the_closed_form(name, ties, beta):
    rows, x, forms = BOOK[name]
    patterns = encode([Term("x", np.array(x, dtype=float))])
    found = build(patterns, SurvivalRows(**rows), ties).evaluate(np.array([beta]))
    value, score, information = closed_form(beta, *forms[ties])
    # ten rows: rounding only, but the score passes through zero
    assert_allclose(found.value, value, rtol=1e-13, atol=0)
    assert_allclose(found.score, [score], rtol=1e-12, atol=0)
    assert_allclose(found.information, [[information]], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("ties", "beta"),
    # the score is zero at r = (3 + sqrt(33)) / 2, and at the positive root of r^3 - 23 r - 30
    [
        ("breslow", np.log((3 + np.sqrt(33)) / 2)),
        ("efron", np.log(max(np.roots([1, 0, -23, -30]).real))),
    ],
)
def test_maximum_of_the_closed_form(ties, beta):
    rows, x, _ = BOOK["right_censored"]
    fit = cox.fit(encode([Term("x", np.array(x))]), SurvivalRows(**rows), ties)
    assert_allclose(fit.coefficients, [beta], rtol=1e-13, atol=0)


# --- what must not matter --------------------------------------------------------------------------------
def everything(rows):
    """Arguments that exercise every option at once, heavy ties included."""
    return {
        "patterns": numeric(rows, ["a", "e2", "e3", "e4", "age"]),
        "time": rows["years"].to_numpy(),
        "event": rows["event"].to_numpy(),
        "entry": rows["entry_years"].to_numpy(),
        "strata": rows["centre"].to_numpy(),
        "weights": rows["weight"].to_numpy(),
        "counts": rows["count"].to_numpy(),
        "offset": rows["shift"].to_numpy(),
    }


@pytest.mark.parametrize("method", [cox.fit, cox.firth])
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_same_bits_in_any_order_of_rows(ties, method):
    straight = method(*model(**everything(ROWS)), ties)
    shuffled = method(*model(**everything(ROWS.sample(frac=1, random_state=3))), ties)
    assert_array_equal(shuffled.coefficients, straight.coefficients)
    assert_array_equal(shuffled.covariance, straight.covariance)
    assert shuffled.loglik == straight.loglik


@pytest.mark.parametrize("unit", [30.4375, 365.25, 1 / 24])
def test_same_bits_in_any_unit_of_time(unit):
    arguments = everything(ROWS)
    fit = cox.fit(*model(**arguments))
    shorter = {name: arguments[name] / unit for name in ("time", "entry")}
    scaled = cox.fit(*model(**{**arguments, **shorter}))
    assert_array_equal(scaled.coefficients, fit.coefficients)


def test_another_reference_level_changes_only_the_contrasts():
    age = Term("age", GBSG2["age"].to_numpy())
    data = SurvivalRows(GBSG2["time"], GBSG2["cens"])
    first = cox.fit(encode([factor("grade", GBSG2["tgrade"]), age]), data)
    second = cox.fit(encode([factor("grade", GBSG2["tgrade"], reference=1), age]), data)
    (ii, iii, per_year), (i_from_ii, iii_from_ii, again) = first.coefficients, second.coefficients
    assert_allclose([i_from_ii, iii_from_ii, again], [-ii, iii - ii, per_year], rtol=1e-12, atol=0)
    assert_allclose(second.loglik, first.loglik, rtol=1e-14, atol=0)
    whole = [wald_test(f, f.columns[:2]).p_value for f in (first, second)]
    assert_allclose(whole[0], whole[1], rtol=1e-10, atol=0)


def test_other_names_and_another_order_of_levels_and_terms_change_nothing():
    age, codes = Term("age", GBSG2["age"].to_numpy()), GBSG2["tgrade"].map({"I": 0, "II": 1, "III": 2})
    data = SurvivalRows(GBSG2["time"], GBSG2["cens"])
    first = cox.fit(encode([Term("grade", codes.to_numpy(), ("I", "II", "III")), age]), data)
    turned = Term("grade", np.array([1, 2, 0])[codes], ("high", "low", "middle"), reference=1)
    second = cox.fit(encode([age, turned]), data)
    assert second.columns == (Column("age"), Column("grade", "high"), Column("grade", "middle"))
    assert_allclose(second.coefficients, first.coefficients[[2, 1, 0]], rtol=1e-12, atol=0)
    assert_allclose(second.std_error, first.std_error[[2, 1, 0]], rtol=1e-12, atol=0)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_splitting_follow_up_at_an_entry_changes_nothing(ties):
    middle = np.floor((ROWS["entry_years"] + ROWS["years"]) / 2)
    longer = middle > ROWS["entry_years"]
    until = ROWS[longer].assign(years=middle[longer], event=0)
    after = ROWS.assign(entry_years=middle.where(longer, ROWS["entry_years"]))
    whole, parts = (cox.fit(*model(**everything(r)), ties) for r in (ROWS, pd.concat([until, after])))
    assert_allclose(parts.coefficients, whole.coefficients, rtol=1e-12, atol=0)
    assert_allclose(parts.covariance, whole.covariance, rtol=1e-11, atol=0)
    assert_allclose(parts.loglik, whole.loglik, rtol=1e-13, atol=0)
    assert parts.n > whole.n and parts.n_events == whole.n_events


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_splitting_a_counted_row_changes_nothing(ties):
    rows = ROWS[ROWS["count"] > 1]
    split = pd.concat([rows.assign(count=1), rows.assign(count=rows["count"] - 1)])
    whole, parts = (cox.fit(*model(**everything(r)), ties) for r in (rows, split))
    assert_allclose(parts.coefficients, whole.coefficients, rtol=1e-12, atol=0)
    assert_allclose(parts.loglik, whole.loglik, rtol=1e-13, atol=0)
    assert (parts.n, parts.n_events) == (whole.n, whole.n_events)


def test_breslow_weights_are_counts():
    rows = ROWS[:300].assign(count=1 + ROWS["count"][:300])
    patterns = numeric(rows, ["a", "age"])
    data = rows["years"], rows["event"]
    weighted = cox.fit(patterns, SurvivalRows(*data, weights=rows["count"]), "breslow")
    counted = cox.fit(patterns, SurvivalRows(*data, counts=rows["count"]), "breslow")
    assert_allclose(weighted.coefficients, counted.coefficients, rtol=1e-12, atol=0)
    assert_allclose(weighted.std_error, counted.std_error, rtol=1e-12, atol=0)


def test_strata_of_one_row_say_nothing():
    rows = ROWS[:300]
    strata = np.where(np.arange(300) < 200, 0, np.arange(300))
    data = SurvivalRows(rows["years"], rows["event"], strata=strata)
    fit = cox.fit(numeric(rows, ["a", "age"]), data)
    alone = cox.fit(numeric(rows[:200], ["a", "age"]), data.of(strata == 0))
    assert_allclose(fit.coefficients, alone.coefficients, rtol=1e-12, atol=0)
    assert_allclose(fit.loglik, alone.loglik, rtol=1e-13, atol=0)


def test_far_and_wide_covariates_lose_no_digits():
    rows = ROWS[:400]
    data = SurvivalRows(rows["years"], rows["event"])
    fit = cox.fit(numeric(rows, ["a", "age"]), data)
    moved = cox.fit(numeric(rows.assign(age=1e6 + 1e-3 * rows["age"]), ["a", "age"]), data)
    # 1e6 + 1e-3 * age keeps 10 digits
    assert_allclose(moved.coefficients, fit.coefficients * [1, 1e3], rtol=1e-6, atol=0)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_linear_predictors_far_apart(ties):
    # late entries with hazards e50 times those at risk before them; coxph ends 5e-3 from this maximum
    rows, expected = read_rows("cox_far.csv"), ANSWERS[f"far_{ties}"]
    patterns = numeric(rows, ["x", "y", "z"])
    fit = cox.fit(patterns, SurvivalRows(rows["time"], rows["event"], rows["entry"], rows["strata"]), ties)
    assert_allclose(fit.coefficients, expected["coefficient"], rtol=RTOL, atol=0)
    assert_allclose(fit.std_error, expected["std_error"], rtol=RTOL, atol=0)
    assert_allclose(fit.loglik, expected["loglik"].item(), rtol=RTOL, atol=0)
