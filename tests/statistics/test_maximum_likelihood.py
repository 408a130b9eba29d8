"""The maximiser on log likelihoods whose maximum is known, and refuses where there is none."""

from math import erfc

import numpy as np
import pytest

from recohort.base.errors import NotEstimable
from recohort.statistics import logistic
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.maximum_likelihood import (
    Evaluation,
    covariance,
    independent,
    jeffreys,
    maximise,
    wald_p_values,
)


def poisson(at):
    """Counts 3 and 10 with log means a and a + b: the maximum is (log 3, log 10/3)."""
    x, y = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([3.0, 10.0])
    mean = np.exp(x @ at)
    return Evaluation(y @ (x @ at) - mean.sum(), (y - mean) @ x, x.T @ (mean[:, None] * x))


def test_finds_a_known_maximum():
    at, maximum, iterations = maximise(poisson, np.zeros(2), np.arange(2))
    # quadratic convergence leaves nothing but rounding
    np.testing.assert_allclose(at, [np.log(3), np.log(10 / 3)], rtol=1e-14, atol=0)
    np.testing.assert_allclose(maximum.value, 3 * np.log(3) - 3 + 10 * np.log(10) - 10, rtol=1e-14, atol=0)
    assert 1 < iterations < 15


def test_keeps_what_is_not_free():
    at, _, _ = maximise(poisson, np.array([0.0, 1.0]), np.array([0]))
    assert at[1] == 1
    np.testing.assert_allclose(at[0], np.log(13 / (1 + np.e)), rtol=1e-14, atol=0)


def test_halves_steps_that_overshoot():
    # Newton's step for log cosh from 2 leads to -11.6, and from there further and further away
    def log_cosh(at):
        return Evaluation(-np.log(np.cosh(at[0])), -np.tanh(at), np.array([[np.cosh(at[0]) ** -2]]))

    at, _, _ = maximise(log_cosh, np.array([2.0]), np.array([0]))
    assert abs(at[0]) < 1e-10


def test_halves_steps_for_half_the_curvature():
    # with half the true curvature each whole step from b leads to -b, where the value is the same
    def understated(at):
        return Evaluation(-(at[0] ** 2), -2 * at, np.array([[1.0]]))

    at, _, _ = maximise(understated, np.array([1.0]), np.array([0]))
    assert abs(at[0]) < 1e-10


def rising(at):
    """Rises to zero for ever along the parameter."""
    risen = np.exp(-at[0])
    return Evaluation(-risen, np.array([risen]), np.array([[risen]]))


def test_names_what_grows_for_ever():
    column = Column("ihc", "3+")
    with pytest.raises(NotEstimable, match="no finite maximum in ihc 3") as refusal:
        maximise(rising, np.zeros(1), np.array([0]), lambda direction: (column,) if direction[0] > 0 else ())
    assert refusal.value.columns == (column,)


def test_refuses_when_it_finds_no_maximum():
    # rises without bound
    with pytest.raises(NotEstimable, match="no maximum was found in 200 iterations"):
        maximise(lambda at: Evaluation(at[0], np.ones(1), np.eye(1)), np.zeros(1), np.array([0]))


def test_refuses_when_it_cannot_rise():
    # a score that points down
    with pytest.raises(NotEstimable, match="no maximum was found in 1 iterations"):
        maximise(lambda at: Evaluation(-at[0], np.ones(1), np.eye(1)), np.zeros(1), np.array([0]))


def test_refuses_a_singular_information():
    with pytest.raises(NotEstimable, match="singular"):
        covariance(np.ones((2, 2)))


def test_covariance_is_the_inverse_in_any_units():
    information = np.array([[4e-12, 1.0], [1.0, 9e12]])
    # condition number 1.1 once scaled
    np.testing.assert_allclose(covariance(information), np.array([[9e12, -1], [-1, 4e-12]]) / 35, rtol=1e-14)


def test_jeffreys_is_half_the_log_determinant():
    information = np.array([[4.0, 1.0], [1.0, 9.0]])
    penalty, inverse = jeffreys(information)
    np.testing.assert_allclose(penalty, np.log(35) / 2, rtol=1e-15, atol=0)
    np.testing.assert_allclose(inverse, np.array([[9, -1], [-1, 4]]) / 35, rtol=1e-14, atol=0)
    assert jeffreys(np.array([[1.0, 2.0], [2.0, 1.0]]))[0] == -np.inf


def test_later_columns_are_the_collinear_ones():
    x = np.array([[1.0, 0, 1, 2], [0, 1, 1, 5], [1, 1, 2, 1], [2, 0, 2, 0]])
    information = x.T @ x
    np.testing.assert_array_equal(independent(information, np.diag(information)), [True, True, False, True])


def test_wald_p_values_of_a_two_by_two_table_are_those_of_woolf():
    group = encode([Term("group", np.array([1, 1, 0, 0]), ("no", "yes"))])
    fit = logistic.fit(group, np.array([1, 0, 1, 0]), weights=np.array([20.0, 30.0, 10.0, 40.0]))
    # the log odds ratio is log(20 * 40 / (30 * 10)), its variance the sum of 1 / count
    z = np.log(8 / 3) / np.sqrt(1 / 20 + 1 / 30 + 1 / 10 + 1 / 40)
    # the fit is iterated to rounding, and the tail multiplies the error by z squared
    np.testing.assert_allclose(wald_p_values(fit)[-1], erfc(z / np.sqrt(2)), rtol=1e-10, atol=0)
