"""The partial likelihood of a Cox model and its derivatives, as sums over days and covariate patterns."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from recohort.statistics.arrays import Floats, Integers, sums_by
from recohort.statistics.blocked_products import cross, moments, times
from recohort.statistics.cox.far_hazards import evaluate_far
from recohort.statistics.cox.risk_cells import Cells, risk_cells
from recohort.statistics.cox.risk_sums import CellSums, WholeSums, risk_sums
from recohort.statistics.cox.ties import Terms, breslow, every, few
from recohort.statistics.design import Patterns
from recohort.statistics.maximum_likelihood import Evaluation, jeffreys
from recohort.statistics.scaling import Scale, centre, scale_of
from recohort.statistics.survival_rows import SurvivalRows

# Sum of hazards on a day, the highest of all being 1, below which digits are lost
NOTHING = 1e-250


class Point(NamedTuple):
    """At coefficients: r of each pattern, S and D of each day, phi = S0 - tied * D0 of each term, log L."""

    r: Floats
    s: Floats
    d: Floats
    terms: Terms
    phi: Floats
    value: float


@dataclass(frozen=True)
class PartialLikelihood:
    """
    The rows that are ever at risk.

    A day is an event time of a stratum. With r = exp(x'beta), and S0, S1 (D0, D1) the weighted sums of r and
    r x over the rows at risk (with an event) on a day, the log likelihood is the sum of x'beta over events
    less the sum of ``share * log(S0 - tied * D0)`` over terms: Efron's method has one term per event,
    Breslow's one per day. S2 is never formed: rows are summed over their days first, then over patterns.

    Parameters
    ----------
    design : ndarray, shape (n_patterns, p)
        Of the patterns that are ever at risk, centred against cancellation.
    weight_of_pattern, events_of_pattern : ndarray, shape (n_patterns,)
        Weighted number of rows, and of events.
    offset_sum : float
        Weighted sum of the offsets of the events.
    cells : Cells
    sums : WholeSums or CellSums
    events_of_day, weight_of_day : ndarray, shape (n_days,)
        Number of events, and their weight.
    ties : {"efron", "breslow"}
    n : int
        Of all rows, each as often as it counts.
    """

    design: Floats
    weight_of_pattern: Floats
    events_of_pattern: Floats
    offset_sum: float
    cells: Cells
    sums: WholeSums | CellSums
    events_of_day: Integers
    weight_of_day: Floats
    ties: str
    n: int

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log likelihood, score (p,) and information (p, p) at coefficients beta (p,)."""
        point = self._at(beta)
        if point.s[:, 0].min() < NOTHING:
            eta = times(self.design, beta)[self.cells.pattern]
            return evaluate_far(self, beta, _highest_at_risk(self.cells, eta))
        return self._evaluate(point)

    def evaluate_penalised(self, beta: Floats) -> Evaluation:
        """
        The same with half the log determinant of the information added, and its gradient to the score.

        The gradient of the log determinant is the trace of the inverse information times the third cumulants
        of x over the risk sets, which again takes no more than sums over days and patterns.
        """
        r, s, d, terms, phi, _ = point = self._at(beta)
        value, score, information = self._evaluate(point)
        penalty, inverse = jeffreys(information)
        xv = self.design @ inverse
        leverage = np.sum(xv * self.design, axis=1)
        s_leverage, d_leverage = self.sums.by_day(r * leverage, self.design[:, :0])
        mean = _means(s[:, 1:], d[:, 1:], terms, phi)
        mean_leverage = _means(s_leverage, d_leverage, terms, phi)[0]
        leverage_of_mean = np.sum(inverse @ mean * mean, axis=0)
        once = terms.share / phi * np.vstack([np.ones_like(phi), mean])
        h = self.sums.by_pattern(terms.of_days(once).T, terms.of_days(once * terms.tied).T)
        h_cross = np.sum(xv * h[:, 1:], axis=1)
        gradient = (r * (h[:, 0] * leverage - 2 * h_cross)) @ self.design
        gradient += mean @ (terms.share * (2 * leverage_of_mean - mean_leverage))
        return Evaluation(value + penalty, score + gradient / 2, information)

    def never_falls(self, direction: Floats) -> bool:
        """Whether each event has the highest x'direction of its risk set: then nothing is lost along it."""
        cells, eta = self.cells, times(self.design, direction)
        slack = self.scale.slack(self.design, direction)
        highest = _highest_at_risk(cells, (eta - slack)[cells.pattern])[cells.last[cells.event]]
        return bool((highest <= (eta + slack)[cells.pattern[cells.event]]).all())

    def second_moments(self) -> Floats:
        """The diagonal of the information, about, had x mean zero in each risk set, shape (p,)."""
        _, squares = moments(self.design, self.weight_of_pattern, self.weight_of_pattern)
        size: Floats = squares.diagonal() / self.weight_of_pattern.sum() * self.weight_of_day.sum()
        return size

    def _at(self, beta: Floats) -> Point:
        eta = times(self.design, beta)
        eta -= eta.max()
        r = np.exp(eta)
        s, d = self.sums.by_day(r, self.design)
        terms = self._terms(s[:, 0], d[:, 0])
        phi = s[:, 0][terms.day] - terms.tied * d[:, 0][terms.day]
        value = np.sum(self.events_of_pattern * eta) + self.offset_sum - np.sum(terms.share * np.log(phi))
        return Point(r, s, d, terms, phi, value)

    def _evaluate(self, point: Point) -> Evaluation:
        r, s, d, terms, phi, value = point
        s1, d1, u = s[:, 1:], d[:, 1:], terms.tied
        once = terms.share / phi
        twice = once / phi
        a, b, c, e, f = terms.of_days(np.array([once, once * u, twice, twice * u, twice * u**2]))
        expected = r * self.sums.by_pattern(a, b)
        score, squares = moments(self.design, self.events_of_pattern - expected, expected)
        c, e, f = c[:, None], e[:, None], f[:, None]
        of_means = cross(s1, c * s1 - e * d1) + cross(d1, f * d1 - e * s1)
        return Evaluation(value, score, squares - of_means)

    def _terms(self, s0: Floats, d0: Floats) -> Terms:
        """The terms; each event has its own where fewer would not do."""
        if self.ties == "breslow":
            return self._breslow
        days = self._few.condensed
        enough = not len(days) or (d0[days] <= self._few.most * s0[days]).all()
        return self._efron if enough else self.every_term

    @cached_property
    def scale(self) -> Scale:
        """Of the design."""
        return scale_of(self.design, self.weight_of_pattern)

    @cached_property
    def _breslow(self) -> Terms:
        return breslow(self.weight_of_day)

    @cached_property
    def _few(self) -> Terms:
        at_risk, events = self.sums.by_day(np.ones(len(self.design)), self.design[:, :0])
        return few(self.events_of_day, self.events_of_day * at_risk[:, 0] / events[:, 0])

    @cached_property
    def _efron(self) -> Terms:
        return self._few.weighted(self._mean_weight)

    @cached_property
    def every_term(self) -> Terms:
        """A term for each event; for each day in Breslow's method."""
        if self.ties == "breslow":
            return self._breslow
        return every(self.events_of_day).weighted(self._mean_weight)

    @cached_property
    def _mean_weight(self) -> Floats:
        return self.weight_of_day / self.events_of_day


def _means(s: Floats, d: Floats, terms: Terms, phi: Floats) -> Floats:
    """Means (c, n_terms) over the risk set of each term."""
    return (s[terms.day] - terms.tied[:, None] * d[terms.day]).T / phi


def _highest_at_risk(cells: Cells, eta: Floats) -> Floats:
    """The highest eta (n_cells,) in each day's risk set; two blocks of 2**k days cover the days of a cell."""
    first, last = cells.first, cells.last
    block = np.frexp(last - first + 1)[1] - 1
    highest = np.full((block.max() + 1, cells.n_days), -np.inf)
    np.maximum.at(highest, (block, first), eta)
    np.maximum.at(highest, (block, last + 1 - 2**block), eta)
    for k in range(block.max(), 0, -1):
        half = 2 ** (k - 1)
        highest[k - 1] = np.maximum(highest[k - 1], highest[k])
        highest[k - 1, half:] = np.maximum(highest[k - 1, half:], highest[k, :-half])
    first_level: Floats = highest[0]
    return first_level


def build(patterns: Patterns, rows: SurvivalRows, ties: str) -> PartialLikelihood:
    """The PartialLikelihood of rows; parameters and errors as for `recohort.statistics.cox.fit.fit`."""
    check(patterns, rows, ties)
    cells = risk_cells(patterns.index, len(patterns.design), rows)
    design, cells = _in_use(patterns.design, cells)
    weight_of_pattern = sums_by(cells.pattern, cells.weight)
    mean = cross(weight_of_pattern[:, None], design)[0] / weight_of_pattern.sum()
    design -= centre(mean, design, weight_of_pattern, patterns.columns)
    offset = cells.offset - cells.offset.max()
    event, weight = cells.event, cells.weight
    starts = np.searchsorted(cells.last[event], np.arange(cells.n_days))
    return PartialLikelihood(
        design=design,
        weight_of_pattern=weight_of_pattern,
        events_of_pattern=sums_by(cells.pattern[event], weight[event], len(design)),
        offset_sum=float(np.sum(weight[event] * offset[event])),
        cells=cells,
        sums=risk_sums(cells, weight * np.exp(offset) if offset.any() else weight, len(design)),
        events_of_day=np.add.reduceat(cells.count[event], starts).astype(int),
        weight_of_day=np.add.reduceat(weight[event], starts),
        ties=ties,
        n=len(rows) if rows.counts is None else int(rows.counts.sum()),
    )


def _in_use(design: Floats, cells: Cells) -> tuple[Floats, Cells]:
    """A copy of the design with the patterns of cells only, and the cells with these renumbered."""
    pattern = cells.pattern
    occurs = np.bincount(pattern, minlength=len(design)) > 0
    if not occurs.all():
        design, pattern = design[occurs], (np.cumsum(occurs, dtype=np.int32) - 1)[pattern]
    if len(design) == len(pattern):
        # a pattern for each cell, better in their order: then the design is read from end to end
        return design.take(pattern, axis=0), replace(cells, pattern=np.arange(len(design), dtype=np.int32))
    return design.copy(), replace(cells, pattern=pattern)


def check(patterns: Patterns, rows: SurvivalRows, ties: str) -> None:
    """Refuse patterns of other rows, and an unknown method for ties: a ValueError says why."""
    if len(patterns.index) != len(rows):
        raise ValueError(f"patterns are of {len(patterns.index)} rows, follow-up of {len(rows)}")
    check_ties(ties)


def check_ties(ties: str) -> None:
    """Refuse an unknown method for ties with a ValueError."""
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties is {ties!r}, not 'efron' or 'breslow'")
