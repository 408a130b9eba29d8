"""
Firth's penalty against what logistf, coxphf and brglm2 print, and against its definition in R.

The definition and brglm2 are in tests/reference/logistic.R and cox.R. sex2.csv, endometrial.csv and
coxphf.csv say where their rows are from; what the R packages print for them is quoted here.
"""

import firthmodels
import numpy as np
import pytest
from numpy.testing import assert_allclose
from support.reference_cases import numeric, read_answers, read_rows

from recohort.base.errors import NotEstimable
from recohort.statistics import logistic
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.maximum_likelihood import likelihood_ratio, profile_interval
from recohort.statistics.survival_rows import SurvivalRows

COX_ROWS, LOGISTIC_ROWS = read_rows("cox_rows.csv"), read_rows("logistic_rows.csv")
ANSWERS = {**read_answers("cox.csv"), **read_answers("logistic.csv")}
# with the penalty convergence is linear: R's stops at steps of 1e-13, ours at 1e-10 standard errors
RTOL = 1e-9
# a p value multiplies the relative error by half its chi-squared
RTOL_P = 1e-8
# uniroot's tolerance in R is 1e-13 of a coefficient near 1, but a limit can be near 0
RTOL_LIMIT = 1e-8


def p_values(fit):
    return [likelihood_ratio(fit, [column]).p_value for column in fit.columns]


def assert_inference(fit, expected):
    """The penalised tests and intervals of R's definition."""
    assert_allclose(fit.loglik, expected["loglik"].item(), rtol=RTOL, atol=0)
    assert_allclose(p_values(fit), expected["lr_p"], rtol=RTOL_P, atol=0)
    assert_allclose(profile_interval(fit), np.c_[expected["low"], expected["high"]], rtol=RTOL_LIMIT, atol=0)


# --- logistic --------------------------------------------------------------------------------------------
def made_up():
    """The rows of logistic.R in which everyone with b has the outcome."""
    rows = LOGISTIC_ROWS[:50]
    return numeric(rows, ["a", "b", "u"]), rows["outcome"].where(rows["b"] == 0, 1).to_numpy()


def endometrial():
    rows = read_rows("endometrial.csv")
    return numeric(rows, ["NV", "PI", "EH"]), rows["HG"]


def sex2():
    """Counts of equal women are the weights."""
    rows = read_rows("sex2.csv")
    return numeric(rows, ["age", "oc", "vic", "vicl", "vis", "dia"]), rows["case"], rows["count"]


@pytest.mark.parametrize(("name", "data"), [("firth", made_up), ("endometrial", endometrial), ("sex2", sex2)])
def test_logistic_matches_brglm2_and_the_definition(name, data):
    with pytest.raises(NotEstimable):
        logistic.fit(*data())
    fit, expected = logistic.firth(*data()), ANSWERS[name]
    assert fit.penalised
    assert_allclose(np.r_[fit.intercept, fit.coefficients], expected["coefficient"], rtol=RTOL, atol=0)
    found = np.r_[fit.intercept_std_error, fit.std_error]
    assert_allclose(found, expected["std_error"], rtol=RTOL, atol=0)
    assert_inference(fit, expected)


def test_logistic_matches_logistf_on_the_endometrial_cancers():
    # logistf(HG ~ NV + PI + EH), which stops at steps of 1e-5, quoted by firthlogist 0.5 (J. Luo)
    fit = logistic.firth(*endometrial())
    assert_allclose(fit.coefficients, [2.92927330, -0.03475175, -2.60416387], rtol=1e-6, atol=0)
    assert_allclose(fit.intercept, 3.77455951, rtol=1e-6, atol=0)
    limits = [[0.6097244, 7.85463171], [-0.1244587, 0.04045547], [-4.3651832, -1.23272106]]
    assert_allclose(profile_interval(fit), limits, rtol=3e-6, atol=0)


def test_logistic_matches_logistf_on_urinary_tract_infections():
    # logistf(case ~ age + oc + vic + vicl + vis + dia, sex2): coefficients of logistf's own tests
    # (test-basic.R), limits as quoted by the tests of firthlogist 0.5, the p value of dia by those of Glow
    fit = logistic.firth(*sex2())
    coefficients = [-1.10598130, -0.06881673, 2.26887464, -2.11140816, -0.78831694, 3.09601263]
    assert_allclose(fit.coefficients, coefficients, rtol=1e-6, atol=0)
    assert_allclose(fit.intercept, 0.12025404, rtol=1e-6, atol=0)
    limits = [
        [-1.9737884, -0.30742514],
        [-0.9414363, 0.78920202],
        [1.2730216, 3.43543273],
        [-3.2608611, -1.11773495],
        [-1.6080879, 0.01518468],
        [0.7745682, 8.03029352],
    ]
    assert_allclose(profile_interval(fit), limits, rtol=1e-6, atol=0)
    assert_allclose(p_values(fit)[-1], 4.951873e-03, rtol=1e-6, atol=0)


def test_logistic_matches_firthmodels():
    # its Wald errors count the augmented data, ours do not; it stops when the score is below gtol
    patterns, outcome = made_up()
    fit = logistic.firth(patterns, outcome)
    peer = firthmodels.FirthLogisticRegression(gtol=1e-8, xtol=1e-8, max_iter=200, backend="numpy")
    peer.fit(patterns.design[patterns.index], outcome)
    peer.lrt()
    assert_allclose(fit.coefficients, peer.coef_, rtol=1e-7, atol=0)
    assert_allclose(p_values(fit), peer.lrt_pvalues_[:3], rtol=1e-7, atol=0)
    assert_allclose(profile_interval(fit), peer.conf_int(method="pl")[:3], rtol=1e-6, atol=0)


def test_logistic_drops_collinear_columns():
    rows = LOGISTIC_ROWS[:50]
    fit = logistic.firth(numeric(rows, ["a", "b", "a_or_b"]), rows["outcome"])
    assert fit.dropped == (Column("a_or_b"),) and np.isnan(profile_interval(fit)[2]).all()


# --- Cox -------------------------------------------------------------------------------------------------
def monotone():
    """The rows of cox.R in which nobody with b has an event."""
    rows = COX_ROWS[:60]
    return rows.assign(event=rows["event"].where(rows["b"] == 0, 0))


@pytest.mark.parametrize(
    ("name", "time", "ties"),
    [
        ("firth_days", "days", "efron"),
        ("firth_years_efron", "years", "efron"),
        ("firth_years_breslow", "years", "breslow"),
    ],
)
def test_cox_matches_the_definition(name, time, ties):
    rows, expected = monotone(), ANSWERS[name]
    arguments = numeric(rows, ["a", "b", "u"]), SurvivalRows(rows[time], rows["event"])
    with pytest.raises(NotEstimable):
        cox.fit(*arguments, ties=ties)
    fit = cox.firth(*arguments, ties=ties)
    assert fit.penalised
    assert_allclose(fit.coefficients, expected["coefficient"], rtol=RTOL, atol=0)
    assert_allclose(fit.std_error, expected["std_error"], rtol=RTOL, atol=0)
    assert_allclose(fit.loglik_null, expected["loglik_null"].item(), rtol=RTOL, atol=0)
    assert_inference(fit, expected)


def test_cox_matches_coxphf():
    # as quoted by the tests of firthmodels 0.8 (J. Luo); coxphf stops at steps of 1e-6, a p value squares z
    rows = read_rows("coxphf.csv")
    patterns = numeric(rows, ["separator", "x1", "x2", "x3"])
    with pytest.raises(NotEstimable, match="every event has the highest separator"):
        cox.fit(patterns, SurvivalRows(rows["time"], rows["event"]))
    fit = cox.firth(patterns, SurvivalRows(rows["time"], rows["event"]))
    coefficients = [3.8815800583, 0.6042066427, -0.4202139201, 1.0415063080]
    assert_allclose(fit.coefficients, coefficients, rtol=1e-7, atol=0)
    std_error = [1.4430190269, 0.1599607483, 0.2541800107, 0.3128784410]
    assert_allclose(fit.std_error, std_error, rtol=1e-7, atol=0)
    limits = [
        [1.9343469272, 8.7215676015],
        [0.2921186188, 0.9164270978],
        [-0.9217200647, 0.0699415336],
        [0.4348431279, 1.6550461482],
    ]
    assert_allclose(profile_interval(fit), limits, rtol=1e-7, atol=0)
    expected = [7.318984974e-09, 1.686334002e-04, 9.295083722e-02, 8.463066114e-04]
    assert_allclose(p_values(fit), expected, rtol=1e-7, atol=0)
    assert_allclose(likelihood_ratio(fit, fit.columns).statistic, 57.6071, rtol=1e-6, atol=0)


def test_cox_matches_firthmodels():
    # it has Breslow's ties
    rows = monotone()
    patterns = numeric(rows, ["a", "b", "u"])
    fit = cox.firth(patterns, SurvivalRows(rows["years"], rows["event"]), "breslow")
    peer = firthmodels.FirthCoxPH(gtol=1e-8, xtol=1e-8, max_iter=200, backend="numpy")
    peer.fit(
        patterns.design[patterns.index], (rows["event"].to_numpy() == 1, rows["years"].to_numpy(dtype=float))
    )
    peer.lrt()
    assert_allclose(fit.coefficients, peer.coef_, rtol=1e-7, atol=0)
    assert_allclose(fit.std_error, peer.bse_, rtol=1e-7, atol=0)
    assert_allclose(p_values(fit), peer.lrt_pvalues_, rtol=1e-7, atol=0)


def test_cox_of_two_patients_is_log_3():
    # Heinze and Schemper (2001), Biometrics 57:114, section 2: the modified score is zero at r = 3
    fit = cox.firth(encode([Term("x", np.array([1.0, 0.0]))]), SurvivalRows([1, 2], [1, 0]))
    assert_allclose(fit.coefficients, [np.log(3)], rtol=1e-12, atol=0)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_cox_score_is_the_slope_of_its_value_with_every_option(ties):
    # no R package has all of these with Firth's penalty
    rows = COX_ROWS[:200]
    columns = ["entry_years", "centre", "weight", "count", "shift"]
    entry, strata, weights, counts, offset = (rows[column].to_numpy() for column in columns)
    more = {"entry": entry, "strata": strata, "weights": weights, "counts": counts, "offset": offset}
    patterns = numeric(rows, ["a", "e2", "e3", "e4", "age"])
    fit = cox.firth(patterns, SurvivalRows(rows["years"], rows["event"], **more), ties)
    at, small, scale = fit.parameters + 0.3, 1e-5, np.array([1, 1, 1, 1, 0.01])
    slopes = [
        (fit.evaluate(at + small * unit).value - fit.evaluate(at - small * unit).value) / (2 * small)
        for unit in np.diag(scale)
    ]
    # central differences: third derivative times 1e-10, and rounding of 1e-13 * 1e3 / 1e-5
    assert_allclose(slopes, fit.evaluate(at).score * scale, rtol=1e-5, atol=0)


def test_cox_drops_collinear_columns():
    rows = monotone()
    fit = cox.firth(numeric(rows, ["a", "b", "a_or_b"]), SurvivalRows(rows["days"], rows["event"]))
    assert fit.dropped == (Column("a_or_b"),) and np.isnan(profile_interval(fit)[2]).all()
