"""Estimates of a whole study beside those of an R script."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose, assert_array_equal
from support.paths import ROOT

from recohort.analyses import estimates
from recohort.analyses.estimate import estimate

IDENTITY = ["analysis", "outcome", "population", "model", "term", "level", "measure", "at", "interval"]


COUNTS = ["n", "events", "n_level", "events_level"]


NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "p_value", "statistic", "df"]


# how R's scripts call the intervals that the estimates table names
INTERVALS = {"Wald": "wald", "profile likelihood": "profile"}


# R is converged to rounding (eps = 1e-14) and so are we: coefficients agree to their conditioning
RTOL = 1e-8


# a tail of 1e-18 multiplies the relative error of its z by z squared, about 75
P_RTOL = 1e-6


# half a tail's exponent: what P_RTOL allows a p of 1e-18 is 1e-8 of its chi-squared
STATISTIC_RTOL = 1e-7


def fit(study, patients, analyses):
    """
    Our estimates by the identity that R's rows have.

    Reference levels are left out, and what we call not estimable: R has a row for it if that is wrong.
    """
    rows = []
    for analysis in analyses:
        if analysis.kind != "summary":
            rows += estimate(patients, study, analysis).rows
    table = estimates.table(rows)
    table = table[table["status"] != "not-estimable"]
    assert table["status"].isin(["ok", "exact"]).all()
    table["at"] = table["at"].map("{:g}".format).where(table["at"].notna(), "")
    table["interval"] = table["ci_method"].replace(INTERVALS)
    is_reference = (table["level"] == table["reference"]) & (table["level"] != "")
    return table[~is_reference].set_index(IDENTITY)


def reference(name):
    return read_reference(ROOT / "tests/reference" / f"{name}.csv")


def read_reference(path):
    table = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)
    table[COUNTS + NUMBERS] = table[COUNTS + NUMBERS].replace("", "nan").astype(float)
    return table.set_index(IDENTITY)


def assert_equal_r(ours, theirs):
    """All rows of both and nothing else, each count exactly, each number to its tolerance."""
    assert sorted(ours.index) == sorted(theirs.index)
    ours = ours.loc[theirs.index]
    assert_array_equal(ours[COUNTS].astype(float), theirs[COUNTS])
    ratio = theirs.index.get_level_values("measure").isin(["HR", "OR"])
    coefficients = [np.log(table.loc[ratio, "estimate"]) for table in (ours, theirs)]
    assert_allclose(*coefficients, rtol=RTOL, atol=0)
    for column in ["estimate", "std_error", "ci_low", "ci_high"]:
        assert_allclose(ours[column], theirs[column], rtol=RTOL, atol=0, err_msg=column)
    assert_allclose(ours["p_value"], theirs["p_value"], rtol=P_RTOL, atol=0)
    assert_array_equal(ours["df"], theirs["df"])
    assert_allclose(ours["statistic"], theirs["statistic"], rtol=STATISTIC_RTOL, atol=0)


def assert_equal_counts(patients, theirs):
    """Each count of a cross table that R has, exactly."""
    for (row, outcome), cells in (
        theirs.xs("count", level="measure").reset_index().groupby(["term", "outcome"])
    ):
        column, level = outcome.split("=")
        here = patients.loc[patients[column] == level, row]
        assert_array_equal(here.value_counts()[cells["level"]], cells["estimate"], err_msg=outcome)
