"""Tables of logistic models."""

from typing import Any

from recohort.analyses.regression import table as regression
from recohort.layout import words


def tables(protocol: Any, analysis: Any, results: Any) -> list[Any]:
    """One table per population."""
    outcomes = ["=".join(pair) for pair in analysis.options["outcome"].items()]
    events = words.outcome(protocol.codebook, outcomes[0]) if len(outcomes) == 1 else "Outcome"
    return regression.tables(protocol, analysis, results, "OR", events)
