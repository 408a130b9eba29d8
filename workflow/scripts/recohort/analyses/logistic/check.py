"""Logistic models that cannot be meant."""

from recohort.analyses.regression import check as regression


def check(references, key, options):
    """Refuse an outcome or a term that is not there."""
    for name, level in options["outcome"].items():
        references.level(f"{key}.outcome", name, level)
    regression.terms(references, key, options, dict.fromkeys(options["outcome"], "the outcome"))
