"""Survival curves that cannot be meant."""

from typing import Any


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse an endpoint or a group that is not there, and a time that is there twice."""
    references.endpoint(f"{key}.endpoint", options["endpoint"])
    if "by" in options:
        references.factor(f"{key}.by", options["by"])
    references.once(f"{key}.times", [f"{time:g}" for time in options["times"]])
