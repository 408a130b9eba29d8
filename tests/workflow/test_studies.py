"""Every estimate of the studies with patients, from the extract on, against R: tests/reference/<study>.R."""

from dataclasses import replace

import pytest
from support.reference_cases import cohort_of
from support.studies import (
    assert_equal_counts,
    assert_equal_r,
    fit,
    reference,
)


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
    assert_equal_r(fit(study, built.patients, study.of_stage("contingency")), reference("cher2"))


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
