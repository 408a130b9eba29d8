"""Univariable and multivariable models in each population, as estimates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recohort.analyses.estimates import Estimated
from recohort.analyses.regression.overall_test import overall_test
from recohort.base.errors import NotEstimable
from recohort.statistics.coded_table import CodedTable, code_terms
from recohort.statistics.design import Term
from recohort.statistics.maximum_likelihood import (
    likelihood_ratio,
    profile_interval,
    wald_interval,
    wald_p_values,
    wald_test,
)

# Of several columns, by the name that `overall_test` gives.
TESTS = {"likelihood ratio": likelihood_ratio, "robust Wald": wald_test}


@dataclass(frozen=True)
class Inference:
    """Intervals (p, 2) and p values (p,) of the columns of a fit, and the names of their methods."""

    interval: np.ndarray
    p_values: np.ndarray
    ci_method: str
    p_method: str


@dataclass(frozen=True)
class Family:
    """
    What logistic and Cox analyses do differently.

    Attributes
    ----------
    measure : {"OR", "HR"}
    batches : dict of Batch
        By the name of the outcome.
    unknown : dict of ndarray of bool
        By the name of the outcome, which patients have none.
    is_profile : bool
        Whether intervals are of the profile likelihood and p values of likelihood ratios, or both are Wald's.
    robust : callable or None
        From the Batch, a Model and who was asked about to the Model with robust covariances; None if the
        rows are independent.
    beside : callable or None
        From the same to a row more of the multivariable model.
    """

    measure: str
    batches: dict[str, Any]
    unknown: dict[str, Any]
    is_profile: bool = False
    robust: Callable[..., Any] | None = None
    beside: Callable[..., dict[str, Any]] | None = None


def coded(patients: Any, protocol: Any, analysis: Any) -> CodedTable:
    """The terms of an analysis as a recohort.statistics.coded_table.CodedTable of the patients."""
    names = analysis.options["terms"]
    return code_terms([term(protocol.codebook[name], patients[name]) for name in names])


def estimates(
    patients: Any, protocol: Any, analysis: Any, confidence: float, table: CodedTable, family: Family
) -> Estimated:
    """
    Every model of a logistic or Cox analysis.

    Parameters
    ----------
    patients : DataFrame
        The cohort, one row per patient.
    protocol : Protocol
    analysis : Analysis
    confidence : float
    table : recohort.statistics.coded_table.CodedTable
        As `coded` gives it.
    family : Family

    Returns
    -------
    Estimated
        Per outcome, population and model, a row per level of each term, and what is beside a model.
    """
    variables = {name: protocol.codebook[name] for name in analysis.options["terms"]}
    rows = []
    for outcome, models in family.batches.items():
        for population in analysis.populations:
            among = patients[f"in_{population}"].to_numpy()
            missing = {name: int((among & ~table.known([name])).sum()) for name in variables}
            size, n_no_outcome = int(among.sum()), int((among & family.unknown[outcome]).sum())
            shared = {
                "study": protocol.study,
                "analysis": analysis.name,
                "kind": analysis.kind,
                "outcome": outcome,
                "population": population,
            }
            for kind, model, inference in _models(models, among, analysis.options, confidence, family):
                shared |= {
                    "model": kind,
                    "n": model.n,
                    "events": model.n_events,
                    "n_no_outcome": n_no_outcome,
                    "n_no_covariate": size - n_no_outcome - model.n,
                }
                for name in model.names:
                    about = {**shared, "term": name, "n_missing": missing[name]}
                    of_term = _rows(variables[name], model, inference, analysis.options, family.measure)
                    rows += [{**about, **row} for row in of_term]
                if family.beside and kind == "multivariable":
                    rows.append({**shared, **family.beside(models, model, among)})
    return Estimated(rows)


def term(variable: Any, values: Any, reference: str | None = None) -> Term:
    """A variable's values as a Term: a number in its printed unit, a factor with its or another reference."""
    if not variable.is_factor:
        return Term(variable.name, values.to_numpy(float) / variable.per)
    reference = reference or variable.reference or variable.levels[0]
    codes = values.cat.codes.to_numpy()
    return Term(variable.name, codes, variable.levels, variable.levels.index(reference))


def _models(
    models: Any, among: Any, options: dict[str, Any], confidence: float, family: Family
) -> Iterator[tuple[str, Any, Inference | None]]:
    """Kind, Model and Inference of each model in a population."""

    def inferred(model: Any) -> tuple[Any, Inference | None]:
        if family.robust:
            model = family.robust(models, model, among)
        return _inferred(model, family.is_profile, confidence, family.robust is not None)

    univariable = [inferred(model) for model in models.univariable(among)]
    yield from (("univariable", *model) for model in univariable)
    names = _chosen(options, [model for model, _ in univariable])
    if names:
        yield "multivariable", *inferred(models.fit(names, among))


def _chosen(options: dict[str, Any], univariable: list[Any]) -> list[str]:
    """The terms of the multivariable model."""
    rule = options["multivariable"]
    terms: list[str] = options["terms"]
    if rule == "none":
        return []
    if rule == "all":
        return terms
    if isinstance(rule, list):
        return [name for name in terms if name in rule]
    limit, test = rule["univariable_p_below"], TESTS[overall_test(options)]
    return [model.names[0] for model in univariable if _overall_p(model, test) < limit]


def _overall_p(model: Any, test: Any) -> float:
    """The p of the term of a univariable model over all its levels; 1 if it has none."""
    columns = _columns(model, model.names[0])
    return test(model.fit, columns).p_value if columns else 1.0


def _columns(model: Any, name: str) -> list[Any]:
    """The columns of a term that have a coefficient."""
    fit = model.fit
    return [c for c in fit.columns if c.term == name and c not in fit.dropped] if fit else []


def _inferred(model: Any, profile: bool, confidence: float, clustered: bool) -> tuple[Any, Inference | None]:
    """A Model and its Inference; the model is not estimable if that fails."""
    if model.fit is None:
        return model, None
    if clustered:
        return model, _wald(model.fit, confidence, "Wald, robust")
    try:
        return model, _inference(model.fit, profile or model.fit.penalised, confidence)
    except NotEstimable as refusal:
        return replace(model, fit=None, status="not-estimable", note=str(refusal)), None


def _inference(fit: Any, profile: bool, confidence: float) -> Inference:
    if not profile:
        return _wald(fit, confidence, "Wald")
    penalised = "penalised " if fit.penalised else ""
    return Inference(
        profile_interval(fit, confidence),
        np.array([likelihood_ratio(fit, [column]).p_value for column in fit.columns]),
        f"profile {penalised}likelihood",
        f"{penalised}likelihood ratio",
    )


def _wald(fit: Any, confidence: float, name: str) -> Inference:
    return Inference(wald_interval(fit, confidence), wald_p_values(fit), name, name)


def _rows(
    variable: Any, model: Any, inference: Inference | None, options: dict[str, Any], measure: str
) -> Iterator[dict[str, Any]]:
    """A term's rows of the estimates table: one per level, and of several levels their joint test."""
    if not variable.is_factor:
        counts = {"n_level": model.n, "events_level": model.n_events, "level": "", "reference": ""}
        yield {**counts, "measure": measure, **_estimate(variable, None, model, inference)}
        return
    reference = variable.reference or variable.levels[0]
    for level, n, events in zip(variable.levels, *model.counts[variable.name], strict=True):
        if level == reference:
            cell = {"estimate": 1.0}
        elif not n:
            cell = refused("nobody has this level")
        else:
            cell = _estimate(variable, level, model, inference)
        counts = {"n_level": int(n), "events_level": int(events)}
        yield {**counts, "level": level, "reference": reference, "measure": measure, **cell}
    if len(columns := _columns(model, variable.name)) > 1:
        method = overall_test(options)
        test = TESTS[method](model.fit, columns)
        penalised = "penalised " if model.fit.penalised else ""
        yield {
            "reference": reference,
            "measure": "global",
            "p_value": test.p_value,
            "p_method": f"{penalised}{method}",
            "statistic": test.statistic,
            "df": test.df,
            "status": model.status,
            "note": model.note,
        }


def _estimate(variable: Any, level: str | None, model: Any, inference: Any) -> dict[str, Any]:
    if variable.name not in model.varying:
        return refused("only one level occurs")
    if model.fit is None:
        return refused(model.note)
    fit = model.fit
    i = next((i for i, c in enumerate(fit.columns) if (c.term, c.level) == (variable.name, level)), None)
    if i is None or fit.columns[i] in fit.dropped:
        return refused("a linear combination of the terms before it")
    low, high = np.exp(inference.interval[i])
    return {
        "estimate": np.exp(fit.coefficients[i]),
        "std_error": fit.std_error[i],
        "ci_low": low,
        "ci_high": high,
        "ci_method": inference.ci_method,
        "p_value": inference.p_values[i],
        "p_method": inference.p_method,
        "status": model.status,
        "note": model.note,
    }


def refused(reason: str) -> dict[str, Any]:
    """The part of a row of what cannot be estimated."""
    return {"status": "not-estimable", "note": reason}
