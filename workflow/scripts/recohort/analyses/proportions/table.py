"""The proportion of each level and, if asked for, its pairs."""

from typing import Any

from recohort import disclosure
from recohort.analyses.crosstab.table import p_value, ratio, share, table
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import NOTHING, Cell, Column, Notes, Results, Table, row


def tables(protocol: Any, analysis: Any, results: Results) -> list[Table]:
    """Per population a table of the proportion at each level and, if asked for, one of the pairs."""
    tables = []
    for population in analysis.populations:
        tables.append(_proportions(protocol, analysis, results, population))
        if analysis.options["pairwise"]:
            tables.append(_pairs(protocol, analysis, results, population))
    return tables


def _proportions(protocol: Any, analysis: Any, results: Results, population: str) -> Table:
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    rows = [r for r in results.of(population) if r["measure"] == "proportion"]
    found = {(r["level"], r["ci_method"]): r for r in rows}
    methods = list(dict.fromkeys(r["ci_method"] for r in rows))
    outcome = words.outcome(protocol.codebook, rows[0]["outcome"])
    ci = words.interval(results.confidence)
    columns = (
        Column(by.label, is_number=False),
        Column(f"{outcome}, n/N (%)"),
        *(Column(f"{ci}, % ({method})") for method in methods),
    )
    body = []
    for level in by.levels:
        of_level = [found[level, method] for method in methods]
        of_all = share(of_level[0]["events_level"], of_level[0]["n_level"], protocol)
        intervals = [_percent_interval(r, notes) for r in of_level]
        body.append(row("plain", words.level(by, level), of_all, *intervals))
    lacking = words.label(protocol, rows[0]["outcome"]), by.label
    body += words.left_out_rows(rows[0], protocol, *lacking, len(methods))
    notes.add("N, those with a known value; CI, confidence interval; Clopper-Pearson is exact.")
    return table(protocol, analysis, population, columns, body, notes)


def _pairs(protocol: Any, analysis: Any, results: Results, population: str) -> Table:
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    rows = [r for r in results.of(population) if r["measure"] == "OR"]
    adjusted = {(r["level"], r["reference"]): r for r in rows if r["model"] == "pairwise, Holm"}
    differences = {
        (r["level"], r["reference"]): r for r in results.of(population) if r["measure"] == "difference"
    }
    columns = (
        Column(by.label, is_number=False),
        Column(f"OR ({words.interval(results.confidence)})"),
        Column("p"),
        Column("p (Holm)"),
        Column("Test", is_number=False),
        *((Column(f"Difference, % ({words.interval(results.confidence)})"),) if differences else ()),
    )
    body = []
    for r in rows:
        if r["model"] == "pairwise":
            pair = f"{words.level(by, r['level'])} against {words.level(by, r['reference'])}"
            holm = p_value(adjusted[r["level"], r["reference"]])
            difference = differences.get((r["level"], r["reference"]))
            more = () if difference is None else (_difference(difference, notes),)
            body.append(row("plain", pair, ratio(r, notes), p_value(r), holm, r["p_method"], *more))
    n_pairs = len(body)
    lacking = words.label(protocol, rows[0]["outcome"]), by.label
    body += words.left_out_rows(rows[0], protocol, *lacking, len(columns) - 2)
    notes.add(
        "OR, sample odds ratio; CI, confidence interval (Woolf). p, the test of its row; p (Holm), adjusted "
        f"for the number of comparisons in the table ({n_pairs})."
    )
    if differences:
        notes.add("Difference of the proportions, with Newcombe's hybrid score interval.")
    return table(protocol, analysis, population, columns, body, notes, "pairs")


def _difference(r: dict[str, Any], notes: Notes) -> Cell | str:
    if r["estimate"] is None:
        return words.refused({**r, "note": r["note"] or "a group is empty"}, notes)
    estimate, low, high = (100 * x for x in words.numbers(r))
    return formats.estimate_interval(estimate, low, high, 1)


def _percent_interval(r: dict[str, Any], notes: Notes) -> Cell | str:
    if r["status"] == disclosure.SUPPRESSED:
        return words.refused(r, notes)
    low, high = (100 * x for x in words.numbers(r)[1:])
    return formats.interval(low, high, 1) or NOTHING
