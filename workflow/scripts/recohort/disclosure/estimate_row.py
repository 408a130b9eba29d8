"""A row of the estimates as it may be shown: kept with the digits that are printed, or suppressed."""

from collections.abc import Mapping
from typing import Any

from recohort.base import formats
from recohort.disclosure.rule import Rule, cut, cut_p, cut_ratio, rounded

Row = Mapping[str, Any]
Counts = Mapping[str, int | None]

SUPPRESSED = "suppressed"
SMALL = "rests on a count that is withheld"
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high")
# Not printed, and with more digits than the p value: they would tell what is cut from it.
UNPRINTED = ("statistic", "df_denominator", "fmi")
LEFT_OUT = ("n_no_outcome", "n_no_covariate")
COUNTS = ("n", "events", "n_level", "events_level", "n_missing", *LEFT_OUT)
# Measures that are printed as ratios; all others have two digits, or these.
RATIOS = ("OR", "HR")
DIGITS = {"concordance": 3}


def kept(r: Row, counts: Counts) -> dict[str, Any]:
    """A row with its numbers as printed, and these counts."""
    if r["measure"] in RATIOS:
        digits = formats.ratio_decimals(r["estimate"], r["ci_low"], r["ci_high"])
        numbers = {name: cut_ratio(r[name], digits) for name in NUMBERS}
    else:
        numbers = {name: cut(r[name], DIGITS.get(r["measure"], 2)) for name in NUMBERS}
    return {**r, **counts, **numbers, **dict.fromkeys(UNPRINTED), "p_value": cut_p(r["p_value"])}


def suppressed(r: Row, counts: Counts, note: str = SMALL) -> dict[str, Any]:
    """A row without its numbers, and these counts."""
    empty = dict.fromkeys((*NUMBERS, *UNPRINTED, "p_value", "df"))
    return {**r, **counts, **empty, "p_method": "", "status": SUPPRESSED, "note": note}


def rounded_counts(r: Row, rule: Rule | None) -> dict[str, int | None]:
    """The counts of a row by themselves, whatever table they are from."""
    counts = {name: rounded(r[name], rule) for name in COUNTS}
    # that no value is missing is shown
    return {**counts, "n_missing": r["n_missing"] and counts["n_missing"], **left_out(r, rule)}


def left_out(r: Row, rule: Rule | None) -> dict[str, int | None]:
    """Those left out: a small number would be what the other one leaves, so both are withheld; 0 is shown."""
    found = {name: r[name] for name in LEFT_OUT}
    if rule is not None and any(n is not None and 0 < n <= rule.threshold for n in found.values()):
        return {name: 0 if n == 0 else None for name, n in found.items()}
    return {name: n and rounded(n, rule) for name, n in found.items()}
