"""Workbooks, Parquet and files of SAS, SPSS and Stata give the text that an export to CSV would have."""

import datetime

import numpy as np
import openpyxl
import pandas as pd
import pyarrow
import pyarrow.parquet
import pyreadstat
import pytest
from support import protocols

from recohort.base.errors import RecohortError
from recohort.extract import binary
from recohort.extract.cell_text import as_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (float("nan"), ""), (pd.NaT, ""), ("", ""), (" NA ", " NA "), ("007", "007"),
        (1, "1"), (1.0, "1"), (-0.5, "-0.5"), (1e20, "1" + 20 * "0"), (0.1 + 0.2, "0.30000000000000004"),
        (np.float32(1.3), "1.3"), (np.float32(2), "2"), (np.float64(1.3), "1.3"), (np.int8(3), "3"),
        (True, "1"), (False, "0"), (np.True_, "1"),
        (datetime.date(2020, 1, 31), "2020-01-31"), (datetime.datetime(2020, 1, 31), "2020-01-31"),
        (datetime.datetime(2020, 1, 31, 14, 30), "2020-01-31T14:30:00"), (float("inf"), "inf"),
        (pd.Timestamp("2020-01-31"), "2020-01-31"),
    ],
)  # fmt: skip
def test_as_text(value, text):
    assert as_text(value) == text


def read(path, entry, suffix, study=None):
    return binary.read(path, protocols.file(entry, path.name), suffix, study)


@pytest.fixture
def workbook(tmp_path):
    def write(*rows, title="Sheet", **entry):
        book = openpyxl.Workbook()
        book.active.title = title
        book.create_sheet("empty")
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / "a.xlsx")
        return read(tmp_path / "a.xlsx", entry, ".xlsx", "tiny")

    return write


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [
        (0.35, "0%", "35%"), (0.07, "0.00%", "7%"), (1, "0%", "100%"),
        (-0.125, "0.0 %;[Red]-0.0 %", "-12.5%"),
        ("n.d.", "0%", "n.d."), (None, "0%", ""), (35, '0"%"', "35"), (35, "0\\%", "35"), (35, "0.0", "35"),
    ],
)  # fmt: skip
def test_a_cell_that_is_shown_as_a_percentage_is_one(tmp_path, value, shown, text):
    book = openpyxl.Workbook()
    book.active.append(["id", "ki67"])
    book.active.append(["a", value])
    book.active["B2"].number_format = shown
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx", {}, ".xlsx").rows == [["a", text]]


def test_workbook(workbook):
    dx = datetime.datetime(2020, 1, 31)
    found = workbook(
        ["id", "age", "dx", "cns", "her2"],
        ["007", 50, dx, True, "2+"],
        [None] * 5,
        [8.0, 50.5, None, False, "#N/A"],
    )
    assert (found.header, found.line) == (["id", "age", "dx", "cns", "her2"], 1)
    assert found.rows == [["007", "50", "2020-01-31", "1", "2+"], ["8", "50.5", "", "0", "#N/A"]]
    assert (found.lines, found.refused) == ([2, 4], [])


def test_rows_of_unequal_length_are_filled_up(workbook):
    found = workbook(["id", "age"], ["1"], ["2", 60, "beyond the header"])
    assert found.header == ["id", "age", ""]
    assert found.rows == [["1", "", ""], ["2", "60", "beyond the header"]]


def test_rows_to_skip(workbook):
    rows = ["Export"], ["id", "age"], ["text", "years"], ["1", 50]
    found = workbook(*rows, skip_rows=1, skip_after_header=1)
    assert (found.header, found.line, found.rows, found.lines) == (["id", "age"], 2, [["1", "50"]], [4])


def test_a_workbook_that_states_a_size_that_is_too_small(tmp_path, workbook):
    import zipfile

    workbook(["id", "age"], ["1", 50], ["2", 60])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert b'<dimension ref="A1:B3"' in parts[name]
    parts[name] = parts[name].replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"')
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for part, content in parts.items():
            new.writestr(part, content)
    assert read(tmp_path / "b.xlsx", {}, ".xlsx").rows == [["1", "50"], ["2", "60"]]


def test_a_sheet_that_is_not_there(workbook, tmp_path):
    workbook(["id"], ["1"], title="Data")
    with pytest.raises(RecohortError) as caught:
        read(tmp_path / "a.xlsx", {"sheet": "Dta"}, ".xlsx", "tiny")
    assert str(caught.value) == (
        f"study tiny, file {tmp_path / 'a.xlsx'}: has no sheet 'Dta'. Did you mean 'Data'?"
    )


def test_a_sheet_by_its_name(workbook, tmp_path):
    workbook(["id"], ["1"])
    assert read(tmp_path / "a.xlsx", {"sheet": "Sheet"}, ".xlsx").rows == [["1"]]
    assert read(tmp_path / "a.xlsx", {"sheet": "empty"}, ".xlsx").header == []


def test_parquet(tmp_path):
    table = pyarrow.table(
        {
            "id": ["007", "8", None],
            "age": pyarrow.array([50, None, 70], pyarrow.int8()),
            "log2": pyarrow.array([1.3, 2.0, None], pyarrow.float32()),
            "dx": pyarrow.array([datetime.date(2020, 1, 31), None, None]),
            "seen": pyarrow.array([datetime.datetime(2020, 1, 31, 14, 30), None, None]),
            "cns": [True, False, None],
            "ihc": pyarrow.array(["2+", "3+", "2+"]).dictionary_encode(),
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", {}, ".parquet")
    assert found.header == ["id", "age", "log2", "dx", "seen", "cns", "ihc"]
    assert found.rows == [
        ["007", "50", "1.3", "2020-01-31", "2020-01-31T14:30:00", "1", "2+"],
        ["8", "", "2", "", "", "0", "3+"],
        ["", "70", "", "", "", "", "2+"],
    ]
    assert found.lines == [1, 2, 3]


def test_texts_that_parquet_has_as_bytes(tmp_path):
    plain = pyarrow.array([b"007", "Zürich".encode(), None], pyarrow.binary())
    for column in (plain, plain.dictionary_encode(), plain.cast(pyarrow.large_binary())):
        pyarrow.parquet.write_table(pyarrow.table({"id": column}), tmp_path / "a.parquet")
        assert read(tmp_path / "a.parquet", {}, ".parquet").rows == [["007"], ["Zürich"], [""]]
    pyarrow.parquet.write_table(pyarrow.table({"id": [b"Z\xfcrich"]}), tmp_path / "a.parquet")
    with pytest.raises(RecohortError, match=r"cannot be read \(.*UTF8.*\)\. Export it again\."):
        read(tmp_path / "a.parquet", {}, ".parquet")


def test_an_index_that_pandas_stored_in_parquet_is_a_column(tmp_path):
    pd.DataFrame({"age": [50]}, index=pd.Index(["007"], name="id")).to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", {}, ".parquet")
    assert sorted(zip(found.header, found.rows[0], strict=True)) == [("age", "50"), ("id", "007")]


FRAME = pd.DataFrame({"id": ["007", "8"], "ihc": [2.0, 3.0], "age": [50.0, np.nan], "log2": [1.3, 2.5]})
LABELS = {"ihc": {2.0: "2+", 3.0: "3+"}}


def test_stata_with_value_labels_dates_and_single_precision(tmp_path):
    frame = FRAME.assign(
        ihc=[2, 3], log2=FRAME["log2"].astype("float32"), dx=[pd.Timestamp("2020-01-31"), pd.NaT]
    )
    labels = {"ihc": {2: "2+", 3: "3+"}}
    frame.to_stata(tmp_path / "a.dta", write_index=False, value_labels=labels, convert_dates={"dx": "td"})
    found = read(tmp_path / "a.dta", {}, ".dta")
    assert found.header == ["id", "ihc", "age", "log2", "dx"]
    # 1.3 in single precision is 1.2999999523162842: `log2 >= 1.3` would be false
    assert found.rows == [["007", "2+", "50", "1.3", "2020-01-31"], ["8", "3+", "", "2.5", ""]]


def test_spss_with_value_labels(tmp_path):
    pyreadstat.write_sav(FRAME, str(tmp_path / "a.sav"), variable_value_labels=LABELS)
    found = read(tmp_path / "a.sav", {}, ".sav")
    assert (found.header, found.lines) == (["id", "ihc", "age", "log2"], [1, 2])
    assert found.rows == [["007", "2+", "50", "1.3"], ["8", "3+", "", "2.5"]]


def test_a_value_without_a_label_stays(tmp_path):
    pyreadstat.write_sav(FRAME, str(tmp_path / "a.sav"), variable_value_labels={"ihc": {2.0: "2+"}})
    assert [row[1] for row in read(tmp_path / "a.sav", {}, ".sav").rows] == ["2+", "3"]


def test_sas_transport(tmp_path):
    pyreadstat.write_xport(FRAME.assign(dx=[datetime.date(2020, 1, 31), None]), str(tmp_path / "a.xpt"))
    found = read(tmp_path / "a.xpt", {}, ".xpt")
    assert found.rows == [["007", "2", "50", "1.3", "2020-01-31"], ["8", "3", "", "2.5", ""]]


def test_codes_instead_of_value_labels(tmp_path):
    pyreadstat.write_sav(FRAME, str(tmp_path / "a.sav"), variable_value_labels=LABELS)
    assert [row[1] for row in read(tmp_path / "a.sav", {"values": "codes"}, ".sav").rows] == ["2", "3"]


LIMIT = "holds more than 0.1 MB when decompressed"


def test_a_workbook_whose_cells_are_far_to_the_right(workbook):
    with pytest.raises(RecohortError, match=LIMIT):
        workbook(["id"], *[[None] * 9999 + [1] for _ in range(2)], max_megabytes=0.1)


def test_a_workbook_of_long_texts(workbook):
    assert len(workbook(["id"], ["0" * 20_000], max_megabytes=0.1).rows) == 1
    with pytest.raises(RecohortError, match=LIMIT):
        workbook(["id"], *[[f"{i}" * 20_000] for i in range(5)], max_megabytes=0.1)


@pytest.mark.parametrize("values", [20_000 * [0], ["0" * 200_000]])
def test_a_parquet_file_of_many_equal_cells_or_of_one_long_text(tmp_path, values):
    pyarrow.parquet.write_table(pyarrow.table({"id": values}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 2000
    assert len(read(tmp_path / "a.parquet", {}, ".parquet").rows) == len(values)
    with pytest.raises(RecohortError, match=LIMIT):
        read(tmp_path / "a.parquet", {"max_megabytes": 0.1}, ".parquet")


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".sas7bdat", ".xpt", ".dta", ".sav"])
def test_a_damaged_file(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"this is not such a file")
    with pytest.raises(RecohortError) as caught:
        read(path, {}, suffix, "tiny")
    text = str(caught.value)
    assert text.startswith(f"study tiny, file {path}: cannot be read (")
    assert text.endswith("). Export it again.")
