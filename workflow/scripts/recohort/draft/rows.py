"""Rows of an extract: what identifies one, what repeats, and which are no patients."""

import re
from collections import Counter
from statistics import median
from typing import Any

from recohort.draft import words
from recohort.draft.numbers import SHARE, as_number

NEARLY = 0.95  # of the rows that must have an identifier of their own
MOST_ROWS = 20  # of a patient, on average
FEWEST_IDS = 5
FEWEST_ABOVE = 2  # rows that totals sum up
SHOWN_ROWS = 200  # that tell how many cells a row fills
TOLERANCE = 1e-9  # sums of the same numbers in another order
LAST_ROWS = 5  # among which totals and remarks are looked for
WHOLE = re.compile(r"\d+")
# names of measurements, whose values may happen to be all different
MEASURED = (words.AGE, words.PERCENT, words.DATE, words.BIRTH, words.TIME, words.START_TIME, words.STOP_TIME)
GLUED = re.compile(
    r"(p|pat|patient|pt|subj|subject|case|study|sample|person|fall|rec|record|unique)_?(id|nr|no|num)"
)


def identifier(found: list[Any], n_rows: int) -> str | None:
    """
    The column that identifies a row.

    Parameters
    ----------
    found : list of Guess
    n_rows : int

    Returns
    -------
    str or None
        Called so and different in each row, else nearly; else texts or whole numbers, different in each row.
    """
    candidates = []
    for place, g in enumerate(found):
        is_called_so = _is_called_so(g.column)
        n_distinct = len(g.values)
        is_unique = n_distinct == n_rows > 1 or n_distinct == n_rows and is_called_so
        is_whole = all(WHOLE.fullmatch(text) for text in g.values) and not _is_measured(g.column)
        is_text = g.type == "text" and not g.choices and not _is_measured(g.column)
        if (
            is_unique
            and (is_called_so or is_text or is_whole)
            or (is_called_so and n_distinct >= NEARLY * n_rows)
        ):
            candidates.append((not is_called_so, not is_unique, not is_text, place, g.column))
    return min(candidates)[-1] if candidates else None


def repeated(found: list[Any], n_rows: int) -> tuple[dict[str, float], dict[str, float]]:
    """
    The columns that repeat as an identifier does where a patient has several rows.

    Returns
    -------
    called : dict of str to float
        Those that are called so, and how often each value occurs on average.
    like : dict of str to float
        Others, whose values are of one form and occur equally often.
    """
    called, like = {}, {}
    for g in found:
        n_distinct, counts = len(g.values), set(g.values.values())
        if n_distinct < 2 or g.n < SHARE * n_rows:
            continue
        if _is_called_so(g.column) and n_rows / MOST_ROWS < n_distinct < NEARLY * n_rows:
            called[g.column] = g.n / n_distinct
        elif len(counts) == 1 and counts != {1} and g.type != "date" and _is_one_form(g):
            like[g.column] = g.n / n_distinct
    return called, like


def no_patients(frame: Any) -> tuple[dict[str, list[str]], int]:
    """
    The rows at the end that are totals or a remark.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`.

    Returns
    -------
    marks : dict of str to list of str
        `skip_where` of the file: a column and the texts in it that mark them, and no other row.
    n_unmarked : int
        Rows like that which no text tells from the others.
    """
    columns = [column for column in frame.columns if column != "row"]
    if len(frame) <= FEWEST_ABOVE or len(columns) < 2:
        return {}, 0
    usual = median(sum(map(bool, cells)) for cells in _cells(frame[columns].head(SHOWN_ROWS)))
    marks: dict[str, list[str]] = {}
    n_unmarked = 0
    for place in range(len(frame) - 1, max(len(frame) - 1 - LAST_ROWS, FEWEST_ABOVE - 1), -1):
        (cells,) = _cells(frame[columns].iloc[[place]])
        filled = [i for i, text in enumerate(cells) if text]
        if not filled:
            continue
        name, text = columns[filled[0]], cells[filled[0]]
        says_total = (
            words.plain(text).rstrip(":. ") in words.flat(words.TOTALS) and filled[0] < len(columns) / 2
        )
        is_remark = len(filled) == 1 and usual > 2 and len(text.split()) > 1
        if not (
            says_total or is_remark or _is_sum(frame.iloc[:place], {columns[i]: cells[i] for i in filled})
        ):
            break
        if as_number(text) is None and sum(other.strip() == text for other in frame[name]) == 1:
            marks.setdefault(name, []).append(text)
        else:
            n_unmarked += 1
    return marks, n_unmarked


def _cells(frame: Any) -> list[list[str]]:
    return [[str(text).strip() for text in cells] for cells in frame.itertuples(index=False)]


def _is_sum(above: Any, row: dict[str, str]) -> bool:
    """Whether most numbers of a row, and two at least, are the sums of their columns."""
    numbers = {column: value for column, text in row.items() if (value := as_number(text)) is not None}
    n_sums = 0
    for column, value in numbers.items():
        counts = Counter(text.strip() for text in above[column])
        known = [(number, n) for text, n in counts.items() if (number := as_number(text)) is not None]
        total = sum(number * n for number, n in known)
        n_sums += bool(value) and len(known) > 1 and abs(total - value) <= TOLERANCE * abs(value)
    return n_sums > 1 and n_sums >= len(numbers) / 2


def _is_called_so(column: str) -> bool:
    """Whether a name is an identifier's: by a word of its own, or as all of its words may be one's."""
    said = words.tokens(column)
    known = [word in words.flat(words.IDENTIFIER) or GLUED.fullmatch(word) is not None for word in said]
    return any(
        is_known and (all(known) or word not in words.flat(words.COUNTED))
        for word, is_known in zip(said, known, strict=True)
    )


def _is_measured(column: str) -> bool:
    units = (*words.TIME_UNITS.values(), *MEASURED)
    return any(words.has_any(column, table) for table in units)


def _is_one_form(g: Any) -> bool:
    """Whether the texts are many, short and of one form, and no measurement."""
    if len(g.values) <= FEWEST_IDS or _is_measured(g.column):
        return False
    shapes = Counter(re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", text)) for text in g.values)
    return shapes.most_common(1)[0][1] >= SHARE * len(g.values) and not any(" " in text for text in g.values)
