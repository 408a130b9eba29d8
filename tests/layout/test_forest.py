"""The axis of a forest plot."""

import pytest
from numpy.testing import assert_allclose

from recohort.layout import forest
from recohort.layout.forest import Mark


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.9, 1.1, (0.5, 1, 2)),
        (0.3, 4.5, (0.5, 1, 2, 4)),
        (0.11, 9, (0.125, 0.25, 0.5, 1, 2, 4, 8)),
        (0.8, 90, (0.5, 1, 2, 5, 10, 20, 50)),
        (0.002, 900, (0.01, 0.1, 1, 10, 100)),
    ],
)
def test_ticks_of_a_ratio_double_or_are_1_2_5_or_powers_of_ten(low, high, ticks):
    # both estimates at their ends, so that nothing is clipped
    axis = forest.ratio_axis([Mark(low, low, low, 1), Mark(high, high, high, 1)], "")
    assert axis.ticks == ticks
    assert axis.low < min(low, 0.5)
    assert axis.high > max(high, 2)


def test_the_axis_goes_on_to_a_multiple_of_the_outermost_estimate():
    axis = forest.ratio_axis([Mark(1.5, 0.01, 1000, 1)], "")
    assert_allclose([axis.low * 1.05, axis.high / 1.05], [1.5 / forest.REACH, 1.5 * forest.REACH])
