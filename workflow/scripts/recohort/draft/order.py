"""The order of levels: by a scale of words, by numbers and intervals, by stage; else by the alphabet."""

import re
from typing import Any

from recohort.draft import words

SCALE, NUMBERS, ALPHABET = "scale", "numbers", "alphabet"
ROMAN = re.compile("(?=[ivx])(x{0,3})(ix|iv|v?i{0,3})")
DIGITS = {"i": 1, "v": 5, "x": 10}
VALUE = r"[+-]?(?:\d+(?:[.,]\d+)?|inf|∞)"
INTERVAL = re.compile(rf"[\[(]?\s*({VALUE})\s*(?:-|to|bis|a|à|tot|,|;|\.\.)\s*({VALUE})\s*[\])]?")
BELOW = re.compile(
    rf"(?:<=?|≤|under|below|up to|unter|bis|bis zu|moins de|meno di|menos de|onder|tot)\s*({VALUE})"
)
ABOVE = re.compile(
    rf"(?:>=?|≥|over|above|from|ab|uber|mehr als|plus de|oltre|piu di|mas de|boven|vanaf|mais de)\s*({VALUE})"
)
AND_MORE = re.compile(rf"({VALUE})\s*(?:\+|and more|or more|und mehr|et plus|o piu|y mas|en meer|ou mais)")
STAGED = re.compile(r"(\D*?)\s*(\d+|(?:x{0,3}(?:ix|iv|v?i{1,3}|v|x)))\s*([a-d]?\d?|\(.*\)|\++)")


def arranged(levels: list[str]) -> tuple[list[str], str]:
    """
    Put levels in order.

    Parameters
    ----------
    levels : list of str

    Returns
    -------
    levels : list of str
    how : str
        SCALE, NUMBERS or ALPHABET: what orders them.
    """
    for how, key in ((SCALE, _on_a_scale(levels)), (NUMBERS, _numbered(levels))):
        if key is not None:
            return sorted(levels, key=lambda level: (key[level], _natural(level))), how
    return sorted(levels, key=_natural), ALPHABET


def _on_a_scale(levels: list[str]) -> dict[str, int] | None:
    """The places of all levels on one scale, two of them at least different."""
    plain = {level: re.sub(r"^\d+\s*[:=.)-]\s*", "", words.plain(level)) for level in levels}
    plain = {
        level: re.sub(r"(?<=\w) (risk|grade|stage|risiko|risque)$", "", word) for level, word in plain.items()
    }
    for scales in words.SCALES.values():
        for scale in scales:
            places = {words.plain(word): place for place, word in enumerate(scale.split("|"))}
            if set(plain.values()) <= set(places) and len(set(plain.values())) > 1:
                return {level: places[word] for level, word in plain.items()}
    return None


def _numbered(levels: list[str]) -> dict[str, Any] | None:
    """A number for each level: its own, where its interval begins, or its stage after the same words."""
    keys = {level: _interval(words.plain(level)) for level in levels}
    if None not in keys.values():
        return keys
    stages: dict[str, Any] = {level: STAGED.fullmatch(words.plain(level)) for level in levels}
    if None in stages.values() or len({found[1].strip() for found in stages.values()}) != 1:
        return None
    return {level: (_number(found[2]), found[3]) for level, found in stages.items()}


def _interval(word: str) -> tuple[float, float] | None:
    """Where an interval begins and ends; open at the side that `<` or `more` says."""
    word = word.replace("–", "-").replace("—", "-")
    word = re.sub(r"\s*(years|year|yrs|jahre|jahren|ans|anni|anos|jaar|%|cm|mm|months|monate)$", "", word)
    if re.fullmatch(VALUE, word):
        return _value(word), _value(word)
    if found := INTERVAL.fullmatch(word):
        return _value(found[1]), _value(found[2])
    if found := BELOW.fullmatch(word):
        return float("-inf"), _value(found[1])
    if found := ABOVE.fullmatch(word) or AND_MORE.fullmatch(word):
        return _value(found[1]), float("inf")
    return None


def _value(word: str) -> float:
    return float(word.replace(",", ".").replace("∞", "inf"))


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    values = [DIGITS[letter] for letter in word]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def _natural(text: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Numbers in their order: 2 before 10."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts], text
