"""Tables of logistic models."""

from recohort.analyses.regression import table as regression
from recohort.layout import words


def tables(protocol, analysis, results):
    """One table per population."""
    outcomes = ["=".join(pair) for pair in analysis.options["outcome"].items()]
    events = words.outcome(protocol.codebook, outcomes[0]) if len(outcomes) == 1 else "Outcome"
    return regression.tables(protocol, analysis, results, "OR", events)
