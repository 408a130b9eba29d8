"""Fisher tests: each outcome in both groups, odds ratio and p."""

from typing import Any

from recohort.analyses.crosstab.table import p_value, ratio, share, table
from recohort.layout import words
from recohort.layout.table import Cell, Column, Notes, Results, Table, row


def tables(protocol: Any, analysis: Any, results: Results) -> list[Table]:
    """One table per population: each outcome in both groups, odds ratio and p of Fisher's exact test."""
    return [_fisher(protocol, analysis, results, population) for population in analysis.populations]


def _fisher(protocol: Any, analysis: Any, results: Results, population: str) -> Table:
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    found = results.of(population)
    rows = [r for r in found if not r["model"]]
    common = {r["outcome"]: r for r in found if r["model"]}
    strata = protocol.codebook[analysis.options["strata"]].label if common else ""
    level, reference = words.level(by, rows[0]["level"]), words.level(by, rows[0]["reference"])
    columns = (
        Column("", is_number=False),
        Column(f"{level}, n/N (%)", by.label),
        Column(f"{reference}, n/N (%)", by.label),
        Column(f"OR ({words.interval(results.confidence)})"),
        Column("p"),
        *((Column(f"Stratified OR ({words.interval(results.confidence)})"), Column("p")) if common else ()),
        Column("Outcome", "Left out, not known"),
        Column(by.label, "Left out, not known"),
    )
    body = []
    for r in rows:
        rest = _rest(r["events"], r["events_level"]), _rest(r["n"], r["n_level"])
        shares = share(r["events_level"], r["n_level"], protocol), share(rest[0], rest[1], protocol)
        label = words.outcome(protocol.codebook, r["outcome"])
        stratified = common.get(r["outcome"])
        more = () if stratified is None else _stratified(stratified, strata, protocol, notes)
        lacking = (words.count(r[name], protocol) for name in words.LEFT_OUT)
        body.append(row("plain", label, *shares, ratio(r, notes), p_value(r), *more, *lacking))
    notes.add(
        f"N, those with a known value. OR, odds ratio of {level} against {reference} (conditional maximum "
        "likelihood); CI, exact confidence interval; p, Fisher's exact test."
    )
    for r in list(common.values())[:1]:
        notes.add(
            f"Stratified OR, common to the levels of {strata} (Mantel-Haenszel); "
            f"interval: {r['ci_method']}; p: {r['p_method']}."
        )
    return table(protocol, analysis, population, columns, body, notes)


def _stratified(r: dict[str, Any], strata: str, protocol: Any, notes: Notes) -> tuple[Cell | str, str]:
    """The common odds ratio, with a mark for those who are in the row and not in it, and its p."""
    printed = ratio(r, notes)
    if isinstance(printed, Cell):
        return printed, p_value(r)
    by = protocol.codebook[r["term"]].label
    text = words.left_out(r, protocol, "the outcome", f"{by} or {strata}")
    return Cell(printed, notes.mark(words.sentence(f"stratified OR, {text}"))), p_value(r)


def _rest(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part
