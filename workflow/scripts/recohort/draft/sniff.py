"""How to read a file, as a protocol states it: encoding, separator, sheet, lines around the header."""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from recohort.base.errors import RecohortError
from recohort.draft import header
from recohort.extract import binary
from recohort.extract.formats import FORMATS, suffix
from recohort.protocol import model as protocol

MARKS = ",;\t|"
SHOWN_BYTES, SHOWN_RECORDS = 1 << 20, 200
COMPARABLE = 0.5  # of the cells of the largest sheet


def options(path: Path, sheet: str = "", skip: str = "") -> dict[str, Any]:
    """
    The options of a file for `extract.files`, as far as they differ from the defaults.

    Parameters
    ----------
    path : Path
    sheet, skip : str
        SHEET and SKIP of the command, empty for what the file seems to need.

    Returns
    -------
    dict
        encoding, separator, sheet, skip_rows, skip_after_header; empty for formats without a header line, and
        for a file that cannot be read, which `extract.read` explains.

    Raises
    ------
    RecohortError
        If SHEET or SKIP cannot be of this file.
    """
    if suffix(path) not in FORMATS:
        return {}
    how = FORMATS[suffix(path)]
    _check(path, how, sheet, skip)
    if "sheet" in how.options:
        return _of_workbook(path, sheet, skip)
    return _of_text(path, how.defaults["separator"], skip) if "separator" in how.defaults else {}


def other_sheets(path: Path, entry: dict[str, Any]) -> list[str]:
    """The sheets of a workbook that may be the data too, or hold more of them."""
    sheets = _sheets(path) if path.suffix.lower() == ".xlsx" else {}
    sizes = {name: sum(map(_filled, records)) for name, records in sheets.items() if len(records) > 1}
    chosen = entry["sheet"] if "sheet" in entry else next(iter(sheets), None)
    return [name for name, n in sizes.items() if name != chosen and n >= COMPARABLE * max(sizes.values())]


def _check(path: Path, how: Any, sheet: str, skip: str) -> None:
    if sheet and "sheet" not in how.options:
        raise RecohortError("has no sheets, but SHEET is given", file=path, remedy="Leave SHEET out.")
    if skip and not re.fullmatch(r"[0-9]{1,6}", skip):
        raise RecohortError(
            f"SKIP={skip} is no number of lines", file=path, remedy="Say how many are above the header."
        )
    if skip and "skip_rows" not in how.options:
        raise RecohortError("has no lines, but SKIP is given", file=path, remedy="Leave SKIP out.")


def _of_workbook(path: Path, sheet: str, skip: str) -> dict[str, Any]:
    sheets = _sheets(path)
    chosen = sheet or max(sheets, key=lambda name: sum(map(_filled, sheets[name])), default="")
    if chosen not in sheets:
        return {"sheet": chosen} if chosen else {}
    rows = sheets[chosen]
    lines = [line for line, record in enumerate(rows) if _filled(record) and line >= int(skip or 0)]
    records = [rows[line] for line in lines]
    titles = 0 if skip else header.above(records)
    n_below = header.below(records[titles:])
    found = {
        "sheet": chosen if sheet or chosen != next(iter(sheets)) else None,
        "skip_rows": int(skip) if skip else lines[titles] if titles else 0,
        "skip_after_header": lines[titles + n_below] - lines[titles] if n_below else 0,
    }
    return {key: value for key, value in found.items() if value}


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    """The first rows of each visible sheet; none of a file that cannot be read."""
    try:
        return binary.first_rows(path, protocol.file(path.name), SHOWN_RECORDS)
    except Exception:  # as binary.read, which says what is wrong
        return {}


def _filled(record: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _of_text(path: Path, usual: str, skip: str) -> dict[str, Any]:
    try:
        encoding = _encoding(path)
        with _opened(path) as file:
            text = file.read(SHOWN_BYTES).decode(encoding or "utf-8-sig", errors="replace")
    except (EOFError, OSError, zlib.error):
        return {}
    lines = list(io.StringIO(text, newline=""))
    comments = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    separator, width = _separator(lines[comments:], usual)
    titles = 0
    if width > 1:
        # a blank line counts as a line
        titles = header.above([line.split(separator) for line in lines[comments:][:SHOWN_RECORDS]])
    skipped = int(skip) if skip else comments + titles
    found = {
        "encoding": encoding,
        "separator": separator if separator != usual else None,
        "skip_rows": skipped,
        "skip_after_header": header.below(_records(lines[skipped:], separator)),
    }
    return {key: value for key, value in found.items() if value}


def _opened(path: Path) -> Any:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _encoding(path: Path) -> str | None:
    """None for UTF-8, else the first of the usual ones that reads the whole file."""
    with _opened(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    return next((encoding for encoding in (None, "cp1252") if _decodes(path, encoding or "utf-8")), "latin-1")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with _opened(path) as file:
            while chunk := file.read(SHOWN_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(lines: list[str], default: str) -> tuple[str, int]:
    """The mark at which most records have the same number of fields, and that number."""
    candidates = []
    for mark in MARKS:
        widths = Counter(len(fields) for fields in _records(lines, mark))
        width, n = widths.most_common(1)[0] if widths else (1, 0)
        candidates.append((width > 1, n, width, mark))
    splits, _, width, mark = max(candidates)
    return (mark, width) if splits else (default, 1)


def _records(lines: list[str], separator: str) -> list[list[str]]:
    """The first records that are not blank, without the last, which may be cut where the sample ends."""
    found = []
    try:
        for fields in csv.reader(lines, delimiter=separator):
            if any(field.strip() for field in fields):
                found.append(fields)
            if len(found) > SHOWN_RECORDS:
                break
    except csv.Error:
        pass
    return found[:SHOWN_RECORDS]
