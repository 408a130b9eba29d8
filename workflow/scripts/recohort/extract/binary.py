"""Workbooks, Parquet files and files of SAS, SPSS and Stata as the text that an export to CSV would have."""

import re
from decimal import Decimal
from itertools import islice

import numpy as np

from recohort.base.errors import RecohortError, nearest
from recohort.extract import mistaken, readstat_process, size_limit
from recohort.extract.cell_text import as_text
from recohort.extract.delimited import Grid

# a percent sign in quotes or after a backslash is only shown
QUOTED = re.compile(r'"[^"]*"|\\.')


def read(path, entry, suffix, study=None):
    """
    Read a binary file.

    Parameters
    ----------
    path : Path
    entry : dict
        sheet, skip_rows, skip_after_header (workbook), encoding (SAS, SPSS, Stata), values (SPSS, Stata) and
        max_megabytes from the protocol.
    suffix : str
        One of READERS.
    study : str, optional
        Named in errors.

    Returns
    -------
    Grid
        A cell of a sheet that is formatted as a percentage ends in %. Value labels (SPSS, Stata) in place
        of codes unless `values` is codes; lines are rows of the sheet, or observations from 1.

    Raises
    ------
    RecohortError
        If the file is damaged, cut short or holds more than `max_megabytes`, if the workbook lacks the sheet,
        as of sheet_facts.read and .check, if a column's value labels are not in the file, or if two of its
        values have one label.
    """
    try:
        mistaken.check(path)
        return READERS[suffix](path, entry, suffix)
    except RecohortError as error:
        raise error.within(study=study, file=path) from None
    except Exception as error:  # each library has its own kinds of error for a damaged file
        reason = " ".join(str(error).split())
        raise RecohortError(
            f"cannot be read ({reason})", study=study, file=path, remedy="Export it again."
        ) from None


def _workbook(path, entry, suffix):
    from zipfile import ZipFile

    from openpyxl import load_workbook

    from recohort.extract import sheet_facts

    with ZipFile(path) as parts:
        # what is stated here is all that ZipFile reads of a part
        size_limit.check(sum(part.file_size for part in parts.infolist()), entry)
        is_uncomputed = sheet_facts.is_to_be_computed(parts)
    book = load_workbook(path, read_only=True, data_only=True)
    name = entry["sheet"] if "sheet" in entry else book.sheetnames[0]
    if name not in book.sheetnames:
        raise RecohortError(f"has no sheet {name!r}", remedy=nearest(name, book.sheetnames))
    sheet = book[name]
    # openpyxl tells none of them in its mode for large files, and loses a row that is there twice
    with sheet._get_source() as source:
        facts = sheet_facts.read(source, is_uncomputed)
    # some exports state a size that is too small, and the cells beyond it would be lost
    sheet.reset_dimensions()
    rows, n_cells = [], 0
    for row in sheet.iter_rows():
        rows.append([_cell(cell) for cell in row])
        n_cells += len(row)  # one cell in the last column fills up its row
        size_limit.check(n_cells * size_limit.CELL_BYTES, entry)
    book.close()
    numbered = [(line, row) for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    numbered = [(line, row) for line, row in numbered if line > entry["skip_rows"]]
    width = max((len(row) for _, row in numbered), default=0)
    numbered = [(line, row + [""] * (width - len(row))) for line, row in numbered]
    line, header = numbered[0] if numbered else (1, [])
    first = line + entry["skip_after_header"] + 1
    body = [(line, row) for line, row in numbered if line >= first]
    sheet_facts.check(facts, rows, header, line, entry)
    return Grid(header, line, [row for _, row in body], [line for line, _ in body], [])


def first_rows(path, entry, n):
    """
    The first rows of each sheet of a workbook, none of a hidden one.

    Parameters
    ----------
    path : Path
    entry : dict
        How the file is read, with every default.
    n : int

    Returns
    -------
    dict of str to list of lists of str

    Raises
    ------
    RecohortError
        If it holds more than a file may unless its entry says so.
    """
    from zipfile import ZipFile

    from openpyxl import load_workbook

    with ZipFile(path) as parts:
        size_limit.check(sum(part.file_size for part in parts.infolist()), entry)
    book = load_workbook(path, read_only=True, data_only=True)
    found = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        rows = islice(sheet.iter_rows(), n if sheet.sheet_state == "visible" else 0)
        found[sheet.title] = [[_cell(cell) for cell in row] for row in rows]
    book.close()
    return found


def _cell(cell):
    """A cell of a sheet as text; a number that is shown as a percentage is one: 0.35 is 35%."""
    value = cell.value
    if isinstance(value, (int, float)) and "%" in QUOTED.sub("", cell.number_format or ""):
        # by its decimal digits: 0.07 * 100 is not 7
        return f"{as_text(float(Decimal(repr(float(value))) * 100))}%"
    return as_text(value)


def _parquet(path, entry, suffix):
    from pyarrow import parquet, types

    file = parquet.ParquetFile(path)
    # a run of equal cells takes no place in the file, so cells count beside bytes
    size_limit.check(file.metadata.num_rows * file.metadata.num_columns * size_limit.CELL_BYTES, entry)
    groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
    size_limit.check(sum(group.total_byte_size for group in groups), entry)
    table = file.read()
    columns = [
        map(np.float32, column.to_pylist()) if types.is_float32(column.type) else column.to_pylist()
        for column in map(_decoded, table.columns)
    ]
    return _grid(table.column_names, [[as_text(value) for value in column] for column in columns])


def _decoded(column):
    """Texts that some programs store as bytes, which must be UTF-8."""
    import pyarrow as pa

    of_values = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_bytes = pa.types.is_binary(of_values) or pa.types.is_large_binary(of_values)
    return column.cast(of_values).cast(pa.large_string()) if is_bytes else column


def _statistics(path, entry, suffix):
    return _grid(*readstat_process.read(path, entry, suffix))


READERS = {
    ".xlsx": _workbook,
    ".parquet": _parquet,
    **dict.fromkeys(readstat_process.READERS, _statistics),
}


def _grid(names, columns):
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Grid(names, 0, rows, list(range(1, len(rows) + 1)), [])
