"""The analyst's own step, what YAML cannot say: prepare(frames) of the study's Python file."""

import runpy
import traceback

import pandas as pd

from recohort.base.errors import RecohortError
from recohort.extract.cell_text import as_text


def apply(path, frames, lines, study=None):
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
        What it gave, all but `row` as `texts.as_text`.

    Raises
    ------
    RecohortError
        If it is not there, raises anything, or gives no DataFrame with rows, a column twice or other lines.
    """

    def fail(problem, row=None):
        raise RecohortError(
            problem, study=study, file=path, row=row, remedy="Correct prepare(frames) in it."
        ) from None

    try:
        prepared = runpy.run_path(str(path))["prepare"](frames)
    except Exception as error:  # the analyst's own code: whatever it raises is theirs to mend
        places = traceback.extract_tb(error.__traceback__)
        inside = [place.lineno for place in places if place.filename == str(path)]
        fail(f"raised {type(error).__name__}: {error}", row=inside[-1] if inside else None)
    if not isinstance(prepared, pd.DataFrame) or "row" not in prepared or not len(prepared):
        fail("did not return a DataFrame with rows and the column `row`")
    if not prepared.columns.is_unique:
        fail(f"gave the column {prepared.columns[prepared.columns.duplicated()][0]!r} twice")
    if not set(prepared["row"]) <= lines:
        fail("gave rows whose `row` is not a line of the first file")
    cells = prepared.drop(columns="row").astype(object)
    columns = {
        name: [as_text(cell) for cell in column] for name, column in cells.where(cells.notna(), None).items()
    }
    return pd.DataFrame(columns, dtype=object).assign(row=prepared["row"].to_numpy(int))
