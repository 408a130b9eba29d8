"""Kaplan-Meier curves with numbers at risk."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np

from recohort import disclosure
from recohort.base import formats
from recohort.layout import sheet as style
from recohort.layout import words

NUMBERS = ["time", "at_risk", "events", "censored", "survival", "std_error", "ci_low", "ci_high"]

PLOT_MM = 70
ROW_MM = 3.6
NAME_MM = 50  # of a group; a longer name is broken into lines
TICK_STEPS = {
    "days": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 260),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (0.25, 0.5, 1, 2, 5, 10),
}
MOST_TICKS = 9


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    curves: list[dict[str, Any]],
) -> list[Any]:
    """
    Kaplan-Meier curves of one analysis in one population.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind curves.
    population : str
    rows : list of dict
        Its estimates in that population; a number that is missing is NaN.
    confidence : float
        Coverage of the intervals.
    curves : list of dict
        A row per group and time: level and NUMBERS, times in the endpoint's unit; None for a missing number.

    Returns
    -------
    list of Figure
        Its only page.
    """
    endpoint = protocol.endpoints[analysis.options["endpoint"]]
    by = protocol.codebook.get(analysis.options.get("by"))
    medians = {row["level"]: row for row in rows if row["measure"] == "median"}
    names = {level: style.wrap(words.level(by, level) if by else "All", NAME_MM) for level in medians}
    heading = style.wrap(by.label if by else "", NAME_MM, bold=True)
    looks = {level: look(i) for i, level in enumerate(medians)}
    groups = {
        level: {name: np.array([c[name] for c in curves if c["level"] == level], float) for name in NUMBERS}
        for level in dict.fromkeys(c["level"] for c in curves)
    }

    top = _middles(ROW_MM / 2, [heading, *names.values()])[-1] - ROW_MM / 2 + 9
    last = max((group["time"].max() for group in groups.values()), default=1)
    ticks = time_ticks(last, endpoint.unit)
    body_mm = top + PLOT_MM + 13 + _middles(0, [[""], *(names[level] for level in groups)])[-1]
    title = words.title(protocol, analysis, population)
    subtitle = _subtitle(protocol, by, rows)
    notes = _notes(protocol, endpoint, rows, confidence)
    sheet = style.sheet(body_mm, title, subtitle, protocol, notes)

    # the numbers at risk at time 0 are centred below the left end of the axis
    left = style.MARGIN_MM + 17 + max(style.text_mm(line) for lines in names.values() for line in lines)
    panel = sheet.panel(left, top, style.WIDTH_MM - left - 6, PLOT_MM)
    panel.set_xlim(0, 1.01 * last)
    panel.set_ylim(0, 101)
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.set_yticks(range(0, 101, 20))
    sheet.text(style.MARGIN_MM, top - 4, f"{endpoint.label} (%)", bold=True)
    middle = (left + style.WIDTH_MM - 6) / 2
    sheet.text(middle, top + PLOT_MM + 7.5, f"Time ({endpoint.unit})", align="center", bold=True)
    for level, group in groups.items():
        (_lines if protocol.rule else _curve)(panel, group, *looks[level])
    _key(sheet, protocol, endpoint, heading, medians, names, looks, confidence)
    test = next((row for row in rows if row["measure"] == "logrank"), None)
    if test:
        sheet.text(style.WIDTH_MM - style.MARGIN_MM, ROW_MM * 1.5, _logrank(test), align="right")
    _risk_table(sheet, protocol, panel, groups, names, looks, ticks, top + PLOT_MM + 12)
    return [sheet.figure]


def _middles(first: float, texts: Iterable[list[str]]) -> list[float]:
    """The middle of the first line of each text, below each other, and last where the next would be."""
    return list(accumulate((ROW_MM + style.LINE_MM * (len(lines) - 1) for lines in texts), initial=first))


def look(i: int) -> tuple[str, Any]:
    """Colour and dash of a curve: no two of the first 49 are alike."""
    return style.COLOURS[i % 7], style.DASHES[(i + i // 7) % 7]


def time_ticks(last: float, unit: str) -> Any:
    """Ticks from 0 up to the last time, in steps that fit the unit: the shortest that gives few enough."""
    step = next((step for step in TICK_STEPS[unit] if last / step < MOST_TICKS), TICK_STEPS[unit][-1])
    return np.arange(0, last + 1e-9, step)


def at_risk(group: dict[str, Any], times: Any) -> tuple[Any, Any]:
    """
    Numbers at risk, and censored before, at chosen times.

    Parameters
    ----------
    group : dict of ndarray
        NUMBERS of one curve.
    times : array_like, shape (m,)

    Returns
    -------
    at_risk, censored : ndarray, shape (m,)
        Under observation just before each time (with delayed entry: just before the next time at which
        somebody leaves), and those whose follow-up ended before it without an event; NaN where withheld.
    """
    step = np.searchsorted(group["time"], times, side="left")
    # a withheld number at risk, and all beyond a curve that was cut, are not known
    after = 0 if not np.isnan(group["censored"]).any() else np.nan
    remaining = np.append(group["at_risk"], after)[step]
    censored = np.append(0, np.cumsum(group["censored"]))[step]
    return remaining, censored


def _curve(panel: Any, group: dict[str, Any], colour: str, dash: Any) -> None:
    """Survival as steps from 1 at time 0, its interval as a band, and a mark where somebody was censored."""
    time = np.append(0, group["time"])
    low, high = (100 * np.append(1, group[limit]) for limit in ("ci_low", "ci_high"))
    panel.fill_between(time, low, high, step="post", color=colour, alpha=0.12, linewidth=0)
    survival = 100 * np.append(1, group["survival"])
    panel.plot(time, survival, drawstyle="steps-post", color=colour, linestyle=dash, linewidth=1.2)
    censored = group["censored"] > 0
    mark = {"marker": "|", "markersize": 3.5, "markeredgewidth": 0.6, "linestyle": "none"}
    panel.plot(group["time"][censored], 100 * group["survival"][censored], color=colour, **mark)


def _lines(panel: Any, group: dict[str, Any], colour: str, dash: Any) -> None:
    """Survival as straight lines between the points of a controlled curve, its interval as a band."""
    low, high, survival = (100 * group[name] for name in ("ci_low", "ci_high", "survival"))
    panel.fill_between(group["time"], low, high, color=colour, alpha=0.12, linewidth=0)
    panel.plot(group["time"], survival, color=colour, linestyle=dash, linewidth=1.2)
    panel.plot(
        group["time"][group["events"] > 0],
        survival[group["events"] > 0],
        color=colour,
        marker="o",
        markersize=2.5,
        linestyle="none",
    )


def _write(sheet: style.Sheet, x: float, y: float, lines: list[str], **options: Any) -> None:
    for i, line in enumerate(lines):
        sheet.text(x, y + style.LINE_MM * i, line, **options)


def _key(
    sheet: style.Sheet,
    protocol: Any,
    endpoint: Any,
    heading: list[str],
    medians: dict[str, dict[str, Any]],
    names: dict[str, list[str]],
    looks: dict[str, tuple[str, Any]],
    confidence: float,
) -> None:
    """What line is which group, with its events and its median."""
    left = style.MARGIN_MM + 10
    middle = left + max(style.text_mm(line) for of in (heading, *names.values()) for line in of) + 22
    right = middle + 6
    y, *ys, _ = _middles(ROW_MM / 2, [heading, *names.values()])
    _write(sheet, left, y, heading, bold=True)
    sheet.text(middle, y, "Events/n", align="right", bold=True)
    sheet.text(right, y, f"Median, {endpoint.unit} ({words.interval(confidence)})", bold=True)
    for y, (level, row) in zip(ys, medians.items(), strict=True):
        colour, dash = looks[level]
        sheet.line([style.MARGIN_MM, left - 2], [y, y], color=colour, linestyle=dash, linewidth=1.2)
        _write(sheet, left, y, names[level])
        events = "/".join(words.count(row[key], protocol) for key in ("events_level", "n_level"))
        sheet.text(middle, y, events, align="right")
        sheet.text(right, y, _median(row))


def _median(row: dict[str, Any]) -> str:
    if row["status"] == disclosure.SUPPRESSED:
        return disclosure.SUPPRESSED
    if words.is_refused(row):
        return f"{words.no_estimate(row)}: {row['note']}"
    return formats.time_interval(row["estimate"], row["ci_low"], row["ci_high"])


def _logrank(test: dict[str, Any]) -> str:
    if test["status"] == disclosure.SUPPRESSED:
        return f"Log-rank test {disclosure.SUPPRESSED}"
    if words.is_refused(test):
        return f"Log-rank test {words.no_estimate(test)}: {test['note']}"
    return f"Log-rank p: {formats.p_value(test['p_value'])}"


def _risk_table(
    sheet: style.Sheet,
    protocol: Any,
    panel: Any,
    groups: dict[str, dict[str, Any]],
    names: dict[str, list[str]],
    looks: dict[str, tuple[str, Any]],
    ticks: Any,
    top: float,
) -> None:
    heading = "Number at risk" if protocol.rule else "Number at risk (censored)"
    sheet.text(style.MARGIN_MM, top, heading, bold=True)
    # data to millimetres of the sheet
    across = panel.transData + sheet.mm.inverted()
    xs = [across.transform((tick, 0))[0] for tick in ticks]
    _, *ys, _ = _middles(top, [[""], *(names[level] for level in groups)])
    for y, (level, group) in zip(ys, groups.items(), strict=True):
        colour, dash = looks[level]
        key = [style.MARGIN_MM, style.MARGIN_MM + 6]
        sheet.line(key, [y, y], color=colour, linestyle=dash, linewidth=1.2)
        _write(sheet, style.MARGIN_MM + 7.5, y, names[level])
        for x, remaining, censored in zip(xs, *at_risk(group, ticks), strict=True):
            before = "" if protocol.rule else f" ({formats.count(censored)})"
            sheet.text(x, y, f"{words.count(remaining, protocol)}{before}", align="center")


def _subtitle(protocol: Any, by: Any, rows: list[dict[str, Any]]) -> str:
    n, events = (words.count(rows[0][key], protocol) for key in ("n", "events"))
    lacking = words.left_out(rows[0], protocol, "follow-up", by.label if by else "")
    return f"{n} {protocol.unit}, {events} events; {lacking}"


def _notes(protocol: Any, endpoint: Any, rows: list[dict[str, Any]], confidence: float) -> list[str]:
    scale = next((row["ci_method"] for row in rows if row["ci_method"]), "")
    marks = "Vertical marks: censored; in brackets: censored before that time."
    if protocol.rule:
        marks = (
            f"{disclosure.curve_sentence(protocol.rule)} Numbers at risk are those at the next change shown."
        )
    notes = [
        f"Kaplan-Meier estimates. {marks}",
        f"Band: pointwise {words.interval(confidence)} ({scale} scale), which also gives that of the median.",
    ]
    reasons = {row["note"]: None for row in rows if row["status"] == disclosure.SUPPRESSED}
    if reasons:
        notes.append(f"Suppressed: {'; '.join(reasons)}.")
    if endpoint.entry:
        entry = protocol.codebook[endpoint.entry].label
        notes.append(f"Delayed entry: {entry}; numbers at risk are those at the next exit.")
    return notes
