"""Logistic models of a protocol."""

from typing import Any

import numpy as np

from recohort.analyses.regression.estimate import Family, coded, estimates
from recohort.statistics import batch


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """Odds ratios of each outcome: per population and model, a row per level of each term."""
    table = coded(patients, protocol, analysis)
    is_profile = analysis.options["interval"] == "profile"
    found = batches(patients, analysis.options, table)
    family = Family("OR", found, {name: ~models.known for name, models in found.items()}, is_profile)
    return estimates(patients, protocol, analysis, confidence, table, family)


def batches(patients: Any, options: dict[str, Any], table: Any) -> dict[str, Any]:
    """
    The Batch of each outcome of an analysis.

    Parameters
    ----------
    patients : DataFrame
    options : dict
        Of the analysis.
    table : recohort.statistics.coded_table.CodedTable
        The terms of the patients.

    Returns
    -------
    dict of Batch by the name of the outcome
    """
    outcomes = {}
    for variable, level in options["outcome"].items():
        outcome = (patients[variable] == level).to_numpy(float, na_value=np.nan)
        outcomes[f"{variable}={level}"] = batch.logistic(
            table, np.where(patients[variable].notna(), outcome, np.nan)
        )
    return outcomes
