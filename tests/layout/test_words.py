"""What is printed where an estimate has no number to print."""

import pytest

from recohort.layout import words


@pytest.mark.parametrize(
    ("status", "printed"),
    [
        ("not-estimable", "not estimable"),
        ("failed", "failed"),
        ("disputed", "disputed"),
        ("suppressed", "suppressed"),
    ],
)
def test_a_status_without_a_number_says_which(status, printed):
    found = {"status": status, "estimate": 1.5}
    assert words.is_refused(found)
    assert words.no_estimate(found) == printed


@pytest.mark.parametrize("status", ["ok", "penalised", "exact", "imputed"])
def test_the_others_have_their_number(status):
    assert not words.is_refused({"status": status})
