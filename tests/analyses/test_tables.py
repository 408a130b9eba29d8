"""What is printed in the cells, from small literal estimates, in CSV, HTML and DOCX."""

import csv as text_csv
import io
import time
import zipfile
from dataclasses import replace

import docx as word
import pandas as pd
import pytest
from support import protocols
from support.disclosure import RULE

from recohort.analyses import estimates
from recohort.analyses import tables as build
from recohort.analyses.estimate import estimate
from recohort.analyses.summary.numbers import summaries
from recohort.layout import table_csv, table_docx, table_html, words
from recohort.layout.table import (
    Cell,
    Column,
    Footnote,
    Notes,
    Table,
    from_json,
    row,
    section,
    to_json,
)
from recohort.protocol import model as protocol

PROTOCOL = """
title: A study
data: {data}
source: {{citation: "Rossi A, et al. A trial. J Test 2024;1:1-2."}}
extract: {{files: {{patients: extract.csv}}, id: id}}
codebook:
  ihc:   {{type: category, levels: ["2+", "3+"], label: HER2 IHC}}
  grade: {{type: category, levels: [I, II, III], label: Grade}}
  liver: {{type: flag, label: "Liver <script>alert(1)</script>"}}
  age:   {{type: number, unit: years, per: 10, label: Age}}
  ratio: {{type: number, label: Ratio}}
  drawn: {{type: date, label: Date of draw}}
  fish:  {{type: category, levels: [negative, positive], label: FISH}}
  start: {{type: date, label: Diagnosis}}
  end:   {{type: date, label: Last contact}}
  dead:  {{type: flag, label: Death}}
endpoints:
  os: {{label: Overall survival, start: start, end: end, event: {{dead: "yes"}}, unit: months}}
cohort: [{{step: All, keep: "known(ihc)"}}]
populations:
  ihc_3: {{label: IHC 3+, steps: [{{step: IHC 3+, keep: "ihc == '3+'"}}]}}
analyses:
  table1: {{kind: summary, label: Patients, by: ihc, variables: [age, ratio, grade, liver, drawn]}}
  sites:
    kind: logistic
    label: Sites
    outcome: {{ihc: "3+"}}
    terms: [liver, grade, age]
    multivariable: {{univariable_p_below: 0.05}}
  os:
    {{kind: cox, label: Survival, endpoint: os, terms: [liver], populations: [all, ihc_3], ties: breslow}}
  os_curve: {{kind: curves, label: Curves, endpoint: os, by: ihc, times: [12, 24]}}
"""


@pytest.fixture
def study(tmp_path):
    return read(tmp_path, "synthetic")


def read(folder, data):
    path = folder / "study.yaml"
    path.write_text(PROTOCOL.format(data=data), encoding="utf-8")
    return protocol.read(path)


def found(*rows, **shared):
    return estimates.table([{"study": "s", **shared, **r} for r in rows])


def tables_of(study, name, table):
    """The tables of one analysis, by file name."""
    only = protocols.protocol(**{**vars(study), "analyses": {name: study.analyses[name]}})
    built = build.tables(only, {}, {}, estimates.records(table), [], 0.95)
    return {table.name: table for table in built}


def texts(table):
    return [[cell.text for cell in r.cells] for r in table.rows]


def notes_of(table):
    return " ".join(note.text for note in table.footnotes)


@pytest.fixture
def sites(study):
    uni = {
        "analysis": "sites",
        "kind": "logistic",
        "outcome": "ihc=3+",
        "population": "all",
        "model": "univariable",
    }
    multi = {**uni, "model": "multivariable"}
    wald = {"measure": "OR", "ci_method": "Wald", "p_method": "Wald"}
    fitted = {"n": 700, "events": 420, "n_no_outcome": 34, "n_no_covariate": 66}
    rows = [
        {**uni, **fitted, "term": "liver", "level": "no", "reference": "no", "n_level": 500,
         "events_level": 320, "n_missing": 66, "measure": "OR", "estimate": 1.0},
        {**uni, **fitted, **wald, "term": "liver", "level": "yes", "reference": "no", "n_level": 200,
         "events_level": 100, "n_missing": 66, "estimate": 0.705, "std_error": 0.16, "ci_low": 0.5149,
         "ci_high": 0.965, "p_value": 0.0308},
        {**uni, **fitted, "term": "grade", "level": "I", "reference": "I", "n_level": 100, "events_level": 60,
         "n_missing": 0, "measure": "OR", "estimate": 1.0},
        {**uni, **fitted, "term": "grade", "level": "II", "reference": "I", "n_level": 590,
         "events_level": 350, "n_missing": 0, "measure": "OR", "estimate": 4.2,
         "ci_low": 1.2, "ci_high": 15, "p_value": 0.00004,
         "ci_method": "profile penalised likelihood", "p_method": "penalised likelihood ratio",
         "status": "penalised", "note": "grade III separates the outcome"},
        {**uni, **fitted, "term": "grade", "level": "III", "reference": "I", "n_level": 10,
         "events_level": 10, "n_missing": 0, "measure": "OR", "status": "not-estimable",
         "note": "nobody without the outcome"},
        {**uni, **fitted, "term": "grade", "reference": "I", "n_missing": 0, "measure": "global",
         "p_value": 0.2, "p_method": "likelihood ratio", "df": 2.0},
        {**uni, **fitted, **wald, "term": "age", "n_level": 700, "events_level": 420, "n_missing": 0,
         "estimate": 1.005, "ci_low": 0.9, "ci_high": 1.12, "p_value": 0.9995},
        {**multi, **fitted, "term": "liver", "level": "no", "reference": "no", "n_level": 500,
         "events_level": 320, "n_missing": 66, "measure": "OR", "estimate": 1.0},
        {**multi, **fitted, **wald, "term": "liver", "level": "yes", "reference": "no", "n_level": 200,
         "events_level": 100, "n_missing": 66, "estimate": 0.62, "ci_low": 0.45, "ci_high": 0.86,
         "p_value": 0.004},
    ]  # fmt: skip
    return tables_of(study, "sites", found(*rows))["sites"]


def test_univariable_beside_multivariable(sites):
    assert texts(sites) == [
        ["Liver <script>alert(1)</script>", "", "", "", "", "", ""],
        ["No", "500", "320 (64.0)", "1 (reference)", "", "1 (reference)", ""],
        # 0.705 is half-way and goes up, as people round
        ["Yes", "200", "100 (50.0)", "0.71 (0.51 to 0.97)", "0.031", "0.62 (0.45 to 0.86)", "0.004"],
        ["Missing", "66", "", "", "", "", ""],
        ["Grade", "", "", "", "0.200", "", ""],
        ["I", "100", "60 (60.0)", "1 (reference)", "", "–", ""],
        ["II", "590", "350 (59.3)", "4.20 (1.20 to 15.00)", "<0.001", "–", ""],
        ["III", "10", "10 (100.0)", "not estimable", "", "–", ""],
        ["Age, per 10 years", "700", "420 (60.0)", "1.01 (0.90 to 1.12)", ">0.999", "–", ""],
        ["In the multivariable model", "700", "420 (60.0)", "", "", "", ""],
        ["Left out: a term or stratum of it not known", "66", "", "", "", "", ""],
        ["Left out: HER2 IHC not known", "34", "", "", "", "", ""],
    ]
    assert [(c.spanner, c.header) for c in sites.columns] == [
        ("", ""),
        ("", "n"),
        ("", "HER2 IHC 3+, n (%)"),
        ("Univariable", "OR (95% CI)"),
        ("Univariable", "p"),
        ("Multivariable", "OR (95% CI)"),
        ("Multivariable", "p"),
    ]
    assert sites.spanners == [("", 3), ("Univariable", 2), ("Multivariable", 2)]


def test_a_table_names_its_methods_and_its_model(sites):
    said = notes_of(sites)
    assert "OR, odds ratio; CI, confidence interval." in said
    assert "Interval: Wald; p: Wald test." in said
    assert "likelihood ratio test over all its levels" in said
    assert "terms with a univariable p below 0.05;" in said
    assert "Multivariable model: n = 700, 420 events." in said


def test_a_selection_that_chose_nothing_is_said(study):
    row = {"analysis": "sites", "kind": "logistic", "outcome": "ihc=3+", "population": "all",
           "measure": "OR", "model": "univariable", "term": "age", "n": 9, "events": 5, "estimate": 1.1,
           "p_value": 0.6}  # fmt: skip
    table = tables_of(study, "sites", found(row))["sites"]
    assert [c.spanner for c in table.columns] == [""] * 5
    assert "No multivariable model: no term has a univariable p below 0.05." in notes_of(table)


def test_what_is_not_estimable_or_penalised_has_its_reason_below(sites):
    marked = {note.mark: note.text for note in sites.footnotes if note.mark}
    cells = {cell.text: cell.mark for r in sites.rows for cell in r.cells}
    assert marked[cells["not estimable"]] == "Nobody without the outcome."
    assert marked[cells["4.20 (1.20 to 15.00)"]] == (
        "Firth's penalised likelihood; interval by profile penalised likelihood, p by penalised likelihood "
        "ratio test. Grade III separates the outcome."
    )


def test_a_cox_table_for_each_population(study):
    shared = {"analysis": "os", "kind": "cox", "outcome": "os", "model": "univariable", "term": "liver",
              "reference": "no", "n": 9, "events": 5, "n_missing": 0, "measure": "HR"}  # fmt: skip
    rows = [
        {**shared, "population": population, "level": level, "n_level": 4, "events_level": 2, "estimate": 1.0}
        for population in ("all", "ihc_3")
        for level in ("no", "yes")
    ]
    built = tables_of(study, "os", found(*rows))
    assert list(built) == ["os", "os-ihc_3"]
    assert built["os-ihc_3"].title == "Survival: IHC 3+ (hazard ratios)"
    assert [c.header for c in built["os"].columns] == ["", "n", "Events, n (%)", "HR (95% CI)", "p"]
    assert "ties: Breslow" in notes_of(built["os"])


def test_curves(study):
    shared = {"analysis": "os_curve", "kind": "curves", "outcome": "os", "population": "all", "term": "ihc",
              "n_no_outcome": 5, "n_no_covariate": 0}  # fmt: skip
    two = {**shared, "level": "2+", "n_level": 302, "events_level": 151, "ci_method": "log"}
    three = {**shared, "level": "3+", "n_level": 40, "events_level": 10, "ci_method": "log"}
    year = {"measure": "survival", "at": 12.0, "at_unit": "months"}
    rows = [
        {**two, "measure": "median", "estimate": 33.25, "ci_low": 30.0, "ci_high": 37.5},
        {**two, **year, "estimate": 0.845, "ci_low": 0.8, "ci_high": 0.9},
        {**two, **year, "at": 24.0, "estimate": 0.6, "ci_low": 0.55, "ci_high": 0.65},
        {**three, "measure": "median", "ci_low": 50.0, "note": "not reached"},
        {**three, **year, "estimate": 0.9, "ci_low": 0.8, "ci_high": 1.0},
        {**three, **year, "at": 24.0, "status": "not-estimable",
         "note": "beyond the last follow-up"},
        {**shared, "measure": "logrank", "p_value": 0.0312, "p_method": "log-rank", "df": 1.0},
    ]  # fmt: skip
    table = tables_of(study, "os_curve", found(*rows))["os_curve"]
    assert texts(table) == [
        ["HER2 IHC", "", "", "", "", "", "0.031"],
        ["2+", "302", "151 (50.0)", "33.3 (30.0 to 37.5)", "84.5 (80.0 to 90.0)", "60.0 (55.0 to 65.0)", ""],
        ["3+", "40", "10 (25.0)", "not reached (50.0 to not reached)", "90.0 (80.0 to 100.0)",
         "not estimable", ""],
        ["Left out: Overall survival not known", "5", "", "", "", "", ""],
        ["Left out: HER2 IHC not known", "0", "", "", "", "", ""],
    ]  # fmt: skip
    assert "Beyond the last follow-up." in notes_of(table)


def test_a_curve_whose_risk_set_was_empty_early_has_a_footnote(study):
    shared = {"analysis": "os_curve", "kind": "curves", "outcome": "os", "population": "all", "term": "ihc"}
    early = "all then under observation had the event before others entered: 0 from then on"
    counts = {"n_level": 40, "events_level": 10, "ci_method": "log", "measure": "median"}
    rows = [
        {**shared, **counts, "level": "2+", "estimate": 3.0, "ci_low": 2.0, "note": early},
        {**shared, **counts, "level": "3+", "note": f"not reached; {early}"},
        {**shared, "measure": "logrank", "p_value": 0.5, "p_method": "log-rank", "df": 1.0},
    ]
    table = tables_of(study, "os_curve", found(*rows))["os_curve"]
    assert [line[3] for line in texts(table)[1:]] == ["3.0 (2.0 to not reached)", "not reached"]
    assert early[0].upper() + early[1:] + "." in notes_of(table)


@pytest.fixture
def patients():
    return pd.DataFrame(
        {
            "ihc": pd.Categorical(["2+", "2+", "2+", "3+", "3+", "3+", None], categories=["2+", "3+"]),
            "grade": pd.Categorical(["I", "I", "II", "II", "II", "III", "I"], categories=["I", "II", "III"]),
            "liver": pd.Categorical(["no", "no", "yes", "yes", None, "yes", "no"], categories=["no", "yes"]),
            "age": [40.0, 50.0, 60.0, 45.0, 55.0, 65.0, 90.0],
            "ratio": [0.25, 0.5, 0.75, 0.125, 0.5, float("nan"), 1.0],
            "drawn": pd.to_datetime(["2020-01-02"] * 7),
            "os_time_days": [10.0] * 7,
            "os_event": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            "in_all": True,
        }
    )


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


def test_endpoints_are_counted(study, patients):
    assert build.endpoints(study, patients) == [{"label": "Overall survival", "n": 7, "events": 3}]


def test_an_endpoint_is_counted_where_it_is_analysed(study, patients):
    analyses = {
        name: replace(analysis, populations=("ihc_3",)) if "endpoint" in analysis.options else analysis
        for name, analysis in study.analyses.items()
    }
    few = patients.assign(in_ihc_3=patients.index < 2)
    known = few.loc[few["in_ihc_3"], "os_time_days"].notna().sum()
    (found,) = build.endpoints(replace(study, analyses=analyses), few)
    assert found["n"] == known < 7
    assert found["label"] == f"Overall survival ({study.populations['ihc_3'].label})"


@pytest.mark.parametrize(
    "data, line",
    [
        ("synthetic", "Synthetic data: made by a program, no row is a patient; agreement with published "
                      "numbers is by construction."),
        ("published-counts", "Recomputed from published counts: Rossi A, et al. A trial. J Test 2024;1:1-2."),
        ("patient-level", "Patient-level data: Rossi A, et al. A trial. J Test 2024;1:1-2."),
    ],
)  # fmt: skip
def test_each_format_says_what_the_numbers_rest_on(tmp_path, data, line):
    study = read(tmp_path, data)
    rows = [{"analysis": "os", "kind": "cox", "outcome": "os", "population": population,
             "model": "univariable", "term": "liver", "level": "no", "reference": "no", "measure": "HR",
             "estimate": 1.0}
            for population in ("all", "ihc_3")]  # fmt: skip
    for table in tables_of(study, "os", found(*rows)).values():
        assert table.data == line
        page = next(table_html.pages([table]))[1]
        assert line.partition(":")[2].strip() in page and f"<b>{line.partition(':')[0]}:</b>" in page
        assert word.Document(io.BytesIO(document_of(table))).paragraphs[-1].text == line
        assert {r["Data"] for r in text_csv.DictReader(io.StringIO(table_csv.text(table)))} == {
            line.partition(":")[0]
        }


def test_csv_rows_stand_alone(sites):
    rows = list(text_csv.DictReader(io.StringIO(table_csv.text(sites))))
    assert list(rows[0]) == [
        "Variable", "Level", "n", "HER2 IHC 3+, n (%)", "Univariable: OR (95% CI)", "Univariable: p",
        "Multivariable: OR (95% CI)", "Multivariable: p", "Notes", "Data",
    ]  # fmt: skip
    third = next(r for r in rows if r["Level"] == "III")
    assert third["Variable"] == "Grade"
    assert third["Univariable: OR (95% CI)"] == "not estimable"
    assert third["Notes"] == "Nobody without the outcome."


def test_csv_keeps_the_section_of_each_row():
    table = Table("t", "t", "T", (Column("", is_number=False), Column("n")),
                  (section("Liver", 2), row("group", "IHC", ""), row("level", "2+", "3"),
                   row("plain", "Age", "5")),
                  (), "Synthetic data: x.")  # fmt: skip
    rows = list(text_csv.reader(io.StringIO(table_csv.text(table))))
    assert rows[1:] == [
        ["Liver", "IHC", "", "", "", "Synthetic data"],
        ["Liver", "IHC", "2+", "3", "", "Synthetic data"],
        ["Liver", "Age", "", "5", "", "Synthetic data"],
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "-1 (=2)",
        "=",
        "-A1",
        "+1(1)",
        "-1-1",
    ],
)
def test_no_spreadsheet_runs_a_cell(cell):
    assert table_csv.guarded(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    ["-0.12", "-0.12 (-0.30 to 0.06)", "+5", "-1,234.5", "-", "-12.5%", "2+", "<0.001", "–", "", "a = b"],
)
def test_numbers_and_plain_text_stay_as_they_are(cell):
    assert table_csv.guarded(cell) == cell


def test_an_injected_label_is_harmless_in_every_column():
    evil = '=HYPERLINK("http://x","y")'
    table = Table("t", "t", "T", (Column("", is_number=False), Column(evil, evil)),
                  (row("plain", evil, Cell(evil, "a")),), (Footnote("a", evil),), f"{evil}: x")  # fmt: skip
    for line in text_csv.reader(io.StringIO(table_csv.text(table))):
        assert not any(cell.startswith("=") for cell in line)


def test_an_injected_label_is_harmless_in_a_document_that_is_pasted_into_a_spreadsheet():
    evil = "=cmd|' /C calc'!A0"
    columns = (Column(evil, is_number=False), Column(evil, evil))
    table = Table("t", "t", "T", columns, (row("plain", evil, "-0.12"), section(evil, 2)), (), "x: y")
    (printed,) = word.Document(io.BytesIO(document_of(table))).tables
    texts = [cell.text for line in printed.rows for cell in line.cells]
    assert texts.count(f"'{evil}") >= 5 and "-0.12" in texts
    assert not any(text.startswith("=") for text in texts)


def test_html_is_escaped(sites):
    page = next(table_html.pages([sites]))[1]
    assert "<script>" not in page
    assert "Liver &lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_html_headers_have_a_scope(sites):
    page = next(table_html.pages([sites]))[1]
    assert page.count('<th scope="row">') == len(sites.rows)
    assert page.count('scope="col"') == len(sites.columns) - 1
    assert page.count('scope="colgroup"') == 2


def document_of(table):
    return next(table_docx.documents([table]))[1]


def test_docx_has_the_same_cells(sites):
    document = word.Document(io.BytesIO(document_of(sites)))
    assert document.paragraphs[0].text == sites.title
    (table,) = document.tables
    printed = [[cell.text for cell in line.cells] for line in table.rows]
    # a no-break space keeps "(95% CI)" in one line
    assert [text.replace("\u00a0", " ") for text in printed[1]] == [column.header for column in sites.columns]
    assert printed[2:] == [[cell.text + cell.mark for cell in r.cells] for r in sites.rows]


def test_docx_and_html_are_the_same_bytes_each_time(sites):
    first = document_of(sites)
    assert first == document_of(sites)
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }
    properties = word.Document(io.BytesIO(first)).core_properties
    assert (properties.created.year, properties.modified.year) == (2000, 2000)
    assert next(table_html.pages([sites]))[1] == next(table_html.pages([sites]))[1]


def test_a_docx_is_the_same_alone_and_after_a_wider_one(sites):
    narrow = replace(sites, columns=sites.columns[:2], rows=(row("plain", "a", "1"),), footnotes=())
    wide = replace(narrow, columns=sites.columns[:1] * 7, rows=(row("plain", *"abcdefg"),))
    assert [document for _, document in table_docx.documents([wide, narrow])][1] == document_of(narrow)


def test_a_control_character_does_not_break_the_docx():
    table = Table("t", "t", "a\x00b", (Column(""),), (row("plain", "\x01 & <"),), (), "Synthetic data: x.")
    document = word.Document(io.BytesIO(document_of(table)))
    assert document.tables[0].rows[1].cells[0].text == " & <"


def test_json_brings_tables_back(sites):
    assert from_json(to_json([sites], [{"label": "OS", "n": 1, "events": 0}])) == (
        [sites],
        [{"label": "OS", "n": 1, "events": 0}],
    )


def test_a_table_refuses_what_does_not_fit():
    columns = (Column(""), Column("n"))
    with pytest.raises(ValueError, match="1 cells"):
        Table("t", "t", "T", columns, (row("plain", "x"),), (), "d")
    with pytest.raises(ValueError, match="kind"):
        Table("t", "t", "T", columns, (row("odd", "x", "y"),), (), "d")
    with pytest.raises(ValueError, match="marks"):
        Table("t", "t", "T", columns, (row("plain", "x", Cell("y", "a")),), (), "d")


def test_one_mark_for_one_text():
    notes = Notes()
    assert [notes.mark("x"), notes.mark("y"), notes.mark("x")] == ["a", "b", "a"]
    notes.add("z")
    assert notes.footnotes() == (Footnote("", "z"), Footnote("a", "x"), Footnote("b", "y"))


def test_words(study):
    assert words.outcome(study.codebook, "dead=yes") == "Death"
    assert words.outcome(study.codebook, "dead=no") == "Death: no"
    assert words.outcome(study.codebook, "ihc=3+") == "HER2 IHC 3+"
    assert words.term(study.codebook["ratio"]) == "Ratio, per unit"
    assert words.interval(0.9) == "90% CI"


def test_sixty_outcomes_by_forty_terms_are_written_in_linear_time():
    columns = (Column("", is_number=False), *(Column(f"column {i}") for i in range(6)))
    cells = ("500", "320 (64.0)", "0.71 (0.51 to 0.97)", "0.031", "0.62 (0.45 to 0.86)", "0.004")
    rows = [
        line
        for outcome in range(60)
        for line in (
            section(f"Outcome {outcome}", 7),
            *(row("level", f"Term {term}", *cells) for term in range(160)),
        )
    ]
    long = Table("t", "t", "T", columns, tuple(rows), (), "Synthetic data: x.")
    short = replace(long, rows=tuple(rows[:2]))
    # python-docx took hours to clear the first for the second; this is a second for all
    began = time.perf_counter()
    documents = [document for _, document in table_docx.documents([long, short, long, short])]
    assert time.perf_counter() - began < 60
    assert documents[1] == document_of(short)
    body = zipfile.ZipFile(io.BytesIO(documents[0])).read("word/document.xml")
    assert body.count(b"<w:tr>") == 1 + 60 * 161
    assert word.Document(io.BytesIO(documents[0])).tables[0].rows[-1].cells[0].text == "Term 159"


def test_a_table_may_have_more_footnotes_than_there_are_letters():
    notes = Notes()
    marks = [notes.mark(f"Reason {i}") for i in range(1500)]
    assert [marks[i] for i in (0, 25, 26, 51, 52, 53, 104)] == ["a", "z", "A", "Z", "aa", "ab", "ba"]
    assert len(set(marks)) == 1500
    rows = tuple(row("plain", "x", Cell("1", mark)) for mark in marks)
    table = Table("t", "t", "T", (Column(""), Column("n")), rows, notes.footnotes(), "Synthetic data: x.")
    said = list(text_csv.DictReader(io.StringIO(table_csv.text(table))))
    assert said[60]["Notes"] == "Reason 60"


def test_those_left_out_are_in_every_format(sites):
    said = ("In the multivariable model", "Left out: HER2 IHC not known", "34")
    rows = list(text_csv.DictReader(io.StringIO(table_csv.text(sites))))
    assert [r["n"] for r in rows if r["Variable"] == said[1]] == ["34"]
    page = next(table_html.pages([sites]))[1]
    document = word.Document(io.BytesIO(document_of(sites))).tables[0]
    printed = [cell.text for r in document.rows for cell in r.cells]
    for text in said:
        assert text in page and text in printed


def test_a_ratio_of_too_small_a_step_has_its_digits_and_a_hint_in_every_format(study):
    shared = {"analysis": "sites", "kind": "logistic", "outcome": "ihc=3+", "population": "all",
              "model": "univariable", "n": 9, "events": 5, "measure": "OR"}  # fmt: skip
    near = {"estimate": 1.0012, "ci_low": 1.0004, "ci_high": 1.002, "p_value": 1e-5}
    rows = [
        {**shared, **near, "term": "age"},
        # a level has no step
        {**shared, "term": "liver", "level": "no", "reference": "no", "estimate": 1.0},
        {**shared, **near, "term": "liver", "level": "yes", "reference": "no"},
    ]
    table = tables_of(study, "sites", found(*rows))["sites"]
    cells = {r.cells[0].text: r.cells[3] for r in table.rows}
    assert cells["Age, per 10 years"].text == cells["Yes"].text == "1.0012 (1.0004 to 1.0020)"
    assert cells["Age, per 10 years"].mark and not cells["Yes"].mark
    printed = list(text_csv.DictReader(io.StringIO(table_csv.text(table))))
    (said,) = {r["Notes"] for r in printed if r["Variable"].startswith("Age")}
    assert "per: in the codebook" in said
    assert said in next(table_html.pages([table]))[1]


def test_a_median_of_small_numbers_is_not_0(study, patients):
    small = patients.assign(ratio=patients["ratio"] / 100)
    table, _ = table_1(study, small)
    cells = {r[0]: r[1] for r in texts(table)}
    assert cells["Ratio, median (Q1 to Q3)"] == "0.0050 (0.0025 to 0.0050)"


def test_a_curve_counts_those_without_follow_up_and_the_others_without_a_group(study, patients):
    # the last patient has no ihc
    patients.loc[[0, 6], "os_time_days"] = None
    rows = estimate(patients, study, study.analyses["os_curve"]).rows
    assert {(r["n"], r["n_missing"], r["n_no_outcome"], r["n_no_covariate"]) for r in rows} == {(5, 2, 2, 0)}
    patients.loc[6, "os_time_days"] = 10.0
    rows = estimate(patients, study, study.analyses["os_curve"]).rows
    assert {(r["n"], r["n_missing"], r["n_no_outcome"], r["n_no_covariate"]) for r in rows} == {(5, 2, 1, 1)}
