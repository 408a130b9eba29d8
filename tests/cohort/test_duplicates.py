"""Repeated rows and ids that look the same: merged, kept apart or quarantined."""

import pytest
from support.cohorts import flow

from recohort.cohort import build as cohort


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
