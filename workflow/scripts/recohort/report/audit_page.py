"""The audit as the report shows it: rows of claims.csv in words, and the dumbbells of its ratios."""

from decimal import Decimal
from itertools import groupby
from math import inf, isinf, log
from pathlib import Path
from typing import Any

from recohort.audit import printed_number
from recohort.audit.claims import RATIOS
from recohort.audit.finding import decided, summed
from recohort.base import formats, result_files

# Gravest first: the order in which the page sorts. They are counted in that of audit.finding.VERDICTS.
VERDICTS = {
    "contradicted": "No table and no choice within the search gives the printed value.",
    "denominator": "Equal if a stated number of patients is missing.",
    "method": "Equal under another admissible choice of method, which is named.",
    "rounding": "Equal if digits were cut off, or within the rounding of the numbers it was computed from.",
    "not checkable": "What is printed does not decide it; the reason says which data would.",
    "reproduced": "Equal as printed.",
}
EVIDENCE = {
    "recomputed": "Computed anew from the printed counts alone.",
    "implied": "What the printed numbers say about each other, without data.",
    "patient-level": "Computed from the data of the patients.",
    "synthetic": (
        "From an extract that was made to agree: equal by construction. A check of the pipeline, never a "
        "reproduction."
    ),
    "none": "Nothing that is printed bears on the claim.",
}
MORE_DECIMALS = 2  # than are printed
STATEMENT_DECIMALS = 4  # what stands beside a sentence is a p value
MOST_TICKS = 7


def read(path: Path) -> list[dict[str, Any]]:
    """
    Read claims.csv.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of dict
        Its rows; recomputed is a float, or None where there is no value.
    """
    return result_files.CLAIMS.read(path)


def counts(rows: list[dict[str, Any]]) -> str:
    """
    How many claims have each verdict, as `audit.counts_of` says it.

    Parameters
    ----------
    rows : list of dict
        Of claims.csv.

    Returns
    -------
    str
        "71 claims: 27 reproduced, 5 rounding, ...".
    """
    return summed(decided((row["claim"], row["verdict"]) for row in rows).values())


def findings(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    The rows of the page's table.

    Parameters
    ----------
    rows : list of dict
        Of claims.csv.

    Returns
    -------
    list of dict
        The same with `shown`, the recomputed value with two decimals more than are printed, and `full`, all
        of it; both "" where there is no value.
    """
    return [{**row, "shown": _shown(row), "full": _full(row["recomputed"])} for row in rows]


def _full(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")


def _shown(row: dict[str, Any]) -> str:
    value = row["recomputed"]
    if value is not None and isinf(value):
        return formats.number(value, 0)
    if value is None or value.is_integer():
        return _full(value)
    decimals = STATEMENT_DECIMALS
    if row["kind"] != "statement":
        decimals = printed_number.parse(row["printed"]).decimals + MORE_DECIMALS
    least = Decimal(1).scaleb(-decimals)
    if 0 < value < least:
        return f"<{least:f}"
    text = formats.half_up(value, decimals)
    # a P value of less than 1 is not printed as 1
    return f">{1 - least:f}" if row["kind"] == "p_value" and Decimal(text) == 1 else text


def dumbbells(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """
    Published against recomputed odds and hazard ratios on a common log axis.

    Parameters
    ----------
    rows : list of dict
        Of claims.csv.

    Returns
    -------
    dict or None
        None if there is no ratio with a recomputed value. ticks: label and x of each; groups: evidence and
        its findings, each with x_printed and x_recomputed. All x are percent of the width of the axis.
    """
    drawn = []
    for finding in findings(rows):
        value = finding["recomputed"]
        if finding["kind"] in RATIOS and value is not None and 0 < value < inf:
            drawn.append((finding, printed_number.parse(finding["printed"]).value, value))
    if not drawn:
        return None
    values = [value for _, *pair in drawn for value in pair if value > 0]
    low, high = min(*values, 0.5) / 1.1, max(*values, 2) * 1.1

    def x(value: float) -> float:
        return round(100 * log(max(value, low) / low) / log(high / low), 3)

    placed = [{**finding, "x_printed": x(old), "x_recomputed": x(new)} for finding, old, new in drawn]
    order = list(EVIDENCE)
    placed.sort(key=lambda finding: order.index(finding["evidence"]))
    by_evidence = groupby(placed, key=lambda finding: finding["evidence"])
    return {
        "ticks": [{"label": f"{tick:g}", "x": x(tick)} for tick in _ticks(low, high)],
        "groups": [(evidence, list(group)) for evidence, group in by_evidence],
    }


def _ticks(low: float, high: float) -> list[float]:
    """Powers of two, or of a power of it where they would be many; 1 is among them."""
    step = 1 + int(log(high / low, 2) / MOST_TICKS)
    first, last = int(log(low, 2) // step), int(log(high, 2) // step)
    return [2.0 ** (step * k) for k in range(first, last + 1) if 2.0 ** (step * k) >= low]
