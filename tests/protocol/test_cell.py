"""One cell read by its codebook entry: value, rule for the ledger, problem for the quarantine."""

from datetime import date, datetime

import pytest
from support import protocols

from recohort.protocol.cell import Reading, read

IHC = protocols.variable(
    "ihc", "category", "IHC", "IHC", levels=("2+", "3+"), recode={"2": "2+", "n.d.": None, "3+": "3+"}
)
CNS = protocols.variable("cns", "flag", "CNS", "CNS")
METS = protocols.variable(
    "mets", "flag", "Mets", "METS", positive=("1", "si"), negative=("0", "no"), recode={"M1b": "yes"}
)
AGE = protocols.variable(
    "age", "number", "Age", "AGE", range=(18, 110), missing=("99",), recode={"ninety": "90", "?": None}
)
LAB = protocols.variable("lab", "number", "Lab", "LAB", decimal=",")
RATIO = protocols.variable("ratio", "number", "Ratio", "RATIO", decimal="either")
DX = protocols.variable(
    "dx", "date", "Diagnosis", "DX", formats=("%d/%m/%Y", "%Y-%m-%d"), range=("1990-01-01", "2026-12-31")
)
US = protocols.variable("us", "date", "Diagnosis", "DX", formats=("%d/%m/%Y", "%m/%d/%Y"))
MONTH = protocols.variable("month", "date", "Month", "MONTH", formats=("%Y-%m-%d", "%m/%Y"))
BORN = protocols.variable(
    "born", "date", "Birth", "BORN", formats=("%d/%m/%Y", "%Y-%m-%d"), missing=("1900-01-01", "unknown")
)
NOTE = protocols.variable("note", "text", "Note", "NOTE")


@pytest.mark.parametrize(
    ("variable", "text", "value", "rule"),
    [
        (IHC, "2+", "2+", ""),
        (IHC, " 2+ ", "2+", "trimmed"),
        (IHC, "2+\u00a0", "2+", "trimmed"),
        (IHC, "2", "2+", "recoded"),
        (IHC, " 2", "2+", "recoded"),
        (IHC, "3+", "3+", ""),  # recoded to itself is no change
        (IHC, "n.d.", None, "recoded to missing"),
        (IHC, "", None, ""),
        (IHC, "  ", None, "trimmed"),
        (IHC, "NA", None, "missing code"),
        (CNS, "yes", "yes", ""),
        (CNS, "YES", "yes", ""),
        (CNS, "1", "yes", "flag spelling"),
        (CNS, "N", "no", "flag spelling"),
        (METS, "1", "yes", ""),
        (METS, "SI", "yes", "flag spelling"),
        (METS, "0", "no", ""),
        (METS, "M1b", "yes", "recoded"),
        (AGE, "50", 50.0, ""),
        (AGE, "50.0", 50.0, ""),
        (AGE, "+5e1", 50.0, ""),
        (AGE, "18", 18.0, ""),
        (AGE, "110", 110.0, ""),
        (AGE, "99", None, "missing code"),
        (AGE, "99.0", None, "missing code"),  # as pandas writes a column that has empty cells
        (AGE, "98.9", 98.9, ""),
        (BORN, "01/01/1900", None, "missing code"),
        (BORN, "1900-01-01", None, "missing code"),
        (BORN, "02/01/1900", date(1900, 1, 2), ""),
        (AGE, "ninety", 90.0, "recoded"),
        (AGE, "?", None, "recoded to missing"),
        (LAB, "1,5", 1.5, ""),
        (LAB, "-15", -15.0, ""),
        (RATIO, "1.5", 1.5, ""),
        (RATIO, "1,5", 1.5, "decimal comma"),
        (RATIO, ",5", 0.5, "decimal comma"),
        (DX, "31/01/2020", date(2020, 1, 31), ""),
        (DX, "2020-01-31", date(2020, 1, 31), "date format %Y-%m-%d"),
        (DX, "1/2/2020", date(2020, 2, 1), ""),
        (DX, "01/01/1990", date(1990, 1, 1), ""),
        (US, "31/01/2020", date(2020, 1, 31), ""),
        (US, "01/31/2020", date(2020, 1, 31), "date format %m/%d/%Y"),
        (US, "05/05/2020", date(2020, 5, 5), ""),  # one day however it is read
        (MONTH, "03/2020", date(2020, 3, 1), "date format %m/%Y, first day of the period taken"),
        (NOTE, "anything, 2+", "anything, 2+", ""),
        (NOTE, "NA", None, "missing code"),
    ],
)
def test_read(variable, text, value, rule):
    assert read(text, variable, {"NA"}) == Reading(value, rule)


@pytest.mark.parametrize(
    ("variable", "text", "problem", "hint"),
    [
        (IHC, "4+", "not a level", "Known: 2+, 3+."),
        (
            protocols.variable("pre", "category", "Pre", "PRE", levels=("pre", "post")),
            "Pre",
            "not a level",
            "Did you mean 'pre'?",
        ),
        (IHC, "na", "not a level", "Known: 2+, 3+."),  # codes for missing are exact
        (CNS, "1.0", "neither yes nor no", "Known: yes, y, true, 1, no, n, false, 0."),
        (CNS, "2", "neither yes nor no", "Known: yes, y, true, 1, no, n, false, 0."),
        (METS, "yes", "neither yes nor no", "Known: 1, si, 0, no."),
        (AGE, "5O", "not a number", ""),
        (AGE, "1,234", "not a number", ""),
        (AGE, "50 years", "not a number", ""),
        (AGE, "<50", "not a number", ""),
        (AGE, "nan", "not a number", ""),
        (AGE, "1e999", "not a number", ""),
        (AGE, "1_000", "not a number", ""),
        (AGE, "17", "outside the range 18 to 110", ""),
        (AGE, "111", "outside the range 18 to 110", ""),
        (LAB, "1.5", "a point where a decimal comma is declared", ""),
        (LAB, "1.234,5", "a point where a decimal comma is declared", ""),
        (RATIO, "1,234.5", "not a number", ""),
        (RATIO, "1,2,3", "not a number", ""),
        (DX, "01/31/2020", "not a date in a declared format", "%d/%m/%Y, %Y-%m-%d"),
        (DX, "31/02/2020", "not a date in a declared format", "%d/%m/%Y, %Y-%m-%d"),
        (DX, "2020-01-31 00:00:00", "not a date in a declared format", "%d/%m/%Y, %Y-%m-%d"),
        (DX, "31/01/20", "not a date in a declared format", "%d/%m/%Y, %Y-%m-%d"),
        (DX, "31/12/1989", "outside the range 1990-01-01 to 2026-12-31", ""),
        (DX, "01/01/2027", "outside the range 1990-01-01 to 2026-12-31", ""),
        (US, "01/02/2020", "an ambiguous date", "2020-01-02 or 2020-02-01"),
    ],
)
def test_refused(variable, text, problem, hint):
    assert read(text, variable, {"NA"}) == Reading(None, "", problem, hint)


def test_a_refused_cell_leaves_no_trace_in_the_ledger():
    assert read(" 5O ", AGE).rule == ""
    assert read(" 5O ", AGE).problem == "not a number"


def test_an_unreadable_cell_may_be_set_to_missing_and_the_rule_tells_nothing_of_its_contents():
    tolerant = protocols.variable("us", "date", "Diagnosis", "DX", formats=US.formats, unreadable="missing")
    assert read("01/02/2020", tolerant) == Reading(None, "set to missing: an ambiguous date")
    age = protocols.variable("age", "number", "Age", "AGE", range=(18, 110), unreadable="missing")
    assert read("17", age) == Reading(None, "set to missing: outside the range 18 to 110")
    assert read("50", age) == Reading(50.0)


def test_a_recoded_value_is_held_against_the_range():
    recoded = protocols.variable("age", "number", "Age", "AGE", range=(18, 110), recode={"old": "200"})
    assert read("old", recoded) == Reading(None, "", "outside the range 18 to 110")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%d%m%Y", "01122020", date(2020, 12, 1)),
        ("%d%m%Y", "1122020", None),  # 1 December or 11 February
        ("%Y%m%d", "20200111", date(2020, 1, 11)),
        ("%Y%m%d", "2020111", None),
        ("%y%m%d", "200111", date(2020, 1, 11)),
        ("%y%m%d", "20111", None),
        ("%Y%j", "202045", None),
        ("%d%b%Y", "01JAN2020", date(2020, 1, 1)),  # as SAS writes it
        ("%d%b%Y", "1jan2020", date(2020, 1, 1)),
        ("%Y%m%d %H:%M", "20200111 9:05", date(2020, 1, 11)),
        ("%Y%m%d%H%M%S", "20200111090503", date(2020, 1, 11)),
    ],
)
def test_a_date_without_separators_has_all_its_digits(pattern, text, expected):
    assert read(text, protocols.variable("dx", "date", "", "DX", formats=(pattern,))).value == expected


@pytest.mark.parametrize(
    ("pattern", "text", "is_first"),
    [
        ("%Y", "2020", True),
        ("%b %Y", "Jul 2020", True),
        ("%Y%m", "202007", True),
        ("%Y-%j", "2020-203", False),
        ("%G-W%V-%u", "2020-W30-2", False),
        ("%x", "07/21/20", False),
    ],
)
def test_the_first_day_of_a_period_is_taken_where_the_format_has_no_day(pattern, text, is_first):
    rule = read(text, protocols.variable("dx", "date", "", "DX", formats=(pattern,))).rule
    assert rule.endswith("first day of the period taken") == is_first


def test_a_date_with_a_time_is_read_where_its_format_is_declared():
    stamp = protocols.variable("dx", "date", "Diagnosis", "DX", formats=("%Y-%m-%d %H:%M:%S",))
    assert read("2020-01-31 14:30:00", stamp) == Reading(date(2020, 1, 31))


@pytest.mark.parametrize(
    "text",
    ["2020-02-29", "2019-02-29", "0001-01-01", "0000-01-01", "2020-1-5", "20200105", "2020-W01-1",
     "２０２０-01-01", "2020-01-01x", "2020-01-01T00"],
)  # fmt: skip
def test_iso_dates_are_those_that_strptime_reads(text):
    try:
        expected = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        expected = None
    assert read(text, protocols.variable("dx", "date", "", "DX")).value == expected
