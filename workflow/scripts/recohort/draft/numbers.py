"""Numbers of an extract: the spellings that read a column, and where two read it differently."""

import re
from collections import Counter
from collections.abc import Iterable
from math import floor, log10
from typing import Any

from recohort.draft import words
from recohort.protocol.cell import typed
from recohort.protocol.model import variable
from recohort.statistics import rank_tests

SHARE = 0.8  # of the cells that must fit a type
LIMITS: dict[str | None, tuple[int, int]] = {"years": (0, 120), "%": (0, 100)}
MOST_CODES = 6  # of whole numbers of one digit taken as levels
ROWS_PER_CODE = 10
MOST_BOUNDS = 12  # of texts such as <0.5 in a column of numbers
RARE_NEGATIVE = 0.02
FAR = 10  # interquartile ranges beyond a quartile
# a step between limits of a range is never finer than a part of the values, nor out of reach of a float
PRECISION, SMALLEST, LARGEST = 1e-9, 1e-12, 1e300
SPELLINGS: tuple[dict[str, Any], ...] = (
    *({}, {"decimal": ","}, {"thousands": ","}, {"decimal": ",", "thousands": "."}, {"thousands": "'"}),
    *({"decimal": ",", "thousands": " "}, {"thousands": " "}, {"decimal": ",", "thousands": "'"}),
)
MIXED = {"decimal": "either"}
MARKED = re.compile(r"[+-]?[\d.,'\u2019\s]*\d[\d.,eE+-]*\s*%?")
SAID = {".": "dots", ",": "commas", " ": "spaces", "'": "apostrophes"}
BOUND = re.compile(r"(?:[<>≤≥]|<=|>=)\s*(?=[\d.,+-])")


def guess(column: str, values: Counter[str], decimal: str | None = None) -> tuple[Any, ...] | None:
    """
    Guess whether a column has numbers.

    Parameters
    ----------
    column : str
    values : Counter
        Rows of each text that is not missing.
    decimal : str, optional
        The decimal mark of the other columns.

    Returns
    -------
    entry, notes, assumptions, choices
        As `recohort.draft.guess.Guess` has them; choices instead of an entry where two spellings read the
        texts differently and nothing tells which is meant. None where most texts are no numbers.
    """
    found: Any
    signed = any(text.endswith("%") for text in values)
    unit = "%" if signed else unit_of(column)
    bounds = {text: text[found.end() :] for text in values if (found := BOUND.match(text))}
    best = _best(values, unit)
    if best is None:
        return None
    keys, found = best[0]
    with_bounds = {text: number for text, number in bounds.items() if _read(number, keys, unit) is not None}
    n = sum(values[text] for text in found)
    n_all = n + sum(values[text] for text in with_bounds)
    if n_all < SHARE * values.total() or 2 * n < n_all or _are_codes(found, n):
        return None
    notes = _spelling_notes(values, found, signed)
    if len(best) > 1:
        best = [(k, f) for k, f in best if decimal == _number(None, k).decimal] or best
        keys, found = best[0]
    if 0 < len(with_bounds) <= MOST_BOUNDS:
        notes.append("numbers such as <5 are read as that bound: are they, or is it a category?")
        recode = {"recode": with_bounds}
    else:
        recode = {}
    entries = [_entry(k, f, values, unit, recode) for k, f in best]
    if len(entries) == 1:
        (entry, more), *_ = entries
        return entry, [*notes, *_marks_said(keys), *more], [], ()
    marks = " or ".join(dict.fromkeys(SAID[k["thousands"]] for k, _ in best if "thousands" in k))
    notes.append(f"{marks} may be decimal marks or stand for thousands; take one of these entries")
    return {"type": "text"}, notes, [], tuple(entry for entry, _ in entries)


def decimal_mark(values: Counter[str]) -> str | None:
    """The decimal mark that a column of numbers must have, None if it tells of none."""
    best = _best(values, None)
    if best is None or len(best) != 1 or not best[0][1]:
        return None
    keys, found = best[0]
    mark = _number(None, keys).decimal
    is_used = mark in SAID and any(mark in text for text in found)
    return mark if is_used and sum(values[text] for text in found) >= SHARE * values.total() else None


def unit_of(column: str) -> str | None:
    """The unit that a column's name states, None if it does not."""
    units = [*words.TIME_UNITS.items(), ("years", words.AGE), ("%", words.PERCENT)]
    found = next((unit for unit, table in units if words.has_any(column, table)), None)
    return "%" if found is None and "%" in column else found


def as_number(text: str) -> float | None:
    """A number with a decimal point or comma, None for any other text."""
    return _read(text, MIXED, None)


def _read(text: str, keys: dict[str, Any], unit: str | None) -> float | None:
    value = typed(text, _number(unit, keys)).value
    return value if isinstance(value, float) else None


def _number(unit: Any, keys: dict[str, Any]) -> Any:
    """A variable of the codebook that reads a number in a spelling."""
    unit = {} if unit is None else {"unit": unit}
    return variable("x", {"type": "number", "label": "x", **unit, **keys})


def _best(values: Counter[str], unit: str | None) -> list[tuple[dict[str, Any], dict[str, float]]] | None:
    """The spellings that read the most rows, one for each way to read them; the plainest first."""
    # a text of digits only is the same number in every spelling
    plain = {text: float(text) for text in values if text.isascii() and text.isdecimal() and len(text) < 300}
    marked = [text for text in values if text not in plain and MARKED.fullmatch(text)]
    read = []
    for keys in (*SPELLINGS, MIXED):
        spelling = _number(unit, keys)
        found = plain | {
            text: value for text in marked if isinstance(value := typed(text, spelling).value, float)
        }
        read.append((keys, found, sum(values[text] for text in found)))
    most = max(n for _, _, n in read)
    if not most:
        return None
    best: list[tuple[dict[str, Any], dict[str, float]]] = []
    for keys, found, n in read:
        # mixed marks are the last resort: they read anything
        if n == most and not (keys is MIXED and best) and found not in [other for _, other in best]:
            best.append((keys, found))
    return best


def _entry(
    keys: dict[str, Any],
    found: dict[str, float],
    values: Counter[str],
    unit: str | None,
    recode: dict[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    entry = {"type": "number", **keys}
    entry["range"], notes = _range(_weighted(found, values), unit)
    if unit:
        entry["unit"] = unit
    return {**entry, **recode}, notes


def _weighted(found: dict[str, float], values: Counter[str]) -> list[float]:
    return sorted(value for text, value in found.items() for _ in range(values[text]))


def _spelling_notes(values: Counter[str], found: Iterable[str], signed: bool) -> list[str]:
    notes = []
    if signed and not all(text.endswith("%") for text in found):
        notes.append("some cells have a percent sign and others do not: are those fractions?")
    return notes


def _marks_said(keys: dict[str, Any]) -> list[str]:
    if keys is MIXED:
        return ["decimal points and commas are mixed"]
    if "thousands" in keys:
        return [f"{SAID[keys['thousands']]} are read as marks of thousands"]
    return []


def _are_codes(found: dict[str, float], n: int) -> bool:
    distinct = set(found.values())
    is_short = all(value in range(10) for value in distinct)
    return is_short and len(distinct) <= MOST_CODES and n >= ROWS_PER_CODE * len(distinct)


def _range(values: list[float], unit: str | None) -> tuple[list[float], list[str]]:
    """A range wider than what occurs, so that it gives no patient's value away, and what is odd about it."""
    notes: list[str] = []
    limits: Any = LIMITS.get(unit)
    inside = [value for value in values if limits is None or limits[0] <= value <= limits[1]]
    if len(inside) == len(values) or len(inside) < SHARE * len(values):
        inside = values
    else:
        notes.append(f"some values are outside {limits[0]} to {limits[1]}")
    if unit == "%" and inside[-1] <= 1 and inside[0] != inside[-1]:
        notes.append("percentages of 1 at most: are they fractions?")
    negative = sum(value < 0 for value in inside)
    if 0 < negative <= RARE_NEGATIVE * len(inside):
        notes.append("some values are below 0, though hardly any")
        inside = [value for value in inside if value >= 0]
    q1, _, q3 = rank_tests.quartiles(inside)
    if q3 > q1 and (inside[0] < q1 - FAR * (q3 - q1) or inside[-1] > q3 + FAR * (q3 - q1)):
        notes.append("some values are far from the others: narrow the range if they cannot be")
    return _rounded_outwards(inside[0], inside[-1]), notes


def _rounded_outwards(low: float, high: float) -> list[float]:
    """Limits beyond both ends, of one digit more than their distance has."""
    distance = min(high - low or abs(low) or 1.0, LARGEST)
    step = max(10.0 ** floor(log10(distance)), PRECISION * max(abs(low), abs(high)), SMALLEST)
    down, up = floor(low / step) * step, -floor(-high / step) * step
    # a limit must not be the value itself, unless it is the natural zero
    down = down if down < low or low == 0 else down - step
    return [float(f"{down:.12g}"), float(f"{up if up > high else up + step:.12g}")]
