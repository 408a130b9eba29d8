"""The audit of a study as it may be shown."""

from typing import Any


def controlled_claims(rows: list[dict[str, Any]], rule: Any) -> list[dict[str, Any]]:
    """
    The audit as it may be shown: rows of claims.csv, of a controlled study what is printed and the verdict.

    Recomputed values are exact, and the reasons quote them.
    """
    hidden = {"recomputed": None, "reason": "", "robustness": "", "search": ""}
    return rows if rule is None else [{**r, **hidden} for r in rows]
