"""Disclosure control: the rule, cross-tables, exact studies untouched."""

from math import inf
from types import SimpleNamespace

import pytest
from support.disclosure import EXACT, RULE

from recohort import disclosure
from recohort.analyses import control
from recohort.analyses.crosstab.control import counts
from recohort.analyses.curves.control import curves
from recohort.analyses.summary.control import summary
from recohort.audit.control import controlled_claims
from recohort.base import formats
from recohort.cohort.control import controlled_attrition, controlled_cleaning
from recohort.disclosure import Rule
from recohort.disclosure.rule import cut_p, cut_ratio


def protocol(data="patient-level", public=""):
    return SimpleNamespace(data=data, public=public)


def test_only_patients_whose_rows_are_not_public_are_controlled():
    control = {"threshold": 8, "rounding": 6}
    assert disclosure.rule_of(protocol(), control) == Rule(8, 6)
    assert disclosure.rule_of(protocol(public="in a package"), control) is None
    assert disclosure.rule_of(protocol("synthetic"), control) is None
    assert disclosure.rule_of(protocol("published-counts"), control) is None


@pytest.mark.parametrize("rounding", [9, 10])
def test_no_count_of_somebody_is_rounded_to_nobody(rounding):
    rule = disclosure.rule_of(protocol(), {"threshold": 1, "rounding": rounding})
    assert rule == Rule(4, rounding)
    assert [disclosure.rounded(n, rule) for n in (4, 5)] == [None, rounding]


@pytest.mark.parametrize(
    ("n", "shown"), [(0, "<8"), (7, "<8"), (8, "10"), (12, "10"), (13, "15"), (1017, "1,015"), (None, "")]
)
def test_a_count_is_withheld_or_rounded(n, shown):
    assert disclosure.shown(n, RULE) == shown
    assert disclosure.rounded(n, RULE) == (int(shown.replace(",", "")) if shown.strip("<8") else None)


def test_rounding_may_be_none_and_even():
    assert [disclosure.rounded(n, EXACT) for n in (7, 8, 9)] == [None, 8, 9]
    assert [disclosure.rounded(n, Rule(7, 10)) for n in (14, 15, 24, 25)] == [10, 20, 20, 30]


def test_without_a_rule_a_count_is_itself():
    assert (disclosure.shown(3, None), disclosure.shown(1234, None)) == ("3", "1,234")
    assert disclosure.rounded(3, None) == 3


def test_what_is_shown_exactly_is_not_touched():
    rows = [{"n": 1}]
    for shown in (
        controlled_attrition, controlled_claims, controlled_cleaning, counts,
        curves, control.estimates, summary,
    ):  # fmt: skip
        assert shown(rows, None) is rows


def test_a_p_value_is_cut_to_what_is_printed():
    cut = [cut_p(p) for p in (0.01254, 0.9996, 0.00012345, 0.0, None)]
    assert cut == [0.013, 1, 0.0001, 0, None]


def test_the_reader_is_told_the_threshold_and_the_rounding():
    assert "7 or fewer" in disclosure.sentence(RULE) and "nearest 5" in disclosure.sentence(RULE)
    assert "7 or fewer" in disclosure.sentence(EXACT) and "nearest" not in disclosure.sentence(EXACT)
    assert "7 or fewer" in disclosure.curve_sentence(RULE)


def test_a_ratio_has_no_digit_that_is_not_printed_and_is_still_beyond_the_limit():
    # printed "< 0.001" and "> 1,000"
    assert [cut_ratio(x, 2) for x in (0.000437, 0.00099, 1000.4, 12345.6)] == [0.0004, 0.0009, 2000, 20000]
    assert [cut_ratio(x, 2) for x in (1.2345, 0.0041234, 1000.0, 0.001)] == [1.23, 0.0041, 1000, 0.001]
    assert [cut_ratio(x, 2) for x in (0.0, inf, None)] == [0, inf, None]


def test_p_values_keep_what_is_printed_of_them():
    for p in (1e-300, 2.34e-5, 0.00099, 0.001, 0.0456, 0.9994, 0.9996, 1.0):
        assert formats.p_value(cut_p(p)) == formats.p_value(p)
    assert cut_p(0.000456) == 0.0004
    assert cut_p(None) is None
