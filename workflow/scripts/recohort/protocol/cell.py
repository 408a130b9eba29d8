"""One cell: a text read as a value by the codebook's entry for it, or refused with the reason."""

import re
from collections.abc import Collection, Set
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import floor, isfinite
from typing import NamedTuple

from recohort.base.errors import nearest
from recohort.protocol.model import Range, Variable

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
ISO = "%Y-%m-%d"
ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# parts of a date format with nothing between them: 1122020 is 11 February, or 1 December without its zero
# a day as a number, such as the serial of a spreadsheet
SINCE = re.compile("days since ([0-9]{4}-[0-9]{2}-[0-9]{2})")
# marks between thousands, each with what is typed and printed for it: spaces of any width, apostrophes
THOUSANDS = {".": ".", ",": ",", " ": " \u00a0\u2009\u202f", "'": "'\u2019"}
ADJOINING = re.compile("%[A-Za-z]%[A-Za-z]")


class Reading(NamedTuple):
    """
    What a text was read as.

    value : str, float, date or None where it is missing or refused.
    rule : str, what changed the cell; "" if it stands as it was.
    problem : str, why the cell is refused, without its contents; "" if it is not.
    hint : str, more about the problem, with the contents perhaps.
    """

    value: str | float | date | None = None
    rule: str = ""
    problem: str = ""
    hint: str = ""


def read(text: str, variable: Variable, missing: Set[str] = frozenset()) -> Reading:
    """
    Read one cell.

    The first declared spelling (date format, flag word, decimal mark) is native and leaves no trace; another
    is named as a rule for the ledger. A refused cell has no rule: it is in the quarantine, not in the ledger.

    Parameters
    ----------
    text : str
    variable : Variable
    missing : set of str
        Texts that mean missing, besides the variable's own.

    Returns
    -------
    Reading
    """
    stripped = text.strip()
    if stripped in variable.recode:
        reading = recoded(stripped, variable)
    elif not stripped:
        reading = Reading()
    elif _means_missing(stripped, variable, {*missing, *variable.missing}):
        reading = Reading(rule="missing code")
    else:
        reading = typed(stripped, variable)
    if reading.problem:
        set_to_missing = Reading(rule=f"set to missing: {reading.problem}")
        return set_to_missing if variable.unreadable == "missing" else reading
    return reading._replace(rule="trimmed") if stripped != text and not reading.rule else reading


def recoded(text: str, variable: Variable) -> Reading:
    """A text that the codebook recodes: to a level of a factor, else to a text that is read in its place."""
    to = variable.recode[text]
    if to is None:
        return Reading(rule="recoded to missing")
    reading = Reading(to) if variable.is_factor else typed(to, variable)
    return reading if reading.problem or to == text else reading._replace(rule="recoded")


def typed(text: str, variable: Variable) -> Reading:
    """A text that is neither empty nor recoded nor a code for missing, read by type and range."""
    match variable.type:
        case "category":
            return _level(text, variable.levels)
        case "flag":
            return _flag(text, variable)
        case "number" | "date":
            return _within(_unlimited(text, variable), variable.range)
    return Reading(text)


def _means_missing(text: str, variable: Variable, codes: Collection[str]) -> bool:
    """A code as it stands, or another spelling of its number or date: 99.0 is 99."""
    if text in codes or variable.type not in ("number", "date"):
        return text in codes
    value = _unlimited(text, variable).value
    return value is not None and value in [_unlimited(code, variable).value for code in codes]


def _unlimited(text: str, variable: Variable) -> Reading:
    """A number or a date, in the range or not."""
    if variable.type == "number":
        return _number(text, variable)
    return _date(text, variable.formats, variable.range)


def _level(text: str, levels: Collection[str]) -> Reading:
    return Reading(text) if text in levels else Reading(problem="not a level", hint=nearest(text, levels))


def _flag(text: str, variable: Variable) -> Reading:
    word = text.casefold()
    for level, words in (("yes", variable.positive), ("no", variable.negative)):
        if word in words:
            return Reading(level, rule="" if word == words[0] else "flag spelling")
    return Reading(problem="neither yes nor no", hint=nearest(text, [*variable.positive, *variable.negative]))


def _number(text: str, variable: Variable) -> Reading:
    decimal, rules = variable.decimal, []
    if variable.unit == "%" and text.endswith("%"):
        text, rules = text[:-1].rstrip(), ["percent sign"]
    if variable.thousands is not None:
        text, grouped = _ungrouped(text, THOUSANDS[variable.thousands], decimal), text
        rules += ["mark of thousands"] if text != grouped else []
    if decimal == "," and "." in text:
        return Reading(problem="a point where a decimal comma is declared")
    plain = text if decimal == "." else text.replace(",", ".")
    if not NUMBER.fullmatch(plain) or not isfinite(float(plain)):
        return Reading(problem="not a number")
    rules += ["decimal comma"] if decimal == "either" and "," in text else []
    return Reading(float(plain), rule=", ".join(rules))


def _ungrouped(text: str, marks: str, decimal: str) -> str:
    """A number without its marks of thousands; as it is where they are not before three digits each."""
    whole, mark, rest = text.partition(decimal)
    is_grouped = re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}([{marks}])\d{{3}}(\1\d{{3}})*", whole)
    return f"{re.sub(f'[{marks}]', '', whole)}{mark}{rest}" if is_grouped else text


# every text is held against the same few codes for missing
@lru_cache(maxsize=1024)
def _date(text: str, formats: tuple[str, ...], limits: Range | None = None) -> Reading:
    found: dict[date, str] = {}
    for pattern in formats:
        try:
            for day in _days(text, pattern, limits):
                found.setdefault(day, pattern)
        except ValueError:
            continue
    if not found:
        return Reading(problem="not a date in a declared format", hint=", ".join(formats))
    if len(found) > 1:
        return Reading(problem="an ambiguous date", hint=" or ".join(str(day) for day in sorted(found)))
    day, pattern = found.popitem()
    if not _holds_a_day(pattern):
        return Reading(day, rule=f"date format {pattern}, first day of the period taken")
    return Reading(day, rule="" if pattern == formats[0] else f"date format {pattern}")


def _days(text: str, pattern: str, limits: Range | None) -> list[date]:
    """The day that a text means; of a year of two digits, that of each century that the limits allow."""
    day = _day(text, pattern)
    if limits is None or "%y" not in pattern:
        return [day]
    others = [found for years in (-100, 100) if (found := _years_later(day, years)) is not None]
    return [found for found in (day, *others) if limits[0] <= str(found) <= limits[1]] or [day]


def _years_later(day: date, years: int) -> date | None:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 1900 has no 29 February
        return None


def _day(text: str, pattern: str) -> date:
    # as strptime reads it, which takes some 30 times longer
    if pattern == ISO and ISO_DATE.fullmatch(text):
        return date.fromisoformat(text)
    if since := SINCE.fullmatch(pattern):
        return _days_after(date.fromisoformat(since[1]), text)
    found = datetime.strptime(text, pattern)
    if ADJOINING.search(pattern) and max(re.findall(r"\d+", text), key=len) not in found.strftime(pattern):
        raise ValueError("a digit is missing")
    return found.date()


def _days_after(origin: date, text: str) -> date:
    if not re.fullmatch(r"[+-]?\d{1,6}(\.\d*)?", text):
        raise ValueError("no number of days")
    try:
        # the time of the day is no part of a date
        return origin + timedelta(days=floor(float(text)))
    except OverflowError:
        raise ValueError("no day of a calendar") from None


@lru_cache
def _holds_a_day(pattern: str) -> bool:
    if SINCE.fullmatch(pattern):
        return True
    fourth = datetime(2003, 2, 4)
    return datetime.strptime(fourth.strftime(pattern), pattern).day == fourth.day


def _within(reading: Reading, limits: Range | None) -> Reading:
    if reading.value is None or limits is None:
        return reading
    low, high = limits
    # both ends of a range of dates are ISO texts
    value = reading.value if isinstance(reading.value, float) else str(reading.value)
    return reading if low <= value <= high else Reading(problem=f"outside the range {low} to {high}")
