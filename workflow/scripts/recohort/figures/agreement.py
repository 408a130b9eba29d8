"""Figures of the agreement stage: proportions by group, and odds ratios of Fisher's exact tests."""

from recohort import formats
from recohort.figures import forest
from recohort.figures.forest import Axis, Mark, Row
from recohort.tables import words


def rates(protocol, analysis, population, rows, confidence):
    """
    Proportion with an outcome in each group, with Wilson's interval.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind rates.
    population : str
    rows : list of dict
        Its estimates in that population; a number that is missing is NaN.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    Figure
    """
    shown = [row for row in rows if row["measure"] == "proportion" and row["ci_method"].lower().startswith("wilson")]
    by = protocol.codebook[analysis.options["by"]]
    outcome = words.outcome(protocol.codebook, rows[0]["outcome"])
    lines = [_rate(by, row, i) for i, row in enumerate(shown)]
    axis = Axis(0, 100, tuple(range(0, 101, 20)), f"{outcome} (%)")
    n = sum(row["n_level"] for row in shown)
    return forest.plot(
        lines,
        (by.label, "", "n/N"),
        [("", (f"% ({words.interval(confidence)})",))],
        axis,
        words.title(protocol, analysis, population),
        f"{outcome} by {by.label}; {formats.count(n)} {protocol.unit}",
        protocol,
        [
            f"n: {outcome}. N: {protocol.unit} with a known result.",
            f"Area of a square: proportional to N. Line: {words.interval(confidence)} (Wilson).",
        ],
    )


def _rate(by, row, stripe):
    percent = [100 * row[key] for key in ("estimate", "ci_low", "ci_high")]
    counts = f"{formats.count(row['events_level'])}/{formats.count(row['n_level'])}"
    cells = (words.level(by, row["level"]), "", counts)
    if row["status"] == "not-estimable":
        return Row(cells, (None,), ((f"{formats.NOT_ESTIMABLE}: {row['note']}",),), stripe)
    return Row(cells, (Mark(*percent, row["n_level"]),), ((formats.estimate_interval(*percent, 1),),), stripe)


def fisher(protocol, analysis, population, rows, confidence):
    """
    Odds ratio of each outcome between two groups, with the counts that it rests on; arguments as for `rates`.

    Returns
    -------
    Figure
    """
    by = protocol.codebook[analysis.options["by"]]
    reference, level = rows[0]["reference"], rows[0]["level"]
    notes = Notes()
    lines = [_odds_ratio(protocol.codebook, row, i, notes) for i, row in enumerate(rows)]
    marks = [mark for line in lines for mark in line.marks if mark]
    interval = next((row["ci_method"] for row in rows if row["ci_method"]), "")
    test = next((row["p_method"] for row in rows if row["p_method"]), "")
    return forest.plot(
        lines,
        ("", "", words.level(by, level), words.level(by, reference)),
        [("", (f"OR ({words.interval(confidence)})", "p"))],
        forest.ratio_axis(marks, f"Odds ratio, {level} against {reference} (log scale)"),
        words.title(protocol, analysis, population),
        f"{by.label}; {formats.count(max(row['n'] for row in rows))} {protocol.unit}",
        protocol,
        [
            "Counts: with the outcome/of the group.",
            f"Area of a square: proportional to the number of {protocol.unit} with the outcome.",
            f"Line: {words.interval(confidence)} ({interval}); arrowhead: the interval goes on beyond the axis.",
            f"p: {test}.",
            *notes.sentences(),
        ],
    )


def _odds_ratio(codebook, row, stripe, notes):
    others = row["events"] - row["events_level"], row["n"] - row["n_level"]
    counts = [
        f"{formats.count(with_outcome)}/{formats.count(n)}"
        for with_outcome, n in ((row["events_level"], row["n_level"]), others)
    ]
    cells = (words.outcome(codebook, row["outcome"]), "", *counts)
    value = ((value_text(row, notes), formats.p_value(row["p_value"])),)
    if row["status"] == "not-estimable":
        return Row(cells, (None,), value, stripe)
    return Row(cells, (Mark(row["estimate"], row["ci_low"], row["ci_high"], row["events"]),), value, stripe)
