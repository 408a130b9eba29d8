"""The regressions of a protocol: univariable and multivariable models in each population, as estimates."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from recohort.errors import NotEstimable
from recohort.likelihood import likelihood_ratio, profile_interval, wald_interval, wald_test
from recohort.patterns import Term, encode


@dataclass(frozen=True)
class Response:
    """
    What a model explains: who has it recorded, who has the event, and how it is fitted.

    known, event : ndarray of bool, shape (n,), over all patients.
    fit, firth : callable(patterns, rows) -> Fit, rows a boolean or integer index of patients.
    profile : bool, intervals by profile likelihood with likelihood-ratio p values, or Wald's for both.
    """

    name: str
    measure: str
    known: np.ndarray
    event: np.ndarray
    fit: callable
    firth: callable
    profile: bool


def logistic_responses(patients, analysis):
    """The outcomes of a logistic analysis, one Response each."""
    from recohort import logistic

    profile = analysis.options.get("interval", "profile") == "profile"
    for variable, level in analysis.options["outcome"].items():
        event = (patients[variable] == level).to_numpy(bool)
        yield Response(
            name=f"{variable}={level}",
            measure="OR",
            known=patients[variable].notna().to_numpy(),
            event=event,
            fit=partial(_of_rows, logistic.fit, event.astype(float)),
            firth=partial(_of_rows, logistic.firth, event.astype(float)),
            profile=profile,
        )


def _of_rows(method, outcome, patterns, rows):
    return method(patterns, outcome[rows])


def cox_responses(patients, analysis):
    """The endpoint of a Cox analysis as a Response."""
    from recohort import cox

    endpoint = analysis.options["endpoint"]
    time, event = patients[f"{endpoint}_time_days"].to_numpy(), patients[f"{endpoint}_event"].to_numpy()
    column = f"{endpoint}_entry_days"
    entry = patients[column].to_numpy() if column in patients else None
    known = ~np.isnan(time)
    strata = None
    if "strata" in analysis.options:
        codes = [patients[name].cat.codes.to_numpy() for name in analysis.options["strata"]]
        known &= np.all([code >= 0 for code in codes], axis=0)
        strata = np.unique(np.column_stack(codes), axis=0, return_inverse=True)[1].ravel()

    def fitted_by(method):
        def run(patterns, rows):
            return method(
                patterns,
                time[rows],
                event[rows],
                entry=None if entry is None else entry[rows],
                strata=None if strata is None else strata[rows],
                ties=analysis.options.get("ties", "efron"),
            )

        return run

    yield Response(endpoint, "HR", known, event == 1, fitted_by(cox.fit), fitted_by(cox.firth), profile=False)


def estimates(patients, protocol, analysis, confidence=0.95):
    """
    Every model of a logistic or Cox analysis.

    Parameters
    ----------
    patients : DataFrame
        The cohort, one row per patient.
    protocol : Protocol
    analysis : Analysis
        Of kind logistic or cox.
    confidence : float

    Returns
    -------
    list of dict
        Rows of the estimates table: per outcome, population and model, a row per level of each term.
    """
    responses = {"logistic": logistic_responses, "cox": cox_responses}[analysis.kind]
    terms = [protocol.codebook[name] for name in analysis.options["terms"]]
    rows = []
    for response in responses(patients, analysis):
        for population in analysis.populations:
            among = patients[f"in_{population}"].to_numpy()
            shared = {
                "study": protocol.study,
                "analysis": analysis.name,
                "kind": analysis.kind,
                "outcome": response.name,
                "population": population,
            }
            models = [("univariable", [term]) for term in terms]
            fitted = [_Model(patients, among, response, model, confidence) for _, model in models]
            chosen = _chosen(analysis.options.get("multivariable", "none"), terms, fitted)
            if chosen:
                models.append(("multivariable", chosen))
                fitted.append(_Model(patients, among, response, chosen, confidence))
            for (name, _), model in zip(models, fitted, strict=True):
                rows += [{**shared, "model": name, **row} for row in model.rows()]
    return rows


def _chosen(rule, terms, univariable):
    """The terms of the multivariable model."""
    if rule == "none":
        return []
    if rule == "all":
        return terms
    if isinstance(rule, list):
        return [term for term in terms if term.name in rule]
    below = rule["univariable_p_below"]
    return [term for term, model in zip(terms, univariable, strict=True) if model.overall_p(term) < below]


class _Model:
    """One model: its rows, its fit or why there is none, and its rows of the estimates table."""

    def __init__(self, patients, among, response, terms, confidence):
        self.terms, self.response, self.confidence = terms, response, confidence
        known = {term.name: patients[term.name].notna().to_numpy() for term in terms}
        self.missing = {name: int((among & ~there).sum()) for name, there in known.items()}
        rows = among & response.known & np.logical_and.reduce(list(known.values()))
        self.n, self.event = int(rows.sum()), response.event[rows]
        self.values = {term.name: patients.loc[rows, term.name] for term in terms}
        self.fit, self.reason, self.status = None, "", "ok"
        # a term of one level cannot be compared with anything; the others are fitted without it
        self.varying = [term for term in terms if self.values[term.name].nunique() > 1]
        try:
            self._fit(rows)
        except NotEstimable as refusal:
            self.fit, self.reason, self.status = None, str(refusal), "not-estimable"

    def _fit(self, rows):
        events = int(self.event.sum())
        if self.n == 0 or events == 0:
            raise NotEstimable("no patients" if self.n == 0 else "no events")
        if self.response.measure == "OR" and events == self.n:
            raise NotEstimable("every patient has the outcome")
        if not self.varying:
            raise NotEstimable("only one level occurs")
        patterns = encode([_term(term, self.values[term.name]) for term in self.varying])
        try:
            self.fit = self.response.fit(patterns, rows)
        except NotEstimable as separated:
            self.fit = self.response.firth(patterns, rows)
            self.reason, self.status = f"{separated}; Firth's penalty used", "penalised"
        self._limits()

    def _limits(self):
        fit, profile = self.fit, self.response.profile or self.fit.penalised
        self.interval = (profile_interval if profile else wald_interval)(fit, self.confidence)
        test = likelihood_ratio if profile else wald_test
        penalised = "penalised " if fit.penalised else ""
        self.ci_method = f"profile {penalised}likelihood" if profile else "Wald"
        self.p_method = f"{penalised}likelihood ratio" if profile else "Wald"
        self.p_values = {
            column: test(fit, [column]).p_value for column in fit.columns if column not in fit.dropped
        }

    def overall_p(self, term):
        """Likelihood-ratio p of a term over all its levels; 1 if it has none."""
        columns = self._columns(term)
        return likelihood_ratio(self.fit, columns).p_value if columns else 1.0

    def _columns(self, term):
        if self.fit is None:
            return []
        return [c for c in self.fit.columns if c.term == term.name and c not in self.fit.dropped]

    def rows(self):
        for term in self.terms:
            shared = {
                "n": self.n,
                "events": int(self.event.sum()),
                "n_missing": self.missing[term.name],
                "term": term.name,
            }
            if not term.is_factor:
                counts = {"n_level": self.n, "events_level": shared["events"]}
                yield {**shared, **counts, "level": "", "reference": "", **self._estimate(term, None)}
                continue
            values = self.values[term.name].to_numpy(object)
            reference = term.reference or term.levels[0]
            for level in term.levels:
                here = values == level
                counts = {"n_level": int(here.sum()), "events_level": int(self.event[here].sum())}
                if level == reference:
                    cell = {"measure": self.response.measure, "estimate": 1.0}
                elif not here.any():
                    cell = self._refused("nobody has this level")
                else:
                    cell = self._estimate(term, level)
                yield {**shared, **counts, "level": level, "reference": reference, **cell}
            if len(columns := self._columns(term)) > 1:
                test = likelihood_ratio(self.fit, columns)
                p_method = "penalised likelihood ratio" if self.fit.penalised else "likelihood ratio"
                yield {
                    **shared,
                    "reference": reference,
                    "measure": "global",
                    "p_value": test.p_value,
                    "p_method": f"{p_method}, {test.df} df",
                    "status": self.status,
                    "note": self.reason,
                }

    def _estimate(self, term, level):
        if term not in self.varying:
            return self._refused("only one level occurs")
        if self.fit is None:
            return self._refused(self.reason)
        i = next((i for i, c in enumerate(self.fit.columns) if (c.term, c.level) == (term.name, level)), None)
        if i is None or self.fit.columns[i] in self.fit.dropped:
            return self._refused("a linear combination of the terms before it")
        low, high = np.exp(self.interval[i])
        return {
            "measure": self.response.measure,
            "estimate": np.exp(self.fit.coefficients[i]),
            "std_error": self.fit.std_error[i],
            "ci_low": low,
            "ci_high": high,
            "ci_method": self.ci_method,
            "p_value": self.p_values[self.fit.columns[i]],
            "p_method": self.p_method,
            "status": self.status,
            "note": self.reason,
        }

    def _refused(self, reason):
        return {"measure": self.response.measure, "status": "not-estimable", "note": reason}


def _term(variable, values):
    """A variable's values in a model as a Term; a number in its printed unit."""
    if not variable.is_factor:
        return Term(variable.name, values.to_numpy(float) / variable.per)
    reference = variable.levels.index(variable.reference or variable.levels[0])
    return Term(variable.name, values.cat.codes.to_numpy().astype(np.int64), variable.levels, reference)
