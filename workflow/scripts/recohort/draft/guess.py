"""What a column of text seems to be: an entry for the codebook, and what an analyst has to decide."""

import re
from collections import Counter
from dataclasses import dataclass, field
from math import ceil, floor, isfinite, log10

from recohort.draft import dates
from recohort.draft.dates import SHARE
from recohort.protocol.cell import NUMBER
from recohort.statistics import rank_tests

# texts that mean missing in most registries, in lower case; so does anything in square brackets
WORDS = {
    *(
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "#value!",
        "nan",
        "nat",
        "null",
        ".",
        "-",
        "--",
        "?",
        "unknown",
        "unk",
        "nd",
    ),
    *(
        "not available",
        "not known",
        "not done",
        "not determined",
        "not evaluated",
        "not applicable",
        "missing",
    ),
    *("unk/nd", "unbekannt", "sconosciuto", "inconnu", "desconocido"),
}
BRACKETED = re.compile(r"\[.*\]")
NUMBERS = {"9", "99", "999", "9999", "99999", "-1", "-9", "-99", "-999", "-9999"}
YES = {"yes", "y", "true", "1", "si", "sí", "sì", "ja", "oui", "positive", "pos", "present"}
NO = {"no", "n", "false", "0", "nein", "non", "negative", "neg", "absent"}
UNITS = {
    "days": "days",
    "months": "months",
    "years": "years",
    "age": "years",
    "percent": "%",
    "pct": "%",
    "ki67": "%",
}
LIMITS = {"years": (0, 120), "%": (0, 100)}
FEWEST = 8  # rows; what fewer of them have may be a single patient's
STRAY = 0.05  # of the cells at most that are neither yes nor no in a flag
MOST_LEVELS = 20
MOST_CODES = 6  # of whole numbers of one digit taken as levels
ROWS_PER_CODE = 10
RARE_NEGATIVE = 0.02
FAR = 10  # interquartile ranges beyond a quartile
# a step between limits of a range is never finer than a part of the values, nor out of reach of a float
PRECISION, SMALLEST, LARGEST = 1e-9, 1e-12, 1e300


@dataclass(frozen=True)
class Guess:
    """
    A column and what it is taken for.

    Attributes
    ----------
    column : str
    entry : dict
        Keys of the codebook, `type` first; type text is for what no analysis uses.
    values : Counter
        Rows of each text that is not missing.
    words, codes : Counter
        Texts taken as missing: words, and numbers such as 999.
    notes : tuple of str
        What an analyst has to decide; no value of a patient is in them.
    assumptions : tuple of str
        What the draft assumes where the column leaves a choice.
    """

    column: str
    entry: dict
    values: Counter
    words: Counter = field(default_factory=Counter)
    codes: Counter = field(default_factory=Counter)
    notes: tuple = ()
    assumptions: tuple = ()

    @property
    def type(self):
        return self.entry["type"]

    @property
    def n(self):
        """Rows where it is known."""
        return self.values.total()


def guess(column, texts):
    """
    Guess what a column is.

    Parameters
    ----------
    column : str
    texts : iterable of str

    Returns
    -------
    Guess
    """
    counts = Counter()
    for text, n in Counter(texts).items():
        counts[text.strip()] += n
    counts.pop("", None)
    signs = {"-", "--"} if any(set(text) == {"+"} for text in counts) else set()
    words = _only(counts, lambda text: _is_missing(text) and text not in signs)
    counts = counts - words
    codes = _codes(counts)
    values = counts - codes
    for attempt in (_flag, dates.guess, _number, _category):
        found = attempt(column, values)
        if found is not None:
            entry, notes, assumptions = found
            return Guess(column, entry, values, words, codes, tuple(notes), tuple(assumptions))
    return Guess(column, {"type": "text"}, values, words, codes)


def _only(counts, wanted):
    return Counter({text: n for text, n in counts.items() if wanted(text)})


def _is_missing(text):
    return text.casefold() in WORDS or BRACKETED.fullmatch(text) is not None


def _as_number(text):
    plain = text.replace(",", ".")
    value = float(plain) if NUMBER.fullmatch(plain) else None
    return value if value is None or isfinite(value) else None


def _codes(counts):
    """Numbers such as 999 that stand apart from the other numbers, or among words."""
    suspects = {text for text in counts if text in NUMBERS}
    numbers = {text: value for text in counts if (value := _as_number(text)) is not None}
    rest = [value for text, value in numbers.items() if text not in suspects]
    if not rest:
        return _only(counts, lambda text: text in suspects and len(numbers) < len(counts))
    low, high = min(rest), max(rest)
    apart = {
        text
        for text in suspects
        if (low >= 0 if text.startswith("-") else numbers[text] - high > max(high - low, 1))
    }
    return _only(counts, apart.__contains__)


def _flag(column, values):
    folded = {text.casefold() for text in values}
    n_stray = sum(n for text, n in values.items() if text.casefold() not in YES | NO)
    if not (folded & YES and folded & NO) or n_stray > STRAY * values.total() or n_stray >= FEWEST:
        return None
    spelling = {}
    for level, words in (("positive", YES), ("negative", NO)):
        by_count = [text.casefold() for text, _ in values.most_common() if text.casefold() in words]
        spelling[level] = list(dict.fromkeys(by_count))
    notes = []
    if folded == {"0", "1"}:
        notes.append("0 and 1 are taken as no and yes")
    if max(map(len, spelling.values())) > 1:
        notes.append("yes and no have several spellings")
    is_default = spelling == {"positive": ["yes"], "negative": ["no"]}
    return {"type": "flag", **({} if is_default else spelling)}, notes, []


def _number(column, values):
    numbers = {text: value for text in values if (value := _as_number(text)) is not None}
    n = sum(values[text] for text in numbers)
    if not numbers or n < SHARE * values.total() or _are_codes(numbers, n):
        return None
    entry, notes = {"type": "number"}, []
    commas = [text for text in numbers if "," in text]
    if commas:
        entry["decimal"] = "either" if any("." in text for text in numbers) else ","
    if commas and entry["decimal"] == "either":
        notes.append("decimal points and commas are mixed")
    if commas and all(re.fullmatch(r"[+-]?\d{1,3},\d{3}", text) for text in commas):
        notes.append("commas are read as decimal marks: do they stand for thousands?")
    parts = re.split(r"[\W_]+", column.casefold())
    unit = next((unit for part, unit in UNITS.items() if part in parts), None)
    weighted = sorted(value for text, value in numbers.items() for _ in range(values[text]))
    entry["range"], more = _range(weighted, LIMITS.get(unit))
    if unit:
        entry["unit"] = unit
    return entry, notes + more, []


def _are_codes(numbers, n):
    values = set(numbers.values())
    is_short = all(value in range(10) for value in values)
    return is_short and len(values) <= MOST_CODES and n >= ROWS_PER_CODE * len(values)


def _range(values, limits):
    """A range wider than what occurs, so that it gives no patient's value away, and what is odd about it."""
    notes = []
    inside = [value for value in values if limits is None or limits[0] <= value <= limits[1]]
    if len(inside) == len(values) or len(inside) < SHARE * len(values):
        inside = values
    else:
        notes.append(f"some values are outside {limits[0]} to {limits[1]}")
    negative = sum(value < 0 for value in inside)
    if 0 < negative <= RARE_NEGATIVE * len(inside):
        notes.append("some values are below 0, though hardly any")
        inside = [value for value in inside if value >= 0]
    q1, _, q3 = rank_tests.quartiles(inside)
    if q3 > q1 and (inside[0] < q1 - FAR * (q3 - q1) or inside[-1] > q3 + FAR * (q3 - q1)):
        notes.append("some values are far from the others: narrow the range if they cannot be")
    return _rounded_outwards(inside[0], inside[-1]), notes


def _rounded_outwards(low, high):
    """Limits beyond both ends, of one digit more than their distance has."""
    distance = min(high - low or abs(low) or 1.0, LARGEST)
    step = max(10.0 ** floor(log10(distance)), PRECISION * max(abs(low), abs(high)), SMALLEST)
    down, up = floor(low / step) * step, ceil(high / step) * step
    # a limit must not be the value itself, unless it is the natural zero
    down = down if down < low or low == 0 else down - step
    return [float(f"{down:.12g}"), float(f"{up if up > high else up + step:.12g}")]


def _category(column, values):
    spellings = {}
    for text, _ in values.most_common():
        spellings.setdefault(" ".join(text.casefold().split()), []).append(text)
    if not 0 < len(spellings) <= min(MOST_LEVELS, values.total() / 2):
        return None
    levels = sorted((texts[0] for texts in spellings.values()), key=_natural)
    entry, notes = {"type": "category", "levels": levels}, []
    recode = {other: texts[0] for texts in spellings.values() for other in texts[1:]}
    if recode:
        entry["recode"] = recode
        notes.append("levels that differ in case or spaces only are taken as one")
    if len(levels) == 1:
        notes.append("it says the same in every row")
    n_numbers = sum(_as_number(level) is not None for level in levels)
    if 0 < n_numbers < len(levels):
        notes.append("numbers and words are mixed: recode them to one spelling")
    if any(sum(values[text] for text in texts) < FEWEST for texts in spellings.values()):
        notes.append(
            f"some levels have fewer than {FEWEST} rows: are they misspelt, or remarks on a patient?"
        )
    if n_numbers == len(levels):
        notes.append("numbers are taken as levels: if they count or measure, make it a number")
    return entry, notes, []


def _natural(text):
    """Numbers in their order: 2 before 10."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts], text
