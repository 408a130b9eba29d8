"""Which ratios of a model may be shown: what rests on a withheld count is suppressed."""

from typing import Any

from recohort.analyses.estimates import is_reference
from recohort.disclosure import counts_by_level
from recohort.disclosure.estimate_row import kept, suppressed


def regression(rows: list[dict[str, Any]], rule: Any) -> list[dict[str, Any]]:
    """The rows of one model: recohort.analyses.estimates.COLUMNS in and out."""
    hidden = counts_by_level.by_term(rows, rule)
    small = any(key[0] != "missing" for of_term in hidden.values() for key in of_term)
    # a model without a maximum says of its small cells that one of them is 0
    separated = small and any(r["status"] != "ok" for r in rows)
    safe = []
    for r in rows:
        of_term = hidden[r["term"]]
        counts = counts_by_level.shown_counts(r, of_term, rule)
        if is_reference(r):
            safe.append(kept(r, counts))
        elif separated or _rests_on(r, of_term) & of_term:
            safe.append(suppressed(r, counts))
        else:
            safe.append(kept(r, counts))
    return safe


def _rests_on(r: dict[str, Any], hidden: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The counts of a row's level and its reference, of all levels, or of the whole model."""
    if r["measure"] == "global":
        return hidden - {("missing",)}
    levels: list[tuple[str, ...]] = [(level,) for level in (r["level"], r["reference"]) if level] or [()]
    return {(key, *level) for key in ("n", "events", "rest") for level in levels}
