"""Tests and references that cannot be meant."""

from typing import Any


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse a test or a reference that is not there, or that has other than two levels."""
    for role in ("test", "reference"):
        ((name, level),) = options[role].items()
        references.level(f"{key}.{role}", name, level)
    for role in ("test", "reference"):
        (name,) = options[role]
        if len(references.book[name].levels) != 2:
            remedy = "Accuracy is that of a yes or no: derive a flag from it."
            references.fail(f"{key}.{role}", f"{name!r} does not have two levels", remedy)
