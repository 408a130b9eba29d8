"""Spellings that an entry of the codebook declares: thousands, percent signs, serials, centuries."""

from datetime import date

import pytest
from support import protocols

from recohort.protocol.cell import read


def number(**keys):
    return protocols.variable("x", "number", "X", "X", **keys)


def day(*formats, **keys):
    return protocols.variable("x", "date", "X", "X", formats=formats, **keys)


GERMAN, ENGLISH = {"decimal": ",", "thousands": "."}, {"thousands": ","}


@pytest.mark.parametrize(
    ("keys", "text", "value"),
    [
        (GERMAN, "150.000", 150000.0),
        (GERMAN, "1.234.567,5", 1234567.5),
        (GERMAN, "1,0", 1.0),
        (GERMAN, "-1.000", -1000.0),
        (ENGLISH, "1,234.5", 1234.5),
        (ENGLISH, "12", 12.0),
        ({"decimal": ",", "thousands": " "}, "1 234,5", 1234.5),
        ({"decimal": ",", "thousands": " "}, "1\u202f234", 1234.0),
        ({"decimal": ",", "thousands": " "}, "1\u00a0234\u00a0567", 1234567.0),
        ({"thousands": "'"}, "1\u2019234.5", 1234.5),
        ({"unit": "%"}, "35%", 35.0),
        ({"unit": "%", "decimal": ","}, "0,7 %", 0.7),
        # no groups of three, or mixed ones: nothing is guessed
        (GERMAN, "1.5", None),
        (GERMAN, "1.23.456", None),
        (ENGLISH, "1,23", None),
        (ENGLISH, "1.234,5", None),
        ({"thousands": " "}, "1 234\u00a0567", None),
        ({}, "1,234", None),
        ({"unit": "mm"}, "35%", None),
    ],
)
def test_numbers(keys, text, value):
    reading = read(text, number(**keys))
    assert reading.value == value
    assert (reading.problem == "") == (value is not None)


def test_what_was_read_otherwise_than_it_stands_is_in_the_ledger():
    assert read("1.000", number(**GERMAN)).rule == "mark of thousands"
    assert read("35 %", number(unit="%")).rule == "percent sign"
    assert read("1,5", number(**GERMAN)).rule == ""


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        # day 1 of Excel is 1900-01-01; it has a 29 February 1900, so that later days count from 1899-12-30
        (day("days since 1899-12-30"), "43831", date(2020, 1, 1)),
        (day("days since 1899-12-30"), "43831.75", date(2020, 1, 1)),
        (day("days since 1960-01-01"), "-1", date(1959, 12, 31)),
        (day("%d.%m.%Y", "days since 1899-12-30"), "43831", date(2020, 1, 1)),
        (day("days since 1899-12-30"), "99999999", None),
        (day("days since 1899-12-30"), "1e4", None),
        # the century of two digits is the one that the range allows
        (day("%d.%m.%y", range=("1910-01-01", "2009-12-31")), "12.05.45", date(1945, 5, 12)),
        (day("%d.%m.%y", range=("1910-01-01", "2009-12-31")), "12.05.05", date(2005, 5, 12)),
        (day("%d.%m.%y", range=("1880-01-01", "1979-12-31")), "12.05.70", date(1970, 5, 12)),
        (day("%d.%m.%y", range=("1880-01-01", "1979-12-31")), "29.02.00", None),
        (day("%d.%m.%y", range=("1910-01-01", "2026-12-31")), "12.05.12", None),
        (day("%d.%m.%y", range=("1990-01-01", "2009-12-31")), "12.05.45", None),
    ],
)
def test_dates(variable, text, value):
    reading = read(text, variable)
    assert reading.value == value
    assert (reading.problem == "") == (value is not None)


def test_a_year_of_two_digits_in_two_centuries_of_the_range_is_ambiguous():
    problem = read("12.05.12", day("%d.%m.%y", range=("1910-01-01", "2026-12-31")))
    assert (problem.problem, problem.hint) == ("an ambiguous date", "1912-05-12 or 2012-05-12")
