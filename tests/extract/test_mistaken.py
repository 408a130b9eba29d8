"""What is no extract is called by its name, whatever its suffix says."""

import gzip
import os

import pytest
from support import protocols
from support.paths import EXTRACTS

from recohort.base.errors import RecohortError
from recohort.extract import read as extract

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>\n"
TABLE = b"id,age\n1,50\n2,60\n"
SUFFIXES = [".csv", ".tsv", ".txt", ".csv.gz", ".xlsx", ".parquet", ".sas7bdat", ".xpt", ".dta", ".sav"]


def refused(tmp_path, name, content, **entry):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RecohortError) as caught:
        extract.read(path, protocols.file({"path": name, **entry}), "tiny")
    return str(caught.value).removeprefix(f"study tiny, file {path}").lstrip(",: ")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_pointer_and_a_page_under_every_suffix(tmp_path, suffix):
    said = refused(tmp_path, f"a{suffix}", LFS)
    assert said == "is a Git LFS pointer, not the file. Run `git lfs pull`."
    said = refused(tmp_path, f"b{suffix}", PAGE)
    assert said.startswith(
        "is an HTML page, perhaps of a site that asks for a log-in, not a table. Fetch the "
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_pipe_under_every_suffix(tmp_path, suffix):
    os.mkfifo(tmp_path / f"a{suffix}")
    with pytest.raises(RecohortError, match="is a pipe, not a file"):
        extract.read(tmp_path / f"a{suffix}", protocols.file(f"a{suffix}"), "tiny")
    with pytest.raises(RecohortError, match="is a pipe, not a file"):
        extract.locate({"path": f"a{suffix}"}, tmp_path, [])
    with pytest.raises(RecohortError, match="is a pipe, not a file"):
        extract.locate({"raw": f"a{suffix}"}, tmp_path, [tmp_path])


def test_a_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(RecohortError, match=r"a\.csv: is a folder, not a file"):
        extract.locate({"path": "a.csv"}, tmp_path, [])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "\ufeff\n <HTML lang='de'>".encode(), "is an HTML page"),
        ("a.csv", b"<!-- saved from url -->\n<html>", "is an HTML page"),
        ("a.csv", b'<?xml version="1.0"?>\n<!DOCTYPE html>', "is an HTML page"),
        ("a.csv", "<html>".encode("utf-16"), "is an HTML page"),
        ("a.csv", b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>', "is an XML document"),
        ("a.csv", b'{"message": "Bad credentials"}', "is a JSON document"),
        ("a.csv", b'[{"id": 1}]', "is a JSON document"),
        ("a.csv", b"/annex/objects/MD5E-s3--acbd.csv\n", "is a git-annex pointer, not the file"),
        ("a.csv.gz", gzip.compress(PAGE, mtime=0), "is an HTML page"),
        ("a.csv.gz", gzip.compress(LFS, mtime=0), "is a Git LFS pointer, not the file, compressed"),
        ("a.csv.gz", gzip.compress(gzip.compress(TABLE, mtime=0), mtime=0), "is a gzip file, compressed"),
        ("a.csv", gzip.compress(TABLE, mtime=0), "is a gzip file. Name it .gz"),
        ("a.csv", (EXTRACTS / "patients.xlsx").read_bytes(), "is a ZIP file or a workbook. Unpack it, or"),
        ("a.sav", (EXTRACTS / "patients.parquet").read_bytes(), "is a Parquet file. Name it .parquet."),
        ("a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "is an old Excel workbook (.xls) or one "),
        ("a.csv", b"%PDF-1.7\n", "is a PDF"),
    ],
)  # fmt: skip
def test_other_things(tmp_path, name, content, expected):
    assert refused(tmp_path, name, content).startswith(expected)


@pytest.mark.parametrize(
    "content", [b"<5,id\n1,2\n", b"version,id\n1,2\n", b"{a},id\n1,2\n", b"PK,id\n1,2\n"]
)
def test_a_header_that_begins_like_that(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    assert len(extract.read(tmp_path / "a.csv", protocols.file("a.csv"))[0]) == 1


@pytest.mark.parametrize("read_with", [",", ";", "\t", "||"])
@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("sep=,", ","),
        ("sep=;", ";"),
        ('"sep=;"', ";"),
        ("SEP=\t", "\t"),
        ("sep=;;;", ";"),
        ("\ufeffsep=|", "|"),
    ],
)
def test_a_line_for_spreadsheet_programs(tmp_path, line, mark, read_with):
    content = f"{line}\n".encode() + TABLE.replace(b",", mark.encode())
    said = refused(tmp_path, "a.csv", content, separator=read_with)
    assert said == (
        "row 1: begins with a line `sep=`, which is for spreadsheet programs."
        f" Set `skip_rows: 1` and `separator: {mark!r}` for this file instead."
    )
    frame, _ = extract.read(
        tmp_path / "a.csv", protocols.file({"path": "a.csv", "skip_rows": 1, "separator": mark})
    )
    assert frame["age"].tolist() == ["50", "60"]


def test_columns_of_such_a_name(tmp_path):
    (tmp_path / "a.csv").write_text("sep=x,id\n1,2\n")
    assert extract.read(tmp_path / "a.csv", protocols.file("a.csv"))[0]["id"].tolist() == ["2"]
