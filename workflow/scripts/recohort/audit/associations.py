"""
Odds ratios and tests of many 2 x 2 tables at once.

Tables are arrays of counts, shape (..., 2, 2): groups in rows, with and without the feature in columns.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.statistics.distributions import normal_quantile, normal_two_sided
from recohort.statistics.fisher import RELATIVE_TIE, fisher

Z = normal_quantile(0.975)
CELLS_AT_ONCE = 200_000


def two_by_two(with_1: Any, n_1: Any, with_2: Any, n_2: Any) -> NDArray[Any]:
    """Tables of two groups from how many of each have the feature; shape (..., 2, 2)."""
    rows = np.broadcast_arrays(with_1, np.subtract(n_1, with_1), with_2, np.subtract(n_2, with_2))
    return np.stack(rows, axis=-1).reshape(*rows[0].shape, 2, 2).astype(float)


def possible(tables: NDArray[Any]) -> Any:
    """Whether no count is negative."""
    return (tables >= 0).all(axis=(-2, -1))


def sample_odds_ratio(tables: NDArray[Any]) -> Any:
    """Cross-product ratio; NaN if it is 0 / 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return tables[..., 0, 0] * tables[..., 1, 1] / (tables[..., 0, 1] * tables[..., 1, 0])


def conditional_odds_ratio(tables: NDArray[Any]) -> NDArray[Any]:
    """Conditional maximum likelihood estimate, that of R's fisher.test."""
    return _each(lambda table: fisher(table).estimate, tables)


def std_error(tables: NDArray[Any]) -> Any:
    """Woolf's, of the log odds ratio; infinite with an empty cell."""
    with np.errstate(divide="ignore"):
        return np.sqrt((1 / tables).sum(axis=(-2, -1)))


def wald_p(tables: NDArray[Any]) -> Any:
    """Wald's test of logistic regression on the one factor; NaN with an empty cell."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _two_sided(np.log(sample_odds_ratio(tables)) / std_error(tables))


def likelihood_ratio_p(tables: NDArray[Any]) -> Any:
    """Likelihood-ratio test, the G test; NaN with an empty row or column."""
    expected = _expected(tables)
    with np.errstate(divide="ignore", invalid="ignore"):
        # an empty cell adds nothing, unless nothing was expected in it
        parts = np.where((tables == 0) & (expected > 0), 0, tables * np.log(tables / expected))
        return _two_sided(np.sqrt(np.maximum(2 * parts.sum(axis=(-2, -1)), 0)))


def chi_square_p(tables: NDArray[Any]) -> Any:
    """Pearson's chi-square, the score test of logistic regression; NaN with an empty row or column."""
    expected = _expected(tables)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _two_sided(np.sqrt(((tables - expected) ** 2 / expected).sum(axis=(-2, -1))))


def corrected_chi_square_p(tables: NDArray[Any]) -> Any:
    """Chi-square with Yates' continuity correction, as in R's chisq.test."""
    expected = _expected(tables)
    difference = np.abs(tables - expected)
    smallest = difference.min(axis=(-2, -1), keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = (difference - np.minimum(0.5, smallest)) ** 2 / expected
        return _two_sided(np.sqrt(corrected.sum(axis=(-2, -1))))


def fisher_p(tables: NDArray[Any]) -> Any:
    """Fisher's exact test, two-sided: the tables that are not more probable than the observed one."""
    less, as_much = _less_probable(tables)
    return np.minimum(less + as_much, 1)


def mid_p(tables: NDArray[Any]) -> Any:
    """Fisher's test with mid-p, two-sided: those as probable count half."""
    less, as_much = _less_probable(tables)
    return less + as_much / 2


def wald_limits(tables: NDArray[Any]) -> Any:
    """Woolf's 95 % limits of the odds ratio, shape (..., 2)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio, half = np.log(sample_odds_ratio(tables)), Z * std_error(tables)
        return np.exp(np.stack([log_ratio - half, log_ratio + half], axis=-1))


def exact_limits(tables: NDArray[Any]) -> NDArray[Any]:
    """Exact conditional 95 % limits of the odds ratio, those of R's fisher.test, shape (..., 2)."""

    def limits(table: NDArray[Any]) -> tuple[float, float]:
        found = fisher(table)
        return found.ci_low, found.ci_high

    return _each(limits, tables, 2)


def profile_limits(tables: NDArray[Any]) -> NDArray[Any]:
    """Profile-likelihood 95 % limits of the odds ratio, those of R's confint.glm, shape (..., 2)."""
    from recohort.base.errors import NotEstimable
    from recohort.statistics import logistic
    from recohort.statistics.design import Term, encode
    from recohort.statistics.maximum_likelihood import profile_interval

    group = encode([Term("group", np.array([1, 1, 0, 0]), ("second", "first"))])

    def limits(table: NDArray[Any]) -> Any:
        try:
            fit = logistic.fit(group, np.array([1, 0, 1, 0]), weights=table.ravel())
        except NotEstimable:
            return np.nan
        return np.exp(profile_interval(fit)[0])

    return _each(limits, tables, 2)


# The ways to compute a printed number, the usual one first.
ODDS_RATIOS = {"sample": sample_odds_ratio, "conditional maximum likelihood": conditional_odds_ratio}
TESTS = {
    "Wald": wald_p,
    "likelihood ratio": likelihood_ratio_p,
    "Fisher": fisher_p,
    "mid-p": mid_p,
    "chi-square": chi_square_p,
    "chi-square with correction": corrected_chi_square_p,
}
LIMITS = {"Wald": wald_limits, "profile likelihood": profile_limits, "exact conditional": exact_limits}


# of a chi-square with one degree of freedom, the tail of its root on both sides
_two_sided = np.vectorize(normal_two_sided, otypes=[float])


def _expected(tables: NDArray[Any]) -> Any:
    n = tables.sum(axis=(-2, -1), keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return tables.sum(axis=-1, keepdims=True) * tables.sum(axis=-2, keepdims=True) / n


def _less_probable(tables: NDArray[Any]) -> NDArray[Any]:
    """Null probability of the tables with these margins that are less probable, and of those as probable."""
    flat = tables.reshape(-1, 2, 2)
    found = np.full((2, len(flat)), np.nan)
    usable = np.flatnonzero(possible(flat))
    widest = flat.sum(axis=(-2, -1)).max(initial=1)
    # many tables at once, but no more than fits the processor's cache
    for part in np.array_split(usable, int(len(usable) * widest // CELLS_AT_ONCE) + 1):
        found[:, part] = _hypergeometric(flat[part])
    return found.reshape(2, *tables.shape[:-2])


def _hypergeometric(tables: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    row, column = tables[:, 0].sum(axis=-1)[:, None], tables[:, :, 0].sum(axis=-1)[:, None]
    n = tables.sum(axis=(-2, -1))[:, None]
    count = np.arange(np.minimum(row, column).max(initial=0) + 1)
    log_factorial = np.append(0, np.cumsum(np.log(np.arange(1, n.max(initial=0) + 1))))
    weight: Any = 0.0
    for cell in (count, row - count, column - count, n - row - column + count):
        within = np.clip(cell, 0, len(log_factorial) - 1).astype(int)
        weight = weight - np.where(cell < 0, np.inf, log_factorial[within])
    probability = np.exp(weight - weight.max(axis=1, keepdims=True))
    probability /= probability.sum(axis=1, keepdims=True)
    observed = np.take_along_axis(probability, tables[:, 0, :1].astype(int), axis=1)
    less = probability < observed / RELATIVE_TIE
    as_much = ~less & (probability <= observed * RELATIVE_TIE)
    return (probability * less).sum(axis=1), (probability * as_much).sum(axis=1)


def _each(function: Callable[[NDArray[Any]], Any], tables: NDArray[Any], size: int = 1) -> NDArray[Any]:
    """A function of one table on each, NaN where a count is negative."""
    flat = tables.reshape(-1, 2, 2)
    values = np.full((len(flat), size), np.nan)
    for i in np.flatnonzero(possible(flat)):
        values[i] = function(flat[i])
    shape = tables.shape[:-2] if size == 1 else (*tables.shape[:-2], size)
    return values.reshape(shape)
