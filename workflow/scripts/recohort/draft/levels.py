"""Levels of an extract: yes and no, spellings of one level, free text, and the order of words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from recohort.draft import order, words
from recohort.draft.numbers import as_number

FEWEST = 8  # rows; what fewer of them have may be a single patient's
STRAY = 0.05  # of the cells at most that are neither yes nor no in a flag
MOST_LEVELS = 20
# free text: so many words on average, and so many texts
WORDS_OF_TEXT, TEXTS_OF_TEXT, LONG_TEXT = 3, 8, 80
LEAST_LETTERS = 5  # of a word that may be misspelt
ABBREVIATED = 3  # letters at least that an abbreviation lacks


def yes_no(column: str, values: Counter[str]) -> tuple[Any, ...] | None:
    """A flag as `recohort.draft.guess.Guess` has it, None if the column is none."""
    if len(values) > MOST_LEVELS:
        return None
    yes, no = words.flat(words.YES), words.flat(words.NO)
    meaning = {text: _yes_or_no(text, yes, no) for text in values}
    n_stray = sum(n for text, n in values.items() if meaning[text] is None)
    if {"yes", "no"} - set(meaning.values()) or n_stray > STRAY * values.total() or n_stray >= FEWEST:
        return None
    spelling = {}
    for key, level in (("positive", "yes"), ("negative", "no")):
        by_count = [text.casefold() for text, _ in values.most_common() if meaning[text] == level]
        spelling[key] = list(dict.fromkeys(by_count))
    notes = []
    if {text.casefold() for text in values} == {"0", "1"}:
        notes.append("0 and 1 are taken as no and yes")
    if max(map(len, spelling.values())) > 1:
        notes.append("yes and no have several spellings")
    odd = [text for text in values if meaning[text] and words.plain(text) not in yes | no]
    if odd:
        notes.append(f"{' and '.join(odd)} may be misspelt and are read as the word that they are like")
    is_default = spelling == {"positive": ["yes"], "negative": ["no"]}
    return {"type": "flag", **({} if is_default else spelling)}, notes, [], ()


def meanings(words_of_flag: Counter[str]) -> tuple[int, int]:
    """How many rows of a flag's values mean yes and no, as a function of a Counter."""
    yes, no = words.flat(words.YES), words.flat(words.NO)
    counts: Counter[str | None] = Counter()
    for text, n in words_of_flag.items():
        counts[_yes_or_no(text, yes, no)] += n
    return counts["yes"], counts["no"]


def category(column: str, values: Counter[str]) -> tuple[Any, ...] | None:
    """A category as `recohort.draft.guess.Guess` has it, None if the column is none."""
    if _is_free_text(values):
        return None
    spellings: dict[str, list[str]] = {}
    for text, _ in values.most_common():
        spellings.setdefault(_same(text), []).append(text)
    if not 0 < len(spellings) <= min(MOST_LEVELS, values.total() / 2):
        return None
    groups, notes = list(spellings.values()), []
    if any(len(texts) > 1 for texts in groups):
        notes.append(
            "levels that differ in case or spaces (or how letters are composed) only are taken as one"
        )
    groups, joined = _synonyms(groups)
    notes += [f"{' and '.join(texts)} are taken as one level" for texts in joined]
    counts = {texts[0]: sum(values[text] for text in texts) for texts in groups}
    entry, how = _entry(groups)
    choices = []
    for one, other in _alike(counts):
        notes.append(f"{one} and {other} may be one level: if so, take the entry that recodes it")
        merged = [texts for texts in groups if texts[0] not in (one, other)]
        both = [texts for texts in groups if texts[0] == one] + [
            texts for texts in groups if texts[0] == other
        ]
        choices.append(_entry([*merged, sum(both, [])])[0])
    return entry, [*notes, *_notes(entry["levels"], counts, how)], [], tuple(choices)


def _entry(groups: list[list[str]]) -> tuple[dict[str, Any], str]:
    levels, how = order.arranged([texts[0] for texts in groups])
    recode = {other: texts[0] for texts in groups for other in texts[1:]}
    return {"type": "category", "levels": levels, **({"recode": recode} if recode else {})}, how


def _notes(levels: list[str], counts: dict[str, int], how: str) -> list[str]:
    notes = []
    if len(levels) == 1:
        notes.append("it says the same in every row")
    n_numbers = sum(as_number(level) is not None for level in levels)
    if 0 < n_numbers < len(levels) and how == order.ALPHABET:
        notes.append("numbers and words are mixed: recode them to one spelling")
    if any(n < FEWEST for n in counts.values()):
        notes.append(
            f"some levels have fewer than {FEWEST} rows: are they misspelt, or remarks on a patient?"
        )
    if n_numbers == len(levels):
        notes.append("numbers are taken as levels: if they count or measure, make it a number")
    if len(levels) > 1 and how == order.ALPHABET:
        notes.append(
            f"the alphabet chose the reference, {levels[0]}: put the levels in order, or set `reference`"
        )
    return notes


def _yes_or_no(text: str, yes: frozenset[str], no: frozenset[str]) -> str | None:
    word = words.plain(text)
    if word in yes or word in no:
        return "yes" if word in yes else "no"
    near = {level for level, known in (("yes", yes), ("no", no)) for w in known if _is_misspelt(word, w)}
    return near.pop() if len(near) == 1 else None


def _is_free_text(values: Counter[str]) -> bool:
    lengths = [len(text.split()) for text in values]
    many = len(values) > TEXTS_OF_TEXT and sum(lengths) >= WORDS_OF_TEXT * len(values)
    is_rare = len(values) > values.total() / 10
    return any(len(text) > LONG_TEXT or "\n" in text for text in values) or (many and is_rare)


def _same(text: str) -> str:
    """What texts have in common that look the same."""
    letters = unicodedata.normalize("NFKC", text).casefold()
    visible = "".join(c for c in letters if unicodedata.category(c) != "Cf")
    dashes = re.sub("[\u2010-\u2015\u2212]", "-", visible)
    return " ".join(unicodedata.normalize("NFKC", dashes).split())


def _synonyms(groups: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Levels that mean the same in every language that knows them all, made one."""
    found = {tuple(_by_concept(groups, rows)) for rows in words.CONCEPTS.values()} - {()}
    if len(found) != 1 or len(concepts := found.pop()) != len(groups):
        return groups, []
    merged: dict[int, list[list[str]]] = {}
    for concept, texts in zip(concepts, groups, strict=True):
        merged.setdefault(concept, []).append(texts)
    together: list[list[str]] = [sum(parts, []) for parts in merged.values()]
    return together, [[texts[0] for texts in parts] for parts in merged.values() if len(parts) > 1]


def _by_concept(groups: list[list[str]], rows: Iterable[str]) -> list[int]:
    """The place of the first group with the same meaning, for each; empty if the language lacks a word."""
    concepts = []
    for texts in groups:
        word = words.plain(texts[0]).removesuffix(".")
        concept = next((row for row in rows if word in map(words.plain, row.split("|"))), None)
        if concept is None:
            return []
        concepts.append(concept)
    return [concepts.index(concept) for concept in concepts]


def _alike(counts: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Pairs of levels that may be one, the more frequent first: misspelt, abbreviated, or in other signs."""
    for pair in combinations(counts, 2):
        frequent, rare = sorted(pair, key=lambda level: -counts[level])
        one, other = words.plain(frequent), words.plain(rare)
        bare = [re.sub(r"[^\w]", "", word) for word in (one, other)]
        is_one_word = bare[0] == bare[1] and not any(c.isdecimal() for c in bare[0])
        if one == other or is_one_word or _is_misspelt(one, other) or _is_abbreviated(one, other, counts):
            yield frequent, rare


def _is_misspelt(one: str, other: str) -> bool:
    """Whether one letter of one word is wrong, missing or swapped, not its first: atypical is no typo."""
    ones, others = one.split(), other.split()
    if len(ones) != len(others):
        return False
    differ = [(a, b) for a, b in zip(ones, others, strict=True) if a != b]
    if len(differ) != 1:
        return False
    a, b = sorted(differ[0], key=len)
    if len(a) < LEAST_LETTERS or not (a.isalpha() and b.isalpha()) or a[0] != b[0]:
        return False
    if len(b) - len(a) == 1:
        return any(b[:i] + b[i + 1 :] == a for i in range(len(b)))
    if len(a) != len(b):
        return False
    places = [i for i, (c, d) in enumerate(zip(a, b, strict=True)) if c != d]
    is_swapped = len(places) == 2 and places[1] - places[0] == 1
    return len(places) == 1 or is_swapped and a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]]


def _is_abbreviated(one: str, other: str, counts: Iterable[str]) -> bool:
    short, long = sorted((one.removesuffix("."), other.removesuffix(".")), key=len)
    begun = [level for level in counts if words.plain(level).startswith(short)]
    is_word = short.isalpha() and long.isalpha() and len(long) - len(short) >= ABBREVIATED
    return is_word and long.startswith(short) and len(begun) == 2 and not order.ROMAN.fullmatch(short)
