"""CDISC ADaM: the rows of one parameter of a time-to-event dataset (ADTTE), as days and an event."""

import re
from pathlib import Path
from typing import Any

from recohort.base.errors import RecohortError, nearest

COLUMNS = ("USUBJID", "PARAMCD", "AVAL", "CNSR")
DAYS = {"HOUR": 1 / 24, "DAY": 1, "WEEK": 7, "MONTH": 30.4375, "YEAR": 365.25}
UNIT_OF_NAME = rf"\(\s*({'|'.join(DAYS)})S?\s*\)\s*$"
EVENT = {"": "", "0": "1"}  # any other whole number is a reason for censoring


def endpoint(frame: Any, parameter: str, path: Path | None = None, study: str | None = None) -> Any:
    """
    The rows of one parameter, with its time and its event under its own name.

    Parameters
    ----------
    frame : DataFrame
        Text columns of ADTTE and `row`.
    parameter : str
        As in PARAMCD.
    path : Path, optional
    study : str, optional
        Both named in errors.

    Returns
    -------
    DataFrame
        The rows of the parameter with all columns, and two more. `<parameter>.days` is AVAL in days; its unit
        is in AVALU, else in brackets at the end of PARAM, else it is days. `<parameter>.event` is 1 where
        CNSR is 0, 0 where it is another whole number, "" where it is empty.

    Raises
    ------
    RecohortError
        If a column or the parameter is not there, or a unit, AVAL or CNSR cannot be read.

    References
    ----------
    CDISC, ADaM Basic Data Structure for Time-to-Event Analyses, version 1.0.
    """
    for column in COLUMNS:
        if column not in frame:
            remedy = "It must be an ADTTE dataset; remove `parameter:` if it is not."
            raise RecohortError("is missing", study=study, file=path, column=column, remedy=remedy)
    codes = frame["PARAMCD"].str.strip()
    chosen = frame[codes == parameter].reset_index(drop=True)
    if chosen.empty:
        problem = f"has no parameter {parameter!r}"
        remedy = nearest(parameter, sorted(set(codes)))
        raise RecohortError(problem, study=study, file=path, column="PARAMCD", remedy=remedy)
    days, events = [], []
    for record in chosen.to_dict("records"):
        try:
            days.append(_days(record))
            events.append(_event(record["CNSR"].strip()))
        except _Unreadable as unreadable:
            column, value = unreadable.args
            remedy = f"Known: {', '.join(DAYS)}." if column == "AVALU" else "Correct the file."
            raise RecohortError(
                "cannot be read",
                study=study,
                file=path,
                row=record["row"],
                column=column,
                value=value,
                remedy=remedy,
            ) from None
    return chosen.assign(**{f"{parameter}.days": days, f"{parameter}.event": events})


class _Unreadable(Exception):
    """A cell: its column and its text."""


def _days(record: dict[str, str]) -> str:
    time = record["AVAL"].strip()
    unit = record.get("AVALU", "").strip()
    in_brackets = re.search(UNIT_OF_NAME, record.get("PARAM", ""), re.IGNORECASE)
    if not unit:
        unit = in_brackets[1] if in_brackets else "DAYS"
    factor = DAYS.get(unit.upper().removesuffix("S"))
    if factor is None:
        raise _Unreadable("AVALU", unit)
    try:
        return time if factor == 1 or not time else str(float(time) * factor)
    except ValueError:
        raise _Unreadable("AVAL", time) from None


def _event(censoring: str) -> str:
    if not re.fullmatch("[0-9]*", censoring):
        raise _Unreadable("CNSR", censoring)
    return EVENT.get(censoring, "0")
