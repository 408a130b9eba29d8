"""The partial likelihood of a Cox model and its derivatives, as sums over days and covariate patterns."""

from dataclasses import dataclass

import numpy as np

from recohort.errors import NotEstimable
from recohort.likelihood import Evaluation, jeffreys
from recohort.patterns import row_vector


@dataclass(frozen=True)
class PartialLikelihood:
    """
    The rows that are ever at risk, sorted by their last day.

    A day is an event time of a stratum. With r = exp(x'beta), and S0, S1 (D0, D1) the weighted sums of r and
    r x over the rows at risk (with an event) on a day, the log likelihood is the sum of x'beta over events
    less the sum of ``share * log(S0 - tied * D0)`` over terms: Efron's method has one term per event,
    Breslow's one per day. S2 is never formed: rows are summed over their days first, then over patterns.

    Parameters
    ----------
    design : ndarray, shape (n_patterns, p)
        Centred, against cancellation.
    events_of_pattern : ndarray, shape (n_patterns,)
        Weighted number of events.
    offset_sum : float
        Weighted sum of the offsets of the events.
    pattern, weight, first, last : ndarray, shape (n,)
        Pattern, weight times exp(offset), first and last day at risk of each row.
    event, late : ndarray of int
        Which rows have an event; which enter after the first day of their stratum, sorted by first day.
    rows_from, events_from, terms_from : ndarray of int, shape (n_days,)
        Where the rows that end, the events and the terms of each day start.
    late_from, late_day : ndarray of int, shape (n_late_days,)
        Where the late rows of each first day start, and the day before it.
    share, tied, day : ndarray, shape (n_terms,)
    strata : tuple of slice
        The days of each stratum.
    n, n_events : int
        Of all rows, each as often as it counts.
    """

    design: np.ndarray
    events_of_pattern: np.ndarray
    offset_sum: float
    pattern: np.ndarray
    weight: np.ndarray
    first: np.ndarray
    last: np.ndarray
    event: np.ndarray
    late: np.ndarray
    rows_from: np.ndarray
    events_from: np.ndarray
    terms_from: np.ndarray
    late_from: np.ndarray
    late_day: np.ndarray
    share: np.ndarray
    tied: np.ndarray
    day: np.ndarray
    strata: tuple[slice, ...]
    n: int
    n_events: int

    def evaluate(self, beta):
        """Log likelihood, score (p,) and information (p, p) at coefficients beta (p,)."""
        r, s, d, phi, value = self._terms(beta)
        return self._evaluate(r, s, d, phi, value)

    def evaluate_penalised(self, beta):
        """
        The same with half the log determinant of the information added, and its gradient to the score.

        The gradient of the log determinant is the trace of the inverse information times the third cumulants
        of x over the risk sets, which again takes no more than sums over days and patterns.
        """
        r, s, d, phi, value = self._terms(beta)
        value, score, information = self._evaluate(r, s, d, phi, value)
        penalty, inverse = jeffreys(information)
        xv = self.design @ inverse
        leverage = np.sum(xv * self.design, axis=1)
        s_leverage, d_leverage = self._sums((r * leverage)[:, None])
        mean = self._mean(s[:, 1:], d[:, 1:], phi)
        mean_leverage = self._mean(s_leverage, d_leverage, phi)[:, 0]
        leverage_of_mean = np.sum(mean @ inverse * mean, axis=1)
        once = self.share / phi
        h = self._of_pattern(*self._of_day(once, once * self.tied))
        h_mean = [self._of_pattern(*self._of_day(once * m, once * m * self.tied)) for m in mean.T]
        h_cross = np.sum(xv * np.transpose(h_mean).reshape(xv.shape), axis=1)
        gradient = (r * (h * leverage - 2 * h_cross)) @ self.design
        gradient += (self.share * (2 * leverage_of_mean - mean_leverage)) @ mean
        return Evaluation(value + penalty, score + gradient / 2, information)

    def never_falls(self, direction):
        """Whether each event has the highest x'direction of its risk set: then nothing is lost along it."""
        eta = (self.design @ direction)[self.pattern]
        gap = self._highest_at_risk(eta)[self.last[self.event]] - eta[self.event]
        return gap.max() <= 1e-7 * np.ptp(eta)

    def second_moments(self):
        """The diagonal of the information, about, had x mean zero in each risk set, shape (p,)."""
        total = np.bincount(self.pattern, self.weight, len(self.design))
        return total @ self.design**2 / total.sum() * self.share.sum()

    def _terms(self, beta):
        """r of each pattern, S and D of each day, phi = S0 - tied * D0 of each term, log likelihood."""
        eta = self.design @ beta
        eta -= eta.max()
        r = np.exp(eta)
        s, d = self._sums(r[:, None] * np.column_stack([np.ones_like(r), self.design]))
        phi = s[self.day, 0] - self.tied * d[self.day, 0]
        return r, s, d, phi, self.events_of_pattern @ eta + self.offset_sum - self.share @ np.log(phi)

    def _evaluate(self, r, s, d, phi, value):
        x, s1, d1 = self.design, s[:, 1:], d[:, 1:]
        once, u = self.share / phi, self.tied
        twice = once / phi
        a, b, c, e, f = self._of_day(once, once * u, twice, twice * u, twice * u**2)[:, :, None]
        rh = r * self._of_pattern(a[:, 0], b[:, 0])
        of_means = s1.T @ (c * s1 - e * d1) + d1.T @ (f * d1 - e * s1)
        return Evaluation(value, (self.events_of_pattern - rh) @ x, x.T @ (rh[:, None] * x) - of_means)

    def _mean(self, s, d, phi):
        """Means (n_terms, c) over the risk set of each term."""
        return (s[self.day] - self.tied[:, None] * d[self.day]) / phi[:, None]

    def _sums(self, values):
        """Weighted sums of pattern values (n_patterns, c) over rows at risk, and over events, of each day."""
        of_row = values[self.pattern] * self.weight[:, None]
        s = np.add.reduceat(of_row, self.rows_from)
        if len(self.late):
            s[self.late_day] -= np.add.reduceat(of_row[self.late], self.late_from)
        for days in self.strata:
            s[days] = np.cumsum(s[days][::-1], axis=0)[::-1]
        return s, np.add.reduceat(of_row[self.event], self.events_from)

    def _of_day(self, *values):
        """Sums of term values (n_terms,) over each day, stacked."""
        return np.add.reduceat(np.stack(values), self.terms_from, axis=1)

    def _of_pattern(self, at_risk, at_event):
        """Weighted sums over rows of a value of each day at risk, less another of the day of the event."""
        until = np.concatenate([np.cumsum(at_risk[days]) for days in self.strata])
        of_row = until[self.last]
        of_row[self.late] -= until[self.first[self.late] - 1]
        of_row[self.event] -= at_event[self.last[self.event]]
        return np.bincount(self.pattern, self.weight * of_row, len(self.design))

    def _highest_at_risk(self, eta):
        """The highest eta (n,) in each day's risk set; two blocks of 2**k days cover the days of a row."""
        block = np.frexp(self.last - self.first + 1)[1] - 1
        highest = np.full((block.max() + 1, len(self.rows_from)), -np.inf)
        np.maximum.at(highest, (block, self.first), eta)
        np.maximum.at(highest, (block, self.last + 1 - 2**block), eta)
        for k in range(block.max(), 0, -1):
            half = 2 ** (k - 1)
            highest[k - 1] = np.maximum(highest[k - 1], highest[k])
            highest[k - 1, half:] = np.maximum(highest[k - 1, half:], highest[k, :-half])
        return highest[0]


def build(patterns, time, event, entry, strata, weights, counts, offset, ties):
    """The PartialLikelihood of rows; parameters and errors as for `recohort.cox.fit`."""
    n = len(patterns.index)
    time, event = row_vector("time", time, n), row_vector("event", event, n)
    entry = None if entry is None else row_vector("entry", entry, n)
    weights = np.ones(n) if weights is None else row_vector("weights", weights, n)
    counts = np.ones(n) if counts is None else row_vector("counts", counts, n)
    offset = np.zeros(n) if offset is None else row_vector("offset", offset, n)
    strata = np.zeros(n) if strata is None else row_vector("strata", strata, n)
    _check(time, event, entry, weights, counts, ties)

    n_rows = int(counts.sum())
    event = (event == 1) & (counts > 0)
    if not event.any():
        raise NotEstimable("no events")
    first, last, start, strata_days = _risk_days(time, event, entry, strata)
    at_risk = np.flatnonzero((first <= last) & (counts > 0))
    # sorted by everything, so that sums have the same bits in any order of the rows
    keys = (offset, weights, counts, first, event, patterns.index, last)
    row = at_risk[np.lexsort([key[at_risk] for key in keys])]
    pattern, first, last = patterns.index[row], first[row], last[row]
    counts, weights, offset = counts[row], counts[row] * weights[row], offset[row] - offset[row].max()
    event = np.flatnonzero(event[row])
    late = np.flatnonzero(first > start[row])
    late = late[np.argsort(first[late], kind="stable")]
    late_day, late_from = np.unique(first[late] - 1, return_index=True)

    days, n_patterns = np.arange(strata_days[-1].stop), len(patterns.design)
    day_events = np.bincount(last[event], counts[event]).astype(int)
    day_weight = np.bincount(last[event], weights[event])
    day, terms_from, tied, share = _terms_of_days(day_events, day_weight, ties)
    mean = np.bincount(pattern, weights, n_patterns) @ patterns.design / weights.sum()
    return PartialLikelihood(
        design=patterns.design - mean,
        events_of_pattern=np.bincount(pattern[event], weights[event], n_patterns),
        offset_sum=weights[event] @ offset[event],
        pattern=pattern,
        weight=weights * np.exp(offset),
        first=first,
        last=last,
        event=event,
        late=late,
        rows_from=np.searchsorted(last, days),
        events_from=np.searchsorted(last[event], days),
        terms_from=terms_from,
        late_from=late_from,
        late_day=late_day,
        share=share,
        tied=tied,
        day=day,
        strata=strata_days,
        n=n_rows,
        n_events=int(day_events.sum()),
    )


def _risk_days(time, event, entry, strata):
    """Each row's first and last day at risk and the first day of its stratum; the days of each stratum."""
    times = np.unique(time[event])
    # numbers that sort by stratum, then by how many event times have passed
    base = np.unique(strata, return_inverse=True)[1] * (len(times) + 1)
    end = base + np.searchsorted(times, time, side="right")
    begin = base if entry is None else base + np.searchsorted(times, entry, side="right")
    days = np.unique(end[event])
    first, start = np.searchsorted(days, begin, side="right"), np.searchsorted(days, base, side="right")
    bounds = np.flatnonzero(np.diff(days // (len(times) + 1), prepend=-1, append=-1))
    strata_days = tuple(map(slice, bounds[:-1], bounds[1:]))
    return first, np.searchsorted(days, end, side="right") - 1, start, strata_days


def _terms_of_days(events, weight, ties):
    """Day, first term of each day, share of the tied events taken out, coefficient of the logarithm."""
    days = np.arange(len(events))
    if ties == "breslow":
        return days, days, np.zeros(len(events)), weight
    day = np.repeat(days, events)
    terms_from = np.cumsum(events) - events
    return day, terms_from, (np.arange(len(day)) - terms_from[day]) / events[day], (weight / events)[day]


def _check(time, event, entry, weights, counts, ties):
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties is {ties!r}, not 'efron' or 'breslow'")
    if not np.isin(event, (0, 1)).all():
        raise ValueError("event is not 0 or 1")
    if entry is not None and not (entry < time).all():
        row = np.flatnonzero(entry >= time)[0]
        raise ValueError(f"entry is not before time: row {row}, entry {entry[row]:g}, time {time[row]:g}")
    if not (weights > 0).all():
        raise ValueError("weights are not positive")
    if not ((counts >= 0) & (counts == np.floor(counts))).all():
        raise ValueError("counts are not whole numbers from 0 up")
