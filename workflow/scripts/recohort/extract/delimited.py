"""Text files of an extract, split into fields, with line numbers; nothing is interpreted, no row lost."""

import csv
import re
from typing import NamedTuple

from recohort.base.errors import RecohortError
from recohort.extract import decoding, mistaken
from recohort.extract.line_reader import Lines

SEPARATOR_LINE = re.compile(r" *sep=(.?)[\s,;|]*", re.IGNORECASE)
RAGGED = "a row has too many or too few fields"
SWALLOWED = "a quoted field holds whole rows"
# in place of a separator of several characters, which no reader takes
UNIT_SEPARATOR = "\x1f"


class Refused(NamedTuple):
    """
    A row that is not used.

    row : int, its line.
    reason, detail : str, why, and more about it.
    raw : str, the row as it stands, or its key.
    file : str, the name of the joined file that has it; "" for the base. With a name it has a place in the
        ledger only, as cells have that nobody answered (redcap.unanswered).
    """

    row: int
    reason: str
    detail: str
    raw: str
    file: str = ""


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


class Reading(NamedTuple):
    """
    A text file whose header has been read.

    lines : Lines, those that follow.
    records : iterator of (line, fields), made of the lines; blank ones are among them.
    line, header : int and list of str.
    separator, path, study : as given.
    """

    lines: Lines
    records: object
    line: int
    header: list
    separator: str
    path: object
    study: str | None

    def add(self, grid, line, fields):
        """
        Put a record among the rows of a grid, or among the refused; a blank one is left out.

        Raises
        ------
        RecohortError
            If it is the last, has too few fields and no line end: the file is cut short.
        """
        if is_blank(fields):
            return
        if len(fields) < len(self.header) and self.lines.lacks_end:
            raise RecohortError(
                f"is cut short: its last line has {len(fields)} of {len(self.header)} fields and no end",
                study=self.study,
                file=self.path,
                row=line,
                remedy="Export or copy it again.",
            )
        problem = _problem(fields, self.header, self.separator)
        if problem:
            grid.refused.append(Refused(line, *problem, self.separator.join(fields)))
        else:
            grid.rows.append(fields)
            grid.lines.append(line)


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
        One character or several.
    study : str, optional
        Named in errors.

    Returns
    -------
    Grid
        Rows without a single character are left out, as blank lines are.

    Raises
    ------
    RecohortError
        If the file is no table at all (mistaken.check), is empty, damaged, cut short within a row or not of
        the declared encoding, begins with `sep=`, a quote is not closed, a compressed file holds more than
        `max_megabytes`, or U+001F is in a file whose separator has several characters.
    """
    begun = begin(path, entry, separator, study)
    grid = Grid(begun.header, begun.line, [], [], [])
    for line, fields in begun.records:
        begun.add(grid, line, fields)
    return grid


def header(path, entry, separator, study=None):
    """The line and the fields of the header alone; raises as `read` does for what comes before it."""
    begun = begin(path, entry, separator, study)
    return begun.line, begun.header


def begin(path, entry, separator, study=None):
    """Check a file's encoding and read its header, as a Reading; raises as `read`."""
    mistaken.check(path, study)
    decoding.check(path, entry, study)
    lines = Lines(decoding.chunks(path, entry, study))
    _skip(lines, entry["skip_rows"])
    records = _records(lines, entry["quote"], separator, path, study)
    line, fields = next(((line, fields) for line, fields in records if not is_blank(fields)), (1, []))
    _is_header(fields, separator, path, line, study)
    _is_split(fields, separator, path, line, study)
    _skip(lines, entry["skip_after_header"])
    return Reading(lines, records, line, fields, separator, path, study)


def is_blank(fields):
    """Whether there is no character in any field."""
    return not any(field.strip() for field in fields)


def _skip(lines, n):
    for _ in zip(range(n), lines):  # noqa: B905 (the file may have fewer)
        pass


def _is_header(fields, separator, path, line, study):
    """Refuse the line that tells spreadsheet programs a separator: the protocol says how a file is read."""
    told = SEPARATOR_LINE.fullmatch(separator.join(fields))
    if told:
        remedy = f"Set `skip_rows: {line}` and `separator: {told[1] or separator!r}` for this file instead."
        raise RecohortError(
            "begins with a line `sep=`, which is for spreadsheet programs",
            study=study,
            file=path,
            row=line,
            remedy=remedy,
        )


def _is_split(header, separator, path, line, study):
    other = [mark for mark in ",;\t|" if mark in "".join(header)]
    if len(header) == 1 and other:
        raise RecohortError(
            f"has one column when split at {separator!r}",
            study=study,
            file=path,
            row=line,
            remedy=f"Set `separator: {other[0]!r}` for this file in the protocol.",
        )


def _problem(fields, header, separator):
    if len(fields) != len(header):
        return RAGGED, f"{len(fields)} where the header has {len(header)}"
    per_row = len(header) - 1
    for field in fields:
        n_ends = field.count("\n") or field.count("\r")
        # a stray quote that another one closes some lines below leaves no other trace
        if per_row > 1 and n_ends and field.count(separator) == n_ends * per_row:
            return SWALLOWED, "a quote may be missing or too many"
    return None


def _records(lines, quote, separator, path, study):
    """Each record, blank ones too, with the line at which it begins."""
    is_long = len(separator) > 1
    reader = csv.reader(
        _with_unit_separator(lines, separator, path, study) if is_long else lines,
        delimiter=UNIT_SEPARATOR if is_long else separator,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )
    line = lines.n + 1
    try:
        for fields in reader:
            if is_long:
                fields = [field.replace(UNIT_SEPARATOR, separator) for field in fields]
            yield line, fields
            line = lines.n + 1
    except csv.Error as error:
        raise RecohortError(
            f"the row cannot be split into fields ({error})",
            study=study,
            file=path,
            row=line,
            remedy="Close the quote that begins in it, or export the file again.",
        ) from None


def _with_unit_separator(lines, separator, path, study):
    for text in lines:
        if UNIT_SEPARATOR in text:
            raise RecohortError(
                f"has the character U+001F, which cannot be told from the separator {separator!r}",
                study=study,
                file=path,
                row=lines.n,
                remedy="Export the file without it.",
            )
        yield text.replace(separator, UNIT_SEPARATOR)
