"""Cox models of a single term from counts of rows by level and day: after counting, a fit is a small one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats, Integers
from recohort.statistics.coded_table import ranks
from recohort.statistics.cox.fit import CoxFit
from recohort.statistics.cox.ties import Terms, every, few
from recohort.statistics.design import Column, Patterns
from recohort.statistics.maximum_likelihood import Evaluation, fitted, independent
from recohort.statistics.scaling import centre, scale_of
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True)
class Days:
    """
    The distinct times of each stratum, in order, and where each row is among them.

    Parameters
    ----------
    n : int
    cell : ndarray of int, shape (n_rows,)
        The day a row ends, plus n with an event; 2 n of a row without a response.
    entry : ndarray of int, shape (n_rows,), or None
        The first day at risk; n of a row without a response.
    end : ndarray of int, shape (n,), or None
        One past the last day of the stratum; None if all days are of one.
    """

    n: int
    cell: Integers
    entry: Integers | None
    end: Integers | None

    def of(self, among: Booleans) -> "Days":
        """The same with the rows of a population only."""
        entry = None if self.entry is None else np.where(among, self.entry, self.n)
        return Days(self.n, np.where(among, self.cell, 2 * self.n), entry, self.end)

    def count(self, code: Integers, size: int) -> tuple[Floats, Floats, Integers]:
        """
        Rows by level and by day that has events.

        Parameters
        ----------
        code : ndarray of int, shape (n_rows,)
            0 is missing, k + 1 stands for level k.
        size : int
            Number of levels.

        Returns
        -------
        at_risk, died : ndarray, shape (size, n_event_days)
        total : ndarray of int, shape (size,)
        """
        ends = count(self.cell, 2 * self.n, code, size)
        died = ends[:, self.n :]
        days = np.flatnonzero(died.sum(axis=0))
        sums = _and_later(ends[:, : self.n] + died)
        at_risk = sums.take(days, axis=1)
        if self.end is not None:
            at_risk -= sums.take(self.end[days], axis=1)
        if self.entry is not None:
            late = _and_later(count(self.entry, self.n, code, size))
            at_risk -= late.take(days + 1, axis=1)
            if self.end is not None:
                at_risk += late.take(self.end[days], axis=1)
        return at_risk.astype(float), died.take(days, axis=1).astype(float), sums[:, 0]


def count(place: Integers, n_places: int, code: Integers, size: int) -> Integers:
    """
    Rows by level and by place.

    Parameters
    ----------
    place : ndarray of int, shape (n_rows,)
        0 .. n_places; rows of place n_places are left out.
    n_places : int
    code : ndarray of int, shape (n_rows,)
        0 is missing, k + 1 stands for level k.
    size : int
        Number of levels.

    Returns
    -------
    ndarray of int, shape (size, n_places)
    """
    key = np.multiply(code, n_places + 1, dtype=np.int64)
    key += place
    counts = np.bincount(key, minlength=(size + 1) * (n_places + 1))
    return counts.reshape(size + 1, n_places + 1)[1:, :-1]


def _and_later(counts: Integers) -> Integers:
    """Sums over each day and all later ones, and zeros after the last."""
    sums = np.zeros((len(counts), counts.shape[1] + 1), dtype=counts.dtype)
    np.cumsum(counts[:, ::-1], axis=1, out=sums[:, -2::-1])
    return sums


def days(rows: SurvivalRows, known: Booleans) -> Days:
    """
    The Days of the rows of a table, of which some have no response.

    Parameters
    ----------
    rows : SurvivalRows
        Those with a response.
    known : ndarray of bool, shape (n_rows,)
        Which rows of the table they are.
    """
    at = np.flatnonzero(known)
    if not len(at):
        return Days(0, np.zeros(len(known), dtype=int), None, None)
    stratum = np.zeros(len(at), dtype=int) if rows.strata is None else ranks([rows.strata])[0]
    rank, (times,) = ranks([rows.time])
    day, key, end = rank, np.arange(len(times)), None
    if rows.strata is not None:
        day, (key,) = ranks([stratum * len(times) + rank])
        end = np.searchsorted(key, (key // len(times) + 1) * len(times))
    cell, first = np.full(len(known), 2 * len(key)), None
    cell[at] = day + len(key) * (rows.event == 1)
    if rows.entry is not None:
        first = np.full(len(known), len(key))
        later = stratum * len(times) + np.searchsorted(times, rows.entry, side="right")
        first[at] = np.searchsorted(key, later)
    return Days(len(key), cell, first, end)


@dataclass(frozen=True)
class LevelLikelihood:
    """
    The partial likelihood of rows counted by level and day.

    A level is a pattern of the term: of a factor a level, of a number a value. As the rows of a level share
    one hazard r, a term of the likelihood (see `recohort.statistics.cox.ties`) is a sum over
    levels of r times the rows at risk, less those of the tied events that are taken out.

    Parameters
    ----------
    design : ndarray, shape (p, n_levels)
        Centred, against cancellation.
    at_risk, died : ndarray, shape (n_levels, n_days)
        As for `fit`.
    day_events : ndarray of int, shape (n_days,)
    ties : {"efron", "breslow"}
    """

    design: Floats
    at_risk: Floats
    died: Floats
    day_events: Integers
    ties: str

    def evaluate(self, beta: Floats) -> Evaluation:
        """Log likelihood, score (p,) and information (p, p) at coefficients beta (p,)."""
        x = self.design
        eta = beta @ x
        r = np.exp(eta)
        share, risk = self._terms(r)
        phi = r @ risk
        mean = (r * x) @ risk / phi
        expected = r * (risk @ (share / phi))
        value = self._events @ eta - share @ np.log(phi)
        information = (expected * x) @ x.T - (share * mean) @ mean.T
        return Evaluation(float(value), x @ (self._events - expected), information)

    def never_falls(self, direction: Floats) -> bool:
        """Whether each event has the highest x'direction of its risk set: then nothing is lost along it."""
        eta, at_risk = (direction @ self.design)[:, None], self.at_risk.sum(axis=1)
        slack = scale_of(self.design.T, at_risk).slack(self.design.T, direction)[:, None]
        highest = np.where(self.at_risk > 0, eta - slack, -np.inf).max(axis=0)
        return bool((highest <= np.where(self.died > 0, eta + slack, np.inf).min(axis=0)).all())

    def _terms(self, r: Floats) -> tuple[Floats | Integers, Floats]:
        """Share of each term (n_terms,), and rows at risk less tied events taken out (n_levels, n_terms)."""
        if self.ties == "breslow":
            return self.day_events, self.at_risk
        few, days = self._few, self._few.condensed
        if len(days) and (r @ self.died[:, days] > few.most * (r @ self.at_risk[:, days])).any():
            return self._every_risk
        return self._few_risk

    @cached_property
    def _events(self) -> Floats:
        events: Floats = self.died.sum(axis=1)
        return events

    @cached_property
    def _few(self) -> Terms:
        return few(self.day_events, self.at_risk.sum(axis=0))

    @cached_property
    def _few_risk(self) -> tuple[Floats, Floats]:
        return self._risk(self._few)

    @cached_property
    def _every_risk(self) -> tuple[Floats, Floats]:
        return self._risk(every(self.day_events))

    def _risk(self, terms: Terms) -> tuple[Floats, Floats]:
        risk = self.at_risk.take(terms.day, axis=1)
        risk -= terms.tied * self.died.take(terms.day, axis=1)
        return terms.share, risk


def fit(patterns: Patterns, at_risk: Floats, died: Floats, n: int, ties: str) -> CoxFit:
    """
    The Cox model of rows counted by level and day, if it is plain.

    Parameters
    ----------
    patterns : Patterns
        Of the levels; its index is not used.
    at_risk, died : ndarray, shape (n_levels, n_days)
        Rows at risk, and rows with an event, on each day that has events.
    n : int
        Rows.
    ties : {"efron", "breslow"}

    Returns
    -------
    CoxFit

    Raises
    ------
    NotEstimable
        If a column may have to be dropped, or the maximum is not found in a few steps: `cox.fit.fit` says
        which and why.
    """
    weight = at_risk.sum(axis=1)
    weight /= weight.sum()
    middle = centre(weight @ patterns.design, patterns.design, weight, patterns.columns)
    design = (patterns.design - middle).T
    day_events = died.sum(axis=0).astype(int)
    likelihood = LevelLikelihood(design, at_risk, died, day_events, ties)
    null = np.zeros(len(design))
    at_null = likelihood.evaluate(null)
    n_events = int(day_events.sum())
    keep = independent(at_null.information, n_events * (design**2 @ weight))
    if not keep.all():
        raise NotEstimable("a column is a linear combination of others")

    def separated(direction: Floats) -> tuple[Column, ...]:
        return patterns.columns if likelihood.never_falls(direction) else ()

    fields = fitted(likelihood.evaluate, null, patterns.columns, keep, separated, at_null)
    return CoxFit(**fields, n=n, n_events=n_events, penalised=False, ties=ties)
