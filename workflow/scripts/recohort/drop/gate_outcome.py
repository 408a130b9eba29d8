"""How a run ends: with an error if a gate of any study did not pass."""

from typing import Any

from recohort.base.errors import RecohortError

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not checked"


class GateFailed(RecohortError):
    """
    A new drop that a human must look at.

    Parameters
    ----------
    lines : list of str
        What fails a gate, a line each.
    report : str
        Where the results are, which are written all the same.
    """

    def __init__(self, lines: list[str], report: str) -> None:
        self.lines = [" ".join(line.splitlines()) for line in lines]
        super().__init__(f"a data drop does not pass; the results are written, see {report}")

    def __str__(self) -> str:
        return "\n       GATE  ".join([super().__str__(), *self.lines])


def check(gates: dict[str, list[dict[str, Any]]], dates: dict[str, list[str]], report: str) -> None:
    """
    Raise GateFailed if a gate did not pass.

    Parameters
    ----------
    gates : dict of str to list of dict
        Rows of gates.csv by study.
    dates : dict of str to list of str
        Of the drops compared, by study, the newest first.
    report : str
        Named in the error.
    """
    lines = [
        f"study {study}, drop {' against '.join(dates[study])}: {row['line']}"
        for study, rows in gates.items()
        for row in rows
        if row["outcome"] != PASSED
    ]
    if lines:
        raise GateFailed(lines, report)


def passed(gates: dict[str, list[dict[str, Any]]]) -> str:
    """A line for each study whose gates passed."""
    return "".join(f"{study}: {len(rows)} gates passed\n" for study, rows in gates.items())
