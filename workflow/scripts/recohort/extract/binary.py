"""Workbooks, Parquet files and files of SAS, SPSS and Stata as the text that an export to CSV would have."""

import numpy as np

from recohort.base.errors import RecohortError
from recohort.extract import readstat_process, size_limit
from recohort.extract.cell_text import as_text
from recohort.extract.delimited import Grid

SUFFIXES = (".xlsx", ".parquet", *readstat_process.READERS)


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
        One of SUFFIXES.
    study : str, optional
        Named in errors.

    Returns
    -------
    Grid
        Value labels (SPSS, Stata) in place of codes unless `values` is codes; lines are rows of the sheet,
        or observations from 1.

    Raises
    ------
    RecohortError
        If the file is damaged, cut short or holds more than `max_megabytes`; as workbook.read; if a column's
        value labels are not in the file, or two of its codes have one label.
    """
    readers = {".xlsx": _workbook, ".parquet": _parquet}
    try:
        return readers.get(suffix, _statistics)(path, entry, suffix)
    except RecohortError as error:
        raise error.within(study=study, file=path) from None
    except Exception as error:  # each library has its own kinds of error for a damaged file
        reason = " ".join(str(error).split())
        raise RecohortError(
            f"cannot be read ({reason})", study=study, file=path, remedy="Export it again."
        ) from None


def _workbook(path, entry, suffix):
    from recohort.extract import workbook

    return workbook.read(path, entry)


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
        for column in table.columns
    ]
    return _grid(table.column_names, [[as_text(value) for value in column] for column in columns])


def _statistics(path, entry, suffix):
    return _grid(*readstat_process.read(path, entry, suffix))


def _grid(names, columns):
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Grid(names, 0, rows, list(range(1, len(rows) + 1)), [])
