"""A table in CSV, HTML and DOCX: the same cells, escaped, the same bytes each time."""

import csv as text_csv
import io
import time
import zipfile
from dataclasses import replace

import docx as word
import pytest
from support.tables import found, read, sites_table, tables_of

from recohort.layout import table_csv, table_docx, table_html
from recohort.layout.table import Cell, Column, Footnote, Notes, Table, from_json, row, section, to_json


@pytest.fixture
def study(tmp_path):
    return read(tmp_path, "synthetic")


@pytest.fixture
def sites(study):
    return sites_table(study)


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
