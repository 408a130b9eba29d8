"""Table 1: the summary of a cohort, overall and by group."""

from collections.abc import Iterator
from typing import Any

from recohort.base import formats
from recohort.disclosure import WITHHELD
from recohort.layout import words
from recohort.layout.table import NOTHING, Cell, Column, Notes, Results, Row, Table, row


def tables(protocol: Any, analysis: Any, results: Results) -> list[Table]:
    """
    One table per population.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind summary.
    results : Results
        Its numbers are `described`.

    Returns
    -------
    list of Table
    """
    return [_table(protocol, analysis, population, results) for population in analysis.populations]


def _table(protocol: Any, analysis: Any, population: str, results: Results) -> Table:
    notes = Notes()
    rows = [r for r in results.described if r["population"] == population]
    by = protocol.codebook.get(analysis.options.get("by"))
    found = {(r["variable"], r["level"], r["group"]): r for r in rows}
    groups = ["", *(by.levels if by is not None else ())]
    compared = any(r["p_value"] is not None for r in rows)
    with_difference = any(r["std_difference"] is not None for r in rows)
    n = {group: words.count(results.sizes[analysis.name, population, group], protocol) for group in groups}
    columns = [Column("", is_number=False), Column(f"All (n = {n['']})")]
    for group in groups[1:]:
        columns.append(Column(f"{words.level(by, group)} (n = {n[group]})", by.label))
    columns += [Column("p")] * compared + [Column("Std. diff.")] * with_difference
    body: list[Row] = []
    for name in analysis.options["variables"]:
        last = _comparison(protocol, name, found[name, "", ""], compared, with_difference, notes)
        body += _variable(protocol, name, found, groups, last)
    notes.add("Cells are n (%) of those known, or median (first to third quartile) where the row says so.")
    if (ungrouped := rows[0]["n_ungrouped"]) != 0:
        n_ungrouped = words.count(ungrouped, protocol)
        notes.add(f"{n_ungrouped} {protocol.unit} without a known {by.label} are not in the table.")
    if with_difference:
        notes.add("Std. diff.: absolute standardised difference between the two groups.")
    return Table(
        name=words.file_name(analysis, population),
        analysis=analysis.name,
        title=words.title(protocol, analysis, population),
        columns=tuple(columns),
        rows=tuple(body),
        footnotes=notes.footnotes(),
        data=words.data_line(protocol),
    )


def _comparison(
    protocol: Any, name: str, found: dict[str, Any], compared: bool, with_difference: bool, notes: Notes
) -> list[Cell | str]:
    # dates and texts are not compared
    is_withheld = protocol.rule and protocol.codebook[name].type not in ("date", "text")
    none = WITHHELD if is_withheld else ""
    p: Any = formats.p_value(found["p_value"]) if found["p_value"] is not None else none
    p = Cell(p, notes.mark(f"Test: {found['p_method']}.")) if found["p_value"] is not None else p
    difference = found["std_difference"]
    difference = formats.number(difference, 2) if difference is not None else none
    return [p] * compared + [difference] * with_difference


def _variable(
    protocol: Any,
    name: str,
    found: dict[tuple[str, str, str], dict[str, Any]],
    groups: list[str],
    last: list[Cell | str],
) -> Iterator[Row]:
    entry = protocol.codebook[name]
    whole = [found[name, "", group] for group in groups]

    def shares(level: str) -> list[str]:
        cells = [(found[name, level, r["group"]]["n"], r["n"]) for r in whole]
        return [words.counts(part, of, protocol)[1] for part, of in cells]

    if entry.type == "category":
        yield row("group", entry.label, *[""] * len(groups), *last)
        for level in entry.levels:
            yield row("level", level, *shares(level), *[""] * len(last))
    elif entry.type == "flag":
        yield row("plain", entry.label, *shares("yes"), *last)
    elif entry.type == "number":
        yield row("plain", f"{words.variable(entry)}, median (Q1 to Q3)", *medians(whole), *last)
    else:
        # dates and texts of single patients stay in the cohort
        yield row("plain", f"{entry.label} known", *[words.count(r["n"], protocol) for r in whole], *last)
    if whole[0]["n_missing"] != 0:
        missing = [words.count(r["n_missing"], protocol) for r in whole]
        yield row("level", "Missing", *missing, *[""] * len(last))


def medians(whole: list[dict[str, Any]]) -> list[str]:
    """Median and quartiles as a cell, one for each row of `analyses.summary.numbers` with level ""."""
    quartiles = [(r["median"], r["q1"], r["q3"]) for r in whole]
    usual = _digits([value for three in quartiles for value in three if value is not None])
    # one for all groups
    digits = max((formats.decimals(three, usual) for three in quartiles), default=usual)
    nothing = [WITHHELD if r["n"] is None else NOTHING for r in whole]
    return [
        formats.estimate_interval(*three, digits) if three[0] is not None else none
        for three, none in zip(quartiles, nothing, strict=True)
    ]


def _digits(values: list[float]) -> int:
    """Decimals of a variable: none for whole numbers, one from 10 on, two below."""
    if all(value == int(value) for value in values):
        return 0
    return 1 if max(map(abs, values)) >= 10 else 2
