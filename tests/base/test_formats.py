"""Numbers as journals print them; the expected texts are rounded by hand."""

import math

import numpy as np
import pytest

from recohort.base import formats


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.285, 2, "0.29"),  # its double is 0.284999...; round() gives 0.28
        (2.675, 2, "2.68"),
        (2.5, 0, "3"),  # half to even would give 2
        (-2.5, 0, "-3"),
        (-0.004, 2, "0.00"),
        (0.0, 1, "0.0"),
        (1, 2, "1.00"),
        (1e-12, 2, "0.00"),
        (1e30, 2, "1" + 30 * "0" + ".00"),
        (np.float64(1.005), 2, "1.01"),
        (np.int64(7), 1, "7.0"),
        (math.inf, 2, "Inf"),
        (-math.inf, 2, "-Inf"),
        (math.nan, 2, ""),
        (None, 2, ""),
    ],
)
def test_half_up(value, digits, text):
    assert formats.half_up(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (766, "766"),
        (4884, "4,884"),
        (1234567.0, "1,234,567"),
        (2.9999999996, "3"),
        (None, ""),
        (math.nan, ""),
    ],
)
def test_count(value, text):
    assert formats.count(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "digits", "text"),
    [
        (68, 766, 1, "8.9"),  # 8.877
        (1, 8, 0, "13"),  # 12.5
        (1, 8, 1, "12.5"),
        (5, 800, 1, "0.6"),  # 0.625
        (1, 80, 1, "1.3"),  # 1.25
        (0, 5, 1, "0.0"),
        (5, 5, 0, "100"),
        # somebody, and not everybody
        (1, 5000, 1, "<0.1"),
        (1, 2000, 1, "0.1"),  # 0.05
        (4999, 5000, 1, ">99.9"),
        (1, 5000, 0, "<1"),
        (4999, 5000, 0, ">99"),
        (5000, 5000, 1, "100.0"),
        (0, 0, 1, ""),
    ],
)
def test_percent(part, whole, digits, text):
    assert formats.percent(part, whole, digits) == text


def test_count_percent():
    assert formats.count_percent(68, 766) == "68 (8.9)"
    assert formats.count_percent(1059, 4884, 0) == "1,059 (22)"
    assert formats.count_percent(0, 0) == "0"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "<0.001"),
        (0.00099999, "<0.001"),
        (0.001, "0.001"),
        (0.0015, "0.002"),
        (0.049, "0.049"),
        (0.0495, "0.050"),
        (0.051, "0.051"),
        (0.999, "0.999"),
        (0.9991, ">0.999"),
        (1.0, ">0.999"),
        (math.nan, ""),
        (None, ""),
    ],
)
def test_p_value(p, text):
    assert formats.p_value(p) == text


def test_intervals():
    assert formats.interval(0.3251, 0.4349) == "0.33 to 0.43"
    assert formats.interval(1.25, math.nan, 1) == "1.3 to not estimable"
    assert formats.interval(math.nan, math.nan) == ""
    assert formats.interval(None, None) == ""
    assert formats.interval(0.5, math.inf) == "0.50 to ∞"
    assert formats.estimate_interval(1.485, 1.1, 2.005) == "1.49 (1.10 to 2.01)"
    assert formats.estimate_interval(1.0, math.nan, math.nan) == "1.00"


@pytest.mark.parametrize(
    ("estimate", "low", "high", "text"),
    [
        (1.485, 1.1, 2.005, "1.49 (1.10 to 2.01)"),
        (1.0, math.nan, math.nan, "1.00"),
        (1.0, 0.5, 2.0, "1.00 (0.50 to 2.00)"),
        # no effect, and the interval says how sure that is
        (1.003, 0.99, 1.01, "1.00 (0.99 to 1.01)"),
        # an upper limit of 1.00 beside two numbers that are something
        (0.85, 0.72, 0.998, "0.85 (0.72 to 1.00)"),
        (1.02, 1.011, 1.024, "1.02 (1.01 to 1.02)"),
        # per millilitre of a volume: 1.00 (1.00 to 1.00)
        (1.0012, 1.0004, 1.002, "1.0012 (1.0004 to 1.0020)"),
        (1.00003, 1.00002, 1.00004, "1.000030 (1.000020 to 1.000040)"),
        (0.9988, 0.998, 0.9996, "0.9988 (0.9980 to 0.9996)"),
        # 1.01 (1.00 to 1.01) hides on which side of 1 the limit is
        (1.006, 1.003, 1.009, "1.0060 (1.0030 to 1.0090)"),
        # 0.00 (0.00 to 0.01)
        (0.0042, 0.0021, 0.0083, "0.0042 (0.0021 to 0.0083)"),
        # one limit alone that would be 0.00
        (0.02, 0.0031, 0.13, "0.02 (0.0031 to 0.13)"),
        # an exact interval ends in 0 or has no end
        (0.0, 0.0, 0.35, "0.00 (0.00 to 0.35)"),
        (3.1, 1.2, math.inf, "3.10 (1.20 to ∞)"),
        (0.5, 0.00099, 1000.01, "0.50 (< 0.001 to > 1,000)"),
        (0.5, 0.001, 1000.0, "0.50 (0.0010 to 1000.00)"),
        (4e9, 12.0, 1e30, "> 1,000 (12.00 to > 1,000)"),
        (1e-9, 1e-12, 5e-9, "< 0.001 (< 0.001 to < 0.001)"),
        # beyond the most decimals nothing more is said
        (1 + 1e-12, 1.0, 1 + 2e-12, "1.00 (1.00 to 1.00)"),
        (None, None, None, ""),
    ],
)
def test_a_ratio_says_something(estimate, low, high, text):
    assert formats.ratio_interval(estimate, low, high) == text


@pytest.mark.parametrize(
    ("numbers", "digits", "text"),
    [
        ((0.0035, 0.0021, 0.005), 2, "0.0035 (0.0021 to 0.0050)"),
        ((0.02, 0.0, 0.04), 1, "0.020 (0.000 to 0.040)"),
        ((0.0, 0.0, 0.2), 1, "0.0 (0.0 to 0.2)"),
        ((0.0, 0.0, 0.0), 2, "0.00 (0.00 to 0.00)"),
        ((5.0, 5.0, 5.0), 0, "5 (5 to 5)"),
        ((1000.01, 1000.0, 1000.02), 1, "1000.01 (1000.00 to 1000.02)"),
        # a percentage
        ((99.98, 99.9, 100.0), 1, "100.0 (99.9 to 100.0)"),
        ((-0.001, -0.003, 0.001), 2, "-0.0010 (-0.0030 to 0.0010)"),
    ],
)
def test_an_estimate_has_the_decimals_that_it_takes(numbers, digits, text):
    assert formats.estimate_interval(*numbers, digits) == text


def test_a_median_time_has_them_too():
    assert formats.time_interval(33.25, 30, 37.5) == "33.3 (30.0 to 37.5)"
    assert formats.time_interval(0.041, 0.022, math.nan) == "0.041 (0.022 to not reached)"
    assert formats.time_interval(None, 50.0, None) == "not reached (50.0 to not reached)"
    assert formats.time_interval(None, None, None) == "not reached"


def test_a_step_is_too_small_or_too_large_where_a_ratio_needs_more_than_two_decimals():
    assert formats.is_far_from_its_step(1.0012, 1.0004, 1.002)
    assert formats.is_far_from_its_step(1e-9, 1e-12, 5e-9)
    assert formats.is_far_from_its_step(4e9, 12.0, 1e30)
    assert not formats.is_far_from_its_step(1.49, 1.1, 2.01)
    assert not formats.is_far_from_its_step(math.nan, math.nan, math.nan)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "text"),
    [
        (33.33, 30.0, 37.5, "33.3 (30.0 to 37.5)"),
        # 4,998 of 5,000, and its interval
        (99.96, 99.86, 100.0, ">99.9 (99.9 to 100.0)"),
        (0.0, 0.0, 8.8, "0.0 (0.0 to 8.8)"),
        (0.04, 0.005, 3.2, "0.04 (0.01 to 3.20)"),
        (100.0, math.nan, math.nan, "100.0"),
    ],
)
def test_a_percentage_says_0_and_100_of_nobody_and_everybody_only(estimate, low, high, text):
    assert formats.percent_interval(estimate, low, high) == text


def test_a_number_per_1000_is_not_0_where_there_is_one():
    assert [formats.share(x, 1, 1000) for x in (0.0, 0.04, 0.05, 999.96, 1000.0, math.nan)] == [
        "0.0", "<0.1", "0.1", ">999.9", "1000.0", "",
    ]  # fmt: skip


def test_infinity_is_printed_as_people_write_it_and_a_time_is_not_reached():
    assert [formats.number(x, 2) for x in (math.inf, -math.inf, 1.005, None)] == ["∞", "-∞", "1.01", ""]
    assert formats.ratio_interval(3.1, 0.0, math.inf) == "3.10 (0.00 to ∞)"
    assert formats.estimate_interval(0.5, -math.inf, math.inf) == "0.50 (-∞ to ∞)"
    assert formats.time_interval(12.0, 10.0, math.inf) == "12.0 (10.0 to not reached)"
    assert formats.time_interval(math.inf, 10.0, math.nan) == "not reached (10.0 to not reached)"


def test_a_limit_that_there_is_not_is_not_reached_of_a_time_only():
    assert formats.ratio_interval(3.1, 1.2, math.nan) == "3.10 (1.20 to not estimable)"
    assert formats.time_interval(12.0, 10.0, None) == "12.0 (10.0 to not reached)"
