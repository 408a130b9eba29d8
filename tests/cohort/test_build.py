"""From the extract to the cohort: each criterion, each reason, and no row lost."""

import io
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import protocols

from recohort.base.errors import RecohortError
from recohort.cohort import build as cohort
from recohort.cohort.attrition import Flow
from recohort.extract.delimited import RAGGED, Refused
from recohort.protocol.model import Check
from recohort.statistics.kaplan_meier import kaplan_meier
from recohort.statistics.survival_rows import SurvivalRows

AGE = {"type": "number", "range": [18, 110], "label": "Age"}
IHC = {"type": "category", "levels": ["0", "2+", "3+"], "label": "IHC"}
DX = {"type": "date", "label": "Diagnosis"}
LAST = {"type": "date", "label": "Last contact"}
DEAD = {"type": "flag", "positive": ["1"], "negative": ["0"], "label": "Dead"}
OS = {
    "os": {
        "label": "Overall survival",
        "start": "dx",
        "end": "last",
        "event": {"dead": "yes"},
        "unit": "months",
    }
}


def flow(built):
    """The attrition table without its order."""
    return built.attrition.drop(columns="order").values.tolist()


def message(call):
    with pytest.raises(RecohortError) as caught:
        call()
    return str(caught.value)


# Row 2 meets every criterion; each of the others fails exactly one, or leaves exactly one unknown.
CRITERIA = """id,ihc,fish,age,stage,dx
sound,2+,positive,50,IV,2020-01-01
ihc 0,0,positive,50,IV,2020-01-01
ihc unknown,,positive,50,IV,2020-01-01
not amplified,2+,negative,50,IV,2020-01-01
not tested,2+,,50,IV,2020-01-01
ihc 3+ needs no test,3+,,50,IV,2020-01-01
young,3+,positive,18,IV,2020-01-01
age unknown,3+,positive,,IV,2020-01-01
early stage,3+,positive,50,II,2020-01-01
before,3+,positive,50,IV,2009-12-31
"""


def test_each_criterion_excludes_the_patient_who_fails_only_that_one(study):
    codebook = {
        "ihc": IHC,
        "fish": {"type": "category", "levels": ["negative", "positive"], "label": "FISH"},
        "age": AGE,
        "stage": {"type": "category", "levels": ["II", "IV"], "label": "Stage"},
        "dx": DX,
    }
    steps = [
        {"step": "HER2-positive", "keep": "ihc == '3+' or (ihc == '2+' and fish == 'positive')"},
        {"step": "Older than 18", "keep": "age > 18"},
        {"step": "Stage IV", "keep": "stage == 'IV'"},
        {"step": "Diagnosed from 2010 on", "keep": "dx >= '2010-01-01'"},
    ]
    built = study(CRITERIA, codebook, cohort=steps).build()
    assert built.patients["id"].tolist() == ["sound", "ihc 3+ needs no test"]
    assert built.patients["row"].tolist() == [2, 7]
    assert flow(built) == [
        ["all", "read", "read", 10, 0, 10],
        ["all", "HER2-positive", "excluded", 4, 2, 6],  # `not tested` is unknown too: it is false or unknown
        ["all", "Older than 18", "excluded", 2, 1, 4],
        ["all", "Stage IV", "excluded", 1, 0, 3],
        ["all", "Diagnosed from 2010 on", "excluded", 1, 0, 2],
        ["all", "cohort", "cohort", 2, 0, 2],
    ]
    assert len(built.quarantine) == 0


def test_columns_and_kinds_of_the_cohort(study):
    text = "id,ihc,age,dx,last,dead,note\n007,2+,50,2020-01-01,2020-01-31,1,x\n8,0,,,,,\n9,3+,60,,,,\n"
    codebook = {
        "ihc": IHC,
        "age": AGE,
        "dx": DX,
        "last": LAST,
        "dead": DEAD,
        "note": {"type": "text", "label": "N"},
    }
    population = {"three": {"label": "IHC 3+", "steps": [{"step": "IHC 3+", "keep": "ihc == '3+'"}]}}
    patients = study(text, codebook, endpoints=OS, populations=population).build().patients
    # text is `str` in pandas 3
    assert patients.dtypes.astype(str).replace("str", "object").to_dict() == {
        "row": "int64", "id": "object", "ihc": "category", "age": "float64", "dx": "datetime64[ms]",
        "last": "datetime64[ms]", "dead": "category", "note": "object", "os_time_days": "float64",
        "os_event": "float64", "in_all": "bool", "in_three": "bool",
    }  # fmt: skip
    assert patients["id"].tolist() == ["007", "8", "9"]
    assert patients["ihc"].cat.categories.tolist() == ["0", "2+", "3+"]
    assert patients["dead"].cat.categories.tolist() == ["no", "yes"]
    assert patients["ihc"].tolist() == ["2+", "0", "3+"]
    assert patients["dead"].astype(object).where(patients["dead"].notna(), None).tolist() == [
        "yes",
        None,
        None,
    ]
    assert patients["os_time_days"].tolist()[0] == 30.0
    assert patients["os_time_days"].isna().tolist() == [False, True, True]
    assert patients["in_three"].tolist() == [False, False, True]
    # what is written comes back
    file = io.BytesIO()
    patients.to_parquet(file, index=False)
    pd.testing.assert_frame_equal(pd.read_parquet(file), patients, check_column_type=False)


def test_more_levels_than_a_byte_can_number(study):
    levels = [f"C{k}" for k in range(300)]
    text = "id,centre\n" + "".join(f"{k},{level}\n" for k, level in enumerate(levels))
    centre = {"type": "category", "levels": levels, "label": "Centre"}
    assert study(text, {"centre": centre}).build().patients["centre"].tolist() == levels


def test_populations_start_from_the_cohort(study):
    text = "id,ihc,age\n1,2+,50\n2,3+,60\n3,3+,70\n4,0,80\n"
    steps = [{"step": "IHC 3+", "keep": "ihc == '3+'"}, {"step": "Up to 65", "keep": "age <= 65"}]
    built = study(
        text,
        {"ihc": IHC, "age": AGE},
        cohort=[{"step": "IHC 2+ or 3+", "keep": "ihc in ['2+', '3+']"}],
        populations={"three": {"label": "IHC 3+", "steps": steps}},
    ).build()
    assert built.patients["in_three"].tolist() == [False, True, False]
    assert flow(built)[3:] == [
        ["three", "read", "read", 3, 0, 3],
        ["three", "IHC 3+", "excluded", 1, 0, 2],
        ["three", "Up to 65", "excluded", 1, 0, 1],
        ["three", "cohort", "cohort", 1, 0, 1],
    ]


def test_identical_repeats_are_merged_and_conflicting_ones_quarantined(study):
    text = (
        "id,age,comment\n"
        "a,50,first\n"
        "b,60,\n"
        "a, 50,another comment\n"  # the comment is not in the codebook, the space is none
        "b,61,\n"
        "c,70,\n"
        "a ,50.0,\n"
        "d,,\n"
        "d,80,\n"
        "e,5O,\n"
        "e,5O,\n"
        "f,5O,\n"
        "f,50,\n"
        "g,5O,\n"
        "g,,\n"
        "h,50,\n"
        "h,50,\n"
        "h,60,\n"
    )
    built = study(text).build()
    assert built.patients[["id", "age"]].values.tolist() == [["a", 50.0], ["c", 70.0]]
    assert flow(built) == [
        ["all", "read", "read", 17, 0, 17],
        ["all", "one id, different contents", "quarantined", 11, 0, 6],
        ["all", "a cell cannot be read", "quarantined", 1, 0, 5],
        ["all", "identical duplicate of an earlier row", "merged", 3, 0, 2],
        ["all", "cohort", "cohort", 2, 0, 2],
    ]
    assert built.quarantine[["row", "id", "reason"]].values.tolist() == [
        [3, "b", "one id, different contents"],
        [5, "b", "one id, different contents"],
        [8, "d", "one id, different contents"],
        [9, "d", "one id, different contents"],
        [10, "e", "a cell cannot be read: not a number"],
        [12, "f", "one id, different contents | a cell cannot be read: not a number"],
        [13, "f", "one id, different contents"],
        [14, "g", "one id, different contents | a cell cannot be read: not a number"],
        *([line, id_, "one id, different contents"] for line, id_ in zip(range(15, 19), "ghhh", strict=True)),
    ]
    # the id that was trimmed is a changed cell as any other
    assert built.ledger.values.tolist() == [
        [4, "age", "age", " 50", "50.0", "trimmed"],
        [7, "id", "id", "a ", "a", "trimmed"],
    ]


# é as one character and as two, and with a character of no width; a full-width digit; a no-break space
ALIKE = "id,age\n\u00e9-1,50\ne\u0301-1,50\n\u00e9-\u200b1,60\np\uff12,50\np2,50\nq\u00a03,50\nq4,50\np2,50\n"


def test_ids_that_look_the_same_are_quarantined_all_of_them(study):
    built = study(ALIKE).build()
    assert built.patients["id"].tolist() == ["q 3", "q4"]
    assert flow(built) == [
        ["all", "read", "read", 8, 0, 8],
        ["all", "ids that look the same", "quarantined", 6, 0, 2],
        ["all", "cohort", "cohort", 2, 0, 2],
    ]
    assert built.quarantine[["row", "id", "raw", "reason"]].values.tolist()[1:4] == [
        [3, "\u00e9-1", "e\u0301-1", "ids that look the same: one is 'e\\u0301-1'"],
        [4, "\u00e9-1", "\u00e9-\u200b1", "ids that look the same: one is '\\xe9-\\u200b1'"],
        [5, "p2", "p\uff12", "ids that look the same: one is 'p\\uff12'"],
    ]
    # each id that was written otherwise has a place in the ledger
    assert built.ledger["row"].tolist() == [3, 4, 5, 7]
    assert set(built.ledger["rule"]) == {"in the normal form of ids"}


def test_ids_that_look_the_same_are_one_where_declared(study):
    built = study(ALIKE, extract={"id_same": "merge"}).build()
    assert built.patients[["row", "id"]].values.tolist() == [[5, "p2"], [7, "q 3"], [8, "q4"]]
    assert flow(built) == [
        ["all", "read", "read", 8, 0, 8],
        ["all", "one id, different contents", "quarantined", 3, 0, 5],
        ["all", "identical duplicate of an earlier row", "merged", 2, 0, 3],
        ["all", "cohort", "cohort", 3, 0, 3],
    ]


def test_ids_that_look_the_same_are_several_where_declared(study):
    built = study(ALIKE, extract={"id_same": "distinct"}).build()
    assert built.patients["id"].tolist() == [
        *("\u00e9-1", "e\u0301-1", "\u00e9-\u200b1", "p\uff12", "p2", "q\u00a03", "q4")
    ]
    assert (len(built.ledger), flow(built)[1][:4]) == (
        0,
        ["all", "identical duplicate of an earlier row", "merged", 1],
    )


def test_ids_that_differ_by_case_alone_are_two_with_a_note(study):
    built = study("id,age\np05,50\nP05,50\nNA,60\nna,60\nq,70\n", extract={"missing": ["NA"]}).build()
    assert built.patients["id"].tolist() == ["p05", "P05", "na", "q"]
    assert built.ledger[["row", "variable", "raw", "clean"]].values.tolist() == [
        [2, "id", "p05", "p05"],
        [3, "id", "P05", "P05"],
    ]
    assert built.cleaning["rule"].tolist() == [cohort.RESEMBLES]


@pytest.mark.parametrize("text", ["\u200b", "N\u200bA", " \u00a0", "\uff2eA"])
def test_an_id_that_looks_missing_is_missing(study, text):
    built = study(f"id,age\n{text},50\nNA,50\n1,60\n", extract={"missing": ["NA"]}).build()
    assert built.quarantine["reason"].tolist() == ["id missing", "id missing"]


GROUPED = "id,person,age\n1,\u00e9,50\n2,e\u0301,60\n3,b,50\n4, b,60\n"
PERSON = {"person": {"type": "text", "label": "Person"}, "age": {"type": "number", "label": "Age"}}
FIRST_OF_PERSON = [{"step": "First", "first": ["age"], "per": "person"}]


@pytest.mark.parametrize(
    ("declared", "rows", "refused"),
    [({}, [4], 2), ({"id_same": "merge"}, [2, 4], 0), ({"id_same": "distinct"}, [2, 3, 4], 0)],
)
def test_what_groups_the_rows_of_a_patient_is_compared_as_ids_are(study, declared, rows, refused):
    analyses = {"t": {"kind": "summary", "variables": ["age"]}}
    built = study(GROUPED, PERSON, cohort=FIRST_OF_PERSON, extract=declared, analyses=analyses).build()
    assert built.patients["row"].tolist() == rows
    assert len(built.quarantine) == refused
    assert set(built.quarantine["column"]) <= {"person"}


def test_the_cluster_of_a_model_is_compared_as_ids_are(study):
    book = {**PERSON, "days": {"column": "age", "type": "number", "label": "D", "unit": "days"}}
    book["dead"] = {"type": "flag", "derive": "age > 1", "label": "Dead"}
    model = {"kind": "cox", "endpoint": "os", "terms": ["age"], "cluster": "person"}
    endpoint = {"label": "OS", "time": "days", "event": {"dead": "yes"}, "unit": "days"}
    built = study(GROUPED, book, endpoints={"os": endpoint}, analyses={"m": model}).build()
    assert built.quarantine["raw"].tolist() == ["\u00e9", "e\u0301"]
    assert built.patients["person"].tolist() == ["b", "b"]


def test_a_variable_of_the_id_makes_no_two_contents_of_one(study):
    book = {"code": {"column": "id", "type": "text", "label": "Code"}, **{"age": PERSON["age"]}}
    text = "id,age\n\u00e9,50\ne\u0301,50\n"
    analyses = {"t": {"kind": "summary", "variables": ["age"]}}
    built = study(text, book, extract={"id_same": "merge"}, analyses=analyses).build()
    assert built.patients["code"].tolist() == ["\u00e9"]


def test_rows_without_an_id_are_quarantined_and_not_merged(study):
    built = study("id,age\n1,50\n,60\n ,60\nNA,70\n", extract={"missing": ["NA"]}).build()
    assert built.patients["id"].tolist() == ["1"]
    assert built.quarantine[["row", "column", "raw", "reason"]].values.tolist() == [
        [3, "id", "", "id missing"], [4, "id", "", "id missing"], [5, "id", "NA", "id missing"],
    ]  # fmt: skip


def test_ids_keep_their_leading_zeros(study):
    built = study("id,age\n007,50\n7,60\n07,70\n").build()
    assert built.patients["id"].tolist() == ["007", "7", "07"]


def test_logic_across_fields(study):
    text = "id,dx,last\n1,2020-01-01,2020-01-01\n2,2020-01-02,2020-01-01\n3,,2020-01-01\n4,2020-01-01,\n"
    checks = [{"check": "death before diagnosis", "require": "last >= dx"}]
    built = study(text, {"dx": DX, "last": LAST}, checks=checks).build()
    assert built.patients["id"].tolist() == ["1", "3", "4"]  # unknown passes
    assert built.quarantine.values.tolist() == [
        [3, "2", "last, dx", "2020-01-01, 2020-01-02", "death before diagnosis"]
    ]


def test_follow_up_that_ends_before_it_starts(study):
    text = "id,dx,last,dead\n1,2020-01-02,2020-01-01,\n2,2020-01-02,2020-01-02,1\n3,2020-01-02,2020-01-03,0\n"
    built = study(text, {"dx": DX, "last": LAST, "dead": DEAD}, endpoints=OS).build()
    assert built.patients[["id", "os_time_days", "os_event"]].values.tolist() == [
        ["2", 0.0, 1.0],
        ["3", 1.0, 0.0],
    ]
    assert built.quarantine.values.tolist() == [
        [2, "1", "dx, last", "2020-01-02, 2020-01-01", "Overall survival: follow-up ends before it starts"]
    ]


def test_delayed_entry_is_clipped_at_the_start_and_late_entries_leave_a_trace(study):
    text = "id,months,seen,dead\n1,2,-3,1\n2,2,30,1\n3,2,61,1\n4,2,,1\n"
    codebook = {
        "months": {"type": "number", "unit": "months", "label": "Months"},
        "seen": {"type": "number", "unit": "days", "label": "Seen"},
        "dead": DEAD,
    }
    os = {
        "os": {"label": "OS", "time": "months", "entry": "seen", "event": {"dead": "yes"}, "unit": "months"}
    }
    built = study(text, codebook, endpoints=os).build()
    # 2 months are 60.875 days
    np.testing.assert_array_equal(built.patients["os_time_days"], [60.875, 60.875, np.nan, np.nan])
    np.testing.assert_array_equal(built.patients["os_entry_days"], [0, 30, np.nan, np.nan])
    np.testing.assert_array_equal(built.patients["os_event"], [1, 1, np.nan, np.nan])
    assert built.ledger.values.tolist() == [
        [4, "os", "", "", "", "set to missing: entry not before the end of follow-up"]
    ]


def test_times_that_differ_by_rounding_only_are_ties_and_noted(study):
    """R's survfit has three at risk at the event, and a survival of 0.667 after it."""
    text = "id,begin,stop,dead\n1,0.2,0.5,0\n2,0.1,0.4,1\n3,0,1,0\n"
    codebook = {
        "begin": {"type": "number", "label": "Begin"},
        "stop": {"type": "number", "label": "Stop"},
        "t": {"derive": "stop - begin", "type": "number", "unit": "years", "label": "T"},
        "dead": DEAD,
    }
    os = {"os": {"label": "OS", "time": "t", "event": {"dead": "yes"}, "unit": "years"}}
    built = study(text, codebook, endpoints=os).build()
    first, second, _ = built.patients["os_time_days"]
    assert first == second
    assert built.ledger.values.tolist() == [
        [3, "os", "", "", "", "tied: a time differed from another by rounding only"]
    ]
    curve = kaplan_meier(SurvivalRows(built.patients["os_time_days"] / 365.25, built.patients["os_event"]))
    assert curve.at_risk[0] == 3


def test_required_values(study):
    codebook = {
        "age": {**AGE, "required": True},
        "old": {"type": "flag", "derive": "age > 65", "label": "Old"},
    }
    built = study("id,age\n1,50\n2,\n3,70\n", codebook).build()
    assert built.quarantine.values.tolist() == [[3, "2", "age", "", "Age is missing"]]


def test_a_row_quarantined_for_one_reason_shows_the_others(study):
    text = "id,ihc,age,dx,last,dead\n,4+,5O,2020-01-02,2020-01-01,1\n2,0,50,,,\n3,2+,50,,,\n4,3+,50,,,\n"
    built = study(text, {"ihc": IHC, "age": AGE, "dx": DX, "last": LAST, "dead": DEAD}, endpoints=OS).build()
    assert built.quarantine.values.tolist() == [[
        2,
        "",
        "id | ihc | age | dx, last",
        " | 4+ | 5O | 2020-01-02, 2020-01-01",
        "id missing | a cell cannot be read: not a level (Known: 0, 2+, 3+.)"
        " | a cell cannot be read: not a number | Overall survival: follow-up ends before it starts",
    ]]  # fmt: skip
    # counted once, under its first reason
    assert flow(built)[1] == ["all", "id missing", "quarantined", 1, 0, 3]


def test_ragged_rows_are_in_the_flow_and_in_the_quarantine(study):
    built = study("id,age\n1,50\n2,60,x\n\n3\n4,70\n").build()
    assert built.patients["id"].tolist() == ["1", "4"]
    assert built.quarantine.values.tolist() == [
        [3, "", "", "2,60,x", f"{RAGGED}: 3 where the header has 2"],
        [5, "", "", "3", f"{RAGGED}: 1 where the header has 2"],
    ]
    assert flow(built)[:2] == [["all", "read", "read", 4, 0, 4], ["all", RAGGED, "quarantined", 2, 0, 2]]


def test_rows_of_a_joined_file_without_a_partner_are_in_the_ledger_and_counted(study):
    extract = {
        "files": {"registry": "extract.csv", "patients": "patients.csv"},
        "joins": [{"file": "patients", "on": "id", "how": "one-to-one"}],
    }
    sexes = "id,sex\n9,f\n1,f\n2,m\n,m\n"
    built = study("id,age\n1, 50\n2,60\n3,70\n", more={"patients.csv": sexes}, extract=extract).build()
    rule = "row of patients left out, its key is in no row of registry"
    assert built.ledger.values.tolist() == [
        [2, "age", "age", " 50", "50.0", "trimmed"],
        [2, "patients", "id", "9", "", rule],
        [5, "patients", "id", "", "", rule],
    ]
    assert built.cleaning.values.tolist() == [["age", "age", "trimmed", 1], ["patients", "id", rule, 2]]
    # the flow is of the rows of the base, none of which is lost by that
    assert flow(built) == [["all", "read", "read", 3, 0, 3], ["all", "cohort", "cohort", 3, 0, 3]]


def test_cleaning_counts_cells_per_variable_and_rule(study):
    built = study("id,age,ihc\n1, 50,0\n2,NA,2\n3,NA,2\n4,70,3+\n", {
        "age": AGE, "ihc": {**IHC, "recode": {"2": "2+"}},
    }, extract={"missing": ["NA"]}).build()  # fmt: skip
    assert built.cleaning.values.tolist() == [
        ["age", "age", "trimmed", 1], ["age", "age", "missing code", 2], ["ihc", "ihc", "recoded", 2],
    ]  # fmt: skip
    assert list(built.cleaning) == ["variable", "column", "rule", "n"]


def test_a_clean_extract_has_an_empty_ledger_with_its_columns(study):
    built = study("id,age\n1,50\n").build()
    assert (len(built.ledger), list(built.ledger)) == (
        0, ["row", "variable", "column", "raw", "clean", "rule"],
    )  # fmt: skip
    assert (len(built.cleaning), list(built.cleaning)) == (0, ["variable", "column", "rule", "n"])
    assert list(built.quarantine) == ["row", "id", "column", "raw", "reason"]


FIRST = [{"step": "First sample", "first": ["dx", "ihc"], "per": "patient"}]
SAMPLES = {"patient": {"type": "text", "label": "P"}, "dx": DX, "ihc": {**IHC, "levels": ["3+", "2+", "0"]}}


def test_the_first_row_per_unit(study):
    text = (
        "id,patient,dx,ihc\n"
        "s1,p1,,3+\n"  # a missing date sorts last
        "s2,p1,2020-02-01,3+\n"
        "s3,p1,2020-01-01,2+\n"
        "s4,p1,2020-01-01,3+\n"  # 3+ is the first level of the codebook
        "s6,p2,,0\n"
        "s5,p2,,0\n"  # the same in all respects: the smaller id
        "s7,,2020-01-01,3+\n"  # nobody knows whose it is
        "s8,,2020-01-01,3+\n"
    )
    built = study(text, SAMPLES, cohort=FIRST).build()
    assert built.patients["id"].tolist() == ["s4", "s5"]
    assert flow(built)[1] == ["all", "First sample", "excluded", 6, 2, 2]


def test_the_first_row_does_not_depend_on_the_order_of_rows(study):
    rows = [f"s{i},p{i % 4},2020-01-{1 + i % 3:02d},{['0', '2+', '3+'][i % 3]}\n" for i in range(24)]
    forth = study("id,patient,dx,ihc\n" + "".join(rows), SAMPLES, cohort=FIRST).build().patients
    back = study("id,patient,dx,ihc\n" + "".join(rows[::-1]), SAMPLES, cohort=FIRST).build().patients
    # the first of January is i % 3 == 0: of p0 0, 12; p1 9, 21; p2 6, 18; p3 3, 15
    assert sorted(forth["id"]) == ["s0", "s15", "s18", "s21"]
    assert sorted(back["id"]) == ["s0", "s15", "s18", "s21"]


def test_no_row_left_names_the_step(study):
    steps = [{"step": "Adult", "keep": "age > 20"}, {"step": "Centenarian", "keep": "age >= 100"}]
    assert message(study("id,age\n1,50\n2,19\n3,\n4,60\n", cohort=steps).build) == (
        "study tiny, key cohort.1: no row is left after the step 'Centenarian': of 2 rows 2 do not meet it "
        "and 0 are"
        " unknown. Check the step against the extract."
    )
    steps = {"old": {"label": "Old", "steps": [{"step": "Centenarian", "keep": "age >= 100"}]}}
    assert message(study("id,age\n1,50\n2,\n", populations=steps).build) == (
        "study tiny, key populations.old.0: no row is left after the step 'Centenarian': of 2 rows 1 do not "
        "meet it"
        " and 1 are unknown. Check the step against the extract."
    )


def test_every_row_in_the_quarantine_shows_the_commonest_reason(study):
    text = "id,dx\n,2020-01-01\n2,31/01/2020\n3,30/01/2020\n"
    assert message(study(text, {"dx": DX}).build) == (
        "study tiny, row 3, column dx, value '31/01/2020': every row is in the quarantine, most often as "
        "here: a cell"
        " cannot be read: not a date in a declared format (%Y-%m-%d). Correct the codebook or the extract."
    )


# The conservation law on extracts that nobody would write by hand

CELLS = {
    "AGE": st.sampled_from(["50", "60 ", "5O", "", "NA", "200", "7,5", "18"]),
    "IHC": st.sampled_from(["2+", "3+", "2", " 3+", "4+", "", "n.d."]),
    "DX": st.sampled_from(["2020-01-01", "31/01/2020", "2020-13-01", "", "01/02/2020"]),
    "LAST": st.sampled_from(["2020-06-01", "2019-01-01", "", "NA"]),
    "DEAD": st.sampled_from(["0", "1", "yes", "2", ""]),
    "ID": st.sampled_from(["p1", "p2 ", "p2", "p3", "", "NA", "p4", "p5", "p6"]),
}
# so that every level occurs and a patient is left
SOUND = {"AGE": "50", "IHC": "2+", "DX": "2020-01-01", "LAST": "2020-06-01", "DEAD": "0", "ID": "sound"}
SOUND_TOO = {**SOUND, "IHC": "3+", "ID": "sound too"}
PROTOCOL = protocols.protocol(
    study="messy", title="", data="synthetic", description="", source={}, unit="patients", assumptions=(),
    extract={"files": {"registry": "extract.csv"}, "id": "ID", "missing": ["NA"]},
    codebook={
        variable.name: variable
        for variable in (
            protocols.variable(
                "age", "number", "Age", "AGE", range=(18, 110), decimal="either", unreadable="missing"
            ),
            protocols.variable(
                "ihc", "category", "IHC", "IHC", levels=("2+", "3+"), recode={"2": "2+", "n.d.": None}
            ),
            protocols.variable("dx", "date", "Diagnosis", "DX", formats=("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y")),
            protocols.variable("last", "date", "Last contact", "LAST"),
            protocols.variable("dead", "flag", "Dead", "DEAD", levels=("no", "yes"), required=True),
            protocols.variable("old", "flag", "Old", levels=("no", "yes"), derive="age > 55"),
        )
    },
    checks=(Check("three plus and old", "not (ihc == '3+' and old)"),),
    endpoints={"os": protocols.endpoint("os", "OS", ("dead", "yes"), "months", start="dx", end="last")},
    cohort=(protocols.step("Age known", "known(age)"), protocols.step("Under 100", "age < 100")),
    populations={},
    analyses={},
)  # fmt: skip


def test_a_row_that_our_own_fault_loses_stops_the_run(study, monkeypatch):
    monkeypatch.setattr(Flow, "remove", lambda *_: None)
    written = study("id,age\n1,50\n2,60\n", cohort=[{"step": "Over 55", "keep": "age > 55"}])
    with pytest.raises(
        AssertionError, match="rows read differ from those in the cohort, excluded, merged and"
    ):
        written.build()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.fixed_dictionaries(CELLS), max_size=12),
    st.lists(st.integers(100, 110), unique=True, max_size=3),
    st.randoms(use_true_random=False),
)
def test_no_row_is_lost_and_none_is_counted_twice(messy, ragged, random):
    records = [SOUND, SOUND_TOO, *messy]
    random.shuffle(records)
    frame = pd.DataFrame(records, dtype=object).assign(row=range(2, 2 + len(records)))
    built = cohort.build(frame, [Refused(line, RAGGED, "", "x") for line in ragged], PROTOCOL)
    kinds = built.attrition.groupby("kind")["n"].sum()
    assert kinds["read"] == len(records) + len(ragged)
    assert kinds["read"] == kinds["cohort"] + kinds["excluded"] + kinds.get("merged", 0) + kinds.get(
        "quarantined", 0
    )
    assert kinds["cohort"] == len(built.patients)
    assert kinds.get("quarantined", 0) == len(built.quarantine)
    # nobody is in two places, and an id is in the cohort once
    assert not set(built.patients["row"]) & set(built.quarantine["row"])
    assert built.patients["id"].is_unique
    assert set(ragged) <= set(built.quarantine["row"])
    # the ledger has what the extract has, and only where it was changed
    texts = frame.set_index("row")
    for change in built.ledger.itertuples():
        assert texts.loc[change.row, change.column] == change.raw
        assert change.raw != change.clean
    assert not built.ledger.duplicated(["row", "variable"]).any()
    # an unchanged cell of the cohort reads as it was written
    untouched = built.patients.set_index("row")["age"]
    changed = set(built.ledger.loc[built.ledger["variable"] == "age", "row"])
    assert all(
        untouched[row] == float(texts.loc[row, "AGE"]) for row in untouched.index if row not in changed
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.fixed_dictionaries(CELLS), max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(messy, random):
    records = [SOUND, SOUND_TOO, *messy]
    first = pd.DataFrame(records, dtype=object).assign(row=range(2, 2 + len(records)))
    order = list(range(len(records)))
    random.shuffle(order)
    ids = []
    for frame in (first, first.iloc[order].reset_index(drop=True)):
        built = cohort.build(frame, [], PROTOCOL)
        ids.append(
            (sorted(built.patients["id"]), sorted(built.quarantine["id"]), built.attrition["n"].tolist()[-1])
        )
    assert ids[0] == ids[1]


def test_a_thousand_rows_take_a_blink(study):
    """The goal is 0.15 s; three times that is a mistake, not a slow machine."""
    import time

    start = date(2015, 1, 1)
    dates = [(start + timedelta(days=i), start + timedelta(days=3 * i)) for i in range(1000)]
    rows = [
        f"p{i},{20 + i % 80},{['0', '2+', '3+'][i % 3]},{dx},{last},{i % 2}\n"
        for i, (dx, last) in enumerate(dates)
    ]
    codebook = {"age": AGE, "ihc": IHC, "dx": DX, "last": LAST, "dead": DEAD}
    written = study("id,age,ihc,dx,last,dead\n" + "".join(rows), codebook, endpoints=OS)
    written.build()
    begun = time.process_time()
    built = written.build()
    assert time.process_time() - begun < 0.45
    assert len(built.patients) == 1000
