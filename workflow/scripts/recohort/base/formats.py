"""Numbers as journals print them: half-up rounding, p values, intervals. Nothing else in recohort rounds."""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from math import inf, isfinite, isinf, isnan

NOT_ESTIMABLE = "not estimable"
NOT_REACHED = "not reached"
INFINITE = "∞"
RATIO_DIGITS = 2
# Of a ratio: what is beyond is printed as beyond; estimates.csv has it as it is.
LEAST_RATIO, GREATEST_RATIO = 0.001, 1000
MOST_DIGITS = 9
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
        Never "-0.00". "" for a missing value (None or nan), "Inf" or "-Inf" for an infinite one, as `float`
        and R read them: `number` prints it.
    """
    if value is None or value != value:
        return ""
    value = float(value)
    if isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{_rounded(value, digits):f}"


def number(value: float | None, digits: int) -> str:
    """A number as people read it: as `half_up`, with "∞" for an infinite one."""
    return half_up(value, digits).replace("Inf", INFINITE)


def count(value: float | None) -> str:
    """A count with thousands separators; "" for a missing one."""
    return "" if value is None or value != value else f"{_rounded(float(value), 0):,f}"


def percent(part: float, whole: float, digits: int = 1) -> str:
    """
    Percentage of a whole without the sign; "" when the whole is 0.

    "<0.1" where somebody is counted and ">99.9" where not everybody is: "0.0" and "100.0" are nobody and all.
    """
    # scaled before the division so that 1/8 is exactly 12.5
    return share(100 * part / whole, digits) if whole else ""


def share(value: float | None, digits: int = 1, whole: int = 100) -> str:
    """A number per so many: "<0.1" and, of 100, ">99.9" where rounding would make it nobody or everybody."""
    text, least = half_up(value, digits), Decimal(1).scaleb(-digits)
    if value is None or not 0 < value < whole:
        return text
    if Decimal(text) == 0:
        return f"<{least:f}"
    return f">{whole - least:f}" if Decimal(text) == whole else text


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


def decimals(values: Iterable[float | None], least: int, silent: Sequence[float] = (0.0,)) -> int:
    """
    The decimals with which numbers say something.

    Parameters
    ----------
    values : iterable of float
        Printed together: an estimate and the ends of its interval; None or NaN where there is none.
    least : int
        Decimals as usual.
    silent : tuple of float
        Numbers that say nothing when others are rounded to them: 0, of a ratio also 1.

    Returns
    -------
    int
        The usual ones where two of the numbers differ from each other and from the silent ones as printed. If
        not, as many as that takes, and at least two significant digits of the greatest difference from a
        silent number: 0.0035 (0.0021 to 0.0050), 1.0012 (1.0004 to 1.0020). The usual ones where none do.
    """
    known = {float(x) for x in values if x is not None and isfinite(x)} - set(silent)
    needed = min(2, len(known))
    if needed == 0 or _n_told(known, least, silent) >= needed:
        return least
    farthest = max(min(abs(value - other) for other in silent) for value in known)
    for digits in range(least + 1, MOST_DIGITS + 1):
        if farthest * 10 ** (digits - 1) >= 1 and _n_told(known, digits, silent) >= needed:
            return digits
    return least


def _n_told(values: set[float], digits: int, silent: Sequence[float]) -> int:
    """How many different numbers they are as printed, without the silent ones."""
    return len({half_up(value, digits) for value in values} - {half_up(value, digits) for value in silent})


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """
    Both ends, `0.33 to 0.43`, with more decimals where these say nothing; "" when both are missing, a single
    missing end printed as "not estimable".
    """
    return _span(low, high, lambda end: number(end, decimals((low, high), digits)))


def estimate_interval(estimate: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    """
    Estimate with its interval, `33.3 (30.0 to 37.5)`, with more decimals where these say nothing; the
    estimate alone when there is no interval.
    """
    digits = decimals((estimate, low, high), digits)
    return _beside(number(estimate, digits), _span(low, high, lambda end: number(end, digits)))


def percent_interval(estimate: float | None, low: float | None, high: float | None, digits: int = 1) -> str:
    """As `estimate_interval`, of a percentage: the estimate may be "<0.1" or ">99.9", as in `percent`."""
    digits = decimals((estimate, low, high), digits)
    return _beside(share(estimate, digits), _span(low, high, lambda end: number(end, digits)))


def time_interval(median: float | None, low: float | None, high: float | None) -> str:
    """
    A median time with its interval, one decimal as usual: `not reached (50.0 to not reached)`.

    A time that is missing or infinite is not reached.
    """
    median, low, high = (None if time is None or not isfinite(time) else time for time in (median, low, high))
    digits = decimals((median, low, high), 1)
    span = _span(low, high, lambda end: half_up(end, digits), NOT_REACHED)
    return _beside(half_up(median, digits) or NOT_REACHED, span)


def ratio_decimals(estimate: float | None, low: float | None, high: float | None) -> int:
    """The decimals that a ratio is printed with: two, or as many as say something."""
    numbers = (estimate, low, high)
    inside = [x for x in numbers if x is not None and LEAST_RATIO <= x <= GREATEST_RATIO]
    return decimals(inside, RATIO_DIGITS, silent=(0.0, 1.0))


def ratio(value: float | None, digits: int = RATIO_DIGITS) -> str:
    """
    A ratio as printed: `< 0.001` and `> 1,000` beyond these, a small one with two significant digits.

    0 and infinity are what an exact interval may end in, and are printed as such.
    """
    if value is None or isnan(value) or value == 0 or isinf(value):
        return number(value, digits)
    if value > GREATEST_RATIO:
        return f"> {count(GREATEST_RATIO)}"
    if value < LEAST_RATIO:
        return f"< {LEAST_RATIO}"
    return half_up(value, ratio_digits(value, digits))


def ratio_digits(value: float, digits: int) -> int:
    """The decimals of one ratio among others that have these: more, if it would be printed as 0."""
    return digits if not 0 < value < inf or float(half_up(value, digits)) else decimals([value], digits)


def ratio_interval(estimate: float | None, low: float | None, high: float | None) -> str:
    """
    A ratio with its interval, `1.49 (1.10 to 2.01)`, with more decimals where these say nothing; the ratio
    alone when there is no interval.
    """
    digits = ratio_decimals(estimate, low, high)
    return _beside(ratio(estimate, digits), _span(low, high, lambda end: ratio(end, digits)))


def is_far_from_its_step(estimate: float | None, low: float | None, high: float | None) -> bool:
    """Whether a ratio is so near 1, or so far from it, that another step of its variable says more."""
    is_beyond = estimate is not None and (estimate < LEAST_RATIO or estimate > GREATEST_RATIO)
    return is_beyond or ratio_decimals(estimate, low, high) > RATIO_DIGITS


def _span(
    low: float | None,
    high: float | None,
    printed: Callable[[float | None], str],
    missing: str = NOT_ESTIMABLE,
) -> str:
    if _is_missing(low) and _is_missing(high):
        return ""
    return " to ".join(printed(end) or missing for end in (low, high))


def _beside(estimate: str, span: str) -> str:
    return f"{estimate} ({span})" if span else estimate


def _is_missing(value: float | None) -> bool:
    return value is None or value != value


def _rounded(value: float, digits: int) -> Decimal:
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), context=EXACT)
    return abs(rounded) if rounded == 0 else rounded
