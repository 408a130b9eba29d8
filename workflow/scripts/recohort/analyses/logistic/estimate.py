"""Logistic models of a protocol."""

import numpy as np

from recohort.analyses.regression.estimate import Family, coded, estimates
from recohort.statistics import batch


def estimate(patients, protocol, analysis, confidence=0.95):
    """Odds ratios of each outcome: per population and model, a row per level of each term."""
    table = coded(patients, protocol, analysis)
    is_profile = analysis.options["interval"] == "profile"
    found = batteries(patients, analysis.options, table)
    family = Family("OR", found, {name: ~battery.known for name, battery in found.items()}, is_profile)
    return estimates(patients, protocol, analysis, confidence, table, family)


def batteries(patients, options, table):
    """
    The Battery of each outcome of an analysis.

    Parameters
    ----------
    patients : DataFrame
    options : dict
        Of the analysis.
    table : recohort.statistics.coded_table.Table
        The terms of the patients.

    Returns
    -------
    dict of Battery by the name of the outcome
    """
    outcomes = {}
    for variable, level in options["outcome"].items():
        outcome = (patients[variable] == level).to_numpy(float, na_value=np.nan)
        outcomes[f"{variable}={level}"] = batch.logistic(
            table, np.where(patients[variable].notna(), outcome, np.nan)
        )
    return outcomes
