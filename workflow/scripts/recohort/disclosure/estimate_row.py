"""A row of the estimates as it may be shown: kept with the digits that are printed, or suppressed."""

from collections.abc import Mapping
from typing import Any

from recohort.disclosure.rule import Rule, cut, cut_p, rounded

Row = Mapping[str, Any]
Counts = Mapping[str, int | None]

SUPPRESSED = "suppressed"
SMALL = "rests on a count that is withheld"
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high")
# Not printed, and with more digits than the p value: they would tell what is cut from it.
UNPRINTED = ("statistic", "df_denominator", "fmi")
COUNTS = ("n", "events", "n_level", "events_level", "n_missing")
DIGITS = {"concordance": 3}


def kept(r: Row, counts: Counts) -> dict[str, Any]:
    """A row with its numbers as printed, and these counts."""
    digits = DIGITS.get(r["measure"], 2)
    numbers = {name: cut(r[name], digits) for name in NUMBERS}
    return {**r, **counts, **numbers, **dict.fromkeys(UNPRINTED), "p_value": cut_p(r["p_value"])}


def suppressed(r: Row, counts: Counts, note: str = SMALL) -> dict[str, Any]:
    """A row without its numbers, and these counts."""
    empty = dict.fromkeys((*NUMBERS, *UNPRINTED, "p_value", "df"))
    return {**r, **counts, **empty, "p_method": "", "status": SUPPRESSED, "note": note}


def rounded_counts(r: Row, rule: Rule | None) -> dict[str, int | None]:
    """The counts of a row by themselves, whatever table they are from."""
    # that no value is missing is shown
    counts = {name: rounded(r[name], rule) for name in COUNTS}
    return {**counts, "n_missing": r["n_missing"] and counts["n_missing"]}
