"""Proportions that cannot be meant."""

from typing import Any


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse an outcome or a group that is not there."""
    references.factor(f"{key}.by", options["by"])
    for name, level in options["outcome"].items():
        references.level(f"{key}.outcome", name, level)
    if options["difference"] and not options["pairwise"]:
        references.fail(f"{key}.difference", "is of pairs of levels", "Add `pairwise: true`.")
