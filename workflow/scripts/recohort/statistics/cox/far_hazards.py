"""The partial likelihood where hazards are so far apart that the sums of some days would be nothing but 0."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from recohort.statistics.arrays import Booleans, Floats, sums_by
from recohort.statistics.blocked_products import cross, moments, times
from recohort.statistics.maximum_likelihood import Evaluation

if TYPE_CHECKING:
    from recohort.statistics.cox.partial_likelihood import PartialLikelihood

# Of the highest linear predictors of days that are summed together, at most this far apart
TOGETHER = 300.0
# Groups of days from which the search is so far off that an answer would not help it
MANY = 60


def evaluate_far(likelihood: "PartialLikelihood", beta: Floats, highest: Floats) -> Evaluation:
    """
    Log likelihood, score and information, group of days by group of days.

    Days whose risk sets have about the same highest linear predictor are summed in its scale, about the
    covariates that it comes from: a row whose hazard is all of its risk set adds just nothing.

    Parameters
    ----------
    likelihood : PartialLikelihood
    beta : ndarray, shape (p,)
    highest : ndarray, shape (n_days,)
        The highest linear predictor at risk on each day.

    Returns
    -------
    Evaluation
        Not a number where the groups are too many.
    """
    cells, terms, p = likelihood.cells, likelihood.every_term, len(beta)
    value, score, information = likelihood.offset_sum, np.zeros(p), np.zeros((p, p))
    eta = times(likelihood.design, beta)
    event_day, pattern = cells.last[cells.event], cells.pattern[cells.event]
    weight = cells.weight[cells.event]
    for number, (days, top) in enumerate(_groups(highest)):
        if number == MANY:
            return Evaluation(float("nan"), score * np.nan, information * np.nan)
        r = np.where(eta > top, 0, np.exp(np.minimum(eta - top, 0)))
        x = likelihood.design - likelihood.design[np.argmax(eta == top)]
        s, d = likelihood.sums.by_day(r, x)
        here = days[terms.day]
        phi = np.where(here, s[:, 0][terms.day] - terms.tied * d[:, 0][terms.day], 1)
        once = np.where(here, terms.share / phi, 0)
        twice, u = once / phi, terms.tied
        a, b, c, e, f = terms.of_days(np.array([once, once * u, twice, twice * u, twice * u**2]))
        expected = r * likelihood.sums.by_pattern(a, b)
        of_group = days[event_day]
        events = sums_by(pattern[of_group], weight[of_group], len(r))
        slope, squares = moments(x, events - expected, expected)
        s1, d1 = s[days, 1:], d[days, 1:]
        c, e, f = c[days, None], e[days, None], f[days, None]
        score += slope
        information += squares - cross(s1, c * s1 - e * d1) - cross(d1, f * d1 - e * s1)
        value += float(events @ (eta - top)) - float(np.sum(terms.share * np.log(phi) * here))
    return Evaluation(value, score, information)


def _groups(highest: Floats) -> Iterator[tuple[Booleans, float]]:
    """The days of each group, and the highest linear predictor among them."""
    left = np.ones(len(highest), dtype=bool)
    while left.any():
        top = float(highest[left].max())
        days = left & (highest > top - TOGETHER)
        yield days, top
        left &= ~days
