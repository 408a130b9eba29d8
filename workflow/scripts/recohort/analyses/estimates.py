"""The one table of estimates: its columns, its checks, reading and writing; and what is beside it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from recohort.base import result_files
from recohort.base.errors import RecohortError
from recohort.base.files import write_csv

COLUMNS = [
    *("study", "analysis", "kind", "outcome", "population", "model", "term", "level", "reference"),
    *("n", "events", "n_level", "events_level", "n_missing"),
    # of the population, those left out: without the outcome or endpoint; with it, but without a term or group
    *("n_no_outcome", "n_no_covariate"),
    *("measure", "estimate", "std_error", "ci_low", "ci_high", "ci_method", "p_value", "p_method"),
    *("statistic", "df", "df_denominator", "at", "at_unit", "fmi", "status", "note"),
]
COUNTS = [name for name, type_ in (result_files.ESTIMATES.numbers or {}).items() if type_ is int]
NUMBERS = [name for name, type_ in (result_files.ESTIMATES.numbers or {}).items() if type_ is float]
TEXT = [column for column in COLUMNS if column not in COUNTS + NUMBERS]
# What tells two rows apart: rows are joined by this, never by position or label.
IDENTITY = [
    *("study", "analysis", "outcome", "population", "model", "term", "level", "reference"),
    *("measure", "ci_method", "at"),
]
# Measures on the log scale; of a factor, their rows have a level and its reference.
RATIOS = {"OR": "odds ratio", "HR": "hazard ratio"}
# Cells of the cross-tables behind estimates; a missing value is the level "".
CELLS = ["analysis", "population", "row_term", "row_level", "column_term", "column_level", "n"]
# Steps of survival curves, times in the endpoint's unit.
CURVES = [
    *("analysis", "outcome", "population", "term", "level"),
    *("time", "at_risk", "events", "censored", "survival", "std_error", "ci_low", "ci_high"),
]
STATUSES = ("ok", "penalised", "exact", "imputed", "not-estimable", "disputed", "failed")
WITHOUT_ESTIMATE = ("not-estimable", "failed")


class Estimated(NamedTuple):
    """
    What is computed of a cohort: lists of dict.

    rows : of the estimates table. counts : CELLS. curves : CURVES; None where a number is missing.
    """

    rows: list[dict[str, Any]]
    counts: list[dict[str, Any]] = []
    curves: list[dict[str, Any]] = []


def joined(parts: Iterable[Estimated]) -> Estimated:
    """Several Estimated as one."""
    parts = list(parts)
    return Estimated(*([row for part in parts for row in part[i]] for i in range(len(Estimated._fields))))


def is_reference(row: dict[str, Any]) -> bool:
    """Whether a row is that of the reference level, whose ratio is 1 by definition."""
    return row["measure"] in RATIOS and row["level"] != "" and row["level"] == row["reference"]


def table(rows: list[dict[str, Any]]) -> Any:
    """
    The estimates table from a list of rows.

    Parameters
    ----------
    rows : list of dict
        Keys from COLUMNS; a text left out is "", a number left out is missing, status left out is "ok".

    Returns
    -------
    DataFrame
        One row per estimate with COLUMNS in order.

    Raises
    ------
    ValueError
        If a key is unknown, two rows have one identity, a status is unknown, an interval does not hold its
        estimate, a row that is not estimable or failed has an estimate, or a survival has no
        time or no unit of it.
    """
    import pandas as pd

    unknown = {key for row in rows for key in row} - set(COLUMNS)
    if unknown:
        raise ValueError(f"unknown columns {sorted(unknown)}")
    frame = pd.DataFrame([{"status": "ok", **row} for row in rows], columns=COLUMNS)
    frame[TEXT] = frame[TEXT].astype(object).fillna("").astype(str)
    frame = _numbers(frame)
    check(frame)
    return frame


def check(frame: Any) -> None:
    """Raise ValueError where `table` would."""
    at_no_time = frame["at"].isna() | (frame["at_unit"] == "")
    has_none = frame["status"].isin(WITHOUT_ESTIMATE)
    impossible = {
        "two rows for one estimate": frame.duplicated(IDENTITY),
        f"a status that is none of {', '.join(STATUSES)}": ~frame["status"].isin(STATUSES),
        "an interval without its estimate": _is_outside(frame),
        "an estimate that is not estimable": has_none & frame["estimate"].notna(),
        "survival at no time": (frame["measure"] == "survival") & at_no_time,
    }
    for what, where in impossible.items():
        if where.any():
            raise ValueError(f"{what}: {frame.loc[where, [*IDENTITY, 'status']].iloc[0].to_dict()}")


def write(path: str | Path, frame: Any) -> None:
    """Write the table as CSV, unrounded."""
    write_csv(path, frame)


def read(path: str | Path) -> list[dict[str, Any]]:
    """
    Read a table that `write` wrote: every float comes back as it was.

    Returns
    -------
    list of dict
        A row each, with COLUMNS; None for a number that is missing.

    Raises
    ------
    RecohortError
        If a column is missing: the file was not written by this version.
    """
    rows = result_files.ESTIMATES.read(path)
    missing = [column for column in COLUMNS if rows and column not in rows[0]]
    if missing:
        raise RecohortError(
            "is not in this table of estimates",
            file=path,
            column=", ".join(missing),
            remedy="Delete the file and run again.",
        )
    return rows


def records(frame: Any) -> list[dict[str, Any]]:
    """The rows of a table that is not written yet, as `read` gives them."""
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def _numbers(frame: Any) -> Any:
    kinds = {**dict.fromkeys(COUNTS, "Float64"), **dict.fromkeys(NUMBERS, float)}
    return frame.astype(kinds).astype(dict.fromkeys(COUNTS, "Int64"))


def _is_outside(frame: Any) -> Any:
    # an exact interval may touch its estimate, so a hair of rounding is allowed
    slack = 1e-9 * frame["estimate"].abs()
    too_high = frame["ci_low"] > frame["estimate"] + slack
    return too_high | (frame["ci_high"] < frame["estimate"] - slack)
