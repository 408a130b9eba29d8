"""
Columns on a strange scale, or with one value far outside, against R (tests/reference/outliers.R).

The answer is that of a column on an ordinary scale, or of the rows without the far value.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support.reference_cases import numeric, read_answers, read_rows

from recohort.base.errors import NotEstimable
from recohort.statistics import batch, logistic
from recohort.statistics.coded_table import code_terms
from recohort.statistics.cox import fit as cox
from recohort.statistics.cox.residuals import residuals
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.maximum_likelihood import likelihood_ratio, profile_interval
from recohort.statistics.survival_rows import SurvivalRows

ROWS, ANSWERS = read_rows("outliers_rows.csv"), read_answers("outliers.csv")
CASES = dict(list(ROWS.groupby("case", sort=False)))
# both converge to rounding; covariates about a far centre have eight digits less
RTOL = {"default": 1e-9, "calendar years": 1e-8, "logistic, calendar years": 1e-8}


def columns(rows):
    return ["x", "z"] if rows["z"].nunique() > 1 else ["x"]


def survival(rows):
    entry = rows["entry"] if rows["entry"].any() else None
    return SurvivalRows(rows["time"], rows["event"], entry, rows["stratum"])


def fits(rows):
    """The model of the rows, in every way in which it can be fitted."""
    names = columns(rows)
    table = code_terms([Term(name, rows[name].to_numpy()) for name in names])
    if rows["model"].iloc[0] == "cox":
        ties = rows["ties"].iloc[0]
        yield cox.fit(numeric(rows, names), survival(rows), ties)
        yield batch.cox(table, survival(rows), ties=ties).fit(names).fit
    else:
        yield logistic.fit(numeric(rows, names), rows["event"])
        yield batch.logistic(table, rows["event"]).fit(names).fit


@pytest.mark.parametrize("name", CASES)
def test_models_are_those_of_r(name):
    expected, rtol = ANSWERS[name], RTOL.get(name, RTOL["default"])
    for fit in fits(CASES[name]):
        assert_allclose(fit.coefficients, expected["coefficient"], rtol=rtol, atol=0)
        assert_allclose(fit.std_error, expected["std_error"], rtol=rtol, atol=0)
        assert_allclose(fit.loglik, expected["loglik"].item(), rtol=1e-10, atol=0)


@pytest.mark.parametrize("name", CASES)
def test_likelihood_ratio_tests_are_those_of_r(name):
    for fit in fits(CASES[name]):
        test = likelihood_ratio(fit, [Column("x")])
        assert test.df == 1
        # a difference of log likelihoods up to a thousand times as large
        assert_allclose(test.statistic, ANSWERS[name]["likelihood_ratio"].item(), rtol=1e-8, atol=0)


def test_profile_limits_are_those_without_a_row_that_adds_nothing():
    with_it = CASES["logistic of the report"]
    fit, rest = (logistic.fit(numeric(rows, ["x"]), rows["event"]) for rows in (with_it, with_it[:-1]))
    # solved to 1e-10 standard errors, and the upper limit is near 0
    found, expected = profile_interval(fit), profile_interval(rest)
    assert_allclose(found, expected, rtol=0, atol=1e-10 * fit.std_error[0])
    assert_allclose(found[0, 1], -0.00112, atol=1e-5)


@pytest.mark.parametrize("far", [1e8, -1e8])
def test_who_is_separated_is_found_beside_an_outlier(far):
    orders, other = (
        Term("orders", np.array([9.0, 7, 8, 5, 1, 4])),
        Term("far", np.array([0, 0, 1, 0, 0, far])),
    )
    with pytest.raises(NotEstimable) as refusal:
        cox.fit(encode([orders, other]), SurvivalRows([1, 3, 2, 4, 6, 5], np.ones(6)))
    assert refusal.value.columns == (Column("orders"),)
    # both together separate, neither alone
    y = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    a, b = np.array([0.0, 3, 1, 1.5, 4, 5, 2, 3]), np.array([0.0, 0, 0, 2, -4, -4, 0, 0])
    wild = np.array([1.0, 0, 2, 1, 0, 2, far, 1])
    with pytest.raises(NotEstimable) as refusal:
        logistic.fit(encode([Term("a", a), Term("b", b), Term("wild", wild)]), y)
    assert set(refusal.value.columns) >= {Column("a"), Column("b")}


def test_residuals_where_no_hazard_is_left_are_refused_not_nothing():
    rows = CASES["first event"]
    fit = cox.fit(numeric(rows, ["x"]), survival(rows))
    with pytest.raises(NotEstimable, match="linear predictors are too far apart"):
        residuals(fit, numeric(rows, ["x"]), survival(rows))
