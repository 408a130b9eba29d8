"""Logistic regression on covariate patterns: the likelihood of the rows, exactly."""

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from recohort.errors import NotEstimable
from recohort.likelihood import Evaluation, Fit, covariance, fitted, independent, jeffreys, maximise, moving
from recohort.patterns import row_vector


@dataclass(frozen=True, kw_only=True)
class LogisticFit(Fit):
    """
    A logistic model: a Fit, and its intercept, which is not among the columns.

    Parameters
    ----------
    intercept, intercept_std_error : float
    deviance : float
        Minus twice the log likelihood of the rows at the estimates, without a penalty.
    """

    intercept: float
    intercept_std_error: float
    deviance: float


def fit(patterns, outcome, weights=None, offset=None):
    """
    Logistic regression with an intercept.

    Parameters
    ----------
    patterns : Patterns
        Covariates of the n rows.
    outcome : ndarray, shape (n,)
        0/1.
    weights : ndarray, shape (n,), optional
        How many rows each row stands for, >= 0: the fit is that of the rows repeated.
    offset : ndarray, shape (n,), optional
        Added to the linear predictor.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ValueError
        If a length differs, a value is missing or infinite, an outcome is not 0/1, or a weight is negative.
    NotEstimable
        If all outcomes are the same, or columns separate them, completely or nearly (they are named).

    References
    ----------
    Albert and Anderson (1984), Biometrika 71:1. Agrees with R `glm`, tests/test_logistic.py.
    """
    likelihood, keep, mean = _likelihood(patterns, outcome, weights, offset)
    columns = tuple(compress(patterns.columns, keep))
    _refuse_one_sided(likelihood, columns)

    def separated(direction):
        grows = likelihood.never_falls(direction)
        return moving(direction[1:], likelihood.design[:, 1:], columns) if grows else ()

    return _fit(likelihood, likelihood.evaluate, separated, patterns.columns, keep, mean)


def firth(patterns, outcome, weights=None, offset=None):
    """
    Logistic regression with Firth's penalty: finite estimates where `fit` refuses.

    Half the log determinant of the information is added to the log likelihood. For inference use
    `likelihood_ratio` and `profile_interval`: the likelihood is lopsided just where the penalty is needed.

    Parameters
    ----------
    patterns, outcome, weights, offset
        As for `fit`.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ValueError
        As for `fit`.
    NotEstimable
        If all outcomes are the same.

    References
    ----------
    Heinze and Schemper (2002), Stat. Med. 21:2409.
    """
    likelihood, keep, mean = _likelihood(patterns, outcome, weights, offset)
    return _fit(likelihood, likelihood.evaluate_penalised, None, patterns.columns, keep, mean)


@dataclass(frozen=True)
class BinomialLikelihood:
    """
    The binomial likelihood of cells: patterns, or rows if they have offsets.

    Parameters
    ----------
    design : ndarray, shape (n_cells, 1 + p)
        The intercept, then the columns, centred against cancellation.
    events, others : ndarray, shape (n_cells,)
        Weighted number of rows with outcome 1 and 0.
    offset : ndarray, shape (n_cells,)
    """

    design: np.ndarray
    events: np.ndarray
    others: np.ndarray
    offset: np.ndarray

    def evaluate(self, beta):
        """Log likelihood, score and information at an intercept and coefficients, shape (1 + p,)."""
        eta = self.design @ beta + self.offset
        chance, against = _chance(eta), _chance(-eta)
        value = -self.events @ np.logaddexp(0, -eta) - self.others @ np.logaddexp(0, eta)
        variance = (self.events + self.others) * chance * against
        score = (self.events * against - self.others * chance) @ self.design
        return Evaluation(value, score, self.design.T @ (variance[:, None] * self.design))

    def evaluate_penalised(self, beta):
        """The same with half the log determinant of the information added, and its gradient to the score."""
        value, score, information = self.evaluate(beta)
        penalty, inverse = jeffreys(information)
        chance = _chance(self.design @ beta + self.offset)
        variance = (self.events + self.others) * chance * (1 - chance)
        leverage = variance * np.sum(self.design @ inverse * self.design, axis=1)
        return Evaluation(value + penalty, score + (leverage * (0.5 - chance)) @ self.design, information)

    def never_falls(self, direction):
        """Whether a direction gives no event a negative, and no other row a positive, linear predictor."""
        eta = self.design @ direction
        slack = 1e-7 * np.ptp(eta)
        return eta[self.events > 0].min() >= -slack and eta[self.others > 0].max() <= slack


def _likelihood(patterns, outcome, weights, offset):
    """The likelihood without collinear columns, which columns it keeps, and the means of all columns."""
    n = len(patterns.index)
    outcome = row_vector("outcome", outcome, n)
    weights = np.ones(n) if weights is None else row_vector("weights", weights, n)
    if not np.isin(outcome, (0, 1)).all():
        raise ValueError("outcome is not 0 or 1")
    if not (weights >= 0).all():
        raise ValueError("weights are negative")
    if offset is None:
        cell, design, offset = patterns.index, patterns.design, np.zeros(len(patterns.design))
    else:
        cell, design, offset = np.arange(n), patterns.design[patterns.index], row_vector("offset", offset, n)

    events = np.bincount(cell, weights * outcome, len(design))
    others = np.bincount(cell, weights * (1 - outcome), len(design))
    if not events.any() or not others.any():
        raise NotEstimable("no events" if not events.any() else "only events")
    used = events + others > 0
    mean = (events + others) @ design / weights.sum()
    design = np.column_stack([np.ones(used.sum()), design[used] - mean])
    whole = BinomialLikelihood(design, events[used], others[used], offset[used])
    information = whole.evaluate(np.zeros(design.shape[1])).information
    keep = independent(information, np.diag(information))
    return replace(whole, design=np.ascontiguousarray(design[:, keep])), keep[1:], mean


def _refuse_one_sided(likelihood, columns):
    """Refuse columns that each separate events and other rows by themselves."""
    x_event = likelihood.design[likelihood.events > 0, 1:]
    x_other = likelihood.design[likelihood.others > 0, 1:]
    above = x_event.min(axis=0) >= x_other.max(axis=0)
    below = x_event.max(axis=0) <= x_other.min(axis=0)
    separating = tuple(compress(columns, above | below))
    if separating:
        raise NotEstimable(f"the outcome is separated by {', '.join(map(str, separating))}", separating)


def _fit(likelihood, evaluate, separated, columns, keep, mean):
    null, _, _ = maximise(evaluate, np.zeros(1 + keep.sum()), np.array([0]))
    fields = fitted(evaluate, null, columns, keep, separated)
    at = fields["parameters"]
    unadjusted, _, information = likelihood.evaluate(at)
    to_zero = np.concatenate([[1], -mean[keep]])
    return LogisticFit(
        **fields,
        n=_count(likelihood.events.sum() + likelihood.others.sum()),
        n_events=_count(likelihood.events.sum()),
        penalised=evaluate == likelihood.evaluate_penalised,
        intercept=float(to_zero @ at),
        intercept_std_error=float(np.sqrt(to_zero @ covariance(information) @ to_zero)),
        deviance=float(-2 * unadjusted),
    )


def _count(rows):
    """A number of rows: whole unless the weights are not."""
    return int(rows) if rows.is_integer() else float(rows)


def _chance(log_odds):
    """The inverse of the logit, without overflow."""
    return np.exp(-np.logaddexp(0, -log_odds))
