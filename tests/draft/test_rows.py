"""Rows of a draft: what identifies one, what repeats, which are no patients, and how many there are."""

import re

import openpyxl
import pytest

from recohort.base.errors import RecohortError

R = range(1, 41)
HEAD = ["Fallnr", "Geschlecht", "Diagnosedatum", "Alter", "mm", "Bemerkung", "Ki67", "Status"]
UNITS = ["", "m/w", "TT.MM.JJJJ", "Jahre", "mm", "Freitext", "%", ""]
TITLE = ["Auszug Mamma"] + [""] * 7
REMARK = ["Quelle: Klinik", *[""] * 7]


def patients():
    day = [f"{i % 28 + 1:02d}.03.2015" for i in R]
    return [
        [str(1000 + i), "mw"[i % 2], day[i - 1], str(40 + i), str(10 + i), "", str(i), ["lebt", "tot"][i % 2]]
        for i in R
    ]


def totals(label):
    return [label, "", "", *(str(sum(int(p[j]) for p in patients())) for j in (3, 4)), "", "820", ""]


def written(records, suffix):
    """A text file with a separator of its suffix, or a workbook with a cover sheet."""
    mark = {"csv": ";", "tsv": "\t"}.get(suffix)

    def write(path):
        if mark:
            path.write_text("\n".join(mark.join(record) for record in records) + "\n", encoding="utf-8")
            return
        book = openpyxl.Workbook()
        for record in (["Studie", "Mamma"], ["Kontakt", "Dr. X"], ["Stand", "2024"]):
            book.active.append(record)
        sheet = book.create_sheet("Daten")
        for record in records:
            sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in record])
        book.save(path)

    return write


@pytest.fixture(params=["csv", "tsv", "xlsx"])
def suffix(request):
    return request.param


@pytest.mark.parametrize(
    ("above", "below", "after"),
    [
        ([], [], []),
        ([TITLE], [], []),
        ([TITLE, [""] * 8], [], []),
        ([["Register", "Stand 2024", *[""] * 6]], [], []),
        ([["", "Patient", "", "", "Tumor", "", "", ""]], [], []),
        ([], [UNITS], []),
        ([], [["", "(m/w)", "(dd/mm/yyyy)", "(years)", "[mm]", "", "[%]", ""]], []),
        ([], [["", "h/f", "jj/mm/aaaa", "ans", "mm", "texte", "%", ""]], []),
        ([], [["", "m/v", "dd-mm-jjjj", "jaren", "mm", "", "%", ""]], []),
        ([], [["number", "text", "date", "number", "number", "text", "number", "text"]], []),
        ([], [HEAD], []),
        ([], [], [totals("Summe")]),
        ([], [], [totals("Gesamt:")]),
        ([], [], [totals("TOTAL")]),
        ([], [], [["Mittelwert", "", "", "60,5", "30,5", "", "20,5", ""]]),
        ([], [], [REMARK]),
        ([TITLE], [UNITS], [totals("Summe"), REMARK]),
    ],
)
def test_lines_that_are_no_patients(make, suffix, above, below, after):
    made = make(written([*above, HEAD, *below, *patients(), *after], suffix), f"extract.{suffix}")
    file = made.protocol.extract["files"]["extract"]
    assert file.get("sheet") == ("Daten" if suffix == "xlsx" else None)
    assert (file.get("skip_rows", 0), file.get("skip_after_header", 0)) == (len(above), len(below))
    assert sorted(file.get("skip_where", {}).get("Fallnr", [])) == sorted(row[0] for row in after)
    assert made.protocol.codebook["alter"].type == "number"
    assert made.protocol.codebook["diagnosedatum"].type == "date"
    assert (len(made.built.patients), len(made.built.quarantine)) == (40, len(after))


def test_totals_without_a_word_are_named(make):
    made = make(written([HEAD, *patients(), totals("")], "csv"))
    assert "a row at the end looks like totals" in made.questions
    assert (len(made.built.patients), len(made.built.quarantine)) == (40, 1)


def test_a_last_patient_is_no_total(make, suffix):
    last = ["2000", "m", "11.03.2015", "50", "20", "", "30", "tot"]
    made = make(written([HEAD, *patients(), last], suffix), f"extract.{suffix}")
    assert len(made.built.patients) == 41
    assert not made.protocol.extract["files"]["extract"]["skip_where"]


def test_a_first_patient_with_hardly_anything_known_is_no_row_of_units(make, suffix):
    first = ["999", "", "", "k.A.", "", "", "", ""]
    made = make(written([HEAD, first, *patients()], suffix), f"extract.{suffix}")
    assert len(made.built.patients) == 41


def test_sheet_and_skip_are_what_the_user_says(make):
    def write(path):
        written([["a", "b"], ["c", "d"], HEAD, *patients()], "xlsx")(path)
        book = openpyxl.load_workbook(path)
        other = book.create_sheet("Kopie")
        for row in book["Daten"].iter_rows(values_only=True):
            other.append(row)
        book.save(path)

    made = make(write, "extract.xlsx", sheet="Kopie", skip="2")
    file = made.protocol.extract["files"]["extract"]
    assert (file["sheet"], file["skip_rows"]) == ("Kopie", 2)
    assert "other sheets with data: Daten" in made.questions


def test_skip_of_a_text_file(make):
    made = make(written([["a"] * 8, HEAD, *patients()], "csv"), skip="1")
    assert made.protocol.extract["files"]["extract"]["skip_rows"] == 1


@pytest.mark.parametrize(
    ("file", "options", "problem"),
    [
        ("a.csv", {"sheet": "Daten"}, "has no sheets, but SHEET is given"),
        ("a.csv", {"skip": "two"}, "SKIP=two is no number of lines"),
        ("a.csv", {"skip": "-1"}, "SKIP=-1 is no number of lines"),
        ("a.dta", {"skip": "1"}, "has no lines, but SKIP is given"),
        ("a.xlsx", {"sheet": "Dahten"}, "has no sheet 'Dahten'. Did you mean 'Daten'?"),
    ],
)
def test_sheet_and_skip_that_cannot_be(make, file, options, problem):
    with pytest.raises(RecohortError, match=re.escape(problem)):
        make(written([HEAD, *patients()], file[2:] if file != "a.dta" else "csv"), file, **options)


def test_the_data_are_not_on_a_hidden_sheet(make):
    def write(path):
        written([HEAD, *patients()], "xlsx")(path)
        book = openpyxl.load_workbook(path)
        old = book.create_sheet("alt", 0)
        old.sheet_state = "hidden"
        for row in (HEAD, *patients(), *patients()):
            old.append(row)
        book.save(path)

    assert make(write, "extract.xlsx").protocol.extract["files"]["extract"]["sheet"] == "Daten"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("pid,x", "{i},{i}.5", "pid"),
        ("x,pid", "{i}.5,{n}", "pid"),
        ("foo,x", "{n},{m}.5", "foo"),
        ("Laufnummer,x", "{n},{m}", "Laufnummer"),
        ("numéro,x", "{n},{m}", "numéro"),
        ("tumour,MRN", "{i},A{i}", "MRN"),
        ("age,x", "{i},{m}.5", "row_number"),
        ("time,x", "{n},{m}.5", "row_number"),
        ("weight,x", "{i}.25,{m}", "row_number"),
        ("x,y", "{m},{m}", "row_number"),
    ],
)
def test_identifiers(make, header, row, expected):
    made = make([header, *(row.format(i=i, m=i % 7, n=9000 + i) for i in R)])
    assert made.protocol.extract["id"] == expected


@pytest.mark.parametrize("name", ["id", "pid", "mrn", "Patient ID", "code"])
def test_a_column_that_repeats_like_an_identifier_is_named(make, name):
    made = make([f"{name},age,x", *(f"M{(i + 1) // 2:04d},{40 + i},{i}.5" for i in R)])
    assert f"{name} has each value 2.0 times on average: are there several rows a patient?" in made.questions
    assert made.protocol.extract["id"] == "row_number"


@pytest.mark.parametrize("name", ["number_of_nodes", "no_lesions", "case_type"])
def test_a_count_is_no_identifier_that_repeats(make, name):
    made = make([f"id,{name},x", *(f"P{i},{i % 25},{i}.5" for i in R)])
    assert "several rows" not in made.questions
    assert made.protocol.codebook[name].type == "number"


def test_exact_counts_are_for_the_screen_and_a_file_that_git_ignores(make):
    rows = [f"P{i:02d},{'f' if i < 37 else 'm'},{'yes' if i < 3 else 'no'},k.A." for i in range(91)]
    made = make(["id,sex,mets,note", *rows])
    for told in ("91 rows used, 0 not used; identified by id", "f 37, m 54", "yes 3, no 88", "k.A. 91"):
        assert told in made.counts and told in made.screen
        assert told not in made.content
    assert "# 90 rows" in made.content and "f 35, m 55" in made.content and "yes <8" in made.content
    assert "P01" not in made.counts
