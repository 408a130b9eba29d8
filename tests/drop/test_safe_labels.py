"""Percentages and differences of a drop as they may be shown."""

import pytest
from support.disclosure import RULE

from recohort.drop import safe_labels


@pytest.mark.parametrize(
    ("part", "whole", "exact", "controlled"),
    [
        (0, 400, "0.0", "<2.0"),
        # somebody, but of so many that it would print as nobody
        (1, 40000, "<0.1", "<0.1"),
        (20, 100000, "<0.1", "<0.1"),
        (39999, 40000, ">99.9", "100.0"),
        (40000, 40000, "100.0", "100.0"),
    ],
)
def test_a_percentage_is_of_rounded_counts_and_never_below_that_of_the_least_one_shown(
    part, whole, exact, controlled
):
    assert safe_labels.percent(part, whole, None) == exact
    assert safe_labels.percent(part, whole, RULE) == controlled
