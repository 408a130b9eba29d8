"""Table 1: what is printed of whom, and what is withheld or left blank."""

from dataclasses import replace

import pandas as pd
import pytest
from support.disclosure import RULE
from support.tables import notes_of, patients_frame, read, texts

from recohort.analyses import estimates
from recohort.analyses import tables as build
from recohort.analyses.estimate import estimate
from recohort.analyses.summary.numbers import summaries
from recohort.layout import table_csv
from recohort.layout.table import to_json


@pytest.fixture
def study(tmp_path):
    return read(tmp_path, "synthetic")


@pytest.fixture
def patients():
    return patients_frame()


def table_1(study, patients):
    codebook = {name: variable for name, variable in study.codebook.items() if name in patients}
    only = replace(study, codebook=codebook, analyses={"table1": study.analyses["table1"]})
    tests = estimate(patients, only, only.analyses["table1"]).rows
    found = estimates.records(estimates.table(tests))
    shown, sizes = summaries(only, patients, [], found)
    (table,) = build.tables(only, shown, sizes, [], [], 0.95)
    return table, shown["table1"]


def test_table_1(study, patients):
    table, numbers = table_1(study, patients)
    cells = [line[:4] for line in texts(table)]
    assert cells == [
        [
            "Age, years, median (Q1 to Q3)",
            "52.5 (46.3 to 58.8)",
            "50.0 (45.0 to 55.0)",
            "55.0 (50.0 to 60.0)",
        ],
        ["Ratio, median (Q1 to Q3)", "0.50 (0.25 to 0.50)", "0.50 (0.38 to 0.63)", "0.31 (0.22 to 0.41)"],
        ["Missing", "1", "0", "1"],
        ["Grade", "", "", ""],
        ["I", "2 (33.3)", "2 (66.7)", "0 (0.0)"],
        ["II", "3 (50.0)", "1 (33.3)", "2 (66.7)"],
        ["III", "1 (16.7)", "0 (0.0)", "1 (33.3)"],
        ["Liver <script>alert(1)</script>", "3 (60.0)", "1 (33.3)", "2 (100.0)"],
        ["Missing", "1", "0", "1"],
        ["Date of draw known", "6", "3", "3"],
    ]
    assert [c.header for c in table.columns] == [
        "",
        "All (n = 6)",
        "2+ (n = 3)",
        "3+ (n = 3)",
        "p",
        "Std. diff.",
    ]
    said = notes_of(table)
    assert "1 patients without a known HER2 IHC are not in the table." in said
    assert "Test: Fisher exact." in said and "Wilcoxon" in said
    assert "Pearson chi-square; expected counts below 5." in said
    # unrounded, beside what is printed
    (quartile,) = (r["q1"] for r in numbers if (r["variable"], r["group"]) == ("age", ""))
    assert quartile == 46.25


def test_a_test_that_is_withheld_is_marked_and_one_that_there_is_not_is_blank(study, patients):
    many = pd.concat([patients] * 20, ignore_index=True)
    table, _ = table_1(replace(study, data="patient-level", rule=RULE), many)
    last = {line[0]: line[-2:] for line in texts(table)}
    # nobody with 2+ has grade III; a date is not compared
    assert last["Grade"] == ["[c]", "[c]"]
    assert last["Date of draw known"] == ["", ""]
    assert not {"[c]", ""} & set(last["Age, years, median (Q1 to Q3)"])
    # nothing else in a CSV says so
    said = "Patient-level data, small counts withheld, others rounded"
    assert table_csv.text(table).splitlines()[1].endswith(f',"{said}"')


def test_nothing_of_one_patient_is_in_a_table(study, patients):
    table, numbers = table_1(study, patients)
    assert "2020" not in to_json([table], []) + str(numbers)


def test_a_median_of_small_numbers_is_not_0(study, patients):
    small = patients.assign(ratio=patients["ratio"] / 100)
    table, _ = table_1(study, small)
    cells = {r[0]: r[1] for r in texts(table)}
    assert cells["Ratio, median (Q1 to Q3)"] == "0.0050 (0.0025 to 0.0050)"
