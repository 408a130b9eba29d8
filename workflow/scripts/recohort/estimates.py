"""The one table of estimates: its columns, its checks, reading and writing."""

import pandas as pd

from recohort.errors import RecohortError
from recohort.files import write_csv

TEXT = [
    "study", "analysis", "kind", "outcome", "population", "model", "term", "level", "reference",
    "measure", "ci_method", "p_method", "status", "note",
]  # fmt: skip
COUNTS = ["n", "events", "n_level", "events_level", "n_missing"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "p_value"]
COLUMNS = [
    "study", "analysis", "kind", "outcome", "population", "model", "term", "level", "reference",
    "n", "events", "n_level", "events_level", "n_missing",
    "measure", "estimate", "std_error", "ci_low", "ci_high", "ci_method", "p_value", "p_method", "status", "note",
]  # fmt: skip
# What tells two rows apart: rows are joined by this, never by position or label.
IDENTITY = [
    "study", "analysis", "outcome", "population", "model", "term", "level", "reference", "measure", "ci_method",
]  # fmt: skip
STATUSES = ("ok", "penalised", "exact", "not-estimable")


def table(rows):
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
        estimate, or a row that is not estimable has an estimate.
    """
    unknown = {key for row in rows for key in row} - set(COLUMNS)
    if unknown:
        raise ValueError(f"unknown columns {sorted(unknown)}")
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["status"] = frame["status"].fillna("ok")
    frame[TEXT] = frame[TEXT].fillna("").astype(str)
    frame[COUNTS] = frame[COUNTS].astype("Float64").astype("Int64")
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    check(frame)
    return frame


def check(frame):
    """Raise ValueError where `table` would."""
    twice = frame.duplicated(IDENTITY)
    if twice.any():
        raise ValueError(f"two rows for one estimate: {frame.loc[twice, IDENTITY].iloc[0].to_dict()}")
    if not frame["status"].isin(STATUSES).all():
        raise ValueError(f"unknown status among {sorted(set(frame['status']) - set(STATUSES))}")
    # an exact interval may touch its estimate, so a hair of rounding is allowed
    slack = 1e-9 * frame["estimate"].abs()
    outside = (frame["ci_low"] > frame["estimate"] + slack) | (frame["ci_high"] < frame["estimate"] - slack)
    if outside.any():
        raise ValueError(f"interval without its estimate: {frame.loc[outside, IDENTITY].iloc[0].to_dict()}")
    impossible = (frame["status"] == "not-estimable") & frame["estimate"].notna()
    if impossible.any():
        raise ValueError(f"an estimate that is not estimable: {frame.loc[impossible, IDENTITY].iloc[0].to_dict()}")


def write(path, frame):
    """Write the table as CSV, unrounded."""
    write_csv(path, frame)


def read(path):
    """
    Read a table that `write` wrote: every float comes back as it was.

    Raises
    ------
    RecohortError
        If a column is missing: the file was not written by this version.
    """
    frame = pd.read_csv(path, dtype=dict.fromkeys(TEXT, str), keep_default_na=False, na_values={
        column: [""] for column in COUNTS + NUMBERS
    }, float_precision="round_trip")  # fmt: skip
    missing = [column for column in COLUMNS if column not in frame]
    if missing:
        raise RecohortError(f"lacks the columns {missing}", file=path, remedy="Delete the file and run again.")
    frame[COUNTS] = frame[COUNTS].astype("Float64").astype("Int64")
    frame[NUMBERS] = frame[NUMBERS].astype(float)
    return frame[COLUMNS]
