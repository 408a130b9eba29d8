"""How to read a text file: encoding, separator and the lines around its header, as a protocol states them."""

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter

from recohort.extract.formats import FORMATS, suffix

MARKS = ",;\t|"
SHOWN_BYTES, SHOWN_RECORDS = 1 << 20, 200
MOST_HEADERS = 3


def options(path):
    """
    The options of a file for `extract.files`, as far as they differ from the defaults.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        encoding, separator, skip_rows, skip_after_header; empty for a binary format, and for a file that
        cannot be read, which `extract.read` explains.
    """
    usual = FORMATS[suffix(path)].defaults if suffix(path) in FORMATS else {}
    if "separator" not in usual:
        return {}
    try:
        encoding = _encoding(path)
        with _opened(path) as file:
            text = file.read(SHOWN_BYTES).decode(encoding or "utf-8-sig", errors="replace")
    except (EOFError, OSError, zlib.error):
        return {}
    lines = list(io.StringIO(text, newline=""))
    comments = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    separator, width = _separator(lines[comments:], usual["separator"])
    titles = 0
    for line in lines[comments:]:
        # a title above the table fills one field, as a blank line fills none
        if width < 2 or sum(bool(field.strip()) for field in line.split(separator)) > 1:
            break
        titles += 1
    skipped = comments + titles
    found = {
        "encoding": encoding,
        "separator": separator if separator != usual["separator"] else None,
        "skip_rows": skipped,
        "skip_after_header": _more_headers(_records(lines[skipped:], separator)),
    }
    return {key: value for key, value in found.items() if value}


def _opened(path):
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _encoding(path):
    """None for UTF-8, else the first of the usual ones that reads the whole file."""
    with _opened(path) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    return next((encoding for encoding in (None, "cp1252") if _decodes(path, encoding or "utf-8")), "latin-1")


def _decodes(path, encoding):
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with _opened(path) as file:
            while chunk := file.read(SHOWN_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(lines, default):
    """The mark at which most records have the same number of fields, and that number."""
    candidates = []
    for mark in MARKS:
        widths = Counter(len(fields) for fields in _records(lines, mark))
        width, n = widths.most_common(1)[0] if widths else (1, 0)
        candidates.append((width > 1, n, width, mark))
    splits, _, width, mark = max(candidates)
    return (mark, width) if splits else (default, 1)


def _records(lines, separator):
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


def _more_headers(records):
    """Rows under the header down to the last that repeats it, or that numbers every column, as `CDE_ID:2`."""
    if not records:
        return 0
    names = _folded(records[0])
    below = [_folded(fields) for fields in records[1 : 1 + MOST_HEADERS]]
    return max((n for n, cells in enumerate(below, 1) if _is_header(cells, names)), default=0)


def _folded(fields):
    return [field.strip().casefold() for field in fields]


def _is_header(cells, names):
    repeated = sum(cell == name != "" for cell, name in zip(cells, names, strict=False))
    filled = [cell for cell in cells if cell]
    is_numbered = all(":" in cell for cell in filled) and len({cell.split(":")[0] for cell in filled}) == 1
    return len(names) > 2 and (is_numbered or repeated > max(2, len(names) / 4))
