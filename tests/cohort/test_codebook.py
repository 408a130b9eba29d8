"""Columns of text to typed values, with a ledger of each change."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from support import protocols

from recohort.base.errors import RecohortError
from recohort.cohort.codebook import Change, Problem, absent_levels, clean, every_level
from recohort.extract import text_column as columns


def frame(**columns):
    """An extract whose first row is line 2 of its file."""
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, dtype=object).assign(row=range(2, 2 + n))


def book(*variables):
    return {variable.name: variable for variable in variables}


def shown(values):
    return [value if known else None for value, known in zip(*values, strict=True)]


def said(marks):
    """Each cell's position and what is said of it, sorted."""
    return sorted((position, marks.said[i]) for position, i in zip(*marks[:2], strict=True))


IHC = protocols.variable("ihc", "category", "IHC", "IHC", levels=("2+", "3+"), recode={"2": "2+"})
AGE = protocols.variable("age", "number", "Age", "AGE", range=(18, 110))
RATIO = protocols.variable("ratio", "number", "Ratio", "RATIO")
COPIES = protocols.variable("copies", "number", "Copies", "COPIES")


def test_each_changed_cell_is_in_the_ledger_once_and_no_other():
    extract = frame(
        IHC=["2+", "2", " 3+", "2"],
        CNS=["yes", "0", "", "NA"],
        AGE=["50", "5O", "60 ", "99"],
        OTHER=["x"] * 4,
    )
    variables = book(
        IHC,
        protocols.variable("cns", "flag", "CNS", "CNS"),
        protocols.variable("age", "number", "Age", "AGE", missing=("99",)),
    )
    cleaned = clean(extract, variables, {"NA"})
    assert said(cleaned.changes) == [
        (1, Change("cns", "CNS", "0", "no", "flag spelling")),
        (1, Change("ihc", "IHC", "2", "2+", "recoded")),
        (2, Change("age", "AGE", "60 ", "60.0", "trimmed")),
        (2, Change("ihc", "IHC", " 3+", "3+", "trimmed")),
        (3, Change("age", "AGE", "99", "", "missing code")),
        (3, Change("cns", "CNS", "NA", "", "missing code")),
        (3, Change("ihc", "IHC", "2", "2+", "recoded")),
    ]
    assert said(cleaned.problems) == [(1, Problem("age", "AGE", "5O", "not a number"))]
    assert shown(cleaned.columns["ihc"]) == ["2+", "2+", "3+", "2+"]
    assert shown(cleaned.columns["cns"]) == ["yes", "no", None, None]
    assert shown(cleaned.columns["age"]) == [50.0, None, 60.0, None]
    assert cleaned.columns["age"].values.dtype == float


def test_dates_are_days():
    cleaned = clean(frame(DX=["2020-01-31", ""]), book(protocols.variable("dx", "date", "Diagnosis", "DX")))
    assert cleaned.columns["dx"].values.dtype == "datetime64[D]"
    assert shown(cleaned.columns["dx"]) == [np.datetime64("2020-01-31"), None]


def test_two_variables_of_one_column_have_a_line_in_the_ledger_each():
    text = protocols.variable("written", "text", "IHC as written", "IHC")
    cleaned = clean(frame(IHC=["2", " 3+"]), book(text, IHC))
    assert said(cleaned.changes) == [
        (0, Change("ihc", "IHC", "2", "2+", "recoded")),
        (1, Change("ihc", "IHC", " 3+", "3+", "trimmed")),
        (1, Change("written", "IHC", " 3+", "3+", "trimmed")),
    ]


def test_a_code_for_missing_in_one_column_is_a_value_in_another():
    age = protocols.variable("age", "number", "Age", "AGE", missing=("9999",))
    psa = protocols.variable("psa", "number", "PSA", "PSA")
    cleaned = clean(frame(AGE=["9999"], PSA=["9999"]), book(age, psa))
    assert (shown(cleaned.columns["age"]), shown(cleaned.columns["psa"])) == ([None], [9999.0])


def test_a_column_that_is_not_there():
    with pytest.raises(RecohortError) as caught:
        clean(
            frame(AGE_DX=["50"], SEX=["f"]),
            book(protocols.variable("age", "number", "Age", "AGE_DXX")),
            study="tiny",
        )
    assert str(caught.value) == (
        "study tiny, column AGE_DXX: is not a column of the extract. Did you mean 'AGE_DX'?"
    )


def test_a_level_that_never_occurs():
    levels = protocols.variable("site", "category", "Site", "SITE", levels=("liver", "lymph node"))
    with pytest.raises(RecohortError) as caught:
        clean(frame(SITE=["liver", "lymph nodes", "liver"]), book(levels), study="tiny")
    assert str(caught.value) == (
        "study tiny, column SITE: the level 'lymph node' of site never occurs in the extract."
        " Correct its spelling or remove it. Did you mean 'lymph nodes'?"
    )


def test_a_level_that_another_drop_has_may_be_empty():
    site = protocols.variable("site", "category", "Site", "SITE", levels=("liver", "bone"))
    variables, extract = book(site), frame(SITE=["liver", "liver"])
    assert absent_levels(extract, variables) == {("site", "bone")}
    assert shown(clean(extract, variables, may_be_empty={("site", "bone")}).columns["site"]) == ["liver"] * 2
    with pytest.raises(RecohortError, match="the level 'bone' of site never occurs"):
        clean(extract, variables, may_be_empty={("other", "bone")})
    # of a column that is not there no level is known; of one that is derived none can be misspelled
    assert absent_levels(frame(AGE=["50"]), variables) == every_level(variables)
    derived = protocols.variable(
        "group", "category", "Group", levels=("low", "high"), derive={"low": "true", "high": "true"}
    )
    assert absent_levels(extract, book(derived)) == set()


def test_a_level_of_rows_that_were_left_out():
    extract = pd.DataFrame({"SITE": columns.series(columns.encode(["liver", "bone"])), "row": [2, 3]})
    site = protocols.variable("site", "category", "Site", "SITE", levels=("liver", "bone"))
    assert shown(clean(extract, book(site)).columns["site"]) == ["liver", "bone"]
    with pytest.raises(RecohortError, match="the level 'bone' of site never occurs"):
        clean(extract[:1], book(site))


def test_a_derived_category_takes_the_first_condition_that_holds_and_stops_at_an_unknown():
    group = protocols.variable(
        "group", "category", "Group", levels=("low", "high", "rest"),
        derive={"low": "ratio < 1", "high": "ratio >= 2 or copies >= "
                                            "6", "rest": "known(copies) or known(ratio)"},
    )  # fmt: skip
    cleaned = clean(
        frame(RATIO=["0.5", "2", "1.5", "", "1.5", ""], COPIES=["", "1", "1", "7", "", ""]),
        book(RATIO, COPIES, group),
    )
    # ratio unknown: whether `low` holds is unknown, so copies >= 6 must not make it high
    assert shown(cleaned.columns["group"]) == ["low", "high", "rest", None, None, None]


def test_derived_flags_and_numbers_are_unknown_where_their_parts_are():
    flag = protocols.variable("high", "flag", "High", derive="ratio > 1 or copies >= 6")
    number = protocols.variable("both", "number", "Both", derive="ratio / copies + high")
    cleaned = clean(
        frame(RATIO=["2", "", "", "1"], COPIES=["4", "6", "1", "0"]), book(RATIO, COPIES, flag, number)
    )
    assert shown(cleaned.columns["high"]) == ["yes", "yes", None, "no"]
    assert shown(cleaned.columns["both"]) == [1.5, None, None, None]
    assert np.isnan(cleaned.columns["both"].values[1:]).all()


def test_a_derived_date():
    start = protocols.variable("start", "date", "Start", derive="dx")
    cleaned = clean(
        frame(DX=["2020-01-31", ""]), book(protocols.variable("dx", "date", "Diagnosis", "DX"), start)
    )
    assert shown(cleaned.columns["start"]) == [np.datetime64("2020-01-31"), None]


RULES = {"rules": "asco-cap-2018"}
GROUP = protocols.variable(
    "group", "category", "ISH group", levels=("1", "2", "3", "4", "5"),
    guideline={**RULES, "ratio": "ratio", "copies": "copies"},
)  # fmt: skip
SCORE = protocols.variable("score", "category", "IHC", "IHC", levels=("0", "1+", "2+", "3+"))
FISH = protocols.variable(
    "fish",
    "category",
    "FISH",
    levels=("negative", "positive"),
    guideline={**RULES, "group": "group", "ihc": "score"},
)


def test_guideline_groups_and_results():
    """ASCO/CAP 2018 (Wolff, J Clin Oncol 2018;36:2105): ratio from 2.0, copies from 4.0 and from 6.0."""
    cases = [
        # ratio, copies, IHC, ISH group, result
        ("2.0", "4.0", "0", "1", "positive"),
        ("2.0", "3.9", "2+", "2", "negative"),
        ("2.5", "3.0", "3+", "2", "positive"),
        ("1.9", "6.0", "1+", "3", "negative"),
        ("1.9", "6.0", "2+", "3", "positive"),
        ("1.9", "5.9", "2+", "4", "negative"),
        ("1.9", "4.0", "3+", "4", "positive"),
        ("1.9", "3.9", "3+", "5", "negative"),
        ("2.0", "", "3+", None, None),
        ("", "6.5", "3+", None, None),
        ("2.0", "4.0", "", "1", "positive"),  # whatever the IHC
        ("1.9", "6.0", "", "3", None),  # depends on it
    ]
    ratio, copies, ihc, group, result = zip(*cases, strict=True)
    cleaned = clean(frame(RATIO=ratio, COPIES=copies, IHC=ihc), book(RATIO, COPIES, SCORE, GROUP, FISH))
    assert shown(cleaned.columns["group"]) == list(group)
    assert shown(cleaned.columns["fish"]) == list(result)


def test_a_result_of_the_guideline_that_is_not_declared():
    no_four = protocols.variable(
        "group", "category", "ISH group", levels=("1", "2", "3", "5"), guideline=GROUP.guideline
    )
    with pytest.raises(RecohortError) as caught:
        clean(frame(RATIO=["1.9"], COPIES=["4.0"]), book(RATIO, COPIES, no_four), study="tiny")
    assert str(caught.value) == (
        "study tiny, key codebook.group.levels: the guideline gives '4', which is not a level. Known: 1, 2, "
        "3, 5."
    )


@pytest.mark.parametrize("other", ["6", "x"])
def test_an_ish_group_that_the_guideline_does_not_have(other):
    group = protocols.variable("group", "category", "ISH group", "GROUP", levels=("1", other))
    with pytest.raises(RecohortError) as caught:
        clean(
            frame(GROUP=["1", other], IHC=["2+", ""]),
            book(replace(SCORE, levels=("2+",)), group, FISH),
            study="tiny",
        )
    assert str(caught.value) == (
        f"study tiny, key codebook.group.levels: {other!r} is no ISH group of the guideline. Recode it. "
        "Known: 1, 2, 3, 4, 5."
    )
