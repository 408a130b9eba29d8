"""Medians, survival at given times and the log-rank test of Kaplan-Meier curves."""

from recohort import formats
from recohort.tables import words
from recohort.tables.model import NOTHING, Column, Notes, Table, row, section


def tables(protocol, analysis, results):
    """
    One table: a section per population, a row per group.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind curves.
    results : Results
        Measures median, survival (the time is the reference) and logrank.

    Returns
    -------
    list of Table
    """
    notes = Notes()
    endpoint = protocol.endpoints[analysis.options["endpoint"]]
    by = protocol.codebook.get(analysis.options.get("by"))
    times = [f"{time:g}" for time in analysis.options.get("times", [])]
    ci = words.interval(results.confidence)
    columns = (
        Column("", is_number=False),
        Column("n"),
        Column("Events, n (%)"),
        Column(f"Median, {endpoint.unit} ({ci})"),
        *(Column(f"{time} {endpoint.unit}", f"Survival, % ({ci})") for time in times),
        *([Column("p")] if by else []),
    )
    body = []
    for population in analysis.populations:
        if len(analysis.populations) > 1:
            body.append(section(protocol.populations[population].label, len(columns)))
        body += _groups(results.of(population), by, times, notes)
    _describe(protocol, results.estimates, endpoint, by, notes)
    return [
        Table(
            name=words.file_name(analysis, "all"),
            analysis=analysis.name,
            title=f"{analysis.label} (medians and survival)",
            columns=columns,
            rows=tuple(body),
            footnotes=notes.footnotes(),
            data=words.data_line(protocol),
        )
    ]


def _groups(rows, by, times, notes):
    found = {(r["measure"], r["level"], r["reference"]): r for r in rows}
    if by is not None:
        test = next((r for r in rows if r["measure"] == "logrank"), None)
        p = formats.p_value(test["p_value"]) if test and test["p_value"] is not None else ""
        yield row("group", by.label, *[""] * (3 + len(times)), p)
    for level in by.levels if by is not None else [""]:
        median = found.get(("median", level, ""))
        if median is None:
            continue
        survival = [_survival(found.get(("survival", level, time)), notes) for time in times]
        counts = words.counts(median["events_level"], median["n_level"])
        label = words.level(by, level) if by is not None else "All"
        last = [""] if by is not None else []
        yield row(
            "plain" if by is None else "level", label, *counts, _median(median, notes), *survival, *last
        )


def _median(found, notes):
    if found["status"] == "not-estimable":
        return words.refused(found, notes)
    median, low, high = words.numbers(found)
    span = formats.interval(low, high, 1)
    text = formats.half_up(median, 1) or "not reached"
    return f"{text} ({span})" if span else text


def _survival(found, notes):
    if found is None:
        return NOTHING
    if found["status"] == "not-estimable":
        return words.refused(found, notes)
    return formats.estimate_interval(*(100 * x for x in words.numbers(found)), 1)


def _describe(protocol, rows, endpoint, by, notes):
    scale = next((f" ({r['ci_method']} scale)" for r in rows if r["ci_method"]), "")
    notes.add(f"{endpoint.label} by Kaplan-Meier; CI, confidence interval{scale}.")
    if by is not None:
        notes.add(f"p: log-rank test over the levels of {by.label}.")
    if endpoint.entry:
        notes.add(f"Under observation from {protocol.codebook[endpoint.entry].label} (delayed entry).")
