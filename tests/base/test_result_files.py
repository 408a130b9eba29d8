"""The list of result files: each path has one row, and a row knows its paths."""

import pytest

from recohort.base import result_files


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("gim14/survival/estimates.csv", result_files.ESTIMATES),
        ("gim14/drop/gates.csv", result_files.GATES),
        ("gim14/tables/summary-numbers.csv", result_files.SUMMARY_NUMBERS),
        ("gim14/certificate.csv", result_files.CERTIFICATE),
    ],
)
def test_a_path_has_its_row(path, row):
    assert result_files.of(path) is row


@pytest.mark.parametrize(
    "path",
    [
        "gim14/notes.csv",
        "gim14/tables/estimates.csv/x",
        "gim14/cohort/estimates.csv",
        "a/b/c/d.log",
        "gim14/survival/curvesXcsv",
        "",
    ],
)
def test_another_path_has_none(path):
    assert result_files.of(path) is None


def test_no_row_is_behind_another_that_takes_its_paths():
    for row in result_files.FILES:
        stage = row.stages[0] if row.stages else "cohort"
        path = row.pattern.format(study="s", stage=stage).replace("*", "x")
        assert result_files.of(path) is row


def test_the_paths_of_the_stages_that_a_study_has():
    stages = {"a": {"cohort", "survival"}, "b": {"logistic", "survival", "tables"}}
    assert sorted(result_files.ESTIMATES.paths(stages)) == [
        "results/a/survival/estimates.csv",
        "results/b/logistic/estimates.csv",
        "results/b/survival/estimates.csv",
    ]
    # the job makes the folder
    assert result_files.SUMMARY_NUMBERS.paths(stages) == ["results/b/tables"]


def test_rows_are_read_one_file_after_the_other(tmp_path):
    for name, n in (("a", "7"), ("b", "")):
        (tmp_path / name).write_text(f"variable,column,rule,n\nage,AGE,recoded,{n}\n")
    rows = result_files.CLEANING.read(tmp_path / "a", tmp_path / "b")
    assert [(row["variable"], row["n"]) for row in rows] == [("age", 7), ("age", None)]
