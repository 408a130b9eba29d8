"""What Cox and logistic regression share: the maximum of a log likelihood, and inference around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple, TypedDict

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats, Integers
from recohort.statistics.design import Column
from recohort.statistics.distributions import central, chi_squared_tail, normal_quantile, normal_two_sided

MAX_ITERATIONS = 200
# Newton decrement at which a maximum counts as found: it is 1e-10 standard errors away, before the last step
CONVERGED = 1e-20
# Newton decrement at which rounding may end the search for a maximum that is known to be finite
STALLED = 1e-12
# Pivot below which a column counts as collinear with earlier ones, as in R's coxph.control
COLLINEAR = np.finfo(float).eps ** 0.75


class Evaluation(NamedTuple):
    """A log likelihood at one point: value, score (q,) and information (q, q)."""

    value: float
    score: Floats
    information: Floats


Evaluate = Callable[[Floats], Evaluation]
# A direction to the columns that can grow for ever along it, for nothing is lost
Separated = Callable[[Floats], tuple[Column, ...]]


class ChiSquaredTest(NamedTuple):
    """A chi-squared test."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True)
class Fit:
    """
    A maximised log likelihood.

    Parameters
    ----------
    columns : tuple of Column, length p
    coefficients, std_error : ndarray, shape (p,)
        On the log scale; standard errors from the inverse information, without the penalty, at the estimates.
        NaN for a dropped column.
    covariance : ndarray, shape (p, p)
    dropped : tuple of Column
        Linear combinations of earlier columns, left out as R does.
    loglik_null, loglik : float
        With all coefficients zero and at the maximum; penalised values of a penalised fit.
    n, n_events : int
        Real numbers where the weights are not whole.
    iterations : int
    penalised : bool
        Whether Firth's penalty was added.
    parameters, null : ndarray, shape (q,)
        The maximum with and without the columns, as arguments of evaluate.
    position : ndarray of int, shape (p,)
        Index of each column in parameters; -1 of a dropped one.
    evaluate : callable
        parameters -> Evaluation.
    """

    columns: tuple[Column, ...]
    coefficients: Floats
    std_error: Floats
    covariance: Floats
    dropped: tuple[Column, ...]
    loglik_null: float
    loglik: float
    n: float
    n_events: float
    iterations: int
    penalised: bool
    parameters: Floats = field(repr=False)
    null: Floats = field(repr=False)
    position: Integers = field(repr=False)
    evaluate: Evaluate = field(repr=False)


class Maximum(TypedDict):
    """The fields of a Fit that follow from its likelihood."""

    columns: tuple[Column, ...]
    coefficients: Floats
    std_error: Floats
    covariance: Floats
    dropped: tuple[Column, ...]
    loglik_null: float
    loglik: float
    iterations: int
    parameters: Floats
    null: Floats
    position: Integers
    evaluate: Evaluate


def fitted(
    evaluate: Evaluate,
    null: Floats,
    columns: tuple[Column, ...],
    keep: Booleans,
    separated: Separated | None = None,
    at_null: Evaluation | None = None,
) -> Maximum:
    """
    Maximise a log likelihood over all its parameters.

    Parameters
    ----------
    evaluate, separated : callable
        As for `maximise`.
    null : ndarray, shape (q,)
        The maximum with the coefficients of the columns, its last elements, at zero.
    columns : tuple of Column, length p
    keep : ndarray of bool, shape (p,)
        The columns that are among the parameters.
    at_null : Evaluation, optional
        At null, if it is known already.

    Returns
    -------
    Maximum
    """
    at_null = evaluate(null) if at_null is None else at_null
    free = np.arange(len(null))
    parameters, maximum, iterations = maximise(evaluate, null, free, separated, at_null)
    kept = np.flatnonzero(keep)
    others = len(null) - len(kept)
    coefficients, variance = np.full(len(keep), np.nan), np.full((len(keep), len(keep)), np.nan)
    coefficients[kept] = parameters[others:]
    variance[kept[:, None], kept] = covariance(maximum.information)[others:, others:]
    position = np.full(len(keep), -1)
    position[kept] = free[others:]
    return {
        "columns": columns,
        "coefficients": coefficients,
        "std_error": np.sqrt(variance.diagonal()),
        "covariance": variance,
        "dropped": tuple(compress(columns, ~keep)),
        "loglik_null": float(at_null.value),
        "loglik": float(maximum.value),
        "iterations": iterations,
        "parameters": parameters,
        "null": null,
        "position": position,
        "evaluate": evaluate,
    }


@np.errstate(all="ignore")  # a step too far may overflow; what is not a number is not accepted
def maximise(
    evaluate: Evaluate,
    start: Floats,
    free: Integers,
    separated: Separated | None = None,
    at_start: Evaluation | None = None,
) -> tuple[Floats, Evaluation, int]:
    """
    Newton's method with step halving.

    Parameters
    ----------
    evaluate : callable
        parameters (q,) -> Evaluation.
    start : ndarray, shape (q,)
    free : ndarray of int
        The parameters that move; the others stay where they start.
    separated : callable, optional
        direction (q,) -> tuple of Column: those that can grow for ever along it, for nothing is lost.
    at_start : Evaluation, optional
        At start, if it is known already.

    Returns
    -------
    parameters : ndarray, shape (q,)
    evaluation : Evaluation
        At parameters, or less than 1e-10 standard errors from them.
    iterations : int

    Raises
    ------
    NotEstimable
        If there is no finite maximum (the columns that grow are named), or none is found.
    """
    at, before = np.array(start, dtype=float), float("inf")
    now = evaluate(at) if at_start is None else at_start
    for iteration in range(MAX_ITERATIONS):
        if len(free) == len(at):
            step = covariance(now.information) @ now.score
        else:
            step = np.zeros_like(at)
            step[free] = covariance(now.information[free[:, None], free]) @ now.score[free]
        decrement = float(now.score @ step)
        # Newton squares the decrement near a finite maximum, and divides it by e on the way to infinity
        if separated and decrement > before / 10 and (columns := separated(step)):
            names = ", ".join(map(str, columns))
            raise NotEstimable(f"the likelihood has no finite maximum in {names}", columns)
        if abs(decrement) <= CONVERGED:
            return at + step, now, iteration
        before = decrement
        ahead = _ascend(evaluate, at, now, step)
        if ahead is None:
            break
        at, now = ahead
    if separated is None and abs(before) <= STALLED:
        return at, now, iteration + 1
    raise NotEstimable(f"no maximum was found in {iteration + 1} iterations")


def _ascend(
    evaluate: Evaluate, at: Floats, now: Evaluation, step: Floats
) -> tuple[Floats, Evaluation] | None:
    """The first point along a step, halved as needed, that is not lower nor far past the top; or None."""
    lowest, slope = now.value - 1e-12 * abs(now.value), now.score @ step
    for halving in range(50):
        ahead = at + step / 2**halving
        then = evaluate(ahead)
        # the slope shows an overshoot that rounding hides in the value: Firth's penalty can double the
        # curvature, and whole steps would then go to and fro for ever
        if then.value >= lowest and then.score @ step >= -slope / 2:
            return ahead, then
    return None


def covariance(information: Floats) -> Floats:
    """Inverse of an information matrix, scaled first so that units do not matter."""
    if len(information) == 1:
        return 1 / information
    scale = 1 / np.sqrt(information.diagonal())
    scale = scale[:, None] * scale
    try:
        return np.linalg.inv(information * scale) * scale
    except np.linalg.LinAlgError:
        raise NotEstimable("the information matrix is singular") from None


def jeffreys(information: Floats) -> tuple[float, Floats]:
    """Half the log determinant of an information matrix, and its inverse; -inf and zero if singular."""
    size = np.diag(information)
    scale = np.sqrt(np.outer(size, size))
    try:
        root, inverse = np.linalg.cholesky(information / scale), np.linalg.inv(information / scale) / scale
    except np.linalg.LinAlgError:
        return -np.inf, np.zeros_like(information)
    return np.log(np.diag(root)).sum() + np.log(size).sum() / 2, inverse


def independent(information: Floats, moments: Floats) -> Booleans:
    """
    Which columns are not linear combinations of earlier ones.

    Parameters
    ----------
    information : ndarray, shape (q, q)
        Anywhere: a likelihood that is flat along a direction is so everywhere.
    moments : ndarray, shape (q,)
        The size of each diagonal element before means were subtracted, to tell zero from rounding.

    Returns
    -------
    ndarray of bool, shape (q,)
    """
    rest = information.copy()
    keep = np.zeros(len(rest), dtype=bool)
    for j in range(len(rest)):
        if rest[j, j] > COLLINEAR * moments[j]:
            keep[j] = True
            rest -= rest[:, j, None] * (rest[j] / rest[j, j])
    return keep


def moving(direction: Floats, spread: Floats, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns, of a spread (p,), that change the linear predictor along a direction, rounding apart."""
    change = np.abs(direction) * spread
    return tuple(compress(columns, change > 1e-4 * change.max()))


def wald_test(fit: Fit, columns: Sequence[Column]) -> ChiSquaredTest:
    """
    Wald test that the coefficients of some columns are zero; dropped columns take no part.

    Raises
    ------
    ValueError
        If a column is none of the fit.
    """
    at = [i for i in _places(fit, columns) if fit.position[i] >= 0]
    beta = fit.coefficients[at]
    return _chi_squared(float(beta @ np.linalg.solve(fit.covariance[np.ix_(at, at)], beta)), len(at))


def wald_p_values(fit: Fit) -> Floats:
    """Wald p values of the single columns, shape (p,); NaN for a dropped column."""
    return np.array([normal_two_sided(z) for z in fit.coefficients / fit.std_error])


def likelihood_ratio(fit: Fit, columns: Sequence[Column]) -> ChiSquaredTest:
    """
    Likelihood-ratio test of a fit against the one nested in it without some columns.

    Of a penalised fit, the penalised test: the penalty keeps the information of all columns, as in R's
    logistf and coxphf.

    Raises
    ------
    ValueError
        If a column is none of the fit.
    NotEstimable
        If the model without them has no maximum.
    """
    k = _positions(fit, columns)
    # not from the whole fit: without a column the others can be far from where they are with it
    _, reduced, _ = maximise(fit.evaluate, fit.null, np.delete(np.arange(len(fit.null)), k))
    return _chi_squared(2 * (fit.loglik - reduced.value), len(k))


def score_test(fit: Fit) -> ChiSquaredTest:
    """
    Score test that all coefficients are zero.

    Of a Cox model of one factor it is the log-rank test where no events are tied. With ties it is not:
    the terms of Efron and Breslow have another variance than the log-rank test.
    """
    at = fit.evaluate(fit.null)
    return _chi_squared(
        float(at.score @ covariance(at.information) @ at.score), int(np.sum(fit.position >= 0))
    )


def wald_interval(fit: Fit, level: float = 0.95) -> Floats:
    """
    Wald confidence limits of the coefficients, shape (p, 2).

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    half = normal_quantile((1 + central(level)) / 2) * fit.std_error[:, None]
    limits: Floats = fit.coefficients[:, None] + half * np.array([-1, 1])
    return limits


def profile_interval(fit: Fit, level: float = 0.95) -> Floats:
    """
    Profile-likelihood confidence limits of the coefficients; of a penalised fit, penalised.

    Parameters
    ----------
    fit : Fit
    level : float

    Returns
    -------
    ndarray, shape (p, 2)
        Solved to 1e-10 on the scale of a standard normal (1e-14 of the log likelihood if that is more);
        NaN for a dropped column.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    NotEstimable
        If a limit is not found.

    References
    ----------
    Venzon and Moolgavkar (1988), Appl. Stat. 37:87. Heinze and Schemper (2002), Stat. Med. 21:2409.
    """
    z = normal_quantile((1 + central(level)) / 2)
    limits = np.full((len(fit.columns), 2), np.nan)
    variance = covariance(fit.evaluate(fit.parameters).information)
    for row in np.flatnonzero(fit.position >= 0):
        limits[row] = [_profile_limit(fit, fit.position[row], variance, side, z) for side in (-1, 1)]
    return limits


def _profile_limit(fit: Fit, k: int, variance: Floats, side: int, z: float) -> float:
    """Where the root of twice the fall of the profile log likelihood is z, by safeguarded Newton steps."""
    others = np.delete(np.arange(len(fit.parameters)), k)
    tangent = variance[:, k] / variance[k, k]
    tolerance = max(1e-10, 1e-14 * abs(fit.loglik))
    # the profile of concave log likelihoods falls on both sides: each point tried becomes a bound
    inside, outside = 0.0, np.inf
    at, distance = fit.parameters, z * np.sqrt(variance[k, k])
    for _ in range(MAX_ITERATIONS):
        moved = at + tangent * (fit.parameters[k] + side * distance - at[k])
        at, now = _profile(fit, k, moved, others)
        root = np.sqrt(2 * max(fit.loglik - now.value, 0))
        if abs(root - z) <= tolerance:
            return float(at[k])
        inside, outside = (distance, outside) if root < z else (inside, distance)
        slope = -side * now.score[k] / root if root else 0
        newton = distance + (z - root) / slope if slope > 0 else np.inf
        halfway = (inside + outside) / 2 if np.isfinite(outside) else 2 * distance
        distance = newton if inside < newton < min(outside, 4 * distance) else halfway
    raise NotEstimable("no profile limit was found", (fit.columns[list(fit.position).index(k)],))


def _profile(fit: Fit, k: int, start: Floats, others: Integers) -> tuple[Floats, Evaluation]:
    """The maximum with parameter k where it is at the start; if not found from there, then from the null."""
    try:
        return maximise(fit.evaluate, start, others)[:2]
    except NotEstimable:
        null = fit.null.copy()
        null[k] = start[k]
        return maximise(fit.evaluate, null, others)[:2]


def _positions(fit: Fit, columns: Sequence[Column]) -> Integers:
    """Where columns are in the parameters, dropped ones left out."""
    k: Integers = fit.position[np.array(_places(fit, columns), dtype=int)]
    return np.compress(k >= 0, k)


def _places(fit: Fit, columns: Sequence[Column]) -> list[int]:
    if unknown := [str(column) for column in columns if column not in fit.columns]:
        raise ValueError(f"{', '.join(unknown)}: no such column of the fit")
    return [fit.columns.index(column) for column in columns]


def _chi_squared(statistic: float, df: int) -> ChiSquaredTest:
    return ChiSquaredTest(float(statistic), int(df), chi_squared_tail(statistic, int(df)) if df else np.nan)
