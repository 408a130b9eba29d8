"""A batch: all univariable and multivariable models of a study, fitted from one coded table."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics import logistic as logistic_model
from recohort.statistics.arrays import Booleans, Floats, Given, Integers
from recohort.statistics.coded_table import CodedTable, CodedTerm
from recohort.statistics.cox import fit as cox_model
from recohort.statistics.cox import single_term
from recohort.statistics.cox.partial_likelihood import check_ties
from recohort.statistics.design import Patterns, Term, encode
from recohort.statistics.maximum_likelihood import Fit
from recohort.statistics.survival_rows import SurvivalRows

# Cells of days by levels, for each row of the table or in all, up to which a Cox model of one term uses them
CELLS_PER_ROW, CELLS = 16, 2**17


@dataclass(frozen=True)
class Model:
    """
    A model of a batch, or why there is none.

    Parameters
    ----------
    names, varying : tuple of str
        Its terms, and those of which more than one level occurs: only these take part in the fit.
    n, n_events : int
        Of its complete cases: rows with all terms and the response recorded.
    counts : dict
        Name of each factor to the rows, and the events, of its levels, each of shape (n_levels,).
    fit : Fit or None
        None if the model is not estimable.
    status : {"ok", "penalised", "not-estimable"}
        Penalised where the likelihood has no finite maximum: Firth's penalty was added.
    note : str
        Why the status is not ok.
    """

    names: tuple[str, ...]
    varying: tuple[str, ...]
    n: int
    n_events: int
    counts: dict[str, tuple[Integers, Integers]]
    fit: Fit | None = None
    status: str = "ok"
    note: str = ""


def cox(
    table: CodedTable, rows: SurvivalRows, known: Booleans | None = None, ties: str = "efron"
) -> "CoxBatch":
    """
    The Cox models of one endpoint.

    Parameters
    ----------
    table : CodedTable
    rows : SurvivalRows
        Time, event, entry and strata of the m rows of the table that have the endpoint.
    known : ndarray of bool, shape (n,), optional
        Which rows these are; without it all.
    ties : {"efron", "breslow"}

    Returns
    -------
    CoxBatch

    Raises
    ------
    ValueError
        If known marks more or fewer rows of the table, rows have weights, counts or an offset, or ties has
        another name.
    """
    check_ties(ties)
    known = np.ones(table.n, dtype=bool) if known is None else np.asarray(known)
    if known.shape != (table.n,) or known.dtype != bool or known.sum() != len(rows):
        raise ValueError(f"known does not say which of {table.n} rows have the {len(rows)} endpoints")
    rows.refuse("weights", "counts", "offset")
    event = np.zeros(table.n)
    event[known] = rows.event
    return CoxBatch(table, known, event, rows, ties, single_term.days(rows, known))


def logistic(table: CodedTable, outcome: Given) -> "LogisticBatch":
    """
    The logistic models of one outcome.

    Parameters
    ----------
    table : CodedTable
    outcome : ndarray, shape (n,)
        0/1; NaN is missing.

    Returns
    -------
    LogisticBatch

    Raises
    ------
    ValueError
        If there is not one outcome for each row of the table, or it is not 0/1.
    """
    outcome = np.asarray(outcome, dtype=float)
    if outcome.shape != (table.n,):
        raise ValueError(f"outcome has shape {outcome.shape}, not ({table.n},)")
    known = ~np.isnan(outcome)
    if not np.isin(outcome[known], (0, 1)).all():
        raise ValueError("outcome is not 0 or 1")
    return LogisticBatch(table, known, outcome)


Response = TypeVar("Response")
Likelihood = Callable[..., Fit]
Fitted = Callable[[Likelihood, list[Term]], Fit]


@dataclass(frozen=True)
class Batch(ABC, Generic[Response]):
    """
    The models of one response.

    Parameters
    ----------
    table : CodedTable
    known : ndarray of bool, shape (n,)
        Which rows have the response recorded.
    event : ndarray, shape (n,)
        0/1, where known.
    """

    table: CodedTable
    known: Booleans
    event: Floats

    def fit(self, names: Sequence[str], among: Booleans | None = None) -> Model:
        """
        A model of some terms.

        Parameters
        ----------
        names : sequence of str
        among : ndarray of bool, shape (n,), optional
            A population.

        Returns
        -------
        Model

        Raises
        ------
        ValueError
            If there are no terms, one is not of the table or there twice, or among has another shape or type.
        """
        if not names or len(set(names)) < len(names) or not set(names) <= set(self.table.coded):
            raise ValueError(f"{list(names)} are not terms of the table, each once")
        self._check(among)
        if len(names) == 1:
            return self._alone(names[0], self._response(among), among)
        return self._joint(tuple(names), among)

    def univariable(self, among: Booleans | None = None) -> list[Model]:
        """
        The model of each term of the table.

        Parameters
        ----------
        among : ndarray of bool, shape (n,), optional
            A population.

        Returns
        -------
        list of Model

        Raises
        ------
        ValueError
            If among has another shape or type.
        """
        self._check(among)
        response = self._response(among)
        return [self._alone(name, response, among) for name in self.table.coded]

    def _check(self, among: Booleans | None) -> None:
        if among is not None and (np.shape(among) != (self.table.n,) or among.dtype != bool):
            raise ValueError(f"a population does not say of each of {self.table.n} rows whether it is in it")

    @property
    @abstractmethod
    def _methods(self) -> tuple[Likelihood, Likelihood]:
        """The fit without and the one with a penalty."""

    @abstractmethod
    def _response(self, among: Booleans | None) -> Response:
        """The response of the rows of a population."""

    @abstractmethod
    def _alone(self, name: str, response: Response, among: Booleans | None) -> Model:
        """A model of one term."""

    @abstractmethod
    def _fit(
        self,
        method: Likelihood,
        terms: list[Term],
        rows: Integers,
        index: Integers,
        n_of: Integers,
        events_of: Integers,
    ) -> Fit:
        """Fit terms, given as values of each pattern, to rows that have the patterns of index."""

    def _rows(self, names: Sequence[str], among: Booleans | None) -> Integers:
        """The rows that have the response and some terms."""
        known = self.known & self.table.known(names)
        return np.flatnonzero(known if among is None else known & among)

    def _joint(self, names: tuple[str, ...], among: Booleans | None) -> Model:
        """A model of terms, whose patterns are looked up row by row."""
        rows = self._rows(names, among)
        index, of_pattern = self.table.patterns(names, rows)
        n_of = np.bincount(index, minlength=of_pattern.shape[1])
        events_of = np.bincount(index, self.event[rows], of_pattern.shape[1]).astype(int)

        def fit(method: Likelihood, terms: list[Term]) -> Fit:
            return self._fit(method, terms, rows, index, n_of, events_of)

        return self._model(names, of_pattern, n_of, events_of, fit)

    def _model(
        self, names: tuple[str, ...], of_pattern: Integers, n_of: Integers, events_of: Integers, fit: Fitted
    ) -> Model:
        """
        The model of rows counted by pattern.

        of_pattern (n_terms, n_patterns) are indices into the values of the terms; fit(method, terms) fits the
        terms, given as values of each pattern.
        """
        coded = [self.table.coded[name] for name in names]
        varying = [c.of(k) for c, k in zip(coded, of_pattern, strict=True) if (k != k[:1]).any()]
        counts = {
            c.term.name: (_of_levels(c, k, n_of), _of_levels(c, k, events_of))
            for c, k in zip(coded, of_pattern, strict=True)
            if c.term.levels is not None
        }
        model = Model(names, tuple(t.name for t in varying), int(n_of.sum()), int(events_of.sum()), counts)
        if reason := self._refusal(model):
            return replace(model, status="not-estimable", note=reason)
        plain, penalised = self._methods
        try:
            return replace(model, fit=fit(plain, varying))
        except NotEstimable as separated:
            note = f"{separated}; Firth's penalty used"
        try:
            return replace(model, fit=fit(penalised, varying), status="penalised", note=note)
        except NotEstimable as refusal:
            return replace(model, status="not-estimable", note=str(refusal))

    def _refusal(self, model: Model) -> str:
        """Why a model has no fit, as far as its counts show."""
        if not model.n:
            return "no patients"
        if not model.n_events:
            return "no events"
        return "" if model.varying else "only one level occurs"


@dataclass(frozen=True)
class CoxBatch(Batch[single_term.Days]):
    """
    The Cox models of one endpoint.

    Parameters
    ----------
    survival : SurvivalRows
        Of the rows that have the endpoint.
    ties : {"efron", "breslow"}
    days : Days
    """

    survival: SurvivalRows
    ties: str
    days: single_term.Days

    @property
    def _methods(self) -> tuple[Likelihood, Likelihood]:
        return cox_model.fit, cox_model.firth

    def _response(self, among: Booleans | None) -> single_term.Days:
        return self.days if among is None else self.days.of(among)

    def _alone(self, name: str, days: single_term.Days, among: Booleans | None) -> Model:
        """A model of one term, from counts of rows by level and day if these are few."""
        coded, size = self.table.coded[name], len(self.table.coded[name].values)
        if 2 * days.n * size > max(CELLS, CELLS_PER_ROW * self.table.n):
            return self._joint((name,), among)
        at_risk, died, total = days.count(coded.code, size)
        used = np.flatnonzero(total)
        at_risk, died, total = at_risk[used], died[used], total[used]

        def fit(method: Likelihood, terms: list[Term]) -> Fit:
            if method is cox_model.fit:
                with suppress(NotEstimable):
                    return single_term.fit(
                        self.table.alone(name, used), at_risk, died, int(total.sum()), self.ties
                    )
            rows = np.flatnonzero((days.cell < 2 * days.n) & (coded.code > 0))
            return self._fit_rows(method, terms, rows, np.searchsorted(used + 1, coded.code[rows]))

        return self._model((name,), used[None], total, died.sum(axis=1).astype(int), fit)

    def rows_of(self, model: Model, among: Booleans | None = None) -> tuple[Integers, Patterns, SurvivalRows]:
        """
        The rows of a model that has a fit.

        Parameters
        ----------
        model : Model
        among : ndarray of bool, shape (n,), optional
            The population that it was fitted in.

        Returns
        -------
        rows : ndarray of int, shape (m,)
            Their places in the table.
        patterns : Patterns
        survival : SurvivalRows
            Both as `cox.fit.fit`, `cox.residuals` and `cox.concordance` take them.
        """
        rows = self._rows(model.names, among)
        index, of_pattern = self.table.patterns(model.varying, rows)
        terms = [self.table.coded[name].of(k) for name, k in zip(model.varying, of_pattern, strict=True)]
        return rows, *self._arguments(terms, rows, index)

    def _fit(
        self,
        method: Likelihood,
        terms: list[Term],
        rows: Integers,
        index: Integers,
        _n_of: Integers,
        _events_of: Integers,
    ) -> Fit:
        return self._fit_rows(method, terms, rows, index)

    def _fit_rows(self, method: Likelihood, terms: list[Term], rows: Integers, index: Integers) -> Fit:
        return method(*self._arguments(terms, rows, index), self.ties)

    def _arguments(self, terms: list[Term], rows: Integers, index: Integers) -> tuple[Patterns, SurvivalRows]:
        distinct = encode(terms)
        patterns = Patterns(distinct.index[index], distinct.design, distinct.columns)
        return patterns, self.survival.of(self._place[rows])

    @cached_property
    def _place(self) -> Integers:
        """Where each row of the table is among those that have the endpoint."""
        return np.cumsum(self.known) - 1


@dataclass(frozen=True)
class LogisticBatch(Batch[Integers]):
    """The logistic models of one outcome."""

    @property
    def _methods(self) -> tuple[Likelihood, Likelihood]:
        return logistic_model.fit, logistic_model.firth

    def _response(self, among: Booleans | None) -> Integers:
        """The outcome of each row; 2 if it is missing or the row is not asked about."""
        return np.where(self.known if among is None else self.known & among, self.event, 2).astype(int)

    def _alone(self, name: str, outcome: Integers, among: Booleans | None) -> Model:
        """A model of one term, from counts of rows by level and outcome."""
        coded = self.table.coded[name]
        others, events = single_term.count(outcome, 2, coded.code, len(coded.values)).T
        used = np.flatnonzero(others + events)
        n_of, events_of = (others + events)[used], events[used]

        def fit(method: Likelihood, terms: list[Term]) -> Fit:
            return self._fit_patterns(method, terms, n_of, events_of)

        return self._model((name,), used[None], n_of, events_of, fit)

    def _fit(
        self,
        method: Likelihood,
        terms: list[Term],
        _rows: Integers,
        _index: Integers,
        n_of: Integers,
        events_of: Integers,
    ) -> Fit:
        return self._fit_patterns(method, terms, n_of, events_of)

    def _fit_patterns(
        self, method: Likelihood, terms: list[Term], n_of: Integers, events_of: Integers
    ) -> Fit:
        """Fit terms to their patterns; the rows of one outcome are its weight."""
        distinct = encode(terms)
        patterns = Patterns(np.tile(distinct.index, 2), distinct.design, distinct.columns)
        outcome = np.repeat([0.0, 1.0], len(n_of))
        return method(patterns, outcome, weights=np.concatenate([n_of - events_of, events_of]))

    def _refusal(self, model: Model) -> str:
        if 0 < model.n == model.n_events:
            return "every patient has the outcome"
        return super()._refusal(model)


def _of_levels(coded: CodedTerm, of_pattern: Integers, number: Integers) -> Integers:
    """The sum (n_levels,) of a whole number of each pattern over the patterns of each level."""
    return np.bincount(of_pattern, number, len(coded.values)).astype(int)
