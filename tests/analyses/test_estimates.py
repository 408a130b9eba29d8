"""The one table: complete, unrounded, without contradictions."""

import math

import pandas as pd
import pytest

from recohort.analyses import estimates
from recohort.base.errors import RecohortError

ROW = {
    "study": "tiny", "analysis": "os", "kind": "cox", "outcome": "os", "population": "all",
    "model": "univariable", "term": "ihc", "level": "3+", "reference": "2+", "measure": "HR",
    "n": 766, "events": 400,
    "estimate": 0.1 + 0.2, "std_error": 1 / 3, "ci_low": 0.1, "ci_high": 0.9, "p_value": 1e-300,
}  # fmt: skip


def test_columns_are_those_of_the_design():
    assert estimates.COLUMNS == [
        "study", "analysis", "kind", "outcome", "population", "model", "term", "level", "reference",
        "n", "events", "n_level", "events_level", "n_missing", "n_no_outcome", "n_no_covariate",
        "measure", "estimate", "std_error", "ci_low", "ci_high",
        "ci_method", "p_value", "p_method",
        "statistic", "df", "df_denominator", "at", "at_unit", "fmi", "status", "note",
    ]  # fmt: skip


def test_what_is_left_out_is_empty_missing_or_ok():
    row = estimates.table([ROW]).iloc[0]
    assert (row["status"], row["note"], row["ci_method"]) == ("ok", "", "")
    assert row["n_level"] is pd.NA
    assert math.isnan(estimates.table([{**ROW, "estimate": None}]).iloc[0]["estimate"])


def test_written_and_read_every_number_is_the_same(tmp_path):
    rows = [
        ROW,
        {**ROW, "level": "NA", "note": 'a, "b"'},
        {**ROW, "level": "4+", "estimate": math.inf, "ci_high": math.inf},
    ]
    frame = estimates.table(rows)
    estimates.write(tmp_path / "e.csv", frame)
    back = estimates.read(tmp_path / "e.csv")
    assert back == estimates.records(frame)
    assert [row["estimate"] for row in back] == [0.30000000000000004, 0.30000000000000004, math.inf]
    assert [row["level"] for row in back] == ["3+", "NA", "4+"]
    assert [(row["n"], row["n_level"]) for row in back] == [(766, None)] * 3


def test_an_empty_table_is_a_table(tmp_path):
    estimates.write(tmp_path / "e.csv", estimates.table([]))
    assert (tmp_path / "e.csv").read_text() == f"{','.join(estimates.COLUMNS)}\n"
    assert estimates.read(tmp_path / "e.csv") == []


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{**ROW, "hazard": 1}], r"unknown columns \['hazard'\]"),
        ([ROW, {**ROW, "estimate": 2, "ci_high": 3}], "two rows for one estimate"),
        (
            [{**ROW, "status": "fine"}],
            "a status that is none of ok, penalised, exact, imputed,",
        ),
        ([{**ROW, "ci_low": 0.31}], "an interval without its estimate"),
        ([{**ROW, "ci_high": 0.29}], "an interval without its estimate"),
        ([{**ROW, "status": "not-estimable"}], "an estimate that is not estimable"),
        ([{**ROW, "status": "failed"}], "an estimate that is not estimable"),
        ([{**ROW, "measure": "survival", "at_unit": "months"}], "survival at no time"),
        ([{**ROW, "measure": "survival", "at": 12}], "survival at no time"),
        ([{**ROW, "at": 12}, {**ROW, "at": 12}], "two rows for one estimate"),
    ],
)
def test_contradictions_are_refused(rows, problem):
    with pytest.raises(ValueError, match=problem):
        estimates.table(rows)


def test_an_exact_interval_may_touch_its_estimate():
    touching = {**ROW, "estimate": 1.0, "ci_low": 0.5, "ci_high": 1.0 - 1e-12}
    assert estimates.table([touching])["estimate"].tolist() == [1.0]


def test_one_estimate_may_have_an_interval_by_each_method():
    rows = [{**ROW, "ci_method": method} for method in ("Wilson", "Clopper-Pearson")]
    assert estimates.table(rows)["ci_method"].tolist() == ["Wilson", "Clopper-Pearson"]


@pytest.mark.parametrize("status", ["imputed", "disputed"])
def test_an_imputed_or_disputed_estimate_keeps_its_number(status):
    assert estimates.table([{**ROW, "status": status}])["estimate"].tolist() == [ROW["estimate"]]


def test_one_curve_has_a_row_at_each_time(tmp_path):
    rows = [{**ROW, "measure": "survival", "at": at, "at_unit": "months"} for at in (12, 0.5)]
    estimates.write(tmp_path / "e.csv", estimates.table(rows))
    assert [(row["at"], row["at_unit"]) for row in estimates.read(tmp_path / "e.csv")] == [
        (12.0, "months"),
        (0.5, "months"),
    ]


def test_a_table_of_another_version_is_refused(tmp_path):
    (tmp_path / "e.csv").write_text("study,analysis\ntiny,os\n")
    with pytest.raises(
        RecohortError, match=r"e\.csv, column kind, .*note: is not in this table of estimates\. Delete"
    ):
        estimates.read(tmp_path / "e.csv")
