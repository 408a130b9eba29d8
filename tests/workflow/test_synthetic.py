"""The synthetic extracts: their generators write them, and their cohorts have what the publications print."""

import importlib.util

import pandas as pd
import pytest
from support.paths import ROOT

from recohort.analyses.estimate import estimate
from recohort.base.formats import half_up
from recohort.cohort import build as cohort
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies

DATA = ROOT / "data"


def built(name):
    study = protocol.read(DATA / name / "study.yaml")
    frame, refused = extract.assemble(study, list(studies.locate(study, DATA / name).values()))
    return study, cohort.build(frame, refused, study)


def generator(name):
    spec = importlib.util.spec_from_file_location(f"generate_{name}", DATA / name / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["gim14", "ihc-fish-ngs"])
def test_the_generator_writes_the_extract_that_is_committed(name):
    assert generator(name).extract_text() == (DATA / name / "extract.csv").read_text(encoding="utf-8")


def test_the_generator_of_cher2_writes_the_drops_that_are_committed():
    written = {f"{day}.csv": text for day, text in generator("cher2").drops().items()}
    assert written == {
        path.name: path.read_text(encoding="utf-8") for path in (DATA / "cher2/drops").iterdir()
    }


# the abstract's counts, total and the percentages of IHC 2+ and 3+
GIM14_SITES = {
    "cns": (68, "32", "68"),
    "nodes": (330, "46", "54"),
    "lung": (182, "46", "54"),
    "liver": (227, "45", "55"),
    "skin": (68, "28", "72"),
    "pleura": (40, "48", "53"),  # printed 47: 47.5 cut
}


def test_gim14_has_the_printed_counts():
    _, result = built("gim14")
    patients = result.patients
    assert len(patients) == 766
    assert patients["ihc"].value_counts().to_dict() == {"3+": 464, "2+": 302}
    for site, (total, two, three) in GIM14_SITES.items():
        table = pd.crosstab(patients["ihc"], patients[site])["yes"]
        assert table.sum() == total, site
        assert [half_up(100 * table[ihc] / total, 0) for ihc in ("2+", "3+")] == [two, three], site


# the abstract's hazard ratios and odds ratio: analysis, population, model, term, printed
GIM14_PLANTED = [
    ("sites", "all", "multivariable", "nodes", "0.62"),
    ("os", "ihc_3", "univariable", "neo_tx", "1.55"),
    ("os", "ihc_3", "univariable", "radiotherapy", "1.34"),
    ("os", "ihc_3", "univariable", "neo_chemo", "1.63"),
    ("os", "ihc_3", "univariable", "cns", "1.98"),
    ("os", "ihc_3", "univariable", "liver", "1.68"),
    ("os", "ihc_3", "multivariable", "cns", "1.73"),
    ("os", "ihc_3", "multivariable", "liver", "1.47"),
    ("os", "ihc_2", "univariable", "liver", "1.67"),
    ("os", "all", "multivariable", "neo_chemo", "1.49"),
    ("os", "all", "multivariable", "cns", "1.53"),
    ("os", "all", "multivariable", "pleura", "1.50"),
    ("ttf", "all", "multivariable", "pleura", "1.74"),
]


def test_gim14_has_the_planted_effects():
    study, result = built("gim14")
    rows = [
        row
        for name in ("sites", "os", "ttf")
        for row in estimate(result.patients, study, study.analyses[name]).rows
    ]
    fitted = {
        (row["analysis"], row["population"], row["model"], row["term"]): half_up(row["estimate"], 2)
        for row in rows
        if row.get("level") == "yes"
    }
    for *identity, printed in GIM14_PLANTED:
        assert fitted[tuple(identity)] == printed, identity


def test_cher2_has_the_printed_counts():
    patients = built("cher2")[1].patients
    assert patients["group"].value_counts().to_dict() == {"low": 77, "high": 21}
    few = pd.crosstab(patients["group"], patients["few_sites"])["yes"]
    assert (few["high"], few["low"]) == (16, 29)


def test_ihc_fish_ngs_has_the_printed_counts_and_percentages():
    specimens = built("ihc-fish-ngs")[1].patients
    assert len(specimens) == 4884
    n = specimens["ihc"].value_counts()
    assert (n["0"] + n["1+"], n["2+"]) == (1059, 3563)
    positive = pd.crosstab(specimens["ihc"], specimens["fish"])["positive"]
    focal = {"1-2+ focal": "20.4", "2-3+ focal": "44.4"}
    printed = {"0": "1.5", "1+": "6.9", "2+": "20.9", "3+": "91.4", **focal}
    assert {level: half_up(100 * positive[level] / n[level], 1) for level in printed} == printed
    sequenced = specimens[specimens["ngs"].notna()]
    assert len(sequenced) == 57
    assert sequenced.loc[sequenced["ngs"] == "amplified", "ihc"].tolist().count("3+") == 2
    assert (sequenced["fish"].eq("positive") == sequenced["ngs"].eq("amplified")).all()
