"""Proportions by group."""

from collections.abc import Iterable
from math import isnan
from typing import Any

from recohort.base import formats
from recohort.layout import forest, words
from recohort.layout.forest import Axis, Mark, Notes, Row, value_text


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    curves: Iterable[dict[str, Any]] = (),
) -> list[Any]:
    """
    Proportion with an outcome in each group, with Wilson's interval.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
    population : str
    rows : list of dict
        Its estimates in that population; a number that is missing is NaN.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    list of Figure
        Its pages.
    """
    shown = [row for row in rows if (row["measure"], row["ci_method"]) == ("proportion", "Wilson")]
    by = protocol.codebook[analysis.options["by"]]
    outcome = words.outcome(protocol.codebook, rows[0]["outcome"])
    notes = Notes()
    lines = [_rate(protocol, by, row, i, notes) for i, row in enumerate(shown)]
    lacking = words.left_out(rows[0], protocol, words.label(protocol, rows[0]["outcome"]), by.label)
    axis = Axis(0, 100, tuple(range(0, 101, 20)), f"{outcome} (%)")
    return forest.plot(
        lines,
        (by.label, "", "n/N"),
        [("", (f"% ({words.interval(confidence)})",))],
        axis,
        words.title(protocol, analysis, population),
        f"{outcome} by {by.label}; {words.count(rows[0]['n'], protocol)} {protocol.unit}",
        protocol,
        [
            f"n: {outcome}. N: {protocol.unit} with a known result; {lacking}.",
            f"Area of a square: proportional to N. Line: {words.interval(confidence)} (Wilson).",
        ],
        notes,
    )


def _rate(protocol: Any, by: Any, row: dict[str, Any], stripe: int, notes: Notes) -> Row:
    estimate, low, high = (100 * row[key] for key in ("estimate", "ci_low", "ci_high"))
    counts = "/".join(words.count(row[key], protocol) for key in ("events_level", "n_level"))
    cells = (words.level(by, row["level"]), "", counts)
    if isnan(row["estimate"]):
        return Row(cells, (None,), ((value_text(row, notes),),), stripe)
    text = formats.percent_interval(estimate, low, high)
    return Row(cells, (Mark(estimate, low, high, row["n_level"]),), ((text,),), stripe)
