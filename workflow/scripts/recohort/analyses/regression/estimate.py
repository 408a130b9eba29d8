"""The regressions of a protocol: univariable and multivariable models in each population, as estimates."""

from dataclasses import dataclass, replace

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics import batch
from recohort.statistics.coded_table import code_terms
from recohort.statistics.cox import concordance, residuals
from recohort.statistics.design import Term
from recohort.statistics.maximum_likelihood import (
    likelihood_ratio,
    profile_interval,
    wald_interval,
    wald_p_values,
    wald_test,
)
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True)
class Inference:
    """Intervals (p, 2) and p values (p,) of the columns of a fit, and the names of their methods."""

    interval: np.ndarray
    p_values: np.ndarray
    ci_method: str
    p_method: str


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
        Rows of the estimates table: per outcome, population and model, a row per level of each term; of a
        multivariable Cox model also its concordance.
    """
    variables = {name: protocol.codebook[name] for name in analysis.options["terms"]}
    table = code_terms([term(variable, patients[name]) for name, variable in variables.items()])
    cluster = _cluster(patients, analysis)
    rows = []
    for outcome, models in batches(patients, analysis, table).items():
        for population in analysis.populations:
            among = patients[f"in_{population}"].to_numpy()
            missing = {name: int((among & ~table.known([name])).sum()) for name in variables}
            shared = {
                "study": protocol.study,
                "analysis": analysis.name,
                "kind": analysis.kind,
                "outcome": outcome,
                "population": population,
            }
            for kind, model, inference in _models(models, among, analysis, confidence, cluster):
                shared |= {"model": kind, "n": model.n, "events": model.n_events}
                for name in model.names:
                    about = {**shared, "term": name, "n_missing": missing[name]}
                    rows += [{**about, **row} for row in _rows(variables[name], model, inference, analysis)]
                if analysis.kind == "cox" and kind == "multivariable":
                    rows.append({**shared, **_concordance(models, model, among, cluster)})
    return rows


def batches(patients, analysis, table):
    """
    The Batch of each outcome, or of the endpoint, of an analysis.

    Parameters
    ----------
    patients : DataFrame
    analysis : Analysis
        Of kind logistic or cox.
    table : recohort.statistics.coded_table.CodedTable
        The terms of the patients.

    Returns
    -------
    dict of Batch by the name of the outcome
    """
    if analysis.kind == "cox":
        endpoint = analysis.options["endpoint"]
        return {endpoint: _cox(patients, endpoint, analysis.options, table)}
    outcomes = {}
    for variable, level in analysis.options["outcome"].items():
        outcome = (patients[variable] == level).to_numpy(float, na_value=np.nan)
        outcomes[f"{variable}={level}"] = batch.logistic(
            table, np.where(patients[variable].notna(), outcome, np.nan)
        )
    return outcomes


def _cox(patients, endpoint, options, table):
    needed = [f"{endpoint}_time_days", *options.get("strata", [])]
    needed += [options["cluster"]] if "cluster" in options else []
    known = patients[needed].notna().all(axis=1)
    followed, strata = patients[known], None
    if options.get("strata"):
        codes = [followed[name].cat.codes.to_numpy() for name in options["strata"]]
        sizes = [len(followed[name].cat.categories) for name in options["strata"]]
        strata = np.ravel_multi_index(codes, sizes)
    column = f"{endpoint}_entry_days"
    rows = SurvivalRows(
        followed[f"{endpoint}_time_days"].to_numpy(),
        followed[f"{endpoint}_event"].to_numpy(),
        followed[column].to_numpy() if column in followed else None,
        strata,
    )
    return batch.cox(table, rows, known.to_numpy(), options.get("ties", "efron"))


def term(variable, values, reference=None):
    """A variable's values as a Term: a number in its printed unit, a factor with its or another reference."""
    if not variable.is_factor:
        return Term(variable.name, values.to_numpy(float) / variable.per)
    reference = reference or variable.reference or variable.levels[0]
    codes = values.cat.codes.to_numpy()
    return Term(variable.name, codes, variable.levels, variable.levels.index(reference))


def _cluster(patients, analysis):
    """The cluster of each patient as a code, or None."""
    if "cluster" not in analysis.options:
        return None
    return patients[analysis.options["cluster"]].astype("category").cat.codes.to_numpy()


def _models(models, among, analysis, confidence, cluster):
    """Kind, Model and Inference of each model in a population."""
    profile = analysis.kind == "logistic" and analysis.options.get("interval", "profile") == "profile"

    def inferred(model):
        return _inferred(_robust(models, model, among, cluster), profile, confidence, cluster is not None)

    univariable = [inferred(model) for model in models.univariable(among)]
    yield from (("univariable", *model) for model in univariable)
    names = _chosen(analysis.options, [model for model, _ in univariable], cluster is not None)
    if names:
        yield "multivariable", *inferred(models.fit(names, among))


def _robust(models, model, among, cluster):
    """The model with the robust covariance, if there are clusters."""
    if cluster is None or model.fit is None:
        return model
    try:
        if model.fit.penalised:
            raise NotEstimable(f"{model.note}, for which there is no robust covariance")
        rows, patterns, survival = models.rows_of(model, among)
        return replace(model, fit=residuals.robust(model.fit, patterns, survival, cluster[rows]))
    except NotEstimable as refusal:
        return replace(model, fit=None, status="not-estimable", note=str(refusal))


def _concordance(models, model, among, cluster):
    """The row of a model's concordance."""
    if model.fit is None:
        return {"measure": "concordance", **_refused(model.note)}
    rows, patterns, survival = models.rows_of(model, among)
    of_rows = None if cluster is None else cluster[rows]
    try:
        found = concordance.concordance(model.fit, patterns, survival, of_rows)
    except NotEstimable as refusal:
        return {"measure": "concordance", **_refused(str(refusal))}
    return {
        "measure": "concordance",
        "estimate": found.concordance,
        "std_error": found.std_error,
        "status": model.status,
        "note": model.note,
    }


def _chosen(options, univariable, clustered):
    """The terms of the multivariable model."""
    rule, terms = options.get("multivariable", "none"), options["terms"]
    if rule == "none":
        return []
    if rule == "all":
        return terms
    if isinstance(rule, list):
        return [name for name in terms if name in rule]
    return [
        model.names[0] for model in univariable if _overall_p(model, clustered) < rule["univariable_p_below"]
    ]


def _overall_p(model, clustered):
    """The p of the term of a univariable model over all its levels; 1 if it has none."""
    columns = _columns(model, model.names[0])
    return _joint_test(clustered)(model.fit, columns).p_value if columns else 1.0


def _joint_test(clustered):
    """Of several columns: likelihood ratios take no account of clusters, robust Wald tests do."""
    return wald_test if clustered else likelihood_ratio


def _columns(model, name):
    """The columns of a term that have a coefficient."""
    fit = model.fit
    return [c for c in fit.columns if c.term == name and c not in fit.dropped] if fit else []


def _inferred(model, profile, confidence, clustered):
    """A Model and its Inference; the model is not estimable if that fails."""
    if model.fit is None:
        return model, None
    if clustered:
        return model, _wald(model.fit, confidence, "Wald, robust")
    try:
        return model, _inference(model.fit, profile or model.fit.penalised, confidence)
    except NotEstimable as refusal:
        return replace(model, fit=None, status="not-estimable", note=str(refusal)), None


def _inference(fit, profile, confidence):
    if not profile:
        return _wald(fit, confidence, "Wald")
    penalised = "penalised " if fit.penalised else ""
    return Inference(
        profile_interval(fit, confidence),
        np.array([likelihood_ratio(fit, [column]).p_value for column in fit.columns]),
        f"profile {penalised}likelihood",
        f"{penalised}likelihood ratio",
    )


def _wald(fit, confidence, name):
    return Inference(wald_interval(fit, confidence), wald_p_values(fit), name, name)


def _rows(variable, model, inference, analysis):
    """A term's rows of the estimates table: one per level, and of several levels their joint test."""
    measure = {"logistic": "OR", "cox": "HR"}[analysis.kind]
    if not variable.is_factor:
        counts = {"n_level": model.n, "events_level": model.n_events, "level": "", "reference": ""}
        yield {**counts, "measure": measure, **_estimate(variable, None, model, inference)}
        return
    reference = variable.reference or variable.levels[0]
    for level, n, events in zip(variable.levels, *model.counts[variable.name], strict=True):
        if level == reference:
            cell = {"estimate": 1.0}
        elif not n:
            cell = _refused("nobody has this level")
        else:
            cell = _estimate(variable, level, model, inference)
        counts = {"n_level": int(n), "events_level": int(events)}
        yield {**counts, "level": level, "reference": reference, "measure": measure, **cell}
    if len(columns := _columns(model, variable.name)) > 1:
        clustered = "cluster" in analysis.options
        test = _joint_test(clustered)(model.fit, columns)
        method = "robust Wald" if clustered else "likelihood ratio"
        yield {
            "reference": reference,
            "measure": "global",
            "p_value": test.p_value,
            "p_method": f"{'penalised ' if model.fit.penalised else ''}{method}, {test.df} df",
            "status": model.status,
            "note": model.note,
        }


def _estimate(variable, level, model, inference):
    if variable.name not in model.varying:
        return _refused("only one level occurs")
    if model.fit is None:
        return _refused(model.note)
    fit = model.fit
    i = next((i for i, c in enumerate(fit.columns) if (c.term, c.level) == (variable.name, level)), None)
    if i is None or fit.columns[i] in fit.dropped:
        return _refused("a linear combination of the terms before it")
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


def _refused(reason):
    return {"status": "not-estimable", "note": reason}
