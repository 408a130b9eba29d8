"""Cox models of a protocol."""

from dataclasses import replace

import numpy as np

from recohort.analyses.regression.estimate import Family, coded, estimates, refused
from recohort.base.errors import NotEstimable
from recohort.statistics import batch
from recohort.statistics.cox import concordance, residuals


def estimate(patients, protocol, analysis, confidence=0.95):
    """Hazard ratios: per population and model, a row per level of each term, and the concordance."""
    table = coded(patients, protocol, analysis)
    endpoint = analysis.options["endpoint"]
    cluster = _cluster(patients, analysis.options)
    family = Family(
        "HR",
        batteries(patients, analysis.options, table),
        # a cluster or a stratum that is missing is no missing endpoint
        {endpoint: patients[f"{endpoint}_time_days"].isna().to_numpy()},
        robust=None if cluster is None else lambda *fitted: _robust(*fitted, cluster),
        beside=lambda *fitted: _concordance(*fitted, cluster),
    )
    return estimates(patients, protocol, analysis, confidence, table, family)


def batteries(patients, options, table):
    """
    The Battery of the endpoint of an analysis, by its name.

    Parameters
    ----------
    patients : DataFrame
    options : dict
        Of the analysis.
    table : recohort.statistics.coded_table.Table
        The terms of the patients.

    Returns
    -------
    dict of Battery
    """
    endpoint, strata = options["endpoint"], None
    time = patients[f"{endpoint}_time_days"].to_numpy()
    if "cluster" in options:
        time = np.where(patients[options["cluster"]].notna(), time, np.nan)
    if options["strata"]:
        codes = [patients[name].cat.codes.to_numpy() for name in options["strata"]]
        sizes = [len(patients[name].cat.categories) for name in options["strata"]]
        known = np.all([code >= 0 for code in codes], axis=0)
        strata = np.where(known, np.ravel_multi_index(codes, sizes, mode="clip"), -1)
    column = f"{endpoint}_entry_days"
    battery = batch.cox(
        table,
        time,
        patients[f"{endpoint}_event"].to_numpy(),
        entry=patients[column].to_numpy() if column in patients else None,
        strata=strata,
        ties=options["ties"],
    )
    return {endpoint: battery}


def _cluster(patients, options):
    """The cluster of each patient as a code, or None."""
    if "cluster" not in options:
        return None
    return patients[options["cluster"]].astype("category").cat.codes.to_numpy()


def _robust(models, model, among, cluster):
    """The model with the robust covariance."""
    if model.fit is None:
        return model
    try:
        if model.fit.penalised:
            raise NotEstimable(f"{model.note}, for which there is no robust covariance")
        rows, arguments = models.rows_of(model, among)
        return replace(model, fit=residuals.robust(model.fit, **arguments, cluster=cluster[rows]))
    except NotEstimable as refusal:
        return replace(model, fit=None, status="not-estimable", note=str(refusal))


def _concordance(models, model, among, cluster):
    """The row of a model's concordance."""
    if model.fit is None:
        return {"measure": "concordance", **refused(model.note)}
    rows, arguments = models.rows_of(model, among)
    of_rows = None if cluster is None else cluster[rows]
    try:
        found = concordance.concordance(model.fit, **arguments, cluster=of_rows)
    except NotEstimable as refusal:
        return {"measure": "concordance", **refused(str(refusal))}
    return {
        "measure": "concordance",
        "estimate": found.concordance,
        "std_error": found.std_error,
        "status": model.status,
        "note": model.note,
    }
