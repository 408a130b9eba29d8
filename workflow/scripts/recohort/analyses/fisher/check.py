"""Fisher tests that cannot be meant."""

from typing import Any


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse an outcome or a group that is not there, and other than two groups."""
    by = options["by"]
    references.factor(f"{key}.by", by)
    for name, level in options["outcomes"].items():
        references.level(f"{key}.outcomes", name, level)
    if len(references.book[by].levels) != 2:
        references.fail(
            f"{key}.by", f"{by!r} does not have two levels", "Fisher's 2x2 test compares two groups."
        )
    if "strata" in options:
        references.factor(f"{key}.strata", options["strata"])
        if options["strata"] in (by, *options["outcomes"]):
            references.fail(f"{key}.strata", f"{options['strata']!r} is compared itself", "Name another.")
