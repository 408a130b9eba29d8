"""The methods of testing strategies in words."""

from typing import Any


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    return (
        "Testing strategies are compared by the tests that each needs and the positives that it finds and "
        "misses."
    )
