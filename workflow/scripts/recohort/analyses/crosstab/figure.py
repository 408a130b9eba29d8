"""Figures of the contingency stage: proportions by group, odds ratios of Fisher's tests, strategies."""

from math import isnan, nan

from recohort import disclosure
from recohort.base import formats
from recohort.layout import forest, words
from recohort.layout import sheet as style
from recohort.layout.forest import Axis, Mark, Notes, Row, value_text

# a bar chart of strategies: names, then per measure the longest bar with its value behind it
NAME_MM, GAP_MM, LONGEST_MM, VALUE_MM = 46, 3, 20, 12
BARS_TOP_MM, BAR_MM = 6, 5
# measures per 1,000, and which of them share a scale
BARS = (("FISH tests", 0), ("NGS tests", 0), ("positives missed", 1), ("false positives", 1))


def proportions(protocol, analysis, population, rows, confidence):
    """
    Proportion with an outcome in each group, with Wilson's interval.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind proportions.
    population : str
    rows : list of dict
        Its estimates in that population; a number that is missing is NaN.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    Figure
    """
    shown = [row for row in rows if (row["measure"], row["ci_method"]) == ("proportion", "Wilson")]
    by = protocol.codebook[analysis.options["by"]]
    outcome = words.outcome(protocol.codebook, rows[0]["outcome"])
    notes = Notes()
    lines = [_rate(protocol, by, row, i, notes) for i, row in enumerate(shown)]
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
            f"n: {outcome}. N: {protocol.unit} with a known result.",
            f"Area of a square: proportional to N. Line: {words.interval(confidence)} (Wilson).",
            *notes.sentences(),
        ],
    )


def _rate(protocol, by, row, stripe, notes):
    percent = [100 * row[key] for key in ("estimate", "ci_low", "ci_high")]
    counts = "/".join(words.count(row[key], protocol) for key in ("events_level", "n_level"))
    cells = (words.level(by, row["level"]), "", counts)
    if isnan(row["estimate"]):
        return Row(cells, (None,), ((value_text(row, notes),),), stripe)
    return Row(cells, (Mark(*percent, row["n_level"]),), ((formats.estimate_interval(*percent, 1),),), stripe)


def fisher(protocol, analysis, population, rows, confidence):
    """
    Odds ratio of each outcome between two groups, with its counts; arguments as for `proportions`.

    Returns
    -------
    Figure
    """
    by = protocol.codebook[analysis.options["by"]]
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
            *notes.sentences(),
        ],
    )


def _most(rows, protocol):
    return words.count(max((row["n"] for row in rows if not isnan(row["n"])), default=nan), protocol)


def _odds_ratio(protocol, row, stripe, notes):
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


def strategies(protocol, analysis, population, rows, confidence):
    """
    What each testing strategy needs and gets wrong, per 1,000; arguments as for `proportions`.

    Returns
    -------
    Figure
    """
    found = {(row["level"], row["measure"].removesuffix(" per 1,000")): row["estimate"]
             for row in rows if row["measure"].endswith(" per 1,000")}  # fmt: skip
    names = list(dict.fromkeys(row["level"] for row in rows))
    pitch = 2 * style.LINE_MM + 2
    sheet = style.sheet(
        BARS_TOP_MM + pitch * len(names),
        words.title(protocol, analysis, population),
        f"Per 1,000 {protocol.unit}, from {words.count(rows[0]['n'], protocol)} with IHC and FISH",
        protocol,
        [
            f"Positive: {words.outcome(protocol.codebook, rows[0]['outcome'])}.",
            "The bars of tests have one scale, those of errors another.",
        ],
    )
    bottom = BARS_TOP_MM + pitch * len(names)
    middles = [BARS_TOP_MM + pitch * (i + 0.5) for i in range(len(names))]
    for name, y in zip(names, middles, strict=True):
        lines = style.wrap(name, NAME_MM)
        for i, line in enumerate(lines):
            sheet.text(style.MARGIN_MM, y + (i - (len(lines) - 1) / 2) * style.LINE_MM, line)
    for j, (measure, scale) in enumerate(BARS):
        left = style.MARGIN_MM + NAME_MM + GAP_MM + j * (LONGEST_MM + VALUE_MM)
        of_scale = [found[name, other] for name in names for other, of in BARS if of == scale]
        longest = max((value for value in of_scale if not isnan(value)), default=0) or 1
        sheet.text(left, BARS_TOP_MM / 2, measure[0].upper() + measure[1:], bold=True)
        for name, y in zip(names, middles, strict=True):
            value = found[name, measure]
            if isnan(value):
                sheet.text(left + 1, y, disclosure.SUPPRESSED)
                continue
            length = LONGEST_MM * value / longest
            sheet.rectangle(left, y - BAR_MM / 2, length, BAR_MM, color=style.COLOURS[scale], linewidth=0)
            text = formats.count(value) if value.is_integer() else formats.half_up(value, 1)
            sheet.text(left + length + 1, y, text)
        sheet.line([left, left], [BARS_TOP_MM, bottom], color="black", linewidth=0.6)
    return sheet.figure
