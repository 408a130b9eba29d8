"""Which numbers of testing strategies may be shown."""

from typing import Any

from recohort.analyses.crosstab import control as crosstab
from recohort.analyses.strategies import PER_1000
from recohort.disclosure.estimate_row import rounded_counts, suppressed
from recohort.disclosure.rule import Rule, rounded


def control(
    rows: list[dict[str, Any]],
    rule: Rule,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """Counts of tests and errors, rounded, and per 1,000 from these, if all cells are shown."""
    if cells is None:
        return crosstab.without_table(rows)
    is_hidden = bool(crosstab.withheld_cells(cells, rule))
    safe = []
    for r in rows:
        counts = rounded_counts(r, rule)
        found = None if is_hidden else _of_strategy(r, counts["n"], rule)
        safe.append(suppressed(r, counts) if found is None else {**r, **counts, "estimate": found})
    return safe


def _of_strategy(r: dict[str, Any], n: Any, rule: Rule) -> float | None:
    """A count, or that count of n specimens as shown per 1,000: per 1,000 by itself would tell it exactly."""
    if not r["measure"].endswith(PER_1000):
        return rounded(round(r["estimate"]), rule)
    count = rounded(round(r["estimate"] * r["n"] / 1000), rule)
    return None if count is None else 1000 * count / n
