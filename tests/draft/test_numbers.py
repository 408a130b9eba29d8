"""Numbers of a draft, in the spellings of several countries."""

import openpyxl
import pytest

from recohort.draft.guess import guess

GERMAN, ENGLISH = {"decimal": ",", "thousands": "."}, {"thousands": ","}


def keys(entry):
    return {key: value for key, value in entry.items() if key in ("decimal", "thousands", "unit", "recode")}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["150.000", "1,0"], GERMAN),
        (["1.234,5", "900"], GERMAN),
        (["1.234.567", "12"], GERMAN),
        (["1,234.5", "900"], ENGLISH),
        (["1,234,567", "900"], ENGLISH),
        (["1,500", "2.5"], ENGLISH),
        (["1 234,5", "900"], {"decimal": ",", "thousands": " "}),
        (["1\u202f234.5", "900"], {"thousands": " "}),
        (["1\u00a0234,5", "900"], {"decimal": ",", "thousands": " "}),
        (["1'234.5", "900"], {"thousands": "'"}),
        (["1\u2019234.5", "900"], {"thousands": "'"}),
        (["0.123", "0.456"], {}),
        (["1234.567", "2.500"], {}),
        (["0,123", "0,456"], {"decimal": ","}),
        (["1,5", "2.5", "33"], {"decimal": "either"}),
        (["35%", "40 %", "7%"], {"unit": "%"}),
        (["3,5 %", "40%"], {"unit": "%", "decimal": ","}),
        (["<0,5", "1,2", "3,4", "5"], {"decimal": ",", "recode": {"<0,5": "0,5"}}),
        (["> 90", "45", "60.5"], {"recode": {"> 90": "90"}}),
        (["<=1", "≥ 9", "2.5", "3.5"], {"recode": {"<=1": "1", "≥ 9": "9"}}),
        (["1.234,5", "k.A.", "n. b."], GERMAN),
    ],
)
def test_spellings(texts, expected):
    found = guess("x", texts * 5)
    assert found.type == "number"
    assert keys(found.entry) == expected


@pytest.mark.parametrize(
    "texts", [["1.234", "2.567"], ["150.000", "900"], ["1,500", "22,500"], ["1,500", "9"]]
)
def test_what_may_be_decimals_or_thousands_is_not_taken_for_either(texts):
    found = guess("x", texts * 5)
    assert found.type == "text"
    assert ["thousands" in entry for entry in found.choices] == [False, True]
    assert "stand for thousands" in found.notes[0]


def test_other_columns_say_which_it_is(make):
    rows = [f"P{i};{i}.500;{i},5" for i in range(10, 50)]
    made = make(["id;platelets;hb", *rows])
    assert made.protocol.codebook["platelets"].thousands == "."
    assert made.built.patients["platelets"].min() == 10500


def test_decimals_beside_decimals_with_a_point(make):
    rows = [f"P{i},{i}.500,{i}.5" for i in range(10, 50)]
    made = make(["id,ratio,hb", *rows])
    assert made.built.patients["ratio"].min() == 10.5


def test_a_column_that_may_be_either_is_offered_twice(make):
    made = make(["id;platelets", *(f"P{i};{i}.500" for i in range(10, 50))])
    assert len(made.choices("platelets")) == 2
    assert "platelets" not in made.protocol.analyses["table1"].options["variables"]


def test_bounds_are_noted():
    assert "read as that bound" in " ".join(guess("x", ["<0.5", "1", "2.5"] * 5).notes)


def test_percent_signs_in_some_cells_only_are_noted():
    assert "are those fractions" in " ".join(guess("x", ["35%", "0.4"] * 9).notes)
    assert "are they fractions" in " ".join(guess("ki67", ["0.35", "0.4"] * 9).notes)


def test_a_workbook_s_percentages(make):
    def write(path):
        book = openpyxl.Workbook()
        book.active.append(["pid", "ki67"])
        for i in range(40):
            book.active.append([f"P{i}", i / 100])
            book.active.cell(i + 2, 2).number_format = "0%"
        book.save(path)

    made = make(write, "extract.xlsx")
    assert made.protocol.codebook["ki67"].unit == "%"
    assert made.built.patients["ki67"].max() == 39
