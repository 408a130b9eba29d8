"""Secondary suppression, held against every table of whole numbers that agrees with what is shown."""

from itertools import product

import pytest
from support.disclosure import EXACT, RULE

from recohort import disclosure
from recohort.disclosure.secondary_suppression import withheld


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
