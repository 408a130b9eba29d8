"""Dates of an extract: the formats that read a column, and where they leave a choice."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from recohort.draft import words
from recohort.draft.numbers import SHARE
from recohort.protocol.cell import typed
from recohort.protocol.model import variable

FORMAT_SHARE = 0.01  # of the cells that a further format must read
FORMATS = (
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d-%b-%Y", "%d %b %Y", "%d%b%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *(
        "%d/%m/%y",
        "%m/%d/%y",
        "%d.%m.%y",
        "%m.%d.%y",
        "%d-%m-%y",
        "%m-%d-%y",
        "%d-%b-%y",
        "%d.%m.%Y %H:%M",
        "%d/%m/%Y %H:%M",
    ),
    *("%Y-%m", "%m/%Y", "%m.%Y", "%Y/%m", "%Ym%m", "%b%Y", "%b-%Y", "%b %Y", "%B %Y", "%b-%y", "%b%y"),
)
# strptime is slow to refuse a text: of numbers and names, most of an extract, the shape tells at once
DIGITS = {"%Y": r"\d{4}", "%b": r"[^\W\d]+", "%B": r"[^\W\d]+"}
SHAPES = {
    pattern: re.compile(re.sub("%[a-zA-Z]", lambda part: DIGITS.get(part[0], r"\d{1,2}"), re.escape(pattern)))
    for pattern in FORMATS
}
# days as numbers: what counts them, from when; spreadsheets first
SERIALS = {
    "Excel": "days since 1899-12-30",
    "SAS or Stata": "days since 1960-01-01",
    "R": "days since 1970-01-01",
}
SERIAL = re.compile(r"\d{4,5}(\.\d+)?")
FIRST_YEAR = 1950  # of a date that is no birth
ADULT_YEARS = 18
PLAUSIBLE_YEARS = (1900, 2100)


def guess(
    column: str, values: Counter[str], is_workbook: bool = False, today: date | None = None
) -> tuple[Any, ...] | None:
    """
    Guess whether a column has dates.

    Parameters
    ----------
    column : str
    values : Counter
        Rows of each text that is not missing.
    is_workbook : bool
        Then a number of days is a serial of Excel.
    today : date, optional
        No date is taken to be later.

    Returns
    -------
    entry, notes, assumptions, choices
        As `recohort.draft.guess.Guess` has them; choices instead of an entry where the century or the first
        day of a count is not certain. None where most texts are no dates.
    """
    today = today or date.today()
    serials = _serials(column, values, is_workbook, today)
    read = {}
    for pattern in FORMATS:
        found = {text: day for text in values if (day := _day(text, pattern)) is not None}
        if found:
            read[pattern] = found
    chosen = _cover(read, values)
    days = {text: day for pattern in reversed(chosen) for text, day in read[pattern].items()}
    counted = {text for text in values if SERIAL.fullmatch(text)} - set(days) if serials else set()
    if sum(values[text] for text in {*days, *counted}) < SHARE * values.total() or not values:
        return None
    if counted and days and not is_workbook:
        # beside dates, the numbers are cells of a spreadsheet that lost their format
        serials = {"Excel": SERIALS["Excel"]}
    notes, assumptions = [], []
    if counted:
        notes.append(f"numbers are read as days, as {' or '.join(serials)} counts them")
    entries = [{"type": "date", "formats": [*chosen, form]} for form in serials.values()] if counted else []
    entry = entries[0] if entries else {"type": "date", "formats": chosen}
    if len(entries) > 1:
        return {"type": "text"}, [*notes, "take one of these entries"], [], tuple(entries)
    for pattern in chosen:
        other = _opposite(pattern)
        if other not in read:
            continue
        if set(read[other]) >= set(read[pattern]):
            order = "day before month" if pattern.startswith("%d") else "month before day"
            assumptions.append(
                f"dates in {column} are written with the {order}; the extract fits both orders."
            )
        elif set(read[other]) - set(days):
            notes.append(f"some dates can only be read as {other}, the opposite of {pattern}: is it mixed?")
    low, high = PLAUSIBLE_YEARS
    if any("%y" in pattern for pattern in chosen):
        return _of_two_digits(column, entry, days.values(), notes, assumptions, today)
    if not all(low < day.year < high for day in days.values()):
        entry["range"] = [f"{low + 1}-01-01", f"{high - 1}-12-31"]
        notes.append("some years are not plausible")
    return entry, notes, assumptions, ()


def _of_two_digits(
    column: str,
    entry: dict[str, Any],
    days: Iterable[date],
    notes: list[str],
    assumptions: list[str],
    today: date,
) -> tuple[Any, ...]:
    """The hundred years up to today; for births, only if nobody can be both a child and very old."""
    last = today.year
    notes.append("years have two digits: `range` gives their century")
    windows = [[f"{end - 99}-01-01", f"{end}-12-31"] for end in (last, last - ADULT_YEARS)]
    entries = tuple({**entry, "range": window} for window in windows)
    if words.has_any(column, words.BIRTH) and any(day.year % 100 <= last % 100 for day in days):
        notes.append(
            f"take the first entry if there are children, the second if all are {ADULT_YEARS} or older"
        )
        return {"type": "text"}, notes, assumptions, entries
    return entries[0], notes, assumptions, ()


def _serials(column: str, values: Counter[str], is_workbook: bool, today: date) -> dict[str, str]:
    """The counts of days that all numbers of a column called a date may be, by who counts so."""
    if not any(words.has_any(column, table) for table in (words.DATE, words.BIRTH)):
        return {}
    numbers = [text for text in values if SERIAL.fullmatch(text)]
    if not numbers or all(len(text) == 4 and text[:2] in ("19", "20") for text in numbers):
        # years
        return {}
    first = PLAUSIBLE_YEARS[0] if words.has_any(column, words.BIRTH) else FIRST_YEAR
    found = {}
    for who, form in SERIALS.items():
        counted = variable("x", {"type": "date", "label": "x", "formats": [form]})
        days = [typed(text, counted).value for text in numbers]
        if all(isinstance(day, date) and first <= day.year <= today.year for day in days):
            found[who] = form
    return {"Excel": SERIALS["Excel"]} if is_workbook else found


def _day(text: str, pattern: str) -> date | None:
    # %m and %d take one digit too, so 2020111 would be a date of this kind
    if not SHAPES[pattern].fullmatch(text) or (pattern == "%Y%m%d" and len(text) != 8):
        return None
    try:
        day = datetime.strptime(text, pattern).date()
    except ValueError:
        return None
    low, high = PLAUSIBLE_YEARS
    return None if pattern == "%Y%m%d" and not low < day.year < high else day


def _opposite(pattern: str) -> str | None:
    swapped = {"%d": "%m", "%m": "%d"}
    numeric = re.fullmatch(r"%[dm](.)%[dm]\1%[yY]", pattern)
    return re.sub("%[dm]", lambda part: swapped[part[0]], pattern) if numeric else None


def _cover(read: dict[str, dict[str, date]], values: Counter[str]) -> list[str]:
    """Formats that read the texts together, the one that reads most first; never both orders of one."""
    chosen: list[str] = []
    left = set(values)
    while True:
        gains: Any = {
            pattern: sum(values[text] for text in left & set(found))
            for pattern, found in read.items()
            if _opposite(pattern) not in chosen
        }
        best = max(gains, key=gains.get, default=None)
        if best is None or not gains[best] or (chosen and gains[best] < FORMAT_SHARE * values.total()):
            return chosen
        chosen.append(best)
        left -= set(read[best])
