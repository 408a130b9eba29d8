"""
Disclosure control: which numbers of a study may be shown.

Stages compute and keep exact aggregates; everything that a reader sees of them went through this room.
"""

from recohort.disclosure.crosstables import counts
from recohort.disclosure.effects import claims, estimates, results
from recohort.disclosure.flow import attrition, cleaning
from recohort.disclosure.rule import (
    WITHHELD,
    Rule,
    controlled,
    curve_sentence,
    rounded,
    rule_of,
    sentence,
    shown,
)
from recohort.disclosure.status import SUPPRESSED
from recohort.disclosure.steps import CURVE_TYPES, curves
from recohort.disclosure.summaries import summary

__all__ = [
    "CURVE_TYPES", "SUPPRESSED", "WITHHELD", "Rule", "attrition", "claims", "cleaning", "controlled",
    "counts", "curve_sentence", "curves", "estimates", "results", "rounded", "rule_of", "sentence", "shown",
    "summary",
]  # fmt: skip
