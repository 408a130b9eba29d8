"""The methods of tests against a reference in words."""

from typing import Any


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    return (
        "Sensitivity, specificity, predictive values and accuracy have exact (Clopper-Pearson) intervals; "
        "agreement is measured by Cohen's kappa, and discordance tested by McNemar's exact test. Results "
        "that are neither positive nor negative are counted as not evaluable."
    )
