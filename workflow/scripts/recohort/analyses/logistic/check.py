"""Logistic models that cannot be meant."""

from typing import Any

from recohort.analyses.regression import check as regression


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse an outcome or a term that is not there."""
    for name, level in options["outcome"].items():
        references.level(f"{key}.outcome", name, level)
    regression.terms(references, key, options, dict.fromkeys(options["outcome"], "the outcome"))
