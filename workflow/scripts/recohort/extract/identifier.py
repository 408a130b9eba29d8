"""Identifiers in one normal form: those that look the same are the same one, whoever typed them with what."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from recohort.extract import text_column
from recohort.extract.text_column import Texts

# Characters that nobody sees: Unicode's Default_Ignorable_Code_Point, and control characters but white space.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# What is not its own normal form has one of these.
SUSPECT = r"[^ -~]|^ | $|  "
DASHES = re.compile("[\u2010-\u2015\u2212\u2043\u02d7\ufe58\ufe63\uff0d]")
# Capital letters of Greek and Cyrillic that Latin has too, once in lower case.
LATIN = str.maketrans("αβεζηικμνορτυχавекмнорстухіѕј", "abezhikmnoptyxabekmhopctyxisj")


def shown(text: str) -> str:
    """A text without what nobody sees, each character in its plainest form: full-width 1 as 1."""
    seen = UNSEEN.sub("", text)
    return seen if seen.isascii() else unicodedata.normalize("NFKC", seen)


def normal(text: str) -> str:
    """The normal form of an identifier: NFKC, no zero-width characters, single spaces, none at its ends."""
    return " ".join(shown(text).split())


def form(extract: Mapping[str, Any]) -> Callable[[str], str]:
    """
    How the identifiers of a study are compared.

    Parameters
    ----------
    extract : dict
        The part of the protocol.

    Returns
    -------
    callable
        str -> str: `normal`, or str.strip where the protocol says `id_same: distinct`.
    """
    return str.strip if extract.get("id_same") == "distinct" else normal


def normal_texts(texts: Texts) -> tuple[Texts, np.ndarray]:
    """
    A column in normal form.

    Parameters
    ----------
    texts : Texts

    Returns
    -------
    normal : Texts
    changed : ndarray of int
        The places in `text_column.Texts.distinct` of those that were written otherwise.
    """
    is_suspect = compute.match_substring_regex(texts.distinct, SUSPECT)
    written = texts.distinct.filter(is_suspect).to_pylist()
    better = [normal(text) for text in written]
    is_changed = np.array([a != b for a, b in zip(written, better, strict=True)], dtype=bool)
    if not is_changed.any():
        return texts, np.empty(0, int)
    places = np.flatnonzero(is_suspect.to_numpy(zero_copy_only=False))[is_changed]
    replaced = compute.replace_with_mask(texts.distinct, is_suspect, pa.array(better, pa.large_string()))
    found = text_column.of_array(replaced.dictionary_encode())
    return Texts(found.distinct, found.codes[texts.codes]), places


def collide(written: Texts) -> np.ndarray:
    """Whether another row has the same normal form, written otherwise but for its ends; shape (n,)."""
    same, changed = normal_texts(written)
    if not len(changed):
        return np.zeros(len(written.codes), dtype=bool)
    stripped = text_column.strip(written)[0]
    n_written = len(stripped.distinct)
    pairs = np.unique(same.codes.astype(np.int64) * n_written + stripped.codes)
    n_spellings = np.bincount(pairs // n_written, minlength=len(same.distinct))
    collides: np.ndarray = (n_spellings > 1)[same.codes]
    return collides


def resemble(texts: Texts) -> np.ndarray:
    """Whether another row differs by case, a dash or the script of letters alone; shape (n,)."""
    # few extracts have any, and their ids have few texts before a number: all texts are looked at only then
    stems = compute.utf8_trim(texts.distinct, characters="0123456789").unique()
    if compute.count_distinct(_outlines(stems)).as_py() == len(stems):
        return np.zeros(len(texts.codes), dtype=bool)
    alike, occurs = _outlines(texts.distinct).dictionary_encode(), np.unique(texts.codes)
    codes = alike.indices.to_numpy()
    n_alike = np.bincount(codes[occurs], minlength=len(alike.dictionary))
    resembles: np.ndarray = (n_alike > 1)[codes][texts.codes]
    return resembles


def _outlines(array: Any) -> Any:
    """Texts without what tells those apart that resemble each other."""
    lower, is_other = compute.utf8_lower(array), compute.match_substring_regex(array, "[^ -~]")
    others = [
        DASHES.sub("-", text.casefold()).translate(LATIN) for text in array.filter(is_other).to_pylist()
    ]
    return compute.replace_with_mask(lower, is_other, pa.array(others, pa.large_string()))
