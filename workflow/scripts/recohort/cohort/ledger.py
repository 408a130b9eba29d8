"""The ledger: one row per changed cell of an extract, how many there are of a kind, and its lines as CSV."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from recohort.base.files import guarded
from recohort.cohort.codebook import Change

KIND = ["variable", "column", "rule"]
ROWS_AT_ONCE = 10**6
LARGE = partial(pa.scalar, type=pa.large_string())


def table(changes: Any, lines: np.ndarray) -> pd.DataFrame:
    """
    The ledger of an extract.

    Parameters
    ----------
    changes : codebook.Marks of Change
    lines : ndarray of int, shape (n,)
        The line of each row of the extract.

    Returns
    -------
    DataFrame
        `row` and the fields of Change, sorted by row; texts are categories, as there may be millions of rows.
    """
    rows = lines[changes.positions]
    order = np.argsort(rows, kind="stable")
    which = changes.which[order]
    found = {"row": rows[order]}
    for field in Change._fields:
        of_said = np.array([getattr(change, field) for change in changes.said], dtype=object)
        codes, texts = pd.factorize(of_said)
        found[field] = pd.Categorical.from_codes(codes[which], texts)
    return pd.DataFrame(found, copy=False)


def counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Cells changed per variable, column and rule, in the order of the ledger."""
    kinds = np.zeros(len(ledger), dtype=int)
    for name in KIND:
        texts = ledger[name].cat
        kinds = kinds * max(len(texts.categories), 1) + texts.codes
    of_row, distinct = pd.factorize(kinds)
    _, first = np.unique(of_row, return_index=True)
    found = ledger[KIND].iloc[first].astype(object).reset_index(drop=True)
    return found.assign(n=np.bincount(of_row, minlength=len(distinct)))


def as_csv(ledger: pd.DataFrame) -> Iterator[Any]:
    """
    The ledger as `files.csv_text` has it, each distinct text made into a cell once.

    Parameters
    ----------
    ledger : DataFrame
        From `table`.

    Yields
    ------
    bytes
        The header, then some rows at a time.
    """
    texts = {name: list(ledger[name].cat.categories) for name in ledger.columns.drop("row")}
    has_return = any("\r" in text for column in texts.values() for text in column)
    quoting = csv.QUOTE_NONNUMERIC if has_return else csv.QUOTE_MINIMAL
    cells = {
        name: pa.array([_cell(guarded(text), quoting) for text in column], pa.large_string())
        for name, column in texts.items()
    }
    yield (",".join(_cell(name, quoting) for name in ledger) + "\n").encode()
    for start in range(0, len(ledger), ROWS_AT_ONCE):
        rows = ledger.iloc[start : start + ROWS_AT_ONCE]
        columns = [pa.array(rows["row"].to_numpy()).cast(pa.large_string())]
        columns += [column.take(pa.array(rows[name].cat.codes.to_numpy())) for name, column in cells.items()]
        lines = compute.binary_join_element_wise(*columns, LARGE(","))
        # the texts of an array stand one behind the other in its buffer
        yield compute.binary_join_element_wise(lines, LARGE(""), LARGE("\n")).buffers()[2]


def _cell(text: str, quoting: Any) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator="\n").writerow([0, text])
    return out.getvalue().removeprefix("0,").removesuffix("\n")
