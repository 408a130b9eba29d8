"""A sheet of a workbook as the text that an export to CSV would have; what no cell of it says is refused."""

import re
from typing import NamedTuple
from xml.etree.ElementTree import iterparse
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries

from recohort.base.errors import RecohortError, nearest
from recohort.extract import size_limit
from recohort.extract.cell_text import as_text
from recohort.extract.delimited import Grid

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LAST_ROW = 1_048_576  # of a sheet
# Programs that write formulas but compute none set this; some write 0 as the value.
TO_BE_COMPUTED = re.compile(rb'\sfullCalcOnLoad\s*=\s*["\'](1|true)["\']')


class _Facts(NamedTuple):
    """
    What is known of a sheet beside the values of its cells.

    uncomputed : list of (int, str), row and address of each formula that has no value.
    merged : list of (str, tuple), as written, and its first column and row, its last ones.
    """

    uncomputed: list
    merged: list


def read(path, entry):
    """
    Read a sheet.

    Parameters
    ----------
    path : Path
    entry : dict
        sheet, skip_rows, skip_after_header and max_megabytes from the protocol.

    Returns
    -------
    Grid
        Lines are rows of the sheet.

    Raises
    ------
    RecohortError
        If the file holds more than `max_megabytes` or lacks the sheet, a row or cell is there twice or not in
        its place, or, in the header or the rows of data, a formula has no value or cells are merged.
    """
    with ZipFile(path) as parts:
        # what is stated here is all that ZipFile reads of a part
        size_limit.check(sum(part.file_size for part in parts.infolist()), entry)
        books = [part for part in parts.namelist() if part.endswith("workbook.xml")]
        is_to_be_computed = any(TO_BE_COMPUTED.search(parts.read(part)) for part in books)
    book = load_workbook(path, read_only=True, data_only=True)
    name = entry.get("sheet", book.sheetnames[0])
    if name not in book.sheetnames:
        raise RecohortError(f"has no sheet {name!r}", remedy=nearest(name, book.sheetnames))
    sheet = book[name]
    # openpyxl tells neither of these in its mode for large files, and loses rows that are there twice
    with sheet._get_source() as source:
        facts = _facts(source, is_to_be_computed)
    rows = _rows(sheet, entry)
    book.close()
    grid = _grid(rows, entry)
    _is_told(facts, rows, grid, entry)
    return grid


def _rows(sheet, entry):
    # some exports state a size that is too small, and the cells beyond it would be lost
    sheet.reset_dimensions()
    rows, n_cells = [], 0
    for row in sheet.iter_rows(values_only=True):
        rows.append([as_text(value) for value in row])
        n_cells += len(row)  # one cell in the last column fills up its row
        size_limit.check(n_cells * size_limit.CELL_BYTES, entry)
    return rows


def _grid(rows, entry):
    numbered = [(line, row) for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    numbered = [(line, row) for line, row in numbered if line > entry.get("skip_rows", 0)]
    width = max((len(row) for _, row in numbered), default=0)
    numbered = [(line, row + [""] * (width - len(row))) for line, row in numbered]
    line, header = numbered[0] if numbered else (1, [])
    first = line + entry.get("skip_after_header", 0) + 1
    body = [(line, row) for line, row in numbered if line >= first]
    return Grid(header, line, [row for _, row in body], [line for line, _ in body], [])


def _facts(source, is_to_be_computed):
    """The facts of a sheet from its XML; refuses rows and cells that are not one behind the other."""
    line, facts = 0, _Facts([], [])
    for _, element in iterparse(source):
        if element.tag == f"{MAIN}row":
            line = _next(element.get("r"), line)
            column = 0
            for cell in element.iterfind(f"{MAIN}c"):
                column = _next_column(cell.get("r"), line, column)
                formula = cell.find(f"{MAIN}f")
                if formula is not None and (is_to_be_computed or _lacks_value(cell)):
                    facts.uncomputed.append((line, f"{get_column_letter(column)}{line}"))
            element.clear()
        elif element.tag == f"{MAIN}mergeCell":
            facts.merged.append((element.get("ref"), range_boundaries(element.get("ref"))))
    return facts


def _next(written, before):
    """The number of a row: as written, else the next."""
    row = before + 1 if written is None else int(float(written))
    if row <= before:
        raise RecohortError(
            f"row {row} is there twice, or behind a later one",
            row=row,
            remedy="Save it again from a spreadsheet program.",
        )
    if row > LAST_ROW:
        raise RecohortError(f"has a row {row}, and no sheet has one", row=row, remedy="Export it again.")
    return row


def _next_column(written, line, before):
    row, column = (line, before + 1) if written is None else coordinate_to_tuple(written)
    if row != line or column <= before:
        raise RecohortError(
            f"the cell {written} is there twice, or not in its place",
            row=line,
            remedy="Save it again from a spreadsheet program.",
        )
    return column


def _lacks_value(cell):
    """Whether nothing was stored for a formula; the text that one gives may be empty."""
    value = cell.find(f"{MAIN}v")
    return value is None or (not value.text and cell.get("t") != "str")


def _is_told(facts, rows, grid, entry):
    """Raise RecohortError if a cell of the header or of the rows of data has nothing to say, and should."""
    first = grid.line + entry.get("skip_after_header", 0) + 1

    def is_used(line):
        # before the header too: it may be no header but for a row of formulas without values above it
        return entry.get("skip_rows", 0) < line <= grid.line or line >= first

    uncomputed = [(line, address) for line, address in facts.uncomputed if is_used(line)]
    if uncomputed:
        line, address = uncomputed[0]
        raise RecohortError(
            f"the cell {address}{_and_more(uncomputed)} has a formula, and its value was never computed",
            row=line,
            remedy="Open it in a spreadsheet program, compute and save it, or paste the values there.",
        )
    hidden = [found for merged in facts.merged if (found := _hidden(*merged, rows, is_used)) is not None]
    if hidden:
        line, address, written = hidden[0]
        raise RecohortError(
            f"the cell {address}{_and_more(hidden)} is merged with others ({written}), so it has no value",
            row=line,
            remedy="Unmerge them and fill each cell; set `skip_rows:` for a title above the header.",
        )


def _hidden(written, bounds, rows, is_used):
    """Row and address of the first used cell that a merged range covers, and the range; else None."""
    left, top, right, bottom = bounds
    has_value = any(cell.strip() for row in rows[top - 1 : bottom] for cell in row[left - 1 : right])
    for line in range(top, min(bottom, LAST_ROW) + 1):
        column = left + 1 if line == top else left
        if has_value and column <= right and is_used(line):
            return line, f"{get_column_letter(column)}{line}", written
    return None


def _and_more(found):
    return f" (and {len(found) - 1} more)" if len(found) > 1 else ""
