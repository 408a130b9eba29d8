"""The methods of proportions in words."""

from typing import Any


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    text = "Proportions have Wilson and exact (Clopper-Pearson) intervals."
    if any(a.options["pairwise"] for a in analyses):
        text += (
            " Pairs of groups are compared by Pearson's chi-square test, or Fisher's exact test where an "
            "expected count is below 5; p values are given as they are and with Holm's adjustment."
        )
    if any(a.options["difference"] for a in analyses):
        text += " Differences of proportions have Newcombe's hybrid score intervals."
    return text
