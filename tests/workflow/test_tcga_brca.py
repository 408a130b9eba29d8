"""The study tcga-brca: its forms merged, and every estimate against tests/reference/tcga-brca.R."""

import shutil
import subprocess

import numpy as np
import pytest
from support.paths import ROOT
from support.reference_cases import cohort_of
from support.studies import assert_equal_counts, assert_equal_r, fit, read_reference, reference

from recohort.base.errors import RecohortError
from recohort.protocol import studies

PREPARE = ROOT / "data/tcga-brca/prepare.py"
SCRIPT = ROOT / "tests/reference/tcga-brca.R"
VISIT = "bcr_patient_barcode,vital_status,last_contact_days_to,death_days_to\n"
AGREEMENT = ["score_fish", "clear_score_fish", "status_fish", "status_score", "fish_guideline"]


@pytest.fixture(scope="module")
def tcga():
    return cohort_of("tcga-brca")


@pytest.fixture(scope="module")
def ours(tcga):
    study, built = tcga
    return fit(study, built.patients, [a for stage in study.stages for a in study.of_stage(stage)])


def published(table):
    """
    What tests/reference/tcga-brca.csv holds: no count of 1 to 7 patients.

    Proportions and curves that rest on such a group are not in it, nor is an agreement with such a cell;
    hazard ratios are, without their counts.
    """
    with_event, without = table["events_level"], table["n_level"] - table["events_level"]
    rests_on_few = (with_event.between(1, 7) | without.between(1, 7)).fillna(False).to_numpy(bool)
    measure, analysis = (table.index.get_level_values(name) for name in ("measure", "analysis"))
    is_ratio = measure == "HR"
    with_few = set(analysis[rests_on_few]) & set(AGREEMENT)
    counts = ["n_level", "events_level"]
    table = table.astype(dict.fromkeys(counts, float))
    table.loc[rests_on_few & is_ratio, counts] = np.nan
    return table[~(rests_on_few & ~is_ratio) & ~analysis.isin(with_few)]


def test_agrees_with_the_committed_output_of_r(tcga, ours):
    theirs = reference("tcga-brca")
    assert_equal_r(published(ours), theirs.drop("count", level="measure"))
    assert_equal_counts(tcga[1].patients, theirs)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_agrees_with_r_run_now_in_every_row(tcga, ours, tmp_path):
    raw = next(iter(studies.locate(tcga[0], ROOT / "data/tcga-brca").values())).parent
    subprocess.run(["Rscript", SCRIPT, raw, tmp_path / "all.csv", "all"], check=True)
    theirs = read_reference(tmp_path / "all.csv")
    assert_equal_r(ours, theirs.drop("count", level="measure"))
    assert_equal_counts(tcga[1].patients, theirs)


def test_the_committed_output_of_r_has_no_group_of_1_to_7_patients():
    theirs = reference("tcga-brca")
    for counted in (
        theirs["n_level"],
        theirs["events_level"],
        theirs["n_level"] - theirs["events_level"],
        theirs.xs("count", level="measure")["estimate"],
    ):
        assert not counted.between(1, 7).any()
    assert len(theirs) > 100


def test_no_patient_and_no_death_is_lost(tcga):
    _, built = tcga
    patients, flow = built.patients, built.attrition.set_index(["population", "step"])["n"]
    assert len(patients) == 1097
    assert built.quarantine.empty
    assert (patients["died_at_first"] == "yes").sum() == 104
    assert (patients["died"] == "yes").sum() == 152
    # without a follow-up: the dead without a day, and those last seen before diagnosis, whom the ledger has
    without = patients["followup"].isna()
    undated = (patients["died"] == "yes") & patients["death"].isna()
    in_ledger = built.ledger.loc[built.ledger["variable"] == "followup", "row"]
    assert set(patients.loc[without, "row"]) == {*patients.loc[undated, "row"], *in_ledger}
    assert undated.any()
    assert len(in_ledger)
    assert flow["followed", "Day of death or of last contact known"] == without.sum()
    assert flow["followed", "Followed for longer than 0 days"] == (patients["followup"] == 0).sum() == 20
    assert flow["followed", "cohort"] == 1097 - 22


def forms(study, patients, *visits):
    """The cohort of made-up forms: rows of the patient form, and of the three follow-up forms."""
    header = VISIT.strip() + ",her2_copy_number,her2_and_cent17_cells_count,anatomic_neoplasm_subdivision\n"
    names = ["follow_up_1", "follow_up_2", "follow_up_4"]
    unknown_visit = "a,[Not Available],[Not Available],[Not Available]\n"
    texts = [*visits, *[""] * (3 - len(visits))]
    follow_up = {f"{n}.csv": VISIT + unknown_visit + text for n, text in zip(names, texts, strict=True)}
    return study(
        header + patients,
        {
            "died": {"column": "latest_vital_status", "type": "flag", "positive": ["Dead"],
                     "negative": ["Alive"], "label": "Death"},
            "contact": {"column": "latest_contact_days", "type": "number", "label": "Last contact"},
            "death": {"column": "latest_death_days", "type": "number", "label": "Day of death"},
            "followup": {"column": "followup_days", "type": "number", "label": "Follow-up"},
            "cells": {"column": "her2_summed_cells", "type": "text", "label": "Cells"},
            "side": {"type": "text", "label": "Side"},
        },
        file="patients.csv",
        more={"prepare.py": PREPARE.read_text(), **follow_up},
        extract={
            "files": {name: f"{name}.csv" for name in ["patients", *names]},
            "id": "bcr_patient_barcode",
            "missing": ["[Not Available]"],
            "prepare": "prepare.py",
        },
    ).build()  # fmt: skip


ALIVE = "a,Alive,100,[Not Applicable],[Not Available],[Not Available],Left\n"


def latest(built):
    return built.patients[["died", "contact", "death", "followup"]].iloc[0].tolist()


def test_a_death_in_a_follow_up_form_ends_the_follow_up_on_its_day(study):
    built = forms(study, ALIVE, "a,Alive,150,\n", "a,Dead,,210\n", "a,Alive,120,\n")
    assert latest(built) == ["yes", 150, 210, 210]


def test_the_largest_day_of_contact_counts_whatever_the_form(study):
    died, contact, death, followup = latest(forms(study, ALIVE, "a,Alive,300,\n", "a,Alive,200,\n"))
    assert (died, contact, followup) == ("no", 300, 300)
    assert np.isnan(death)


def test_a_death_without_a_day_has_no_follow_up(study):
    died, contact, _, followup = latest(forms(study, ALIVE, "a,Dead,[Not Available],[Not Available]\n"))
    assert (died, contact) == ("yes", 100)
    assert np.isnan(followup)


def test_a_vital_status_that_no_form_has_is_unknown(study):
    other = "b,[Not Available],,,,,Left\n"
    built = forms(study, ALIVE + other, "b,[Not Available],80,\n")
    assert built.patients["died"].tolist()[0] == "no"
    assert built.patients["died"].isna().tolist() == [False, True]


def test_two_days_of_death_are_refused(study):
    other = "b,Alive,90,,,,Left\n"
    built = forms(study, ALIVE + other, "a,Dead,,210\n", "a,Dead,,211\n")
    assert built.patients["id"].tolist() == ["b"]
    assert "210|211" in built.quarantine["raw"].item()


def test_a_patient_of_a_follow_up_form_alone_stops_the_run(study):
    with pytest.raises(RecohortError, match="b is in a follow-up form and not in the patient form"):
        forms(study, ALIVE, "b,Dead,,210\n")


@pytest.mark.parametrize(
    ("copies", "cells", "expected"),
    [("2.4", "303", "1"), ("21.0", "40", "1"), ("42", "20", "20"), (">6", "40", "1"), ("114", "", None)],
)
def test_large_copies_are_a_sum_over_the_counted_cells(study, copies, cells, expected):
    built = forms(study, f"a,Alive,100,,{copies},{cells},Left\n")
    assert built.patients["cells"].tolist() == [expected]


@pytest.mark.parametrize(
    ("subdivisions", "expected"),
    [
        ("Left Upper Outer Quadrant|Left", "Left"),
        ("Right|Right Lower Inner Quadrant", "Right"),
        ("Right|Left Lower Inner Quadrant", "Left|Right"),
        ("[Not Available]", None),
    ],
)
def test_the_side_of_quadrants_joined_in_one_cell(study, subdivisions, expected):
    built = forms(study, f"a,Alive,100,,,,{subdivisions}\n")
    assert built.patients["side"].tolist() == [expected]
