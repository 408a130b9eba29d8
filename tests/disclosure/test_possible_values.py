"""Which values a withheld count can have, over all tables of whole numbers: by hand."""

import pytest
from support.disclosure import EXACT

from recohort.disclosure.possible_values import exposed
from recohort.disclosure.secondary_suppression import withheld

LINE = [("all", ("a", "b"))]


@pytest.mark.parametrize(("fewest", "found"), [(3, []), (4, ["a", "b"])])
def test_a_count_with_fewer_values_than_asked_for_is_found(fewest, found):
    # a + b = 20 with b of 18 to 20: a is 0, 1 or 2
    bounds = {"all": (20, 20), "a": (0, 7), "b": (18, 20)}
    assert exposed(["a", "b"], bounds, LINE, fewest) == found


def test_only_the_counts_asked_for_are_found():
    bounds = {"all": (20, 20), "a": (0, 7), "b": (19, 20)}
    assert exposed(["b"], bounds, LINE, 3) == ["b"]
    assert exposed([], bounds, LINE, 3) == []
    assert exposed(["a"], bounds, [], 3) == []


# x + y = x + z = y + z = 10 has one solution, 5, 5, 5, though each line alone leaves 0 to 10
PAIRS = [("xy", ("x", "y")), ("xz", ("x", "z")), ("yz", ("y", "z"))]


def test_lines_that_share_counts_leave_less_than_each_alone():
    bounds = {**dict.fromkeys(("xy", "xz", "yz"), (10, 10)), **dict.fromkeys("xyz", (0, 10))}
    assert exposed(list("xyz"), bounds, PAIRS, 3) == ["x", "y", "z"]


def test_suppression_of_such_lines_takes_a_total_with_it_where_exactness_is_asked_for():
    counts = {**dict.fromkeys("xyz", 5), **dict.fromkeys(("xy", "xz", "yz"), 10)}
    assert withheld(counts, PAIRS, EXACT) == set("xyz")
    # without one total, x may be 3 to 7
    assert len(withheld(counts, PAIRS, EXACT, exact=True) - set("xyz")) == 1


def test_intervals_of_lines_that_share_counts_are_too_wide_and_whole_numbers_are_not():
    # a + b and a - b cannot both be even and odd: lines alone leave a wide interval
    lines = [("sum", ("a", "b")), ("a", ("b", "d"))]
    bounds = {"sum": (10, 10), "a": (0, 10), "b": (0, 10), "d": (0, 1)}
    assert exposed(["a", "b"], bounds, lines, 2) == ["a", "b"]
    assert exposed(["a", "b"], {**bounds, "d": (0, 9)}, lines, 3) == []
    assert exposed([], bounds, lines, 3) == []
