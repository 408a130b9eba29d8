"""Which Fisher tests may be shown."""

from collections.abc import Iterable
from typing import Any

from recohort.analyses.crosstab import control as crosstab
from recohort.disclosure.estimate_row import COUNTS, kept, rounded_counts, suppressed


def control(
    rows: list[dict[str, Any]],
    rule: Any,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """Odds ratios of two groups; n and events are sums over the groups as shown, so that they add up."""
    if cells is None:
        return crosstab.without_table(rows)
    hidden, safe = crosstab.withheld_cells(cells, rule), []
    for r in rows:
        if r["model"]:
            # its counts by stratum are in no table that was checked
            safe.append(suppressed(r, dict.fromkeys(COUNTS)))
            continue
        groups = [
            crosstab.group(cells, hidden, level, crosstab.counted_level(r), rule)
            for level in (r["level"], r["reference"])
        ]
        n, events = (_sum(group[name] for group in groups) for name in ("n", "events"))
        of_level = {"n_level": groups[0]["n"], "events_level": groups[0]["events"]}
        counts = {**rounded_counts(r, rule), **of_level, "n": n, "events": events}
        write = suppressed if any(group["is_small"] for group in groups) else kept
        safe.append(write(r, counts))
    return safe


def _sum(values: Iterable[Any]) -> int | None:
    values = list(values)
    return None if None in values else sum(values)
