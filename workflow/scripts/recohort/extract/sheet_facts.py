"""What is in the XML of a sheet beside the values of its cells: facts without which values would be lost."""

import re
from typing import NamedTuple
from xml.etree.ElementTree import iterparse

from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries

from recohort.base.errors import RecohortError

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LAST_ROW = 1_048_576  # of a sheet
# Programs that write formulas but compute none set this; some write 0 as the value.
TO_BE_COMPUTED = re.compile(rb'\sfullCalcOnLoad\s*=\s*["\'](1|true)["\']')
AGAIN = "Save it again from a spreadsheet program."


class Facts(NamedTuple):
    """
    uncomputed : list of (int, str), row and address of each formula that has no value.
    merged : list of (str, tuple), as written, and its first column and row, its last ones.
    """

    uncomputed: list
    merged: list


def is_to_be_computed(parts):
    """Whether a workbook (ZipFile) says that the values of its formulas are still to be computed."""
    books = [name for name in parts.namelist() if name.endswith("workbook.xml")]
    return any(TO_BE_COMPUTED.search(parts.read(name)) for name in books)


def read(source, is_uncomputed):
    """
    Read the facts of a sheet.

    Parameters
    ----------
    source : binary file
        The XML of the sheet.
    is_uncomputed : bool
        From `is_to_be_computed`: no formula has a value then, whatever is stored.

    Returns
    -------
    Facts

    Raises
    ------
    RecohortError
        If a row or a cell is there twice, or not in its place: one of them would be lost.
    """
    line, facts = 0, Facts([], [])
    for _, element in iterparse(source):
        if element.tag == f"{MAIN}row":
            line = _next(element.get("r"), line)
            column = 0
            for cell in element.iterfind(f"{MAIN}c"):
                column = _next_column(cell.get("r"), line, column)
                formula = cell.find(f"{MAIN}f")
                if formula is not None and (is_uncomputed or _lacks_value(cell)):
                    facts.uncomputed.append((line, f"{get_column_letter(column)}{line}"))
            element.clear()
        elif element.tag == f"{MAIN}mergeCell":
            facts.merged.append((element.get("ref"), range_boundaries(element.get("ref"))))
    return facts


def check(facts, rows, header, line, entry):
    """
    Refuse a table in which a cell has nothing to say, and should.

    Parameters
    ----------
    facts : Facts
    rows : list of lists of str
        All rows of the sheet.
    header : list of str
        Its names, and `line`, its row.
    line : int
    entry : dict
        skip_rows, skip_after_header and skip_where from the protocol: in such rows nothing is asked.

    Raises
    ------
    RecohortError
        If a formula has no value, or cells are merged and hold something: with the address of the first.
    """
    n_skipped, first = entry["skip_rows"], line + entry["skip_after_header"] + 1
    names = [name.strip() for name in header]
    marks = {names.index(name): texts for name, texts in entry["skip_where"].items() if name in names}

    def is_used(number):
        row = rows[number - 1] if number <= len(rows) else []
        is_marked = any(row[i].strip() in texts for i, texts in marks.items() if i < len(row))
        # above the header too: it may be none, but the first row below formulas without values
        return (n_skipped < number <= line or number >= first) and not is_marked

    uncomputed = [(number, address) for number, address in facts.uncomputed if is_used(number)]
    if uncomputed:
        number, address = uncomputed[0]
        raise RecohortError(
            f"the cell {address}{_and_more(uncomputed)} has a formula, and its value was never computed",
            row=number,
            remedy="Open it in a spreadsheet program, compute and save it, or paste the values there.",
        )
    hidden = [found for merged in facts.merged if (found := _hidden(*merged, rows, is_used)) is not None]
    if hidden:
        number, address, written = hidden[0]
        raise RecohortError(
            f"the cell {address}{_and_more(hidden)} is merged with others ({written}), so it has no value",
            row=number,
            remedy="Unmerge them and fill each cell; set `skip_rows:` for a title above the header.",
        )


def _next(written, before):
    """The number of a row: as written, else the next."""
    row = before + 1 if written is None else int(float(written))
    if row <= before:
        raise RecohortError(
            f"row {row} is there twice, or behind a later one",
            row=row,
            remedy=AGAIN,
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
            remedy=AGAIN,
        )
    return column


def _lacks_value(cell):
    """Whether nothing was stored for a formula; the text that one gives may be empty."""
    value = cell.find(f"{MAIN}v")
    return value is None or (not value.text and cell.get("t") != "str")


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
