"""Text files of an extract, split into fields, with line numbers; nothing is interpreted, no row lost."""

import codecs
import csv
import gzip
import io
import zlib
from typing import NamedTuple

from recohort import limits
from recohort.errors import RecohortError

SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
RAGGED = "a row has too many or too few fields"
SWALLOWED = "a quoted field holds whole rows"


class Refused(NamedTuple):
    """A row that cannot be split into fields: its line, the reason, more about it, the row as it stands."""

    row: int
    reason: str
    detail: str
    raw: str


class Grid(NamedTuple):
    """
    header : list of str, as it stands, line its line.
    rows : list of lists of str, as long as the header each; lines : list of int, where each begins.
    refused : list of Refused.
    """

    header: list
    line: int
    rows: list
    lines: list
    refused: list


def read(path, entry, separator, study=None):
    """
    Read a text file.

    Parameters
    ----------
    path : Path
        Decompressed if it ends in .gz.
    entry : dict
        encoding, quote, skip_rows, skip_after_header and max_megabytes (.gz) from the protocol.
    separator : str
    study : str, optional
        Named in errors.

    Returns
    -------
    Grid
        Rows without a single character are left out, as blank lines are.

    Raises
    ------
    RecohortError
        If the file is empty, damaged or not of the declared encoding, a quote is not closed, or a compressed
        file holds more than `max_megabytes`.
    """
    records = _records(path, entry, separator, study)
    line, header = _first(records, path, separator, study)
    grid = Grid(header, line, [], [], [])
    for line, fields in records:
        problem = _problem(fields, header, separator)
        if problem:
            grid.refused.append(Refused(line, *problem, separator.join(fields)))
        else:
            grid.rows.append(fields)
            grid.lines.append(line)
    return grid


def header(path, entry, separator, study=None):
    """The line and the fields of the header alone; raises as `read` does for what comes before it."""
    return _first(_records(path, entry, separator, study), path, separator, study)


def _first(records, path, separator, study):
    line, header = next(records, (1, []))
    other = [mark for mark in ",;\t|" if mark in "".join(header)]
    if len(header) == 1 and other:
        raise RecohortError(
            f"has one column when split at {separator!r}",
            study=study,
            file=path,
            row=line,
            remedy=f"Set `separator: {other[0]!r}` for this file in the protocol.",
        )
    return line, header


def _problem(fields, header, separator):
    if len(fields) != len(header):
        return RAGGED, f"{len(fields)} where the header has {len(header)}"
    per_row = len(header) - 1
    for field in fields:
        # a stray quote that another one closes some lines below leaves no other trace
        if per_row > 1 and "\n" in field and field.count(separator) == field.count("\n") * per_row:
            return SWALLOWED, "a quote may be missing or too many"
    return None


def _records(path, entry, separator, study):
    """Each record that is not blank, with the line at which it begins."""
    lines = io.StringIO(_decode(path, entry, study), newline="")
    skipped = entry.get("skip_rows", 0)
    for _ in range(skipped):
        lines.readline()
    quote = entry.get("quote", '"')
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(lines, delimiter=separator, quotechar=quote or None, quoting=quoting, strict=True)
    skip_once = entry.get("skip_after_header", 0)
    line = skipped + 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield line, fields
                for _ in range(skip_once):
                    lines.readline()
                skipped, skip_once = skipped + skip_once, 0
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise RecohortError(
            f"the row cannot be split into fields ({error})",
            study=study,
            file=path,
            row=line,
            remedy="Close the quote that begins in it, or export the file again.",
        ) from None


def _decode(path, entry, study):
    def fail(problem, remedy, row=None):
        raise RecohortError(problem, study=study, file=path, row=row, remedy=remedy) from None

    try:
        is_gzip = path.suffix.lower() == ".gz"
        content = _decompress(path, entry, study) if is_gzip else path.read_bytes()
    except (EOFError, OSError, zlib.error) as error:
        fail(f"cannot be read ({error})", "Export or copy it again.")
    declared = entry.get("encoding", "utf-8")
    try:
        encoding = codecs.lookup(declared).name
        is_utf_16 = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        if is_utf_16 and not encoding.startswith("utf-16"):
            fail(f"is UTF-16, not {declared}", "Set `encoding: utf-16` for this file in the protocol.")
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        remedy = "Set `encoding:` for this file in the protocol, perhaps cp1252, latin-1 or utf-16."
        fail(f"is not {declared} (byte {content[error.start : error.start + 1]!r})", remedy, line)
    except (LookupError, UnicodeError):
        fail(f"the encoding {declared!r} is not known", "Correct `encoding:` in the protocol.")
    if "\0" in text:
        fail(
            f"is not {declared}: it has NUL characters", "Set `encoding:` in the protocol, perhaps utf-16-le."
        )
    # one character a byte: a single-byte encoding, which reads anything
    if len(text) == len(content) and not content.isascii() and _is_utf_8(content):
        fail(f"is UTF-8, not {declared}", "Remove `encoding:` of this file from the protocol.")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        fail("is empty", "Export it again.")
    return text


def _decompress(path, entry, study):
    content = bytearray()
    with gzip.open(path) as file:
        while part := file.read(limits.MEGABYTE):
            content += part
            limits.check(len(content), entry, path, study)
    return content


def _is_utf_8(content):
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
