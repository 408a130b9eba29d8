"""Dates of an extract: the formats that read a column, and where they leave a choice."""

import re
from datetime import datetime

SHARE = 0.8  # of the cells that must fit a type
FORMAT_SHARE = 0.01  # of the cells that a further format must read
FORMATS = (
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d-%b-%Y", "%d %b %Y", "%d%b%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%m.%d.%y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%y", "%Y-%m", "%m/%Y"),
)
# strptime is slow to refuse a text: of numbers and names, most of an extract, the shape tells at once
DIGITS = {"%Y": r"\d{4}", "%b": r"[^\W\d]+", "%B": r"[^\W\d]+"}
SHAPES = {
    pattern: re.compile(re.sub("%[a-zA-Z]", lambda part: DIGITS.get(part[0], r"\d{1,2}"), re.escape(pattern)))
    for pattern in FORMATS
}
# what Python reads two digits as
TWO_DIGITS = ["1969-01-01", "2068-12-31"]
PLAUSIBLE_YEARS = (1900, 2100)


def guess(column, values):
    """
    Guess whether a column has dates.

    Parameters
    ----------
    column : str
    values : Counter
        Rows of each text that is not missing.

    Returns
    -------
    entry : dict
        Keys of the codebook: type, formats, and a range where one is needed.
    notes, assumptions : list of str
        As `recohort.draft.guess.Guess` has them. None instead of the three where most texts are no dates.
    """
    read = {}
    for pattern in FORMATS:
        found = {text: day for text in values if (day := _day(text, pattern)) is not None}
        if found:
            read[pattern] = found
    chosen = _cover(read, values)
    days = {text: day for pattern in reversed(chosen) for text, day in read[pattern].items()}
    if sum(values[text] for text in days) < SHARE * values.total() or not values:
        return None
    entry, notes, assumptions = {"type": "date", "formats": chosen}, [], []
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
        entry["range"] = TWO_DIGITS
        notes.append("years have two digits: give the range in which they lie")
    elif not all(low < day.year < high for day in days.values()):
        entry["range"] = [f"{low + 1}-01-01", f"{high - 1}-12-31"]
        notes.append("some years are not plausible")
    return entry, notes, assumptions


def _day(text, pattern):
    # %m and %d take one digit too, so 2020111 would be a date of this kind
    if not SHAPES[pattern].fullmatch(text) or (pattern == "%Y%m%d" and len(text) != 8):
        return None
    try:
        day = datetime.strptime(text, pattern).date()
    except ValueError:
        return None
    low, high = PLAUSIBLE_YEARS
    return None if pattern == "%Y%m%d" and not low < day.year < high else day


def _opposite(pattern):
    swapped = {"%d": "%m", "%m": "%d"}
    numeric = re.fullmatch(r"%[dm](.)%[dm]\1%[yY]", pattern)
    return re.sub("%[dm]", lambda part: swapped[part[0]], pattern) if numeric else None


def _cover(read, values):
    """Formats that read the texts together, the one that reads most first; never both orders of one."""
    chosen, left = [], set(values)
    while True:
        gains = {
            pattern: sum(values[text] for text in left & set(found))
            for pattern, found in read.items()
            if _opposite(pattern) not in chosen
        }
        best = max(gains, key=gains.get, default=None)
        if best is None or not gains[best] or (chosen and gains[best] < FORMAT_SHARE * values.total()):
            return chosen
        chosen.append(best)
        left -= set(read[best])
