"""A release of all shipped studies, searched for every id, date and exact count."""

import os
import re
import shutil

import pandas as pd
import pytest
import yaml
from support import attack
from support.exact_prints import exact_prints
from support.paths import ROOT
from support.released import rows
from support.workflow import snakemake

from recohort import release
from recohort.analyses import estimates
from recohort.analyses.summary import dictionary
from recohort.analyses.summary import numbers as summary
from recohort.base.files import write_csv
from recohort.extract import read as extract
from recohort.layout import table_csv
from recohort.protocol import model as protocol
from recohort.protocol import studies, yaml_file
from recohort.release import folder as release_folder


@pytest.mark.skipif("PANDAS_FUTURE_INFER_STRING" in os.environ, reason="once is enough")
def test_a_release_of_every_study_tells_of_no_patient(tmp_path, monkeypatch):
    shutil.copy(ROOT / "Snakefile", tmp_path)
    for name in ("workflow", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    # the certificate takes longer than all the rest, and test_workflow has it
    config = {**yaml.safe_load((ROOT / "config.yaml").read_text()), "certificate": False}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    run = snakemake(tmp_path, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    monkeypatch.chdir(tmp_path)
    release_folder.write("release")
    assert_no_id_or_date(tmp_path)
    data = {row["file"]: row["data"] for row in rows("release/release.csv")}
    assert data["gim14/logistic/estimates.csv"] == "synthetic"
    assert data["report.html"] == "patient-level, synthetic"
    for name in controlled(tmp_path):
        released = tmp_path / "release" / name
        assert exact_prints(released) == {}, name
        exact = with_exact_summaries(tmp_path / "results" / name, tmp_path / "data" / name)
        assert attack.steps(released) == [], name
        path = tmp_path / "data" / name / "study.yaml"
        assert attack.leaks(released, exact, path, **attack.HOLDS) == [], name


BETWEEN_WORDS = str.maketrans(dict.fromkeys("\"'<>,;=()|", " "))


DATE = re.compile(r"\d{1,4}[-/.](\d{1,2}|[A-Za-z]{3})[-/.]\d{1,4}")


def assert_no_id_or_date(folder):
    """Every word of every released file against every id and date of the extracts, found another way."""
    # what a protocol says, and the dates of drops
    said = "".join(path.read_text(encoding="utf-8") for path in folder.glob("data/*/study.yaml"))
    said += " ".join(path.stem for path in folder.glob("data/*/drops/*"))
    words = {}
    for path in (folder / "release").rglob("*"):
        if path.is_file():
            for _, text in release.texts(path.name, path.read_bytes()):
                found = {word.strip(".:") for word in text.translate(BETWEEN_WORDS).split()}
                words |= dict.fromkeys(found, str(path))
    searched = dict(ids_and_dates(folder))
    for name, cells in searched.items():
        assert len(cells) > 100, name
        assert {cell: words[cell] for cell in cells & words.keys() if cell not in said} == {}, name
    assert {"gim14", "cher2", "ihc-fish-ngs"} <= searched.keys()


def ids_and_dates(folder):
    """Of each study that was run, cells of its extracts: of columns without a repetition, and dates."""
    loaded, _ = studies.load(yaml_file.read(folder / "config.yaml"), folder / "data")
    for name, study in loaded.items():
        found = set()
        for key, path in [*study.files.items(), *study.previous_files.items()]:
            frame, _ = extract.read(path, study.protocol.extract["files"][key])
            columns = [set(frame[column]) - {""} for column in frame.columns.drop("row")]
            found |= set().union(*(cells for cells in columns if len(cells) > 0.9 * len(frame)))
            found |= {cell for cells in columns for cell in cells if DATE.fullmatch(cell)}
        cohort = pd.read_parquet(folder / "results" / name / "cohort" / "cohort.parquet")
        found |= set(cohort["id"])
        for column in cohort.select_dtypes("datetime"):
            found |= set(cohort[column].dropna().dt.strftime("%Y-%m-%d"))
        # a number may be any
        yield name, {cell for cell in found if not re.fullmatch(r"[\d.,]*", cell)}


def controlled(folder):
    """Studies of a release whose counts are under control."""
    listed = [row for row in rows(folder / "release" / release.LIST) if row["file"].endswith("flow.svg")]
    return [row["file"].split("/")[0] for row in listed if row["sensitivity"] == release.CONTROLLED]


def with_exact_summaries(results, data):
    """The results of a study, its summaries and dictionary as counted: the stage of tables controls them."""
    plan = protocol.read(data / "study.yaml")
    patients = pd.read_parquet(results / "cohort" / "cohort.parquet")
    tests = estimates.read(results / "contingency" / "estimates.csv")
    shown, _ = summary.summaries(plan, patients, [], tests)
    printed = dictionary.table(plan, len(patients), shown.pop(""))
    (results / "tables" / "dictionary.csv").write_text(table_csv.text(printed), encoding="utf-8")
    numbers = summary.frame([row for of_analysis in shown.values() for row in of_analysis])
    write_csv(results / "tables" / "summary-numbers.csv", numbers)
    return results
