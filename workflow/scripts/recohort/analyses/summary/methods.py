"""The methods of summaries in words."""

from typing import Any


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    text = (
        "Categories are described as count and percentage of those known, numbers as median and first and "
        "third quartile."
    )
    if not any("by" in a.options for a in analyses):
        return text
    return (
        f"{text} Groups are compared by Pearson's chi-square test without continuity correction, by Fisher's "
        "exact test in a 2 x 2 table with an expected count below 5, and for numbers by the Wilcoxon "
        "rank-sum test (two groups) or the Kruskal-Wallis test."
    )
