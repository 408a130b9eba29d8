"""Numbers in the sentences of an audit."""

from math import inf, nan

import pytest

from recohort.audit import finding


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "<0.0001"), (0.00009, "<0.0001"), (0.0001, "0.0001"), (0.04567, "0.0457"),
        (0.9999, "0.9999"), (0.99995, ">0.9999"), (1.0, ">0.9999"),
    ],
)  # fmt: skip
def test_a_p_value_is_neither_0_nor_1(p, text):
    assert finding.p_shown(p) == text


def test_what_is_no_number_is_said_in_words_or_signs():
    assert [finding.shown(x) for x in (nan, inf, 1.005)] == ["no value", "∞", "1.01"]


def test_one_is_counted_in_the_singular():
    counted = [finding.counted(n, "table") for n in (1, 2, 1200)]
    assert counted == ["1 table", "2 tables", "1,200 tables"]
    assert finding.counted(2, "study", "studies") == "2 studies"


def test_words_are_listed_with_an_and():
    listed = [finding.listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])]
    assert listed == ["a", "a and b", "a, b and c"]
