"""What a column of text seems to be: an entry for the codebook, and what an analyst has to decide."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from recohort.draft import dates, levels, numbers, words
from recohort.protocol import yaml_file

NUMBERS = {"9", "99", "999", "9999", "99999", "-1", "-9", "-99", "-999", "-9999"}
MOST_CODES = 4  # whole numbers that a column called a status may have and be no number


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
    choices : tuple of dict
        Other entries that an analyst may take in place of `entry`.
    """

    column: str
    entry: dict[str, Any]
    values: Counter[str]
    words: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    choices: tuple[Any, ...] = ()

    @property
    def type(self) -> str:
        kind: str = self.entry["type"]
        return kind

    @property
    def n(self) -> int:
        """Rows where it is known."""
        return self.values.total()


def guess(column: str, texts: Iterable[str], decimal: str | None = None, is_workbook: bool = False) -> Guess:
    """
    Guess what a column is.

    Parameters
    ----------
    column : str
    texts : iterable of str
    decimal : str, optional
        The decimal mark of the other columns, as of `decimal_mark`.
    is_workbook : bool

    Returns
    -------
    Guess
    """
    counts: Counter[str] = Counter()
    for text, n in Counter(texts).items():
        counts[text.strip()] += n
    counts.pop("", None)
    signs = {"-", "--", "---"} if any(set(text) == {"+"} for text in counts) else set()
    missing = _only(counts, lambda text: words.is_missing(text) and text not in signs)
    counts = counts - missing
    codes = _codes(counts)
    values = counts - codes
    for found in _attempts(column, values, decimal, is_workbook):
        if found is not None:
            entry, notes, assumptions, choices = found
            return Guess(column, entry, values, missing, codes, tuple(notes), tuple(assumptions), choices)
    return Guess(column, {"type": "text"}, values, missing, codes)


def decimal_mark(guesses: Iterable[Guess]) -> str | None:
    """The decimal mark of all numbers of an extract, None if they have two or tell of none."""
    marks = {numbers.decimal_mark(g.values) for g in guesses if g.type == "number"} - {None}
    return marks.pop() if len(marks) == 1 else None


def _attempts(
    column: str, values: Counter[str], decimal: str | None, is_workbook: bool
) -> Iterator[tuple[Any, ...] | None]:
    yield levels.yes_no(column, values)
    yield dates.guess(column, values, is_workbook)
    if not _is_coded_status(column, values):
        yield numbers.guess(column, values, decimal)
    # a level is printed, and a protocol holds no text with a mark that cannot be
    if not any(yaml_file.UNPRINTABLE.search(text) for text in values):
        yield levels.category(column, values)


def _is_coded_status(column: str, values: Counter[str]) -> bool:
    """A status of few codes is no number, however few rows it has."""
    is_called_so = any(words.has_any(column, table) for table in (words.STATUS, words.HAPPENED))
    return is_called_so and len(values) <= MOST_CODES and all(len(text) == 1 for text in values)


def _only(counts: Counter[str], wanted: Callable[[str], bool]) -> Counter[str]:
    return Counter({text: n for text, n in counts.items() if wanted(text)})


def _codes(counts: Counter[str]) -> Counter[str]:
    """Numbers such as 999 that stand apart from the other numbers, or among words."""
    suspects = {text for text in counts if text in NUMBERS}
    if not suspects:
        return Counter()
    found = {text: value for text in counts if (value := numbers.as_number(text)) is not None}
    rest = [value for text, value in found.items() if text not in suspects]
    if not rest:
        return _only(counts, lambda text: text in suspects and len(found) < len(counts))
    low, high = min(rest), max(rest)
    apart = {
        text
        for text in suspects
        if (low >= 0 if text.startswith("-") else found[text] - high > max(high - low, 1))
    }
    return _only(counts, apart.__contains__)
