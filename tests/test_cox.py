"""
Cox models against R (tests/reference/cox.R), against closed forms, and what must not matter.

The made-up rows, the cases and R's answers are in tests/reference/cox*.csv.
"""

from pathlib import Path

import firthmodels
import lifelines
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import linprog

from recohort import cox
from recohort.errors import NotEstimable
from recohort.likelihood import likelihood_ratio, profile_interval, score_test, wald_interval, wald_test
from recohort.patterns import Column, Term, encode

REFERENCE = Path(__file__).parent / "reference"
# coxph with eps = 1e-14 and our last decrement leave rounding, in sums over up to 1,500 rows
RTOL = 1e-9
# off-diagonal covariances are differences; a p value multiplies the relative error by half its chi-squared
RTOL_DIFFERENCE = 1e-8
# uniroot's tolerance in R is 1e-13 of a coefficient near 1, but a limit can be near 0
RTOL_LIMIT = 1e-8

CASES = pd.read_csv(REFERENCE / "cox_cases.csv", keep_default_na=False).set_index("name")
ROWS = pd.read_csv(REFERENCE / "cox_rows.csv", float_precision="round_trip")
GBSG2 = pd.read_csv(Path(lifelines.__file__).parent / "datasets" / "gbsg2.csv")


def read_answers():
    table = pd.read_csv(REFERENCE / "cox.csv", dtype=str, keep_default_na=False)
    table = table[table["case"] != "versions"]
    table["value"] = table["value"].replace("NA", "nan").astype(float)
    return {case: dict(list(t.groupby("what")["value"])) for case, t in table.groupby("case")}


ANSWERS = read_answers()


def numeric(rows, names):
    return encode([Term(name, rows[name].to_numpy()) for name in names])


def factor(name, values, reference=0):
    levels = tuple(sorted(set(values)))
    return Term(name, np.array([levels.index(v) for v in values]), levels, reference)


def fit_case(case):
    if case.columns.startswith("gbsg2"):
        factors = ["horTh", "menostat"] + ["tgrade"] * (case.columns == "gbsg2")
        numbers = ["age", "tsize", "pnodes", "progrec", "estrec"]
        terms = [factor(name, GBSG2[name]) for name in factors]
        patterns = encode(terms + [Term(name, GBSG2[name].to_numpy()) for name in numbers])
        strata = GBSG2["tgrade"].str.len() if case.columns == "gbsg2_strata" else None
        return cox.fit(patterns, GBSG2["time"], GBSG2["cens"], strata=strata, ties=case.ties)
    rows = ROWS[: case.n]
    options = {
        name: rows[getattr(case, name)].to_numpy()
        for name in ("entry", "strata", "weights", "counts", "offset")
        if getattr(case, name)
    }
    patterns = numeric(rows, case.columns.split())
    return cox.fit(patterns, rows[case.time], rows["event"], ties=case.ties, **options)


@pytest.mark.parametrize("name", CASES.index)
def test_matches_coxph(name):
    fit, expected = fit_case(CASES.loc[name]), ANSWERS[name]
    kept = fit.position >= 0
    assert_array_equal(kept, expected["coefficient"].notna())
    assert_allclose(fit.coefficients, expected["coefficient"], rtol=RTOL, atol=0)
    assert_allclose(fit.std_error[kept], expected["std_error"][kept], rtol=RTOL, atol=0)
    assert_allclose(fit.loglik_null, expected["loglik_null"].item(), rtol=RTOL, atol=0)
    assert_allclose(fit.loglik, expected["loglik"].item(), rtol=RTOL, atol=0)
    covariance = expected["covariance"].to_numpy().reshape(len(kept), -1)[np.ix_(kept, kept)]
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


def test_only_collinear_columns_leave_the_null_model():
    fit = cox.fit(numeric(ROWS[:50], ["still"]), ROWS["days"][:50], ROWS["event"][:50])
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
    found = cox.partial_likelihood(patterns, beta=[beta], ties=ties, **rows)
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
    fit = cox.fit(encode([Term("x", np.array(x))]), ties=ties, **rows)
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


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_same_bits_in_any_order_of_rows(ties):
    straight = cox.fit(**everything(ROWS), ties=ties)
    shuffled = cox.fit(**everything(ROWS.sample(frac=1, random_state=3)), ties=ties)
    assert_array_equal(shuffled.coefficients, straight.coefficients)
    assert_array_equal(shuffled.covariance, straight.covariance)
    assert shuffled.loglik == straight.loglik


@pytest.mark.parametrize("unit", [30.4375, 365.25, 1 / 24])
def test_same_bits_in_any_unit_of_time(unit):
    arguments = everything(ROWS)
    fit = cox.fit(**arguments)
    scaled = cox.fit(**{**arguments, "time": arguments["time"] / unit, "entry": arguments["entry"] / unit})
    assert_array_equal(scaled.coefficients, fit.coefficients)


def test_another_reference_level_changes_only_the_contrasts():
    data = GBSG2["time"], GBSG2["cens"]
    first = cox.fit(encode([factor("grade", GBSG2["tgrade"])]), *data)
    second = cox.fit(encode([factor("grade", GBSG2["tgrade"], reference=1)]), *data)
    (ii, iii), (i_from_ii, iii_from_ii) = first.coefficients, second.coefficients
    assert_allclose([i_from_ii, iii_from_ii], [-ii, iii - ii], rtol=1e-12, atol=0)
    assert_allclose(second.loglik, first.loglik, rtol=1e-14, atol=0)
    whole = [wald_test(f, f.columns).p_value for f in (first, second)]
    assert_allclose(whole[0], whole[1], rtol=1e-10, atol=0)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_splitting_a_counted_row_changes_nothing(ties):
    rows = ROWS[ROWS["count"] > 1]
    split = pd.concat([rows.assign(count=1), rows.assign(count=rows["count"] - 1)])
    whole, parts = (cox.fit(**everything(r), ties=ties) for r in (rows, split))
    assert_allclose(parts.coefficients, whole.coefficients, rtol=1e-11, atol=0)
    assert_allclose(parts.loglik, whole.loglik, rtol=1e-13, atol=0)
    assert (parts.n, parts.n_events) == (whole.n, whole.n_events)


def test_breslow_weights_are_counts():
    rows = ROWS[:300].assign(count=1 + ROWS["count"][:300])
    patterns = numeric(rows, ["a", "age"])
    data = rows["years"], rows["event"]
    weighted = cox.fit(patterns, *data, weights=rows["count"], ties="breslow")
    counted = cox.fit(patterns, *data, counts=rows["count"], ties="breslow")
    assert_allclose(weighted.coefficients, counted.coefficients, rtol=1e-12, atol=0)
    assert_allclose(weighted.std_error, counted.std_error, rtol=1e-12, atol=0)


def test_strata_of_one_row_say_nothing():
    rows = ROWS[:300]
    data = rows["years"].to_numpy(), rows["event"].to_numpy()
    strata = np.where(np.arange(300) < 200, 0, np.arange(300))
    fit = cox.fit(numeric(rows, ["a", "age"]), *data, strata=strata)
    alone = cox.fit(numeric(rows[:200], ["a", "age"]), *(v[:200] for v in data))
    assert_allclose(fit.coefficients, alone.coefficients, rtol=1e-12, atol=0)
    assert_allclose(fit.loglik, alone.loglik, rtol=1e-13, atol=0)


def test_far_and_wide_covariates_lose_no_digits():
    rows = ROWS[:400]
    data = rows["years"], rows["event"]
    fit = cox.fit(numeric(rows, ["a", "age"]), *data)
    moved = cox.fit(numeric(rows.assign(age=1e6 + 1e-3 * rows["age"]), ["a", "age"]), *data)
    # 1e6 + 1e-3 * age keeps 10 digits
    assert_allclose(moved.coefficients, fit.coefficients * [1, 1e3], rtol=1e-6, atol=0)


# --- refusals --------------------------------------------------------------------------------------------
def toy(**changes):
    rows = {"time": np.array([1.0, 2, 3, 4, 5, 6]), "event": np.array([1, 0, 1, 0, 1, 0])}
    return encode([Term("x", np.array([0.0, 1, 1, 0, 0, 1]))]), {**rows, **changes}


@pytest.mark.parametrize("method", [cox.fit, cox.firth])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"time": np.ones(5)}, "time has shape"),
        ({"time": np.array([1, 2, 3, 4, 5, np.nan])}, "time has missing"),
        ({"event": np.array([1, 0, 2, 0, 1, 0])}, "event is not 0 or 1"),
        ({"entry": np.array([0, 0, 3, 0, 0, 0])}, "entry is not before time: row 2, entry 3, time 3"),
        ({"weights": np.array([1, 1, 0, 1, 1, 1])}, "weights are not positive"),
        ({"counts": np.array([1, 1, 0.5, 1, 1, 1])}, "counts are not whole"),
        ({"counts": np.array([1, 1, -1, 1, 1, 1])}, "counts are not whole"),
        ({"offset": np.full(6, np.inf)}, "offset has missing or infinite"),
        ({"strata": np.zeros(2)}, "strata has shape"),
        ({"ties": "exact"}, "ties is 'exact'"),
    ],
)
def test_refuses_rows_that_make_no_model(method, changes, reason):
    patterns, rows = toy(**changes)
    with pytest.raises(ValueError, match=reason):
        method(patterns, **rows)


@pytest.mark.parametrize("method", [cox.fit, cox.firth])
@pytest.mark.parametrize("changes", [{"event": np.zeros(6)}, {"counts": np.array([0, 1, 0, 1, 0, 1])}])
def test_refuses_no_events(method, changes):
    patterns, rows = toy(**changes)
    with pytest.raises(NotEstimable, match="no events"):
        method(patterns, **rows)


def refused_columns(terms, time, event, **options):
    with pytest.raises(NotEstimable) as refusal:
        cox.fit(encode(terms), np.asarray(time, dtype=float), np.asarray(event), **options)
    return refusal.value


def test_names_a_level_without_events():
    grade = Term("grade", np.array([0, 1, 2, 0, 1, 2]), ("I", "II", "III"))
    refusal = refused_columns([grade], [1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1])
    assert refusal.columns == (Column("grade", "II"),) and refusal.reason == "no event has grade II"


def test_names_a_level_with_every_event():
    flag = Term("flag", np.array([0, 1, 0, 1, 0, 1]), ("no", "yes"))
    refusal = refused_columns([flag], [1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1])
    assert refusal.columns == (Column("flag", "yes"),) and refusal.reason == "every event has flag yes"


def test_names_the_levels_when_the_reference_has_no_events():
    grade = Term("grade", np.array([0, 1, 2, 0, 1, 2, 1, 2]), ("I", "II", "III"))
    u = Term("u", np.array([0.3, -1, 0.5, 2, 0.1, -0.7, 1.5, 0.9]))
    refusal = refused_columns([u, grade], [3, 2, 4, 6, 5, 1, 7, 8], [0, 1, 1, 0, 1, 1, 1, 1])
    assert refusal.columns == (Column("grade", "II"), Column("grade", "III"))


def test_names_a_number_that_orders_the_events():
    # whoever has the event first has the highest x of all still at risk, yet events have high and low x
    x = Term("x", np.array([9.0, 7.0, 8.0, 5.0, 1.0, 4.0]))
    refusal = refused_columns([x], [1, 3, 2, 4, 6, 5], [1, 1, 1, 1, 1, 1])
    assert refusal.columns == (Column("x"),) and "no finite maximum in x" in refusal.reason


def test_names_a_number_at_its_extreme_in_every_event():
    x = np.array([2.0, 5.0, 2.0, 3.0, 4.0])
    refusal = refused_columns([Term("x", x)], [1, 2, 3, 4, 5], [1, 0, 1, 0, 0])
    assert refusal.reason == "every event has the lowest x"
    refusal = refused_columns([Term("x", -x)], [1, 2, 3, 4, 5], [1, 0, 1, 0, 0])
    assert refusal.reason == "every event has the highest x"


def test_delayed_entry_can_make_the_likelihood_monotone():
    x, time, event = np.array([1.0, 0, 0, 1, 1]), [1, 2, 3, 4, 5], [1, 1, 1, 0, 0]
    cox.fit(encode([Term("x", x)]), np.array(time), np.array(event))
    # the last two come after the events of the two rows with the lower x, which are then alone at risk
    refusal = refused_columns([Term("x", x)], time, event, entry=np.array([0, 0, 0, 3, 3]))
    assert refusal.columns == (Column("x"),)


def test_a_rare_event_is_no_separation():
    # one event among the 400 with a, against 200: the log hazard ratio is about -6, and finite
    a = np.repeat([0.0, 1.0], [400, 400])
    event = np.r_[np.tile([0, 1], 200), np.zeros(399), 1]
    time = np.r_[np.arange(1.0, 401), np.arange(1.0, 401)]
    fit = cox.fit(encode([Term("a", a)]), time, event)
    assert -8 < fit.coefficients[0] < -4 and fit.std_error[0] < 1.1


def separated_by_linear_programming(x, time, event, strata):
    """Whether a direction gives each event the highest value of its risk set, and something to gain."""
    rows = [
        x[i] - x[(strata == strata[i]) & (time >= time[i])]  # the events of a day, each against all at risk
        for i in np.flatnonzero(event)
    ]
    gaps = np.concatenate(rows)
    bounds = [(-1, 1)] * x.shape[1]
    found = linprog(-gaps.sum(axis=0), A_ub=-gaps, b_ub=np.zeros(len(gaps)), bounds=bounds)
    return -found.fun > 1e-7


def test_refuses_just_the_separated_of_many_small_models():
    rng = np.random.default_rng(11)
    refused = 0
    for _ in range(150):
        n = rng.integers(5, 40)
        x = np.column_stack(
            [rng.integers(0, 2, n), rng.integers(0, 4, n), np.round(rng.normal(size=n), 2)]
        ).astype(float)
        time, strata = rng.integers(1, 30, n).astype(float), rng.integers(0, 2, n)
        event = (rng.random(n) < 0.4).astype(int)
        event[0] = 1
        expected = separated_by_linear_programming(x, time, event, strata)
        patterns = encode([Term(f"x{k}", v) for k, v in enumerate(x.T)])
        try:
            cox.fit(patterns, time, event, strata=strata)
            assert not expected
        except NotEstimable:
            assert expected
            refused += 1
    assert 20 < refused < 130


# --- Firth's penalty -------------------------------------------------------------------------------------
def firth_rows():
    """The rows of cox.R in which nobody with b has an event."""
    rows = ROWS[:60]
    return rows.assign(event=rows["event"].where(rows["b"] == 0, 0))


FIRTH = [("firth_days", "days", "efron"), ("firth_years_efron", "years", "efron")]
FIRTH += [("firth_years_breslow", "years", "breslow")]


@pytest.mark.parametrize(("name", "time", "ties"), FIRTH)
def test_firth_matches_its_definition_in_r(name, time, ties):
    rows, expected = firth_rows(), ANSWERS[name]
    arguments = numeric(rows, ["a", "b", "u"]), rows[time], rows["event"]
    with pytest.raises(NotEstimable):
        cox.fit(*arguments, ties=ties)
    fit = cox.firth(*arguments, ties=ties)
    assert fit.penalised
    assert_allclose(fit.coefficients, expected["coefficient"], rtol=RTOL, atol=0)
    assert_allclose(fit.std_error, expected["std_error"], rtol=RTOL, atol=0)
    assert_allclose(fit.loglik, expected["loglik"].item(), rtol=RTOL, atol=0)
    assert_allclose(fit.loglik_null, expected["loglik_null"].item(), rtol=RTOL, atol=0)
    p_values = [likelihood_ratio(fit, [column]).p_value for column in fit.columns]
    assert_allclose(p_values, expected["lr_p"], rtol=RTOL_DIFFERENCE, atol=0)
    interval = profile_interval(fit)
    assert_allclose(interval[:, 0], expected["low"], rtol=RTOL_LIMIT, atol=0)
    assert_allclose(interval[:, 1], expected["high"], rtol=RTOL_LIMIT, atol=0)


def test_firth_matches_firthmodels():
    # firthmodels is tested against coxphf; it has Breslow's ties
    rows = firth_rows()
    fit = cox.firth(numeric(rows, ["a", "b", "u"]), rows["years"], rows["event"], ties="breslow")
    peer = firthmodels.FirthCoxPH(gtol=1e-8, xtol=1e-8, max_iter=200)
    peer.fit(
        rows[["a", "b", "u"]].to_numpy(float), (rows["event"].to_numpy() == 1, rows["years"].to_numpy(float))
    )
    peer.lrt()
    # it stops when the score is below gtol
    assert_allclose(fit.coefficients, peer.coef_, rtol=1e-7, atol=0)
    assert_allclose(fit.std_error, peer.bse_, rtol=1e-7, atol=0)
    p_values = [likelihood_ratio(fit, [column]).p_value for column in fit.columns]
    assert_allclose(p_values, peer.lrt_pvalues_, rtol=1e-7, atol=0)


def test_firth_of_two_patients_is_log_3():
    # Heinze and Schemper (2001), section 2: the modified score of one event among two is zero at r = 3
    fit = cox.firth(encode([Term("x", np.array([1.0, 0.0]))]), np.array([1.0, 2.0]), np.array([1, 0]))
    assert_allclose(fit.coefficients, [np.log(3)], rtol=1e-12, atol=0)


def test_firth_score_is_the_slope_of_its_value_with_every_option():
    # no R package has all of these with Firth's penalty
    fit = cox.firth(**everything(ROWS[:200]))
    at, small = fit.parameters + 0.3, 1e-5
    slopes = [
        (fit.evaluate(at + small * unit).value - fit.evaluate(at - small * unit).value) / (2 * small)
        for unit in np.eye(len(at)) * [1, 1, 1, 1, 0.01]
    ]
    # central differences: third derivative times 1e-10, and rounding of 1e-13 * 1e3 / 1e-5
    assert_allclose(slopes, fit.evaluate(at).score * [1, 1, 1, 1, 0.01], rtol=1e-5, atol=0)


def test_firth_drops_collinear_columns():
    rows = firth_rows()
    fit = cox.firth(numeric(rows, ["a", "b", "a_or_b"]), rows["days"], rows["event"])
    assert fit.dropped == (Column("a_or_b"),) and np.isnan(profile_interval(fit)[2]).all()
