"""Forest plots of logistic models."""

from collections.abc import Iterable
from typing import Any

from recohort.analyses.regression import figure as regression
from recohort.layout import words


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    curves: Iterable[dict[str, Any]] = (),
) -> list[Any]:
    """Forest plot of one analysis in one population; arguments as of `analyses.regression.figure`."""
    outcomes = ["=".join(pair) for pair in analysis.options["outcome"].items()]
    family = regression.Family(
        measure="OR",
        weight="n_level",
        weighed=f"number of {protocol.unit}",
        estimated=f"Odds of {words.outcome(protocol.codebook, outcomes[0])}" if len(outcomes) == 1 else "",
        note="Logistic regression; events: the outcome.",
        names_outcomes=True,
    )
    return regression.figure(protocol, analysis, population, rows, confidence, family)
