"""The rule of a study: counts up to a threshold are withheld, the others rounded."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, isfinite, log10
from typing import Any, NamedTuple

from recohort.base import formats

# Printed where a count is withheld: it is small, or would give a small one away; which, is not said.
WITHHELD = "[c]"


class Rule(NamedTuple):
    """
    How the counts of a controlled study are shown.

    threshold : int, counts up to it are withheld. rounding : int, the others are shown to its nearest
    multiple, halves up; 1 for no rounding.
    """

    threshold: int
    rounding: int


def rule_of(protocol: Any, config_value: dict[str, int]) -> Rule | None:
    """
    The rule that a study's counts are shown by.

    Parameters
    ----------
    protocol : Protocol
    config_value : dict
        The key `disclosure` of a configuration with its defaults.

    Returns
    -------
    Rule or None
        None where counts are shown exactly: no row is a patient, or the rows themselves are public. Its
        threshold is at least the greatest count that would be rounded to 0.
    """
    if protocol.data != "patient-level" or protocol.public:
        return None
    rule = Rule(**config_value)
    # 0 would be read as nobody
    return rule._replace(threshold=max(rule.threshold, (rule.rounding - 1) // 2))


def controlled(protocol: Any, config_value: dict[str, int]) -> Any:
    """The protocol with the rule that its counts are shown by; arguments as for `rule_of`."""
    return replace(protocol, rule=rule_of(protocol, config_value))


def rounded(n: int | None, rule: Rule | None) -> int | None:
    """
    A count as it may be shown.

    Parameters
    ----------
    n : int or None
    rule : Rule or None

    Returns
    -------
    int or None
        None if it is withheld, or was missing.
    """
    if n is None or rule is None:
        return n
    if n <= rule.threshold:
        return None
    return (n + rule.rounding // 2) // rule.rounding * rule.rounding


def shown(n: int | None, rule: Rule | None) -> str:
    """A count as printed: `<8` where it is withheld, with thousands separators; "" for a missing one."""
    if n is None or rule is None or n > rule.threshold:
        return formats.count(rounded(n, rule))
    return f"<{rule.threshold + 1}"


def cut(value: float | None, digits: int) -> float | None:
    """A number with the decimals that are printed of it; None stays None."""
    return None if value is None else float(formats.half_up(value, digits))


def cut_p(p: float | None) -> float | None:
    """A p value with three decimals, above 0.999 as 1, below 0.001 with one digit, rounded down."""
    if p is None:
        return None
    if p > 0.999:
        return 1.0
    if 0 < p < 0.001:
        power = 10.0 ** -floor(log10(p))
        return floor(p * power) / power
    return cut(p, 3)


def cut_ratio(value: float | None, digits: int) -> float | None:
    """A ratio with the decimals that are printed of it; what is printed as beyond a limit has one digit."""
    if value is None or value == 0 or not isfinite(value):
        return value
    is_small, is_great = value < formats.LEAST_RATIO, value > formats.GREATEST_RATIO
    if not is_small and not is_great:
        return cut(value, formats.ratio_digits(value, digits))
    # rounded away from 1, so that it is still beyond
    power = 10.0 ** -floor(log10(value))
    return float(f"{(floor if is_small else ceil)(value * power) / power:.1g}")


def sentence(rule: Rule) -> str:
    """What a reader of a table or figure of a controlled study is told."""
    text = f"{WITHHELD}: withheld, a count of {rule.threshold} or fewer or what would give such a count away."
    if rule.rounding == 1:
        return text
    return f"{text} Other counts are rounded to the nearest {rule.rounding}, and percentages are of these."


def curve_sentence(rule: Rule) -> str:
    """What a reader of survival curves of a controlled study is told."""
    return (
        "Curves and their bands are straight lines between points, each of which comes after more than "
        f"{rule.threshold} further events and is in whole percent; they end where {rule.threshold} or fewer "
        "are at risk. Medians and survival are read from these lines."
    )
