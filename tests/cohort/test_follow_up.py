"""Times, entries and events in days; the expected numbers are counted on a calendar."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from support import protocols

from recohort.cohort.follow_up import follow
from recohort.protocol.expressions import Values


def numbers(*values):
    known = np.array([value is not None for value in values])
    # a wrong number underneath, so that nobody may look at an unknown one
    return Values(np.array([-7.0 if value is None else value for value in values]), known)


def dates(*values):
    known = np.array([value is not None for value in values])
    return Values(np.array([value or "2100-01-01" for value in values], dtype="datetime64[D]"), known)


def status(*values):
    return Values(np.array(values, dtype=object), np.array([value is not None for value in values]))


BOOK = {
    "days": protocols.variable("days", "number", "Days", "D", unit="days"),
    "months": protocols.variable("months", "number", "Months", "M", unit="months"),
    "years": protocols.variable("years", "number", "Years", "Y", unit="years"),
}
NAN = np.nan


@pytest.mark.parametrize(
    ("unit", "expected"), [("days", [2.0, 0.0]), ("months", [60.875, 0.0]), ("years", [730.5, 0.0])]
)
def test_a_number_in_its_own_unit(unit, expected):
    endpoint = protocols.endpoint("os", "OS", ("dead", "yes"), "months", time=unit)
    found = follow(endpoint, {unit: numbers(2.0, 0.0), "dead": status("yes", "no")}, BOOK)
    assert_array_equal(found.time_days, expected)
    assert_array_equal(found.event, [1.0, 0.0])
    assert found.entry_days is None


def test_time_and_entry_may_have_different_units():
    endpoint = protocols.endpoint("os", "OS", ("dead", "yes"), "months", time="months", entry="days")
    columns = {"months": numbers(2.0), "days": numbers(30.0), "dead": status("yes")}
    found = follow(endpoint, columns, BOOK)
    assert_array_equal((found.time_days, found.entry_days), [[60.875], [30.0]])


def test_days_between_dates():
    endpoint = protocols.endpoint("os", "OS", ("vital", "dead"), "months", start="dx", end="last")
    columns = {
        "dx": dates("2020-02-01", "2019-02-01", "2020-01-01", "2020-01-01", None, "2020-01-01"),
        "last": dates("2020-03-01", "2019-03-01", "2020-01-01", None, "2020-01-01", "2021-01-01"),
        "vital": status("dead", "alive", "dead", "dead", "dead", None),
    }
    found = follow(endpoint, columns, BOOK)
    # 2020 is a leap year; missing wherever a part is, so that no model counts half an endpoint
    assert_array_equal(found.time_days, [29, 28, 0, NAN, NAN, NAN])
    assert_array_equal(found.event, [1, 0, 1, NAN, NAN, NAN])
    assert not found.is_backwards.any()


def test_follow_up_that_ends_before_it_starts_is_said_so_whatever_else_is_unknown():
    endpoint = protocols.endpoint("os", "OS", ("dead", "yes"), "months", start="dx", end="last", entry="seen")
    columns = {
        "dx": dates("2020-01-02", "2020-01-02", "2020-01-02", None),
        "last": dates("2020-01-01", "2020-01-01", "2020-01-02", "2020-01-01"),
        "seen": dates("2020-01-01", None, "2020-01-01", "2020-01-01"),
        "dead": status("yes", None, "yes", "yes"),
    }
    found = follow(endpoint, columns, BOOK)
    assert_array_equal(found.is_backwards, [True, True, False, False])
    assert_array_equal(found.is_late, [False, False, True, False])  # 0 days from 0 days on


def test_delayed_entry():
    """Five entries into a follow-up of 100 days: before the start, at it, inside, at the end, after it."""
    endpoint = protocols.endpoint("os", "OS", ("dead", "yes"), "days", time="days", entry="entry")
    columns = {
        "days": numbers(100, 100, 100, 100, 100, 100, None),
        "entry": numbers(-20, 0, 99, 100, 120, None, 5),
        "dead": status(*["yes"] * 7),
    }
    book = {**BOOK, "entry": protocols.variable("entry", "number", "Entry", "E", unit="days")}
    found = follow(endpoint, columns, book)
    assert_array_equal(found.entry_days, [0, 0, 99, NAN, NAN, NAN, NAN])
    assert_array_equal(found.time_days, [100, 100, 100, NAN, NAN, NAN, NAN])
    assert_array_equal(found.event, [1, 1, 1, NAN, NAN, NAN, NAN])
    assert_array_equal(found.is_late, [False, False, False, True, True, False, False])


def test_times_that_differ_by_rounding_only_are_ties():
    """Years as differences of decimals; of the fourth, the entry is its own end but for rounding."""
    endpoint = protocols.endpoint("os", "OS", ("dead", "yes"), "years", time="years", entry="since")
    columns = {
        "years": numbers(0.5 - 0.2, 0.4 - 0.1, 1.0, 0.4 - 0.1, None, -1.0),
        "since": numbers(0, 0, 0.5 - 0.2, 0.5 - 0.2, 0, 0),
        "dead": status(*["yes"] * 6),
    }
    book = {**BOOK, "since": protocols.variable("since", "number", "Since", "S", unit="years")}
    found = follow(endpoint, columns, book)
    three_tenths = (0.5 - 0.2) * 365.25
    assert_array_equal(found.time_days[:5], [three_tenths, three_tenths, 365.25, NAN, NAN])
    assert_array_equal(found.entry_days[:5], [0, 0, three_tenths, NAN, NAN])
    assert_array_equal(found.event[:5], [1, 1, 1, NAN, NAN])
    assert_array_equal(found.is_tied, [False, True, False, False, False, False])
    assert_array_equal(found.is_late, [False, False, False, True, False, False])


def test_delayed_entry_by_date():
    endpoint = protocols.endpoint("os", "OS", ("dead", "yes"), "days", start="dx", end="last", entry="seen")
    columns = {
        "dx": dates("2020-01-01", "2020-01-01"),
        "last": dates("2020-04-10", "2020-04-10"),
        "seen": dates("2020-01-11", "2019-12-01"),
        "dead": status("no", "no"),
    }
    found = follow(endpoint, columns, BOOK)
    assert_array_equal(found.time_days, [100, 100])
    assert_array_equal(found.entry_days, [10, 0])
