"""Which odds ratios may be shown."""

from typing import Any

from recohort.analyses.regression.control import regression


def control(
    rows: list[dict[str, Any]],
    rule: Any,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """The rows of one model: recohort.analyses.estimates.COLUMNS in and out."""
    return regression(rows, rule)
