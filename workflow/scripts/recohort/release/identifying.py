"""
What tells of a single patient in an extract, its ids, dates and free texts, and where a text has one of them.

A number of up to five digits is not looked for: nothing tells an id 12 from a count of 12. A word without a
digit is found where it fills a cell, everything else where it is no part of a longer word or number.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from recohort.extract import identifier
from recohort.protocol import cell

WORD = re.compile(r"[^\W_]+")
SPACES = re.compile(r"[^\S\n]+")
NUMBER = re.compile(r"\d+([.,]\d+)?")
DECIMALS_BEFORE, DECIMALS_AFTER = re.compile(r"\d\."), re.compile(r"\.\d")
DIGITS_OF_A_COUNT = 5
# around a cell of CSV, JSON, HTML, SVG and of the XML in a DOCX
DELIMITERS = {".csv": ',"\n', ".md": "|\n"}
DELIMITERS_OF_MARKUP = '<>"\n'


class Known(NamedTuple):
    """
    What is looked for, folded to one case and normal form.

    of_text : dict of str to str, a text to what it is ("an id of tiny").
    lengths : dict of str to set of int, the first word of a text to how long such texts are.
    n_numbers : int, ids that are numbers like counts and are not looked for.
    """

    of_text: dict[str, str]
    lengths: dict[str, set[int]]
    n_numbers: int


def values(
    frame: Any, refused: Iterable[Any], protocol: Any, words: set[str], threshold: int
) -> dict[str, str]:
    """
    What tells of a single patient in a study.

    Parameters
    ----------
    frame : DataFrame
        The extract as text, a row per unit: all of it, whoever is in the cohort.
    refused : list of extract.delimited.Refused
        Rows that could not be split into fields.
    protocol : Protocol
    words : set of str
        Texts of the protocols themselves, which are their authors': a date or a free text among them is no
        patient's. An id is one all the same.
    threshold : int
        A free text that more rows share tells of nobody.

    Returns
    -------
    dict of str to str
        Each text to what it is: ids, dates as written and in ISO, free texts (also of dates that cannot be
        read), rows as they stand that could not be split.
    """
    missing = {"", *protocol.missing}
    column = protocol.extract["id"]
    ids = {identifier.normal(text) for text in frame[column].unique()} - missing
    dates, texts = set(), Counter(row.raw for row in refused)
    for variable in protocol.codebook.values():
        if variable.column is None or variable.type not in ("date", "text"):
            continue
        written: Counter[str] = Counter()
        for text, n in frame[variable.column].value_counts().items():
            written[text.strip()] += n
        for text in written.keys() - missing - set(variable.missing):
            # a date out of its range is a date; the range may say of which century
            read_as = [variable, replace(variable, range=None)] if variable.type == "date" else []
            days = {str(day) for v in read_as if (day := cell.typed(text, v).value) is not None}
            if not days:
                texts[text] += written[text]
            else:
                dates |= {text, *days}
    rare = {text for text, n in texts.items() if n <= threshold}
    return {
        **dict.fromkeys(rare - words, f"a free text of {protocol.study}"),
        **dict.fromkeys(dates - words, f"a date of {protocol.study}"),
        **dict.fromkeys(ids, f"an id of {protocol.study}"),
    }


def words(content: Any) -> set[str]:
    """Every text and every key of protocols as read from YAML, at any depth."""
    if isinstance(content, dict):
        return set(content).union(*map(words, content.values()))
    if isinstance(content, list):
        return set().union(*map(words, content))
    return {str(content)}


def known(found: dict[str, str]) -> Known:
    """
    What `first` looks for.

    Parameters
    ----------
    found : dict of str to str
        From `values`, of one study or of several together.

    Returns
    -------
    Known
    """
    of_text, lengths, n_numbers = {}, defaultdict(set), 0
    for text, what in found.items():
        # marks at either end neither make a text another one nor stay in every format
        first, last = _ends(folded := _folded(text))
        if is_like_a_count(folded[first:last]):
            n_numbers += what.startswith("an id")
        elif first < last:
            text = folded[first:last]
            of_text[text] = what
            lengths[WORD.match(text)[0]].add(len(text))  # type: ignore[index]
    return Known(of_text, dict(lengths), n_numbers)


def is_like_a_count(text: str) -> bool:
    """Whether a text is a number that any table may have."""
    return NUMBER.fullmatch(text) is not None and sum(map(str.isdigit, text)) <= DIGITS_OF_A_COUNT


def first(text: str, known: Known, suffix: str) -> tuple[int, str] | None:
    """
    The first text of a patient in a text.

    Parameters
    ----------
    text : str
        Content of a file, entities and escapes resolved.
    known : Known
    suffix : str
        Of the file: what stands around a cell.

    Returns
    -------
    tuple of (int, str), or None
        Its line and what it is.
    """
    text = _folded(text)
    for word in WORD.finditer(text):
        for length in known.lengths.get(word[0], ()):
            begin, end = word.start(), word.start() + length
            what = known.of_text.get(text[begin:end])
            if what and _stands_alone(text, begin, end, DELIMITERS.get(suffix, DELIMITERS_OF_MARKUP)):
                return text.count("\n", 0, begin) + 1, what
    return None


def _folded(text: str) -> str:
    """A text in one case and normal form, so that what looks like an id is found; with its lines."""
    return SPACES.sub(" ", identifier.shown(text)).casefold()


def _ends(text: str) -> tuple[int, int]:
    """Where the first word of a text begins and its last one ends."""
    found = [word.span() for word in WORD.finditer(text)]
    return (found[0][0], found[-1][1]) if found else (0, 0)


def _stands_alone(text: str, begin: int, end: int, delimiters: str) -> bool:
    """Whether a text is no part of a longer word or number; a word without a digit has to be a cell."""
    if text[end : end + 1].isalnum():
        return False
    if text[begin:end].isalpha():
        before, after = range(begin - 1, -1, -1), range(end, len(text))
        return _is_edge(text, before, delimiters) and _is_edge(text, after, delimiters)
    begins_in_number = DECIMALS_BEFORE.fullmatch(text, max(begin - 2, 0), begin) and text[begin].isdigit()
    ends_in_number = DECIMALS_AFTER.match(text, end) and text[end - 1].isdigit()
    return not (begins_in_number or ends_in_number)


def _is_edge(text: str, positions: Iterable[int], delimiters: str) -> bool:
    """Whether a cell ends here, before the next letter or digit."""
    nearest = (text[i] for i in positions if text[i] in delimiters or text[i].isalnum())
    return next(nearest, delimiters[0]) in delimiters
