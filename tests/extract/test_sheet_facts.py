"""Facts of a workbook beside the values: formulas, merged cells, rows out of place; none is lost."""

import re
import zipfile

import openpyxl
import pytest
from support import protocols

from recohort.base.errors import RecohortError
from recohort.extract import binary

HEADER = ["id", "age", "fu"]
MERGED = "is merged with others"
FORMULA = "has a formula, and its value was never computed"


@pytest.fixture
def workbook(tmp_path):
    """Write rows as a workbook; `merge` are ranges, `edit` and `book` change their XML."""

    def write(*rows, merge=(), edit=None, book=None):
        written = openpyxl.Workbook()
        for row in rows:
            written.active.append(row)
        for cells in merge:
            written.active.merge_cells(cells)
        written.save(path := tmp_path / "a.xlsx")
        with zipfile.ZipFile(path) as old:
            parts = {name: old.read(name).decode() for name in old.namelist()}
        # openpyxl asks for a computation in every file that it writes
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(' fullCalcOnLoad="1"', "")
        for name, change in {"xl/worksheets/sheet1.xml": edit, "xl/workbook.xml": book}.items():
            if change is not None:
                parts[name] = change(before := parts[name])
                assert parts[name] != before
        with zipfile.ZipFile(path, "w") as new:
            for name, content in parts.items():
                new.writestr(name, content)
        return path

    return write


def read(path, entry):
    return binary.read(path, protocols.file({"path": path.name, **entry}), ".xlsx")


def refused(path, **entry):
    with pytest.raises(RecohortError) as caught:
        read(path, entry)
    return caught.value


def stored(address, value, kind=""):
    """Give the formula of a cell a stored value, as a spreadsheet program does."""
    pattern = rf'(<c r="{address}")[^>]*>(<f>.*?</f>)<v ?/>|(<c r="{address}")[^>]*>(<f>.*?</f>)<v></v>'
    return lambda text: re.sub(pattern, lambda m: f"{m[1] or m[3]}{kind}>{m[2] or m[4]}<v>{value}</v>", text)


def test_a_formula_without_a_value(workbook):
    path = workbook(HEADER, ["1", 50, "=B2*12"], ["2", 60, 7], ["3", 70, "=B4*12"])
    found = refused(path)
    assert found.problem == f"the cell C2 (and 1 more) {FORMULA}"
    assert found.where["row"] == 2
    assert "compute and save it" in found.remedy


def test_a_formula_with_its_value(workbook):
    path = workbook(HEADER, ["1", 50, "=B2*12"], edit=stored("C2", "600"))
    assert read(path, {}).rows == [["1", "50", "600"]]


def test_a_formula_that_gives_an_empty_text(workbook):
    path = workbook(HEADER, ["1", 50, '=""'], edit=stored("C2", "", ' t="str"'))
    assert read(path, {}).rows == [["1", "50", ""]]


def test_values_that_a_program_wrote_but_did_not_compute(workbook):
    # XlsxWriter stores 0 for each formula and asks for a computation when the file is opened
    def ask(text):
        return text.replace("<calcPr ", '<calcPr fullCalcOnLoad="1" ')

    path = workbook(HEADER, ["1", 50, "=B2*12"], edit=stored("C2", "0"), book=ask)
    assert refused(path).problem == f"the cell C2 {FORMULA}"
    assert read(workbook(HEADER, ["1", 50, 7], book=ask), {}).rows == [["1", "50", "7"]]


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, ["=A9", "=B9", "=C9"], ["2", 60, 7]],  # a row that looks empty
        [["=A9", "=B9", "=C9"], ["1", 50, 6]],  # and a header
    ],
)
def test_a_row_of_nothing_but_formulas(workbook, rows):
    assert FORMULA in refused(workbook(*rows)).problem


def test_formulas_and_merged_cells_in_rows_that_are_skipped(workbook):
    title, units = ["Registry", None, "=TODAY()"], ["", "years", "=C9"]
    path = workbook(title, HEADER, units, ["1", 50, 6], merge=["A1:B1", "A3:B3"])
    found = read(path, {"skip_rows": 1, "skip_after_header": 1})
    assert (found.header, found.rows, found.lines) == (HEADER, [["1", "50", "6"]], [4])


def test_merged_cells(workbook):
    path = workbook(HEADER, ["1", 50, 6], ["2", 50, 7], ["3", 50, 8], merge=["B2:B4"])
    found = refused(path)
    assert found.problem == f"the cell B3 {MERGED} (B2:B4), so it has no value"
    assert found.where["row"] == 3
    assert "Unmerge them" in found.remedy


@pytest.mark.parametrize(
    ("merge", "address"),
    [("B2:C2", "C2"), ("B1:C1", "C1"), ("A2:C3", "B2"), ("A1:A2", "A2"), ("C2:C1048576", "C3")],
)
def test_merged_cells_of_every_shape(workbook, merge, address):
    path = workbook(HEADER, ["1", 50, 6], ["2", 50, 7], merge=[merge])
    assert f"the cell {address} {MERGED} ({merge})" in refused(path).problem


def test_merged_cells_that_are_empty(workbook):
    path = workbook(HEADER, ["1", 50, None], ["2", 60, None], merge=["C2:C3", "E1:G9"])
    assert read(path, {}).rows == [["1", "50", ""], ["2", "60", ""]]


ROWS = (HEADER, ["1", 50, 6], ["2", 60, 7], ["3", 70, 8])


def renumbered(row, other):
    """Give the row and its cells another number."""

    def edit(text):
        return re.sub(
            rf'<row r="{row}".*?</row>',
            lambda m: re.sub(rf'r="([A-Z]*){row}"', rf'r="\g<1>{other}"', m[0]),
            text,
        )

    return edit


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (renumbered(4, 3), "row 3 is there twice, or behind a later one"),
        (renumbered(2, 9), "row 3 is there twice, or behind a later one"),
        (renumbered(4, 1), "row 1 is there twice, or behind a later one"),
        (renumbered(4, 0), "row 0 is there twice, or behind a later one"),
        (renumbered(4, 10**11), "has a row 100000000000, and no sheet has one"),
        (lambda text: text.replace('r="C3"', 'r="B3"'), "the cell B3 is there twice, or not in its place"),
        (lambda text: text.replace('r="A3"', 'r="F3"'), "the cell B3 is there twice, or not in its place"),
        (lambda text: text.replace('r="C3"', 'r="C2"'), "the cell C2 is there twice, or not in its place"),
        (lambda text: text.replace('<row r="3"', '<row r="5"'), "the cell A3 is there twice, or not in its"),
    ],
)
def test_rows_and_cells_that_are_not_one_behind_the_other(workbook, edit, problem):
    assert refused(workbook(*ROWS, edit=edit)).problem.startswith(problem)


def test_rows_and_cells_may_have_no_numbers(workbook):
    path = workbook(*ROWS, edit=lambda text: re.sub(r'(<(?:row|c))\b([^>]*?) r="\w+"', r"\1\2", text))
    assert read(path, {}).rows == [["1", "50", "6"], ["2", "60", "7"], ["3", "70", "8"]]


def test_rows_may_be_left_out(workbook):
    path = workbook(*ROWS, edit=renumbered(4, 40))
    assert read(path, {}).lines == [2, 3, 40]


def test_rows_that_skip_where_marks(workbook):
    path = workbook(
        HEADER, ["1", 50, 6], [" Total", None, "=SUM(C2)"], ["Ward 3", None, None], merge=["A4:C4"]
    )
    assert FORMULA in refused(path).problem
    assert "C3" not in refused(path, skip_where={"id": ["Total"]}).problem
    assert len(read(path, {"skip_where": {"id": ["Total", "Ward 3"]}}).rows) == 3
