"""Disclosure control: the rule, suppression by trying every table, cross-tables, exact studies untouched."""

from itertools import product
from types import SimpleNamespace

import pytest
from support.disclosure import EXACT, RULE, SQUARE, crossed

from recohort import disclosure
from recohort.analyses import control
from recohort.analyses.crosstab import control as crosstab_control
from recohort.analyses.curves import control as curves_control
from recohort.analyses.summary import control as summary_control
from recohort.audit import control as audit_control
from recohort.cohort import control as cohort_control
from recohort.disclosure import Rule
from recohort.disclosure.secondary_suppression import withheld


def protocol(data="patient-level", public=""):
    return SimpleNamespace(data=data, public=public)


# The rule


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
        cohort_control.attrition, audit_control.claims, cohort_control.cleaning, crosstab_control.counts,
        curves_control.curves, control.estimates, summary_control.summary,
    ):  # fmt: skip
        assert shown(rows, None) is rows


# Secondary suppression


def possible_values(key, counts, lines, hidden, rule):
    """The values of a count in all tables of whole numbers that agree with what is shown."""
    cells = [k for k in counts if k not in {total for total, _ in lines}]
    ranges = [range(33) for _ in cells]
    found = set()
    for values in product(*ranges):
        table = dict(zip(cells, values, strict=True))
        for total, parts in lines:
            table[total] = sum(table[part] for part in parts)
        if all(shown(table[k], k, counts, hidden, rule) for k in counts):
            found.add(table[key])
    return found


def shown(n, key, counts, hidden, rule):
    if key in hidden:
        # the reader of one small count knows that it is small; of others he knows nothing
        return n <= rule.threshold if counts[key] <= rule.threshold else True
    return disclosure.rounded(n, rule) == disclosure.rounded(counts[key], rule)


LINE = [("all", ("a", "b", "c"))]


@pytest.mark.parametrize("rule", [RULE, EXACT])
@pytest.mark.parametrize("cells", list(product((0, 3, 7), (1, 7, 13, 18), (8, 12))))
def test_no_withheld_part_of_a_line_is_left_with_fewer_than_three_values(cells, rule):
    counts = dict(zip("abc", cells, strict=True)) | {"all": sum(cells)}
    hidden = withheld(counts, LINE, rule)
    for key in hidden:
        if counts[key] <= rule.threshold:
            assert len(possible_values(key, counts, LINE, hidden, rule)) >= 3


def test_an_exact_total_costs_a_second_part_and_no_more():
    # 3 = 40 - 37 would be known; the smaller other part goes with it
    counts = {"all": 60, "a": 3, "b": 20, "c": 37}
    assert withheld(counts, LINE, EXACT) == {"a", "b"}
    assert withheld(counts, LINE, RULE) == {"a"}


def test_two_roundings_that_meet_at_the_threshold_cost_a_second_part():
    # 30 - 20 is 6 to 14 of what is rounded, and at most 7 of what is withheld
    counts = {"all": 28, "a": 7, "b": 21}
    lines = [("all", ("a", "b"))]
    assert withheld(counts, lines, RULE) == {"a", "b"}
    assert withheld({"all": 25, "a": 5, "b": 20}, lines, RULE) == {"a"}


def test_a_total_known_from_elsewhere_is_not_withheld_and_what_cannot_help_is_not_either():
    counts = {"all": 28, "a": 7, "b": 21}
    lines = [("all", ("a", "b"))]
    assert withheld(counts, lines, RULE, fixed=["all"]) == {"a", "b"}
    assert withheld(counts, lines, RULE, fixed=["all", "b"]) == {"a"}


def test_that_no_value_is_missing_is_shown():
    lines = [("size", ("known", "missing"))]
    none = {"size": 40, "known": 40, "missing": 0}
    assert withheld(none, lines, RULE, open_zeros=["missing"]) == set()
    assert withheld(none, lines, RULE) == {"missing"}


def test_totals_are_the_sums_of_their_parts():
    with pytest.raises(ValueError, match="contradict each other"):
        withheld({"all": 40, "a": 12, "b": 13}, [("all", ("a", "b"))], RULE)


# Cross-tables


def test_cells_are_of_those_known_and_a_small_one_is_withheld():
    found = crosstab_control.counts(crossed(SQUARE), RULE)
    cells = {(c["row_level"], c["column_level"]): c["n"] for c in found}
    assert cells == {
        ("no", "Negative"): 335,
        ("no", "Positive"): 25,
        ("yes", "Negative"): None,
        ("yes", "Positive"): 40,
    }


def test_with_exact_margins_a_small_cell_takes_a_rectangle_with_it():
    found = crosstab_control.counts(crossed({"no": (335, 25, 0), "yes": (3, 38, 0)}), EXACT)
    assert [c["n"] for c in found] == [None] * 4
