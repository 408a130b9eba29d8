"""
What an expression works on: columns in which a value may be unknown, and the functions over them.

A missing value is unknown, and unknown propagates as in SQL (Kleene's three values): `unknown and false` is
false, `unknown or true` is true. What has no value (1 / 0, log(0), sqrt(-1), an overflow) is unknown too.
docs/expressions.md is the page for users.
"""

import ast
import operator
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from recohort.base import formats

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
KINDS = {"O": "text", "f": "a number", "b": "a condition", "M": "a date"}
# Beyond it every float is a whole number, and what is rounded has no more decimals than asked for.
WHOLE = 2.0**53
# A column, or of a constant what has no dimension.
Array = NDArray[Any]
Integers = NDArray[np.int64]


class Values(NamedTuple):
    """An array and, of the same shape, where it is known."""

    values: Array
    known: NDArray[np.bool_]


def constant(value: str | float) -> Values:
    """A number or text of an expression as Values without a dimension."""
    return Values(np.asarray(value, dtype=object if isinstance(value, str) else float), np.asarray(True))


def truth(part: Values) -> Values:
    """A Values as a boolean one, a flag being true where it is "yes"; TypeError for anything else."""
    kind = part.values.dtype.kind
    if kind == "b":
        return part
    if kind != "O":
        raise TypeError(f"{KINDS[kind]} is neither true nor false")
    return Values(_is_yes(part, "a flag alone is a condition, another text needs a comparison"), part.known)


def every(parts: Sequence[Values]) -> Values:
    """Kleene's and: false wins over unknown."""
    values = np.logical_and.reduce(np.broadcast_arrays(*[part.values & part.known for part in parts]))
    any_false = np.logical_or.reduce(np.broadcast_arrays(*[~part.values & part.known for part in parts]))
    return Values(values, values | any_false)


def either(parts: Sequence[Values]) -> Values:
    """Kleene's or: true wins over unknown."""
    values = np.logical_or.reduce(np.broadcast_arrays(*[part.values & part.known for part in parts]))
    all_known = np.logical_and.reduce(np.broadcast_arrays(*[part.known for part in parts]))
    return Values(values, values | all_known)


def compare(a: Values, op: type[ast.cmpop], b: Values) -> Values:
    """
    Two Values compared.

    Parameters
    ----------
    a, b : Values
        Of one kind; a text constant beside dates is a date.
    op : type
        A key of COMPARISONS.

    Returns
    -------
    Values
        Of bool, unknown where either is.

    Raises
    ------
    TypeError
        For two kinds, or an order of texts.
    """
    a, b = _alike([a, b])
    if a.values.dtype.kind == "O" and op not in (ast.Eq, ast.NotEq):
        raise TypeError("text has no order; compare levels with == or in")
    known = a.known & b.known
    return Values(COMPARISONS[op](a.values, b.values) & known, known)


def calculate(a: Values, op: type[ast.operator], b: Values) -> Values:
    """
    Two Values added, subtracted and so on.

    Parameters
    ----------
    a, b : Values
        Numbers, or conditions and flags as 1 and 0; or two dates, whose difference is in days. A text
        constant beside a date is one.
    op : type
        A key of ARITHMETIC.

    Returns
    -------
    Values
        Of float, unknown where either is or the result is not finite.

    Raises
    ------
    TypeError
        For text, and for dates in anything but a difference.
    """
    if "M" in {a.values.dtype.kind, b.values.dtype.kind}:
        a, b = _iso(a), _iso(b)
    x, y = _number(a), _number(b)
    kinds = {x.dtype.kind, y.dtype.kind}
    if "M" not in kinds:
        return _finite(ARITHMETIC[op](x, y), a.known & b.known)
    if kinds != {"M"} or op is not ast.Sub:
        raise TypeError("dates can be subtracted from each other only")
    return _finite((x - y) / np.timedelta64(1, "D"), a.known & b.known)


def known(part: Values) -> Values:
    """Where a value is known; never unknown itself."""
    # a bool of numpy's own is an array without a dimension to all that follows
    return Values(cast(Array, part.known), np.ones_like(part.known))


def months(start: Values, end: Values) -> Values:
    """
    Completed calendar months from one date to another.

    Parameters
    ----------
    start, end : Values
        Dates.

    Returns
    -------
    Values
        The greatest whole number of months that can be added to `start` without passing `end`. A day that a
        month lacks counts as the first of the next, so that who is born on 29 February has their birthday on
        1 March in other years: English and German law, and R's `lubridate::time_length`. Negative
        where `end` is before `start`.
    """
    start, end = _date(start, "months(from, to)"), _date(end, "months(from, to)")
    return Values(_months(start, end).astype(float), start.known & end.known)


def years(start: Values, end: Values) -> Values:
    """Completed calendar years from one date to another, every twelve of `months`."""
    start, end = _date(start, "years(from, to)"), _date(end, "years(from, to)")
    return Values((_months(start, end) // 12).astype(float), start.known & end.known)


def if_(condition: Values, yes: Values, no: Values) -> Values:
    """One of two Values; unknown where the condition or the one taken is unknown."""
    held = truth(condition)
    yes, no = _alike([yes, no])
    values = np.where(held.values, yes.values, no.values)
    return Values(values, held.known & np.where(held.values, yes.known, no.known))


def coalesce(*parts: Values) -> Values:
    """The first of several Values that is known."""
    alike = _alike(parts)
    values, is_known = alike[-1]
    for part in reversed(alike[:-1]):
        values = np.where(part.known, part.values, values)
        is_known = part.known | is_known
    return Values(values, is_known)


def minimum(*parts: Values) -> Values:
    return _extreme(parts, np.minimum)


def maximum(*parts: Values) -> Values:
    return _extreme(parts, np.maximum)


def absolute(part: Values) -> Values:
    return _of_number(part, np.abs, "abs(x)")


def log(part: Values) -> Values:
    return _of_number(part, np.log, "log(x)")


def log2(part: Values) -> Values:
    return _of_number(part, np.log2, "log2(x)")


def exp(part: Values) -> Values:
    return _of_number(part, np.exp, "exp(x)")


def sqrt(part: Values) -> Values:
    return _of_number(part, np.sqrt, "sqrt(x)")


def rounded(part: Values, digits: Values | None = None) -> Values:
    """
    A number rounded half away from zero, as `formats.half_up` prints it: 2.5 to 3, 0.285 to 0.29.

    Parameters
    ----------
    part : Values
    digits : Values, optional
        Decimals, a whole number from 0 to 15; none without it.

    Returns
    -------
    Values
    """
    n = 0 if digits is None else int(digits.values)
    return _of_number(part, lambda values: _half_up(np.asarray(values), n), "round(x, digits)")


class Function(NamedTuple):
    """How a function is written, how many arguments it takes (`most` None: any number), what it does."""

    signature: str
    fewest: int
    most: int | None
    apply: Callable[..., Values]


FUNCTIONS = {
    "known": Function("known(x)", 1, 1, known),
    "years": Function("years(from, to)", 2, 2, years),
    "months": Function("months(from, to)", 2, 2, months),
    "if": Function("if(condition, a, b)", 3, 3, if_),
    "coalesce": Function("coalesce(a, b, ...)", 2, None, coalesce),
    "min": Function("min(a, b, ...)", 2, None, minimum),
    "max": Function("max(a, b, ...)", 2, None, maximum),
    "abs": Function("abs(x)", 1, 1, absolute),
    "round": Function("round(x, digits)", 1, 2, rounded),
    "log": Function("log(x)", 1, 1, log),
    "log2": Function("log2(x)", 1, 1, log2),
    "exp": Function("exp(x)", 1, 1, exp),
    "sqrt": Function("sqrt(x)", 1, 1, sqrt),
}


def _alike(parts: Sequence[Values]) -> Sequence[Values]:
    """Values of one kind, text constants beside dates being dates; TypeError for several kinds."""
    kinds = {part.values.dtype.kind for part in parts}
    if kinds == {"O", "M"}:
        parts = [_iso(part) for part in parts]
        kinds = {part.values.dtype.kind for part in parts}
    if len(kinds) > 1:
        raise TypeError(" and ".join(dict.fromkeys(KINDS[part.values.dtype.kind] for part in parts)))
    return parts


def _iso(part: Values) -> Values:
    """A text constant as a date; anything else as it is."""
    if part.values.dtype.kind != "O" or part.values.ndim:
        return part
    text = part.values.item()
    try:
        return Values(np.asarray(date.fromisoformat(text), dtype="datetime64[D]"), part.known)
    except ValueError:
        raise TypeError(f"{text!r} is not a date like '2020-01-31'") from None


def _date(part: Values, signature: str) -> Values:
    part = _iso(part)
    if part.values.dtype.kind != "M":
        kind = KINDS[part.values.dtype.kind]
        raise TypeError(f"{signature} takes two dates, and {kind} is none")
    return part


def _number(part: Values) -> Array:
    """Numbers and dates as they are, flags and conditions as 1 and 0."""
    if part.values.dtype.kind == "O":
        return _is_yes(part, "text in arithmetic").astype(float)
    return part.values.astype(float) if part.values.dtype.kind == "b" else part.values


def _is_yes(part: Values, problem: str) -> NDArray[np.bool_]:
    is_yes = np.equal(part.values, "yes").astype(bool)
    if np.any(part.known & ~is_yes & np.not_equal(part.values, "no").astype(bool)):
        raise TypeError(problem)
    return is_yes


def _finite(values: Array, is_known: NDArray[np.bool_]) -> Values:
    return Values(values, is_known & np.isfinite(values))


def _of_number(part: Values, function: Callable[[Array], Array], signature: str) -> Values:
    values = _number(part)
    if values.dtype.kind == "M":
        raise TypeError(f"{signature} takes a number, not a date")
    return _finite(function(values), part.known)


def _extreme(parts: Sequence[Values], ufunc: np.ufunc) -> Values:
    """The least or greatest of numbers or of dates; unknown where any is."""
    if any(part.values.dtype.kind == "M" for part in parts):
        arrays = [part.values for part in _alike(parts)]
    else:
        arrays = [_number(part) for part in parts]
    values, is_known = arrays[0], parts[0].known
    for array, part in zip(arrays[1:], parts[1:], strict=True):
        values, is_known = ufunc(values, array), is_known & part.known
    return Values(values, is_known)


def _months(start: Values, end: Values) -> Integers:
    """Completed months from dates to dates, whole numbers; anything where one is unknown."""
    # the month takes up all but five bits, so that a day that is not reached borrows one month
    return (_month_and_day(end) - _month_and_day(start)) >> 5


def _month_and_day(part: Values) -> Integers:
    """32 times the month plus the day in it, as whole numbers; looked up where dates are many."""
    dates = part.values.astype("datetime64[D]")
    days = dates.astype(np.int64)
    of_known = days[part.known]
    if not of_known.size or of_known.max() - of_known.min() >= of_known.size:
        return _split(dates)
    low, high = of_known.min(), of_known.max()
    table = _split(np.arange(low, high + 1).astype("datetime64[D]"))
    found: Integers = table[np.clip(days, low, high) - low]
    return found


def _split(dates: NDArray[np.datetime64]) -> Integers:
    month = dates.astype("datetime64[M]")
    found: Integers = month.astype(np.int64) * 32 + (dates - month).astype(np.int64)
    return found


def _half_up(values: Array, digits: int) -> Array:
    scale = 10.0**digits
    scaled = np.abs(values) * scale
    below = np.floor(scaled)
    rest = scaled - below
    whole = below + (rest >= 0.5)
    if digits:
        # the product is off by half a unit in the last place, which matters beside a half only
        is_close = (np.abs(rest - 0.5) <= np.spacing(scaled)) & (scaled < WHOLE)
        numbers, places = np.unique(np.abs(values)[is_close], return_inverse=True)
        exact = np.array([float(Decimal(formats.half_up(x, digits)) * 10**digits) for x in numbers.tolist()])
        np.place(whole, is_close, exact[places] if len(numbers) else [0.0])
    # a zero is never negative
    return np.where(scaled < WHOLE, np.copysign(whole / scale, values) + 0.0, values)
