"""Which counts of a model's terms are withheld, by hand."""

import pytest
from support.disclosure import EXACT, RULE
from support.shown_rows import row

from recohort.disclosure import counts_by_level

WHOLE = {"term": "liver", "model": "univariable", "n": 100, "events": 40, "n_missing": 0, "reference": "no"}
NO = row(**WHOLE, level="no", n_level=90, events_level=35)
YES = row(**WHOLE, level="yes", n_level=10, events_level=5)


@pytest.mark.parametrize(
    ("rule", "withheld"),
    [
        # 38 to 42 less 33 to 37: 1 to 7 events are left, and as many without one
        (RULE, {("events", "yes"), ("rest", "yes")}),
        # 40 - 35 = 5 would be known
        (EXACT, {("events", "yes"), ("rest", "yes"), ("events", "no")}),
    ],
)
def test_a_small_count_of_a_level_is_withheld_with_what_would_give_it_away(rule, withheld):
    assert counts_by_level.by_term([NO, YES], rule) == {"liver": withheld}


def test_terms_are_looked_at_one_by_one():
    lung = [{**NO, "term": "lung"}, {**YES, "term": "lung", "events_level": 5}]
    assert set(counts_by_level.by_term([NO, YES, *lung], RULE)) == {"liver", "lung"}


def test_few_with_a_missing_value_are_withheld_and_none_is_shown():
    few = [{**r, "n_missing": 3} for r in (NO, YES)]
    assert ("missing",) in counts_by_level.by_term(few, RULE)["liver"]
    assert ("missing",) not in counts_by_level.by_term([NO, YES], RULE)["liver"]


def test_the_counts_of_a_row_are_rounded_or_gone():
    shown = counts_by_level.shown_counts({**YES, "n": 102}, {("events", "yes")}, RULE)
    assert {name: shown[name] for name in ("n", "events", "n_level", "events_level", "n_missing")} == {
        "n": 100, "events": 40, "n_level": 10, "events_level": None, "n_missing": 0,
    }  # fmt: skip
