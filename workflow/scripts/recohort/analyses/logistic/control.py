"""Which odds ratios may be shown."""

from recohort.analyses.regression.control import regression


def control(rows, rule, cells, curves, confidence):
    """The rows of one model: recohort.analyses.estimates.COLUMNS in and out."""
    return regression(rows, rule)
