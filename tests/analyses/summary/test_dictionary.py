"""The data dictionary: what the codebook says of each variable, and small counts of patients not printed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from support.disclosure import RULE

from recohort.analyses.summary import dictionary
from recohort.analyses.summary.numbers import summaries
from recohort.protocol import model as protocol

PROTOCOL = """
title: A study
data: {data}
extract: {{files: {{patients: extract.csv}}, id: id, missing: [NA]}}
codebook:
  grade: {{type: category, levels: [low, high], recode: {{L: low, lo: low, "?": null}}, label: Grade}}
  liver: {{column: LIVER, type: flag, positive: [si], negative: ["no"], required: true, label: Liver}}
  age:   {{type: number, range: [18, 110], decimal: either, unit: years, unreadable: missing, label: Age}}
  mass:  {{type: number, missing: ["999"], recode: {{ten: "10"}}, label: Mass}}
  drawn: {{type: date, formats: ["%d/%m/%Y"], label: Drawn}}
  old:   {{type: flag, derive: "age >= 65", label: Old}}
  group: {{type: category, levels: [a, b], derive: {{a: "age < 50", b: "age >= 50"}}, label: Group}}
  twice: {{type: number, derive: "2 * age", label: Twice}}
  ratio: {{type: number, label: Ratio}}
  ish:
    type: category
    levels: ["1", "2", "3", "4", "5"]
    guideline: {{rules: asco-cap-2018, ratio: ratio, copies: mass}}
    label: ISH
cohort: []
analyses: {{table1: {{kind: summary, variables: [grade]}}}}
"""
N = 40


@pytest.fixture
def cells(tmp_path):
    """The dictionary of 40 rows as {label of variable or level: cells by column}."""

    def build(data, rule=None):
        path = tmp_path / "study.yaml"
        path.write_text(PROTOCOL.format(data=data), encoding="utf-8")
        plan = replace(protocol.read(path), rule=rule)
        missing_35 = np.where(np.arange(N) < 5, 10.0, np.nan)
        cohort = pd.DataFrame(
            {
                "grade": pd.Categorical(["low"] * 7 + ["high"] * 31 + [None] * 2, categories=["low", "high"]),
                "liver": pd.Categorical(["yes"] * 8 + ["no"] * 32, categories=["no", "yes"]),
                "age": np.arange(41, 41 + N, dtype=float),
                "mass": missing_35,
                "drawn": pd.to_datetime(["2020-01-31"] * 30 + [None] * 10),
                "old": pd.Categorical(["no"] * 24 + ["yes"] * 16, categories=["no", "yes"]),
                "group": pd.Categorical(["a"] * 9 + ["b"] * 31, categories=["a", "b"]),
                "twice": 2 * np.arange(41, 41 + N, dtype=float),
                "ratio": np.full(N, 20.0),
                "ish": pd.Categorical(["5"] * N, categories=list("12345")),
            }
        )
        shown, _ = summaries(plan, cohort.assign(in_all=True), [], [])
        table = dictionary.table(plan, N, shown[""])
        headers = [column.header for column in table.columns[1:]]
        texts = [[cell.text for cell in row.cells] for row in table.rows]
        return table, {label: dict(zip(headers, rest, strict=True)) for label, *rest in texts}

    return build


def test_what_the_codebook_says_of_each_variable(cells):
    _, found = cells("synthetic")
    said = {label: (row["Name"], row["Type"], row["Source"], row["Rules"]) for label, row in found.items()}
    assert said["Grade"] == ("grade", "category", "column grade", "missing: ?, NA")
    assert said["low"] == ("", "", "", "also L, lo")
    assert said["Liver"] == ("liver", "flag", "column LIVER", "yes: si; no: no; missing: NA; required")
    assert said["Age, years"][3] == (
        "18 to 110; decimal point or comma; missing: NA; unreadable cells are set to missing"
    )
    assert said["Mass"][3] == "ten is 10; missing: 999, NA"
    assert said["Drawn"][3] == "formats %d/%m/%Y; missing: NA"
    assert said["Old"][2:] == ("derived: age >= 65", "")
    assert said["Group"][2] == "derived: a if age < 50; b if age >= 50"
    assert said["ISH"][2] == "guideline asco-cap-2018 of ratio, mass"


def test_what_the_cohort_has(cells):
    table, found = cells("synthetic")
    observed = {label: (row["Known"], row["Missing"], row["Observed"]) for label, row in found.items()}
    assert observed["Grade"] == ("38", "2", "")
    # 7 and 31 of the 38 known
    assert observed["low"][2] == "7 (18.4)" and observed["high"][2] == "31 (81.6)"
    # quartiles of 41 to 80, R's type 7: 50.75, 60.5, 70.25
    assert observed["Age, years"] == ("40", "0", "60.5 (50.8 to 70.3)")
    assert observed["Drawn"] == ("30", "10", "")
    assert observed["Mass"] == ("5", "35", "10 (10 to 10)")
    assert table.rows[0].kind == "group" and table.rows[1].kind == "level"


def test_small_counts_of_patients_are_not_printed(cells):
    table, found = cells("patient-level", RULE)
    # 2 missing, 7 low and 31 high of 38 known
    assert (found["Grade"]["Known"], found["Grade"]["Missing"]) == ("40", "[c]")
    # 31 is shown as 30, 38 as 40: at least 6 low, and at most 7
    assert (found["low"]["Observed"], found["high"]["Observed"]) == ("[c]", "[c]")
    assert (found["No"]["Observed"], found["Yes"]["Observed"]) == ("25 (62.5)", "15 (37.5)")
    # known in 5
    assert (found["Mass"]["Known"], found["Mass"]["Observed"]) == ("[c]", "[c]")
    # nobody has ISH group 1; that none is missing is shown
    assert found["1"]["Observed"] == "[c]" and found["ISH"]["Missing"] == "0"
    texts = {cell.text.split(" ")[0] for row in table.rows for cell in row.cells[3:6]}
    assert not texts & {str(n) for n in range(1, 8)}
    assert "[c]: withheld" in table.data


def test_it_belongs_to_no_analysis(cells):
    table, _ = cells("synthetic")
    assert (table.name, table.analysis, table.data.split(":")[0]) == ("dictionary", "", "Synthetic data")
