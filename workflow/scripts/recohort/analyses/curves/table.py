"""Medians, survival at given times and the log-rank test of Kaplan-Meier curves."""

from collections.abc import Iterator
from typing import Any

from recohort import disclosure
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import NOTHING, Cell, Column, Notes, Results, Row, Table, row


def tables(protocol: Any, analysis: Any, results: Results) -> list[Table]:
    """
    One table per population, a row per group.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind curves.
    results : Results
        Measures median, survival (`at` a time) and logrank.

    Returns
    -------
    list of Table
    """
    return [
        _table(protocol, analysis, population, results.of(population), results.confidence)
        for population in analysis.populations
    ]


def _table(
    protocol: Any, analysis: Any, population: str, rows: list[dict[str, Any]], confidence: float
) -> Table:
    notes = Notes()
    endpoint = protocol.endpoints[analysis.options["endpoint"]]
    by = protocol.codebook.get(analysis.options.get("by"))
    times = analysis.options["times"]
    ci = words.interval(confidence)
    columns = (
        Column("", is_number=False),
        Column("n"),
        Column("Events, n (%)"),
        Column(f"Median, {endpoint.unit} ({ci})"),
        *(Column(f"{time:g} {endpoint.unit}", f"Survival, % ({ci})") for time in times),
        *([Column("p")] if by else []),
    )
    lacking = endpoint.label, by.label if by else ""
    body = (
        *_groups(rows, by, times, notes, protocol),
        *words.left_out_rows(rows[0], protocol, *lacking, len(columns) - 2),
    )
    _describe(protocol, rows, endpoint, by, notes)
    return Table(
        name=words.file_name(analysis, population),
        analysis=analysis.name,
        title=f"{words.title(protocol, analysis, population)} (medians and survival)",
        columns=columns,
        rows=body,
        footnotes=notes.footnotes(),
        data=words.data_line(protocol),
    )


def _groups(
    rows: list[dict[str, Any]], by: Any, times: list[float], notes: Notes, protocol: Any
) -> Iterator[Row]:
    found = {(r["measure"], r["level"], r["at"]): r for r in rows}
    if by is None:
        yield row("plain", "All", *_numbers(found, "", times, notes, protocol))
        return
    test = found["logrank", "", None]
    p = words.refused(test, notes) if test["status"] == disclosure.SUPPRESSED else _p(test)
    yield row("group", by.label, *[""] * (3 + len(times)), p)
    for level in by.levels:
        yield row("level", words.level(by, level), *_numbers(found, level, times, notes, protocol), "")


def _p(test: dict[str, Any]) -> str:
    return "" if test["p_value"] is None else formats.p_value(test["p_value"])


def _numbers(
    found: dict[tuple[str, str, float | None], dict[str, Any]],
    level: str,
    times: list[float],
    notes: Notes,
    protocol: Any,
) -> tuple[Cell | str, ...]:
    """n, events, median and survival of a group."""
    median = found["median", level, None]
    counts = words.counts(median["events_level"], median["n_level"], protocol)
    # the points of a controlled curve are in whole percent
    digits = 0 if protocol.rule else 1
    survival = [_survival(found.get(("survival", level, time)), notes, digits) for time in times]
    return *counts, _median(median, notes), *survival


def _median(found: dict[str, Any], notes: Notes) -> Cell | str:
    if words.is_refused(found):
        return words.refused(found, notes)
    median, low, high = words.numbers(found)
    text = formats.time_interval(median, low, high)
    note = found["note"].removeprefix("not reached").removeprefix("; ")
    return Cell(text, notes.mark(words.sentence(note))) if note else text


def _survival(found: dict[str, Any] | None, notes: Notes, digits: int) -> Cell | str:
    # a group without anybody has no row
    if found is None:
        return NOTHING
    if words.is_refused(found):
        return words.refused(found, notes)
    estimate, low, high = (100 * x for x in words.numbers(found))
    return formats.percent_interval(estimate, low, high, digits)


def _describe(protocol: Any, rows: list[dict[str, Any]], endpoint: Any, by: Any, notes: Notes) -> None:
    scale = next((f" ({r['ci_method']} scale)" for r in rows if r["ci_method"]), "")
    notes.add(f"{endpoint.label} by Kaplan-Meier; CI, confidence interval{scale}.")
    if protocol.rule:
        notes.add(disclosure.curve_sentence(protocol.rule))
    if by is not None:
        notes.add(f"p: log-rank test over the levels of {by.label}.")
    if endpoint.entry:
        notes.add(f"Under observation from {protocol.codebook[endpoint.entry].label} (delayed entry).")
