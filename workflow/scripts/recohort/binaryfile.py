"""Workbooks, Parquet files and files of SAS, SPSS and Stata as the text that an export to CSV would have."""

from importlib import import_module

import numpy as np

from recohort.errors import RecohortError, nearest
from recohort.textfile import Grid

SUFFIXES = (".xlsx", ".parquet", ".sas7bdat", ".xpt", ".dta", ".sav")


def read(path, entry, suffix, study=None):
    """
    Read a binary file.

    Parameters
    ----------
    path : Path
    entry : dict
        sheet, skip_rows, skip_after_header (workbook) and encoding (SAS, SPSS, Stata) from the protocol.
    suffix : str
        One of SUFFIXES.
    study : str, optional
        Named in errors.

    Returns
    -------
    Grid
        Value labels (SPSS, Stata) in place of codes; lines are rows of the sheet, or observations from 1.

    Raises
    ------
    RecohortError
        If the file is damaged or the workbook lacks the sheet.
    """
    readers = {".xlsx": _workbook, ".parquet": _parquet}
    try:
        return readers.get(suffix, _statistics)(path, entry, suffix)
    except RecohortError as error:
        raise RecohortError(error.problem, study=study, file=path, remedy=error.remedy) from None
    except Exception as error:  # each library has its own kinds of error for a damaged file
        raise RecohortError(
            f"cannot be read ({error})", study=study, file=path, remedy="Export it again."
        ) from None


def as_text(value):
    """A typed cell as text: 1.0 as 1, dates as ISO, true and false as 1 and 0, missing as ""."""
    if value is None or value != value:  # nan and NaT differ from themselves
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, (float, np.floating)):
        # str() of a single-precision number is its own shortest decimal: 1.3, not 1.2999999523162842
        return str(int(value)) if value.is_integer() else str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)


def _workbook(path, entry, suffix):
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    name = entry.get("sheet", book.sheetnames[0])
    if name not in book.sheetnames:
        raise RecohortError(f"has no sheet {name!r}", remedy=nearest(name, book.sheetnames))
    sheet = book[name]
    # some exports state a size that is too small, and the cells beyond it would be lost
    sheet.reset_dimensions()
    rows = [[as_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    book.close()
    numbered = [(line, row) for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    numbered = [(line, row) for line, row in numbered if line > entry.get("skip_rows", 0)]
    width = max((len(row) for _, row in numbered), default=0)
    numbered = [(line, row + [""] * (width - len(row))) for line, row in numbered]
    line, header = numbered[0] if numbered else (1, [])
    first = line + entry.get("skip_after_header", 0) + 1
    body = [(line, row) for line, row in numbered if line >= first]
    return Grid(header, line, [row for _, row in body], [line for line, _ in body], [])


def _parquet(path, entry, suffix):
    from pyarrow import parquet, types

    table = parquet.read_table(path)
    columns = [
        map(np.float32, column.to_pylist()) if types.is_float32(column.type) else column.to_pylist()
        for column in table.columns
    ]
    return _grid(table.column_names, columns)


def _statistics(path, entry, suffix):
    readers = {".sas7bdat": "read_sas7bdat", ".xpt": "read_xport", ".dta": "read_dta", ".sav": "read_sav"}
    # the labels are the levels that an analyst knows; SAS keeps them in another file
    options = {"apply_value_formats": True} if suffix in (".dta", ".sav") else {}
    read = getattr(import_module("pyreadstat"), readers[suffix])
    frame, meta = read(str(path), encoding=entry.get("encoding"), **options)
    columns = [
        map(_single, frame[name].tolist())
        if meta.readstat_variable_types[name] == "float"
        else frame[name].tolist()
        for name in frame
    ]
    return _grid(list(frame), columns)


def _single(value):
    return np.float32(value) if isinstance(value, float) else value


def _grid(names, columns):
    rows = [
        list(row) for row in zip(*[[as_text(value) for value in column] for column in columns], strict=True)
    ]
    return Grid(names, 0, rows, list(range(1, len(rows) + 1)), [])
