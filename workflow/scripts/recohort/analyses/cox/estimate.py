"""Cox models of a protocol."""

from dataclasses import replace
from typing import Any

import numpy as np

from recohort.analyses.regression.estimate import Family, coded, estimates, refused
from recohort.base.errors import NotEstimable
from recohort.statistics import batch
from recohort.statistics.cox import concordance, residuals
from recohort.statistics.survival_rows import SurvivalRows


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """Hazard ratios: per population and model, a row per level of each term, and the concordance."""
    table = coded(patients, protocol, analysis)
    endpoint = analysis.options["endpoint"]
    cluster = _cluster(patients, analysis.options)
    family = Family(
        "HR",
        batches(patients, analysis.options, table),
        # a cluster or a stratum that is missing is no missing endpoint
        {endpoint: patients[f"{endpoint}_time_days"].isna().to_numpy()},
        robust=None
        if cluster is None
        else lambda models, model, among: _robust(models, model, among, cluster),
        beside=lambda models, model, among: _concordance(models, model, among, cluster),
    )
    return estimates(patients, protocol, analysis, confidence, table, family)


def batches(patients: Any, options: dict[str, Any], table: Any) -> dict[str, Any]:
    """
    The Batch of the endpoint of an analysis, by its name.

    Parameters
    ----------
    patients : DataFrame
    options : dict
        Of the analysis.
    table : recohort.statistics.coded_table.CodedTable
        The terms of the patients.

    Returns
    -------
    dict of Batch
    """
    endpoint, strata = options["endpoint"], None
    needed = [f"{endpoint}_time_days", *options["strata"]]
    needed += [options["cluster"]] if "cluster" in options else []
    known = patients[needed].notna().all(axis=1)
    followed = patients[known]
    if options["strata"]:
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
    return {endpoint: batch.cox(table, rows, known.to_numpy(), options["ties"])}


def _cluster(patients: Any, options: dict[str, Any]) -> Any:
    """The cluster of each patient as a code, or None."""
    if "cluster" not in options:
        return None
    return patients[options["cluster"]].astype("category").cat.codes.to_numpy()


def _robust(models: Any, model: Any, among: Any, cluster: Any) -> Any:
    """The model with the robust covariance."""
    if model.fit is None:
        return model
    try:
        if model.fit.penalised:
            raise NotEstimable(f"{model.note}, for which there is no robust covariance")
        rows, patterns, survival = models.rows_of(model, among)
        return replace(model, fit=residuals.robust(model.fit, patterns, survival, cluster[rows]))
    except NotEstimable as refusal:
        return replace(model, fit=None, status="not-estimable", note=str(refusal))


def _concordance(models: Any, model: Any, among: Any, cluster: Any) -> dict[str, Any]:
    """The row of a model's concordance."""
    if model.fit is None:
        return {"measure": "concordance", **refused(model.note)}
    rows, patterns, survival = models.rows_of(model, among)
    of_rows = None if cluster is None else cluster[rows]
    try:
        found = concordance.concordance(model.fit, patterns, survival, of_rows)
    except NotEstimable as refusal:
        return {"measure": "concordance", **refused(str(refusal))}
    return {
        "measure": "concordance",
        "estimate": found.concordance,
        "std_error": found.std_error,
        "status": model.status,
        "note": model.note,
    }
