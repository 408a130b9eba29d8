"""
Disclosure control: which numbers of a study may be shown.

Stages compute and keep exact aggregates; what a reader sees of them went through this rule.
"""

from recohort.disclosure.estimate_row import SUPPRESSED
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

__all__ = [
    "SUPPRESSED", "WITHHELD", "Rule", "controlled", "curve_sentence", "rounded", "rule_of", "sentence",
    "shown",
]  # fmt: skip
