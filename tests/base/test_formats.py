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
    assert formats.interval(1.25, math.nan, 1) == "1.3 to not reached"
    assert formats.interval(math.nan, math.nan) == ""
    assert formats.interval(None, None) == ""
    assert formats.interval(0.5, math.inf) == "0.50 to Inf"
    assert formats.estimate_interval(1.485, 1.1, 2.005) == "1.49 (1.10 to 2.01)"
    assert formats.estimate_interval(1.0, math.nan, math.nan) == "1.00"
