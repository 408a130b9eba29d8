"""Every estimate of the studies with patients, from the extract on, against R: tests/reference/<study>.R."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference_cases import cohort_of

from recohort import agreement, estimates, models, survival

ROOT = Path(__file__).parents[1]
IDENTITY = ["analysis", "outcome", "population", "model", "term", "level", "measure", "at", "interval"]
COUNTS = ["n", "events", "n_level", "events_level"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "p_value"]
# how R's scripts call the intervals that the estimates table names
INTERVALS = {"Wald": "wald", "profile likelihood": "profile"}

# R is converged to rounding (eps = 1e-14) and so are we: coefficients agree to their conditioning
RTOL = 1e-8
# a tail of 1e-18 multiplies the relative error of its z by z squared, about 75
P_RTOL = 1e-6


def fit(study, patients, analyses):
    """
    Our estimates by the identity that R's rows have.

    Reference levels are left out, and what we call not estimable: R has a row for it if that is wrong.
    """
    rows = []
    for analysis in analyses:
        if analysis.stage == "agreement":
            rows += agreement.estimates(patients, study, analysis)[0]
        elif analysis.kind == "curves":
            rows += survival.estimates(patients, study, analysis)[0]
        else:
            rows += models.estimates(patients, study, analysis)
    table = estimates.table(rows)
    table = table[table["status"] != "not-estimable"]
    assert table["status"].isin(["ok", "exact"]).all()
    table["at"] = table["reference"].where(table["measure"] == "survival", "")
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


def assert_equal_counts(patients, theirs):
    """Each count of a cross table that R has, exactly."""
    for (row, outcome), cells in (
        theirs.xs("count", level="measure").reset_index().groupby(["term", "outcome"])
    ):
        column, level = outcome.split("=")
        here = patients.loc[patients[column] == level, row]
        assert_array_equal(here.value_counts()[cells["level"]], cells["estimate"], err_msg=outcome)


def test_gbsg2_agrees_with_r():
    study, built = cohort_of("gbsg2")
    rfs = study.analyses["rfs"]
    by_grade = {"terms": [term for term in rfs.options["terms"] if term != "grade"], "strata": ["grade"]}
    analyses = [
        rfs,
        study.analyses["rfs_curve"],
        replace(rfs, name="rfs_breslow", options={**rfs.options, "ties": "breslow"}),
        replace(rfs, name="rfs_by_grade", options={**rfs.options, **by_grade}),
    ]
    assert_equal_r(fit(study, built.patients, analyses), reference("gbsg2"))


def test_gbsg2_keeps_all_women():
    _, built = cohort_of("gbsg2")
    assert len(built.patients) == 686
    assert built.patients["id"].is_unique
    assert built.ledger.empty
    assert built.quarantine.empty


def test_gim14_agrees_with_r():
    study, built = cohort_of("gim14")
    analyses = study.of_stage("logistic") + study.of_stage("survival")
    assert_equal_r(fit(study, built.patients, analyses), reference("gim14"))


def test_cher2_agrees_with_r():
    study, built = cohort_of("cher2")
    assert_equal_r(fit(study, built.patients, study.of_stage("agreement")), reference("cher2"))


@pytest.fixture(scope="module")
def msk2018():
    return cohort_of("msk2018")


def test_msk2018_agrees_with_r(msk2018):
    study, built = msk2018
    theirs = reference("msk2018")
    analyses = [analysis for stage in study.stages for analysis in study.of_stage(stage)]
    assert_equal_r(fit(study, built.patients, analyses), theirs.drop("count", level="measure"))


def test_msk2018_counts_every_raw_text_as_r_does(msk2018):
    _, built = msk2018
    theirs = reference("msk2018")
    assert_equal_counts(built.patients, theirs)
    counted = theirs.xs("count", level="measure").xs("fish", level="term")
    assert counted["estimate"].sum() == 1918
    assert built.patients["ihc"].isna().sum() == 110


def test_msk2018_has_one_sample_a_patient_and_no_late_entry(msk2018):
    _, built = msk2018
    flow = built.attrition.set_index(["population", "step"])["n_left"]
    assert flow["index", "HER2 IHC exactly 2+ or 3+"] == 379
    assert flow["index", "cohort"] == 367
    assert flow["followed", "cohort"] == 366
    assert built.patients.loc[built.patients["in_index"], "patient"].is_unique
    followed = built.patients[built.patients["in_followed"]]
    assert (followed["os_delayed_entry_days"] >= 0).all()
    assert (followed["os_delayed_entry_days"] < followed["os_delayed_time_days"]).all()
