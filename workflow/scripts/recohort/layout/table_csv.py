"""A table as CSV: the cells as printed, each row with its variable, level, notes and kind of data."""

import csv
import io
from typing import Any

from recohort.base.files import guarded


def text(table: Any) -> str:
    """
    The table as CSV text.

    Parameters
    ----------
    table : Table

    Returns
    -------
    str
        Columns Section (where the table has sections), Variable, Level, the table's own, Notes and Data.
        Cells are those of the other formats, Data is the data line up to its colon; unrounded numbers are in
        the estimates and in summary-numbers.csv.
    """
    with_sections = any(row.kind == "section" for row in table.rows)
    headers = [": ".join(filter(None, [column.spanner, column.header])) for column in table.columns[1:]]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        map(guarded, ["Section"] * with_sections + ["Variable", "Level", *headers, "Notes", "Data"])
    )
    notes = {note.mark: note.text for note in table.footnotes if note.mark}
    data = table.data.partition(":")[0]
    section = variable = ""
    for row in table.rows:
        label, *cells = [cell.text for cell in row.cells]
        if row.kind == "section":
            section = label
            continue
        level = label if row.kind == "level" else ""
        variable = variable if row.kind == "level" else label
        marks = dict.fromkeys(cell.mark for cell in row.cells if cell.mark)
        said = " ".join(notes[mark] for mark in marks)
        writer.writerow(map(guarded, [section] * with_sections + [variable, level, *cells, said, data]))
    return out.getvalue()
