"""Identifiers that look the same have one normal form; those that only resemble each other are told."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recohort.extract import identifier, text_column

# Marks, spaces and letters that are written in several ways
CHARACTERS = (
    "aA1 \t\u00e9\u0301e\u00a0\u2003\u3000\u200b\u200d\ufeff\u00ad"
    "\ufe0f\uff11\uff21\uff0d\u0300\u212b\x07\x85"
)
TEXTS = st.lists(st.text(st.sampled_from(CHARACTERS), max_size=4), max_size=12)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("E\u0301-01", "\u00c9-01"),  # two characters, one
        ("P\u200b01", "P01"), ("\ufeffP01", "P01"), ("P0\u00ad1", "P01"), ("P01\u2060", "P01"),
        ("P0\u200e1", "P01"), ("P01\ufe0f", "P01"), ("P\u034f01", "P01"), ("P\x0701", "P01"),
        ("P\x7f01", "P01"),
        ("\uff30\uff10\uff11", "P01"), ("P\u2460", "P1"), ("\U0001d7d8\U0001d7d9", "01"), ("\ufb01", "fi"),
        ("P\u00a001", "P 01"), ("P  01", "P 01"), ("P\t01", "P 01"), ("P\u200301", "P 01"),
        ("P\u300001", "P 01"),
        ("P\u202801", "P 01"), (" P01 ", "P01"), ("\u00a0P01", "P01"), ("P01\r\n", "P01"),
        ("\u200b \u200bP01", "P01"),
        ("\u200b", ""), ("\u3164", ""), ("P\uff0d01", "P-01"),
        # these are not the same
        ("P01", "P01"), ("p01", "p01"), ("P\u201001", "P\u201001"), ("007", "007"), ("7", "7"),
        ("\u0420", "\u0420"),
    ],
)  # fmt: skip
def test_normal_form(written, same):
    assert identifier.normal(written) == same
    assert identifier.form({})(written) == same
    assert identifier.form({"id_same": "merge"})(written) == same
    assert identifier.form({"id_same": "distinct"})(written) == written.strip()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=8))
def test_the_normal_form_is_its_own_and_that_of_all_ways_to_write_it(text):
    same = identifier.normal(text)
    assert identifier.normal(same) == same
    for name in ("NFC", "NFD", "NFKC", "NFKD"):
        assert identifier.normal(unicodedata.normalize(name, text)) == same
    assert identifier.normal(f" {text}\u200b\u00a0") == same


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS)
def test_columns_are_what_their_texts_are(texts):
    column = text_column.encode(texts)
    found, changed = identifier.normal_texts(column)
    assert list(found.at(slice(None))) == [identifier.normal(text) for text in texts]
    assert len(set(found.distinct.to_pylist())) == len(found.distinct)
    assert column.distinct.take(changed).to_pylist() == [
        text for text in dict.fromkeys(texts) if identifier.normal(text) != text
    ]
    # by the definition: another row has the same normal form and other characters between its ends
    assert identifier.collide(column).tolist() == [
        any(identifier.normal(a) == identifier.normal(b) and a.strip() != b.strip() for b in texts)
        for a in texts
    ]


@pytest.mark.parametrize(
    ("texts", "alike"),
    [
        (["p05", "P05", "P06"], [True, True, False]),
        (["P-1", "P\u20131", "P\u20101", "P1"], [True, True, True, False]),
        (
            ["\u0410\u0412-1", "AB-1", "A\u0392-1", "AC-1"],
            [True, True, True, False],
        ),  # Cyrillic, Latin, Greek
        (["stra\u00dfe", "STRASSE"], [True, True]),
        (["a", "b"], [False, False]),
        (["a", "a"], [False, False]),
        ([], []),
    ],
)
def test_what_only_resembles(texts, alike):
    assert identifier.resemble(text_column.encode(texts)).tolist() == alike


def test_a_text_that_no_row_has_any_more_resembles_none():
    column = text_column.encode(["p1", "P1"])
    assert identifier.resemble(text_column.Texts(column.distinct, column.codes[:1])).tolist() == [False]
