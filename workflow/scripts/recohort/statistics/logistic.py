"""Logistic regression on covariate patterns: the likelihood of the rows, exactly."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats, Given, Integers, Values
from recohort.statistics.blocked_products import cross, moments, times, weighted
from recohort.statistics.count_rows import codes, count_rows
from recohort.statistics.design import Column, Patterns, finite
from recohort.statistics.maximum_likelihood import (
    Evaluate,
    Evaluation,
    Fit,
    Separated,
    covariance,
    fitted,
    independent,
    jeffreys,
    maximise,
    moving,
)
from recohort.statistics.scaling import Scale, centre, scale_of


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


def fit(
    patterns: Patterns, outcome: Given, weights: Given | None = None, offset: Given | None = None
) -> LogisticFit:
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
    Albert and Anderson (1984), Biometrika 71:1. Agrees with R `glm`, tests/statistics/test_logistic.py.
    """
    likelihood, keep, middle = _likelihood(patterns, outcome, weights, offset)
    columns = tuple(compress(patterns.columns, keep))
    _refuse_one_sided(likelihood, columns)

    def separated(direction: Floats) -> tuple[Column, ...]:
        grows = likelihood.never_falls(direction)
        return moving(direction[1:], likelihood.scale.spread, columns) if grows else ()

    return _fit(likelihood, likelihood.evaluate, separated, patterns.columns, keep, middle)


def firth(
    patterns: Patterns, outcome: Given, weights: Given | None = None, offset: Given | None = None
) -> LogisticFit:
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
    likelihood, keep, middle = _likelihood(patterns, outcome, weights, offset)
    return _fit(likelihood, likelihood.evaluate_penalised, None, patterns.columns, keep, middle)


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

    design: Floats
    events: Floats
    others: Floats
    offset: Floats

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log likelihood, score and information at an intercept and coefficients, shape (1 + p,)."""
        eta = times(self.design, beta) + self.offset
        chance, against, log_sum = _chances(eta)
        value = np.sum(self.events * np.minimum(eta, 0)) - np.sum(self.others * np.maximum(eta, 0))
        value -= np.sum((self.events + self.others) * log_sum)
        variance = (self.events + self.others) * chance * against
        score, information = moments(self.design, self.events * against - self.others * chance, variance)
        return Evaluation(value, score, information)

    def evaluate_penalised(self, beta: Floats) -> Evaluation:
        """The same with half the log determinant of the information added, and its gradient to the score."""
        value, score, information = self.evaluate(beta)
        penalty, inverse = jeffreys(information)
        chance, against, _ = _chances(times(self.design, beta) + self.offset)
        variance = (self.events + self.others) * chance * against
        leverage = variance * np.sum(self.design @ inverse * self.design, axis=1)
        return Evaluation(value + penalty, score + (leverage * (0.5 - chance)) @ self.design, information)

    def never_falls(self, direction: Floats) -> bool:
        """Whether a direction gives no event a negative, and no other row a positive, linear predictor."""
        eta = times(self.design, direction)
        slack = self.scale.slack(self.design[:, 1:], direction[1:], shift=direction[0])
        return bool((eta + slack)[self.events > 0].min() >= 0 and (eta - slack)[self.others > 0].max() <= 0)

    @cached_property
    def scale(self) -> Scale:
        """Of the columns."""
        return scale_of(self.design[:, 1:], self.events + self.others)


def _likelihood(
    patterns: Patterns, outcome: Given, weights: Given | None, offset: Given | None
) -> tuple[BinomialLikelihood, Booleans, Floats]:
    """The likelihood without collinear columns, which it keeps, and what was subtracted from all columns."""
    n = len(patterns.index)
    outcome = finite("outcome", outcome, n)
    if not ((outcome == 0) | (outcome == 1)).all():
        raise ValueError("outcome is not 0 or 1")
    weights = None if weights is None else finite("weights", weights, n)
    if weights is not None and not (weights >= 0).all():
        raise ValueError("weights are negative")
    offset = None if offset is None else finite("offset", offset, n)
    pattern, events, others, offset = _cells(patterns, outcome == 1, weights, offset)
    if not events.any() or not others.any():
        raise NotEstimable("no events" if not events.any() else "only events")

    design = patterns.design[pattern]
    mean = cross((events + others)[:, None], design)[0] / (events + others).sum()
    middle = centre(mean, design, events + others, patterns.columns)
    whole = BinomialLikelihood(
        weighted(np.ones(len(design)), np.ones(len(design)), design - middle), events, others, offset
    )
    information = whole.evaluate(np.zeros(1 + design.shape[1])).information
    keep = independent(information, information.diagonal())
    return replace(whole, design=np.ascontiguousarray(whole.design[:, keep])), keep[1:], middle


def _cells(
    patterns: Patterns, event: Booleans, weights: Floats | None, offset: Floats | None
) -> tuple[Integers, Floats, Floats, Floats]:
    """Pattern, weight of the rows with and without an event, and offset of each cell."""
    columns: list[Values] = [patterns.index]
    sizes, offsets = [len(patterns.design)], np.zeros(1)
    if offset is not None:
        code, offsets = codes(offset)
        columns, sizes = [*columns, code], [*sizes, len(offsets)]
    place = len(columns)
    columns, sizes = [*columns, event], [*sizes, 2]
    if weights is not None:
        code, distinct = codes(weights)
        columns, sizes = [*columns, code], [*sizes, len(distinct)]
    counted, number = count_rows(columns, sizes)
    weight = number.astype(float) if weights is None else number * distinct[counted[-1]].astype(float)
    # they are sorted by pattern and offset, which make a cell
    start = np.flatnonzero(np.any([np.diff(code, prepend=-1) != 0 for code in counted[:place]], axis=0))
    events = np.add.reduceat(weight * counted[place], start)
    others = np.add.reduceat(weight * (1 - counted[place]), start)
    offset = offsets[counted[1][start]] if offset is not None else np.zeros(len(start))
    return counted[0][start], events, others, offset


def _refuse_one_sided(likelihood: BinomialLikelihood, columns: tuple[Column, ...]) -> None:
    """Refuse columns that each separate events and other rows by themselves."""
    with_event, without = np.flatnonzero(likelihood.events), np.flatnonzero(likelihood.others)
    suspects = np.arange(1, likelihood.design.shape[1])
    # most columns are cleared by a few patterns and need no closer look
    for few in (1000, None):
        x_event = likelihood.design[with_event[:few, None], suspects]
        x_other = likelihood.design[without[:few, None], suspects]
        above = x_event.min(axis=0) >= x_other.max(axis=0)
        below = x_event.max(axis=0) <= x_other.min(axis=0)
        suspects = suspects[above | below]
    separating = tuple(columns[j - 1] for j in suspects)
    if separating:
        raise NotEstimable(f"the outcome is separated by {', '.join(map(str, separating))}", separating)


def _fit(
    likelihood: BinomialLikelihood,
    evaluate: Evaluate,
    separated: Separated | None,
    columns: tuple[Column, ...],
    keep: Booleans,
    middle: Floats,
) -> LogisticFit:
    null = np.zeros(1 + keep.sum())
    null[0] = np.log(likelihood.events.sum() / likelihood.others.sum())
    null, _, _ = maximise(evaluate, null, np.array([0]))
    fields = fitted(evaluate, null, columns, keep, separated)
    at = fields["parameters"]
    unadjusted, _, information = likelihood.evaluate(at)
    to_zero = np.concatenate([[1], -middle[keep]])
    return LogisticFit(
        **fields,
        n=_count(likelihood.events.sum() + likelihood.others.sum()),
        n_events=_count(likelihood.events.sum()),
        penalised=evaluate == likelihood.evaluate_penalised,
        intercept=float(to_zero @ at),
        intercept_std_error=float(np.sqrt(to_zero @ covariance(information) @ to_zero)),
        deviance=float(-2 * unadjusted),
    )


def _count(rows: float) -> float:
    """A number of rows: whole unless the weights are not."""
    return int(rows) if rows.is_integer() else float(rows)


def _chances(log_odds: Floats) -> tuple[Floats, Floats, Floats]:
    """Probabilities of an event and of none, and log(1 + exp(-|log odds|)), without overflow."""
    less = np.exp(-np.abs(log_odds))
    more_likely, less_likely = 1 / (1 + less), less / (1 + less)
    rises = log_odds > 0
    chance, against = np.where(rises, [more_likely, less_likely], [less_likely, more_likely])
    return chance, against, np.log1p(less)
