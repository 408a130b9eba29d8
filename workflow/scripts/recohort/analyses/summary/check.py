"""Summaries that cannot be meant."""

from typing import Any


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse a group or a variable that is not there."""
    if "by" in options:
        references.factor(f"{key}.by", options["by"])
    for name in options["variables"]:
        references.variable(f"{key}.variables", name)
