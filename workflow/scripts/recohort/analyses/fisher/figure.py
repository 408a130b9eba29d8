"""Odds ratios of Fisher tests."""

from collections.abc import Iterable
from math import isnan, nan
from typing import Any

from recohort.base import formats
from recohort.layout import forest, words
from recohort.layout.forest import Mark, Notes, Row, value_text


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    curves: Iterable[dict[str, Any]] = (),
) -> list[Any]:
    """
    Odds ratio of each outcome between two groups, with its counts.

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
    by = protocol.codebook[analysis.options["by"]]
    # an odds ratio common to strata is in the table
    rows = [row for row in rows if not row["model"]]
    reference, level = rows[0]["reference"], rows[0]["level"]
    notes = Notes()
    lines = [_odds_ratio(protocol, row, i, notes) for i, row in enumerate(rows)]
    marks = [mark for line in lines for mark in line.marks if mark]
    interval = next((row["ci_method"] for row in rows if row["ci_method"]), "")
    test = next((row["p_method"] for row in rows if row["p_method"]), "")
    return forest.plot(
        lines,
        ("", "", words.level(by, level), words.level(by, reference)),
        [("", (f"OR ({words.interval(confidence)})", "p"))],
        forest.ratio_axis(marks, f"Odds ratio, {level} against {reference} (log scale)"),
        words.title(protocol, analysis, population),
        f"{by.label}; {_most(rows, protocol)} {protocol.unit}",
        protocol,
        [
            "Counts: with the outcome/of the group.",
            f"Area of a square: proportional to the number of {protocol.unit} with the outcome.",
            f"Line: {words.interval(confidence)}, {interval}; arrowhead: it goes on beyond the axis.",
            f"p: {test}.",
            *_left_out(protocol, rows, by),
        ],
        notes,
    )


def _left_out(protocol: Any, rows: list[dict[str, Any]], by: Any) -> list[str]:
    """A sentence for each number of those left out, with the outcomes that it is of."""
    said: dict[str, list[str]] = {}
    for r in rows:
        text = words.left_out(r, protocol, "the outcome", by.label)
        said.setdefault(text, []).append(words.outcome(protocol.codebook, r["outcome"]))
    return [f"{', '.join(outcomes)}: {text}." for text, outcomes in said.items()]


def _most(rows: list[dict[str, Any]], protocol: Any) -> str:
    return words.count(max((row["n"] for row in rows if not isnan(row["n"])), default=nan), protocol)


def _odds_ratio(protocol: Any, row: dict[str, Any], stripe: int, notes: Notes) -> Row:
    others = row["events"] - row["events_level"], row["n"] - row["n_level"]
    counts = [
        f"{words.count(with_outcome, protocol)}/{words.count(n, protocol)}"
        for with_outcome, n in ((row["events_level"], row["n_level"]), others)
    ]
    cells = (words.outcome(protocol.codebook, row["outcome"]), "", *counts)
    value = ((value_text(row, notes), formats.p_value(row["p_value"])),)
    if isnan(row["estimate"]):
        return Row(cells, (None,), value, stripe)
    return Row(cells, (Mark(row["estimate"], row["ci_low"], row["ci_high"], row["events"]),), value, stripe)
