"""Which proportions may be shown."""

from typing import Any

from recohort.analyses.crosstab import control as crosstab
from recohort.disclosure.estimate_row import kept, rounded_counts, suppressed


def control(
    rows: list[dict[str, Any]],
    rule: Any,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """Proportions by level, from rounded counts, and odds ratios of pairs of levels."""
    if cells is None:
        return crosstab.without_table(rows)
    hidden, safe = crosstab.withheld_cells(cells, rule), []
    for r in rows:
        levels = [level for level in (r["level"], r["reference"]) if level]
        groups = [crosstab.group(cells, hidden, level, crosstab.counted_level(r), rule) for level in levels]
        of_level = {"n_level": groups[0]["n"], "events_level": groups[0]["events"]}
        counts = {**rounded_counts(r, rule), **of_level}
        # a difference of exact proportions would tell their counts
        if r["measure"] == "difference" or any(group["is_small"] for group in groups):
            safe.append(suppressed(r, counts))
        else:
            safe.append(
                crosstab.share(r, counts, confidence) if r["measure"] == "proportion" else kept(r, counts)
            )
    return safe
