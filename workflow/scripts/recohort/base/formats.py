"""Numbers as journals print them: half-up rounding, p values, intervals. Nothing else in recohort rounds."""

from decimal import ROUND_HALF_UP, Context, Decimal
from math import isinf

NOT_ESTIMABLE = "not estimable"
# wide enough for the largest float with decimals behind it
EXACT = Context(prec=400, rounding=ROUND_HALF_UP)


def half_up(value: float | None, digits: int) -> str:
    """
    A number with a fixed count of decimals, halves away from zero.

    Parameters
    ----------
    value : float or int
        Rounded as the shortest decimal that identifies it: 0.285 gives 0.29, not its binary neighbour's 0.28.
    digits : int
        Decimals, >= 0.

    Returns
    -------
    str
        Never "-0.00". "" for a missing value (None or nan), "Inf" or "-Inf" for an infinite one.
    """
    if value is None or value != value:
        return ""
    value = float(value)
    if isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{_rounded(value, digits):f}"


def count(value: float | None) -> str:
    """A count with thousands separators; "" for a missing one."""
    return "" if value is None or value != value else f"{_rounded(float(value), 0):,f}"


def percent(part: float, whole: float, digits: int = 1) -> str:
    """Percentage of a whole without the sign; "" when the whole is 0."""
    # scaled before the division so that 1/8 is exactly 12.5
    return half_up(100 * part / whole, digits) if whole else ""


def count_percent(part: float, whole: float, digits: int = 1) -> str:
    """Count and percentage as in a table's cell, `68 (8.9)`; the count alone when the whole is 0."""
    return f"{count(part)} ({percent(part, whole, digits)})" if whole else count(part)


def p_value(p: float | None) -> str:
    """
    A p value with three decimals, "<0.001" and ">0.999" at the ends; "" for a missing one.

    Three decimals everywhere: one rule, so that 0.049 and 0.051 stay apart in every table.
    """
    if p is None or p != p:
        return ""
    if p < 0.001:
        return "<0.001"
    return ">0.999" if p > 0.999 else half_up(p, 3)


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """Both ends, `0.33 to 0.43`; "" when both are missing, a single missing end printed as "not reached"."""
    if _is_missing(low) and _is_missing(high):
        return ""
    return " to ".join(half_up(end, digits) or "not reached" for end in (low, high))


def estimate_interval(estimate: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """Estimate with its interval, `1.49 (1.10 to 2.01)`; the estimate alone when there is no interval."""
    span = interval(low, high, digits)
    return f"{half_up(estimate, digits)} ({span})" if span else half_up(estimate, digits)


def _is_missing(value: float | None) -> bool:
    return value is None or value != value


def _rounded(value: float, digits: int) -> Decimal:
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), context=EXACT)
    return abs(rounded) if rounded == 0 else rounded
