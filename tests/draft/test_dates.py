"""Dates of a draft: two digits of a year, serials, and what a file says about its format."""

from collections import Counter
from datetime import date, datetime

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from recohort.draft import dates
from recohort.draft.guess import guess

TODAY = date(2026, 7, 1)


def guessed(column, texts, **options):
    return dates.guess(column, Counter(texts), today=TODAY, **options)


@pytest.mark.parametrize(
    "column", ["Geburtsdatum", "dob", "birth_date", "date de naissance", "geboortedatum"]
)
def test_births_of_two_digits_that_are_of_one_century_only(column):
    entry, notes, _, choices = guessed(column, ["12.05.45", "13.06.62"])
    assert entry == {"type": "date", "formats": ["%d.%m.%y"], "range": ["1927-01-01", "2026-12-31"]}
    assert "two digits" in notes[0] and not choices


@pytest.mark.parametrize("column", ["Geburtsdatum", "data di nascita", "fecha de nacimiento", "DOB"])
def test_births_that_may_be_of_two_centuries_are_offered(column):
    entry, _, _, choices = guessed(column, ["12.05.45", "13.06.12"])
    assert entry == {"type": "text"}
    assert [choice["range"][0] for choice in choices] == ["1927-01-01", "1909-01-01"]


def test_other_dates_of_two_digits_are_not_in_the_future():
    entry, *_ = guessed("diagnosis", ["12.05.98", "13.06.12"])
    assert entry["range"] == ["1927-01-01", "2026-12-31"]


def test_births_of_two_digits_are_read_in_their_century(make):
    made = make(["id,dob", *(f"P{i},{i % 28 + 1:02d}.05.{40 + i}" for i in range(40))])
    assert made.built.patients["dob"].dt.year.min() == 1940


@pytest.mark.parametrize(
    ("column", "texts", "formats"),
    [
        # 43831 is 2020-01-01 for Excel, and beyond today for SAS and R
        ("dx_date", ["43831", "43900"], ["days since 1899-12-30"]),
        ("Diagnosedatum", ["43831", "43900.5"], ["days since 1899-12-30"]),
        ("date of surgery", ["2020-01-01"] * 9 + ["43831"], ["%Y-%m-%d", "days since 1899-12-30"]),
        ("dx", ["01.02.2020"] * 9 + ["25.02.2020"], ["%d.%m.%Y"]),
        ("dx", ["2014-04", "2015-05"], ["%Y-%m"]),
        ("dx", ["JAN2014", "FEB2015"], ["%b%Y"]),
        ("dx", ["2014m4", "2015m12"], ["%Ym%m"]),
    ],
)
def test_formats(column, texts, formats):
    assert guessed(column, texts)[0]["formats"] == formats


@pytest.mark.parametrize(
    ("column", "texts", "n"), [("dob", ["18264", "20000"], 3), ("dx_date", ["16436", "17000"], 2)]
)
def test_numbers_of_days_that_may_be_counted_from_several_days_are_offered(column, texts, n):
    entry, _, _, choices = guessed(column, texts)
    assert (entry["type"], len(choices)) == ("text", n)


@pytest.mark.parametrize(
    ("column", "texts"), [("platelets", ["43831", "43900"]), ("dx_date", ["2014", "2015"])]
)
def test_numbers_that_are_no_days(column, texts):
    assert guess(column, texts * 20).type == "number"


def test_serials_of_a_workbook_are_excel_s(make):
    def write(path):
        book = openpyxl.Workbook()
        book.active.append(["pid", "dob", "dx_date"])
        for i in range(40):
            # the column lost its format below its middle, as after a paste
            day = datetime(2020, 1, 1) if i < 20 else 43831
            book.active.append([f"P{i}", 18264 + i, day])
        book.save(path)

    patients = make(write, "extract.xlsx").built.patients
    assert str(patients["dob"].min().date()) == "1950-01-01"
    assert {str(day.date()) for day in patients["dx_date"]} == {"2020-01-01"}


@pytest.mark.parametrize(
    ("suffix", "shown_as", "number", "formats"),
    [
        ("dta", "%tm", 651, ("%Y-%m",)),
        ("sav", "MOYR8", 13_600_000_000, ("%Y-%m-%d",)),
        ("xpt", "MONYY7.", 20_000, ("%Y-%m-%d",)),
    ],
)
def test_the_format_that_a_file_states_is_used(make, suffix, shown_as, number, formats):
    write = {"dta": pyreadstat.write_dta, "sav": pyreadstat.write_sav, "xpt": pyreadstat.write_xport}[suffix]
    frame = pd.DataFrame({"pid": [f"P{i}" for i in range(40)], "dx": [float(number)] * 40})
    made = make(lambda path: write(frame, str(path), variable_format={"dx": shown_as}), f"extract.{suffix}")
    assert made.protocol.codebook["dx"].formats == formats
    assert made.built.patients["dx"].notna().all()
