"""The analyst's own step, what YAML cannot say: prepare(frames) of the study's Python file."""

import runpy
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
from pandas.api.types import is_scalar

from recohort.base.errors import RecohortError
from recohort.extract.cell_text import as_text


def apply(
    path: Path, frames: dict[str, Any], lines: Collection[int], study: str | None = None
) -> pd.DataFrame:
    """
    Run prepare(frames).

    Parameters
    ----------
    path : Path
        A Python file with prepare(frames) -> DataFrame.
    frames : dict of str to DataFrame
        What it is called with: the files' text columns and `row`.
    lines : set of int
        The `row` of each row that it may give.
    study : str, optional
        Named in errors.

    Returns
    -------
    DataFrame
        What it gave, all but `row` as `cell_text.as_text`.

    Raises
    ------
    RecohortError
        If it is not there, raises anything or ends the process, or gives no DataFrame with rows, a column
        twice, other lines, a line twice (a row that no file has) or a cell that holds several values.
    """

    def fail(problem: str, row: int | None = None) -> NoReturn:
        raise RecohortError(
            problem, study=study, file=path, row=row, remedy="Correct prepare(frames) in it."
        ) from None

    try:
        prepared = runpy.run_path(str(path))["prepare"](frames)
    # the analyst's own code: whatever it raises is theirs to correct, exit() too
    except (Exception, SystemExit) as error:
        places = traceback.extract_tb(error.__traceback__)
        inside = [place.lineno for place in places if place.filename == str(path)]
        fail(f"raised {type(error).__name__}: {error}", row=inside[-1] if inside else None)
    if not isinstance(prepared, pd.DataFrame) or "row" not in prepared or not len(prepared):
        fail("did not return a DataFrame with rows and the column `row`")
    if not prepared.columns.is_unique:
        fail(f"gave the column {prepared.columns[prepared.columns.duplicated()][0]!r} twice")
    if not prepared["row"].map(lambda row: is_scalar(row) and row in lines).all():
        fail("gave rows whose `row` is not a line of the first file")
    twice = prepared["row"][prepared["row"].duplicated()]
    if len(twice):
        fail(f"gave line {int(twice.iloc[0])} of the first file twice, and the file has one row there")
    columns = {}
    for name, column in prepared.drop(columns="row").items():
        several = next((cell for cell in column if not is_scalar(cell)), None)
        if several is not None:
            fail(f"gave a cell of column {name} that is a {type(several).__name__}")
        columns[name] = [as_text(cell) for cell in column.astype(object).where(column.notna(), None)]
    return pd.DataFrame(columns, dtype=object).assign(row=prepared["row"].to_numpy(int))
