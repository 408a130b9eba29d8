"""Which measures of a test against a reference may be shown."""

from typing import Any

from recohort.analyses.crosstab import control as crosstab
from recohort.disclosure.estimate_row import kept, rounded_counts, suppressed

# The cells that a measure is a share of, by whether the test and the reference are positive.
SQUARE = [(True, True), (True, False), (False, True), (False, False)]
SHARES = {
    "sensitivity": [(True, True), (False, True)],
    "specificity": [(False, False), (True, False)],
    "PPV": [(True, True), (True, False)],
    "NPV": [(False, False), (False, True)],
    "accuracy": SQUARE,
}


def control(
    rows: list[dict[str, Any]],
    rule: Any,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """Sensitivity and its like from rounded counts; kappa and McNemar's test, if all four cells are shown."""
    if cells is None:
        return crosstab.without_table(rows)
    hidden, safe = crosstab.withheld_cells(cells, rule), []
    positive, true = rows[0]["level"], crosstab.counted_level(rows[0])
    small = {(row == positive, column == true) for row, column in hidden}
    for r in rows:
        counts = rounded_counts(r, rule)
        if small & set(SHARES.get(r["measure"], SQUARE)):
            # sums of a withheld cell are lines that the table itself does not have
            safe.append(suppressed(r, {**counts, "n_level": None, "events_level": None}))
        else:
            safe.append(crosstab.share(r, counts, confidence) if r["measure"] in SHARES else kept(r, counts))
    return safe
