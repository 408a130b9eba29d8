"""What was given as an extract and is none: recognised by how it begins, and called by its name."""

import gzip
import re
import zlib
from pathlib import Path

from recohort.base.errors import RecohortError
from recohort.base.files import other_than_a_file

FETCH = "Fetch the file itself from where the data are."
# How a file begins, what it is, the suffixes that such a file may have, what to do.
BINARY = [
    (b"version https://git-lfs", "a Git LFS pointer, not the file", (), "Run `git lfs pull`."),
    (b"version https://hawser", "a Git LFS pointer, not the file", (), "Run `git lfs pull`."),
    (b"/annex/objects/", "a git-annex pointer, not the file", (), "Run `git annex get`."),
    (
        bytes.fromhex("d0cf11e0a1b11ae1"),
        "an old Excel workbook (.xls) or one with a password",
        (),
        "Save it as .xlsx without a password.",
    ),
    (b"PK\3\4", "a ZIP file or a workbook", (".xlsx",), "Unpack it, or name it .xlsx if it is a workbook."),
    (b"\x1f\x8b", "a gzip file", (".gz",), "Name it .gz behind the suffix of what it holds."),
    (b"%PDF-", "a PDF", (), FETCH),
    (b"PAR1", "a Parquet file", (".parquet",), "Name it .parquet."),
    (b"SQLite format 3\0", "an SQLite database", (), "Export the table from it."),
    (b"BZh9", "a bzip2 file", (), "Decompress it, or compress it with gzip."),
    (b"\xfd7zXZ\0", "an xz file", (), "Decompress it, or compress it with gzip."),
    (b"(\xb5/\xfd", "a Zstandard file", (), "Decompress it, or compress it with gzip."),
]
TEXT = [
    (r"<!doctype\s+html|<html|(<!--.*?-->|<\?xml.*?\?>)\s*(<!doctype\s+html|<html)", "an HTML page"),
    (r"<\?xml|<error>|<!doctype", "an XML document"),
    (r'\{\s*"|\[\s*\{', "a JSON document"),
]
START_BYTES = 4096


def check(path, study=None):
    """
    Refuse a file that is no extract.

    Parameters
    ----------
    path : Path
    study : str, optional
        Named in the error.

    Raises
    ------
    RecohortError
        If it is a pointer of Git LFS or git-annex, a page of the web, XML, JSON, or a file of another
        format than its suffix says; inside a compressed file too. If it is a folder, a pipe or a device.
    """

    def fail(what, remedy):
        raise RecohortError(f"is {what}", study=study, file=path, remedy=remedy)

    kind = other_than_a_file(path)
    if kind is not None:
        fail(f"{kind}, not a file", "Copy what it gives into a file.")
    start = _start(Path.open, path)
    for begin, what, suffixes, remedy in BINARY:
        if start.startswith(begin) and path.suffix.lower() not in suffixes:
            fail(what, remedy)
    if start.startswith(b"\x1f\x8b"):
        start = _start(gzip.open, path)
        inside = next((what for begin, what, *_ in BINARY if start.startswith(begin)), None)
        if inside is not None:
            fail(f"{inside}, compressed", FETCH)
    for begin, what in TEXT:
        if re.match(begin, _as_text(start), re.DOTALL | re.IGNORECASE):
            fail(f"{what}, perhaps of a site that asks for a log-in, not a table", FETCH)


def _start(opener, path):
    try:
        with opener(path, "rb") as file:
            return file.read(START_BYTES)
    except (OSError, EOFError, zlib.error):  # whoever reads all of it says what is wrong
        return b""


def _as_text(start):
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return start.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
