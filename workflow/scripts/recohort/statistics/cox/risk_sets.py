"""The risk set of each event day of a Cox model, and the baseline hazard that its coefficients give."""

from dataclasses import dataclass

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Floats, Integers, sums_by
from recohort.statistics.cox.rows import SortedRows


@dataclass(frozen=True)
class RiskSets:
    """
    Each event day of each stratum: its risk set, and the increments of the baseline hazard.

    Efron's method has one increment per event of a day, Breslow's one per day.

    Parameters
    ----------
    rows : SortedRows
    risk : ndarray, shape (m,)
        exp(eta - scale)
    scale : float
        The highest eta.
    days : ndarray of int, shape (n_days,)
        Event times, numbered as in rows.
    last, before : ndarray of int, shape (m,)
        The last day at risk of a row, -1 if it is on none, and the day before its first one, -1 if there is
        none in its stratum.
    of_strata : tuple of slice
        The days of each stratum with events.
    day : ndarray of int, shape (n_terms,)
        The day of each increment.
    tied : ndarray, shape (n_terms,)
        Share of the day's events that is no longer at risk.
    hazard : ndarray, shape (n_terms,)
        Increments for a row of risk 1.
    mean : ndarray, shape (n_terms, p)
        Mean of x over those at risk, weighted by their risk.
    """

    rows: SortedRows
    risk: Floats
    scale: float
    days: Integers
    last: Integers
    before: Integers
    of_strata: tuple[slice, ...]
    day: Integers
    tied: Floats
    hazard: Floats
    mean: Floats

    def of_days(self, values: Floats) -> Floats:
        """Sums (n_days, ...) of values of the increments (n_terms, ...)."""
        return _sums(self.day, values, len(self.days))

    def cumulate(self, values: Floats) -> Floats:
        """Running sums of values of the days (n_days, ...) within their stratum."""
        return np.concatenate([np.cumsum(values[days], axis=0) for days in self.of_strata])

    def integrate(self, values: Floats) -> Floats:
        """
        What each row gathers while at risk, from values of the increments.

        Parameters
        ----------
        values : ndarray, shape (n_terms, ...)

        Returns
        -------
        ndarray, shape (m, ...)
            On the day of its own event a row gathers only the share in which it is still at risk.
        """
        until = self.cumulate(self.of_days(values))
        tied = self.of_days(_scaled(values, self.tied))
        gathered = np.zeros((len(self.last), *values.shape[1:]))
        gathered[self.last >= 0] = until[self.last[self.last >= 0]]
        gathered[self.before >= 0] -= until[self.before[self.before >= 0]]
        gathered[self.rows.event] -= tied[self.last[self.rows.event]]
        return gathered


def risk_sets(rows: SortedRows, ties: str) -> RiskSets:
    """
    The risk sets and the baseline hazard of a Cox fit.

    Parameters
    ----------
    rows : SortedRows
    ties : {"efron", "breslow"}

    Returns
    -------
    RiskSets

    Raises
    ------
    NotEstimable
        If the hazards of a risk set are so far below the highest of all that nothing is left of them.
    """
    days = np.unique(rows.end[rows.event])
    last, before = (_latest(days, number, rows.start) for number in (rows.end, rows.begin - 1))
    # no row is added to a risk set and taken out again: that leaves rounding
    last, before = (np.where(last == before, -1, day) for day in (last, before))
    bounds = np.flatnonzero(np.diff(days // (len(rows.times) + 1), prepend=-1, append=-1))
    of_strata = tuple(map(slice, bounds[:-1], bounds[1:]))

    scale = rows.eta.max()
    risk = np.exp(rows.eta - scale)
    moments = (rows.count * rows.weight * risk)[:, None] * np.column_stack([np.ones_like(risk), rows.x])
    at_risk = _at_risk(moments, last, before, of_strata, len(days))
    of_event, count = last[rows.event], rows.count[rows.event]
    events = np.bincount(of_event, count).astype(int)
    weight = sums_by(of_event, count * rows.weight[rows.event])
    day, tied, share = _terms(events, weight, ties)
    left = at_risk[day] - tied[:, None] * _sums(of_event, moments[rows.event], len(days))[day]
    if not (left[:, 0] > 0).all():
        raise NotEstimable("linear predictors are too far apart for residuals")
    return RiskSets(
        rows=rows,
        risk=risk,
        scale=scale,
        days=days,
        last=last,
        before=before,
        of_strata=of_strata,
        day=day,
        tied=tied,
        hazard=share / left[:, 0],
        mean=left[:, 1:] / left[:, :1],
    )


def _terms(events: Integers, weight: Floats, ties: str) -> tuple[Integers, Floats, Floats]:
    """Of each increment: its day, share of the day's events no longer at risk, weight of its events."""
    if ties == "breslow":
        return np.arange(len(events)), np.zeros(len(events)), weight
    day = np.repeat(np.arange(len(events)), events)
    before = np.cumsum(events) - events
    return day, (np.arange(len(day)) - before[day]) / events[day], (weight / events)[day]


def _latest(days: Integers, number: Integers, start: Integers) -> Integers:
    """The last day that is not after a number; -1 where there is none from the start of the stratum on."""
    latest = np.searchsorted(days, number, side="right") - 1
    return np.where(days[latest] < start, -1, latest)


def _at_risk(
    values: Floats, last: Integers, before: Integers, of_strata: tuple[slice, ...], n_days: int
) -> Floats:
    """Sums (n_days, c) of row values (m, c) over the rows at risk on each day."""
    change = _sums(last[last >= 0], values[last >= 0], n_days)
    change -= _sums(before[before >= 0], values[before >= 0], n_days)
    return np.concatenate([np.cumsum(change[days][::-1], axis=0)[::-1] for days in of_strata])


def _sums(index: Integers, values: Floats, size: int) -> Floats:
    """Sums (size, ...) of values (n, ...) with the same index."""
    if values.ndim == 1:
        return sums_by(index, values, size)
    return np.column_stack([np.bincount(index, column, size) for column in values.T])


def _scaled(values: Floats, by: Floats) -> Floats:
    return values * by.reshape(-1, *[1] * (values.ndim - 1))
