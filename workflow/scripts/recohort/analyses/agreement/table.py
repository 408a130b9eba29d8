"""A test against a reference: the cross-table, and how they agree."""

from collections.abc import Collection
from typing import Any

from recohort import disclosure
from recohort.analyses.crosstab.table import p_value, ratio, table
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import Column, Notes, Results, Row, Table, row

SHARES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "PPV": "Positive predictive value",
    "NPV": "Negative predictive value",
    "accuracy": "Accuracy",
}


def tables(protocol: Any, analysis: Any, results: Results) -> list[Table]:
    """Per population the cross-table of test and reference, and the measures of how they agree."""
    tables = []
    for population in analysis.populations:
        tables.append(_cross_table(protocol, analysis, results, population))
        tables.append(_measures(protocol, analysis, results, population))
    return tables


def _cross_table(protocol: Any, analysis: Any, results: Results, population: str) -> Table:
    test, reference = (
        protocol.codebook[next(iter(analysis.options[role]))] for role in ("test", "reference")
    )
    cells = {
        (c["row_level"], c["column_level"]): c["n"] for c in results.counts if c["population"] == population
    }
    across = _levels(reference, {column for _, column in cells})
    columns = (
        Column(test.label, is_number=False),
        *(Column(_level(reference, level), reference.label) for level in across),
        Column("Total"),
    )
    lines = {
        _level(test, level): [cells.get((level, other), 0) for other in across]
        for level in _levels(test, {line for line, _ in cells})
    }
    lines["Total"] = [_sum(column) for column in zip(*lines.values(), strict=True)]
    body = [
        row("plain", label, *(words.count(n, protocol) for n in [*counts, _sum(counts)]))
        for label, counts in lines.items()
    ]
    notes = Notes()
    if protocol.rule:
        notes.add("Totals are sums of the counts shown.")
    return table(protocol, analysis, population, columns, body, notes, "counts")


def _sum(counts: Collection[Any]) -> int | None:
    """None if one of them is withheld."""
    return None if None in counts else sum(counts)


def _levels(variable: Any, found: Collection[str]) -> list[str]:
    """The levels in the codebook's order and, last, those whose value is missing, if there are any."""
    return [level for level in (*variable.levels, "") if level in found]


def _level(variable: Any, level: str) -> str:
    return words.level(variable, level) if level else "Missing"


def _measures(protocol: Any, analysis: Any, results: Results, population: str) -> Table:
    notes = Notes()
    rows = results.of(population)
    columns = (
        Column("", is_number=False),
        Column("n/N"),
        Column(f"Estimate ({words.interval(results.confidence)})"),
        Column("p"),
    )
    body = [_measure(r, notes, protocol) for r in rows]
    test, reference = (
        words.outcome(protocol.codebook, _outcome(analysis, role)) for role in ("test", "reference")
    )
    notes.add(
        f"Positive: {test}, against {reference}. The first five in percent with exact (Clopper-Pearson) "
        "confidence intervals (CI), kappa as it is. The predictive values hold at the prevalence of this "
        "table only."
    )
    outcome, covariate = (
        protocol.codebook[next(iter(analysis.options[role]))].label for role in ("reference", "test")
    )
    body += words.left_out_rows(rows[0], protocol, outcome, covariate, len(columns) - 2)
    return table(protocol, analysis, population, columns, body, notes)


def _outcome(analysis: Any, role: str) -> str:
    name, level = next(iter(analysis.options[role].items()))
    return f"{name}={level}"


def _measure(r: dict[str, Any], notes: Notes, protocol: Any) -> Row:
    if r["measure"] in SHARES:
        n = f"{words.count(r['events_level'], protocol)}/{words.count(r['n_level'], protocol)}"
        if words.is_refused(r):
            return row("plain", SHARES[r["measure"]], n, words.refused(r, notes), "")
        estimate, low, high = (100 * x for x in words.numbers(r))
        text = formats.percent_interval(estimate, low, high)
        return row("plain", SHARES[r["measure"]], n, text, "")
    if r["measure"] == "kappa":
        return row("plain", "Cohen's kappa", "", ratio(r, notes), p_value(r))
    p = words.refused(r, notes) if r["status"] == disclosure.SUPPRESSED else p_value(r)
    return row("plain", "McNemar's exact test", "", "", p)
