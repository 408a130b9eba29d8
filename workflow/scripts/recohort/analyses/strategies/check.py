"""Testing strategies that cannot be meant."""

from typing import Any

CALLS = ("negative", "equivocal", "positive")


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse a test that is not there, and a level that is not one of IHC or has two results."""
    references.factor(f"{key}.ihc", options["ihc"])
    for name, level in options["fish"].items():
        references.level(f"{key}.fish", name, level)
    levels = [level for call in CALLS for level in options[call]]
    for level in levels:
        references.known(key, level, references.book[options["ihc"]].levels, f"a level of {options['ihc']}")
    references.once(key, levels)
