"""What changed between two drops: columns, patients, cells, follow-up, flow."""

import numpy as np
import pytest
from support.disclosure import RULE
from support.drops import HEADER, compared, counts, survival_study, table

from recohort.base.errors import RecohortError
from recohort.drop import compare, schema

SEX = ["f", "m", "f", "f", "m", "f", "m", "m", "f", "m"]
ROWS = [[f"P{i}", 40 + i, ["no", "yes"][i % 2], 100 + 10 * i, ["no", "yes"][i % 3 == 0]] for i in range(10)]


@pytest.fixture
def changed(study, tmp_path):
    """The comparison of ROWS with other rows."""
    protocol = survival_study(study)

    def compare(after, before=ROWS, header=HEADER, header_before=HEADER):
        return compared(protocol, tmp_path, table(before, header_before), table(after, header))

    return compare


def with_cell(i, column, value, rows=ROWS):
    """The rows with one cell changed."""
    rows = [list(row) for row in rows]
    rows[i][HEADER.split(",").index(column)] = value
    return rows


def of(rows, kind, name):
    (row,) = [row for row in rows if (row["kind"], row["name"]) == (kind, name)]
    return {key: row[key] for key in ("n", "changed", "filled", "emptied")}


def test_the_same_drop_is_unchanged(changed):
    found = changed(ROWS)
    assert found.is_unchanged
    assert counts(found) == {
        "read before": 10, "read": 10, "gone": 0, "new": 0, "in both": 10, "changed": 0,
        "in the cohort before": 10, "in the cohort": 10, "left the cohort": 0, "entered the cohort": 0,
    }  # fmt: skip
    assert (found.schema, found.cells, found.of_patient, found.reason) == ([], [], [], "")
    assert all(row["change"] in (0, None) for row in found.estimates if "change" in row)


def test_the_order_of_rows_and_columns_is_no_change(changed):
    order = [3, 0, 4, 2, 1]
    header = ",".join(HEADER.split(",")[i] for i in order)
    assert changed([[row[i] for i in order] for row in reversed(ROWS)], header=header).is_unchanged


# the same ids: a full-width digit, a character of no width, white space around
OTHERWISE = {0: "P\uff10", 4: "P\u200b4", 7: " P7\u00a0"}


def test_ids_that_look_the_same_are_one_patient(changed):
    after = ROWS
    for i, id_ in OTHERWISE.items():
        after = with_cell(i, "id", id_, after)
    found = changed(with_cell(4, "age", 77, after))
    n = counts(found)
    assert [n[what] for what in ("gone", "new", "in both", "changed")] == [0, 0, 10, 3]
    assert [n[f"{what} the cohort"] for what in ("left", "entered")] == [0, 0]
    # how an id is written is a cell as any other
    assert [(cell["id"], cell["column"]) for cell in found.cells] == [
        *((f"P{i}", "id") for i in OTHERWISE),
        ("P4", "age"),
    ]


def test_ids_that_look_the_same_are_several_patients_where_declared(study, tmp_path):
    protocol = survival_study(study, extract={"id_same": "distinct"})
    after = with_cell(7, "id", OTHERWISE[7], with_cell(0, "id", OTHERWISE[0]))
    n = counts(compared(protocol, tmp_path, table(ROWS), table(after)))
    assert [n[what] for what in ("gone", "new", "in both")] == [1, 1, 9]
    assert [n[f"{what} the cohort"] for what in ("left", "entered")] == [1, 1]


def test_patients_gone_new_and_changed(changed):
    after = [*with_cell(3, "age", 77)[2:], ["P99", 50, "no", 5, "no"]]
    found = changed(after)
    n = counts(found)
    assert [n[what] for what in ("gone", "new", "in both", "changed")] == [2, 1, 8, 1]
    assert [n[f"{what} the cohort"] for what in ("left", "entered")] == [2, 1]
    assert found.of_patient == [
        {"id": "P0", "change": "gone"}, {"id": "P1", "change": "gone"},
        {"id": "P99", "change": "new"}, {"id": "P3", "change": "changed"},
    ]  # fmt: skip
    assert found.cells == [{"id": "P3", "column": "age", "old": "43", "new": "77"}]
    assert not found.is_unchanged


def test_cells_filled_emptied_and_changed(changed):
    before = with_cell(2, "age", "")
    found = changed(with_cell(4, "age", "", with_cell(5, "age", 99)), before)
    expected = {"n": 10, "changed": 3, "filled": 1, "emptied": 1}
    assert of(found.columns, "column", "age") == of(found.columns, "variable", "age") == expected
    assert of(found.columns, "column", "liver")["changed"] == 0


def test_another_text_for_the_same_value_changes_the_column_and_not_the_variable(changed):
    found = changed(with_cell(1, "liver", "Y "))
    assert of(found.columns, "column", "liver")["changed"] == 1
    assert of(found.columns, "variable", "liver")["changed"] == 0


def test_a_row_repeated_is_no_patient_and_no_change_of_one(changed):
    found = changed([*ROWS, ROWS[0]])
    assert (counts(found)["new"], found.cells, found.of_patient) == (0, [], [])
    assert of(found.columns, "column", "age")["n"] == 10
    assert not found.is_unchanged


@pytest.mark.parametrize("missing", ["", "NA"])
def test_a_row_without_an_id_is_no_patient(study, tmp_path, missing):
    protocol = survival_study(study, extract={"missing": ["NA"]})
    found = compared(protocol, tmp_path, table(ROWS), table([*ROWS, [missing, 50, "no", 5, "no"]]))
    assert (counts(found)["new"], counts(found)["read"]) == (0, 11)


def test_a_patient_with_several_rows_is_changed_if_the_rows_are_others(changed):
    twice = [*ROWS, ["P0", 41, "no", 100, "yes"]]
    assert changed(twice, twice).is_unchanged
    found = changed(ROWS, twice)
    assert found.of_patient == [{"id": "P0", "change": "changed"}]
    assert (counts(found)["in both"], counts(found)["changed"]) == (10, 1)
    assert counts(found)["entered the cohort"] == 1


def visits(rows, n=2):
    """An export with a row per visit, of which the protocol reads what all rows of a patient have."""
    return [[*row, visit] for row in rows for visit in range(n)]


def test_the_cells_and_follow_up_of_patients_with_several_rows_are_compared(changed):
    header = f"{HEADER},visit"
    after = with_cell(0, "died", "no", with_cell(3, "days", 1, with_cell(4, "age", "")))
    found = changed(list(reversed(visits(after, 3))), visits(ROWS), header, header)
    # every patient has another visit, and other rows for it
    assert counts(found)["changed"] == of(found.columns, "column", "visit")["changed"] == 10
    assert {"id": "P1", "column": "visit", "old": "0; 1", "new": "0; 1; 2"} in found.cells
    for kind in ("column", "variable"):
        assert of(found.columns, kind, "age") == {"n": 10, "changed": 1, "filled": 0, "emptied": 1}
        assert [of(found.columns, kind, name)["changed"] for name in ("days", "died", "liver")] == [1, 1, 0]
    (row,) = found.followup
    assert (row["n"], row["shorter"], row["events_undone"]) == (10, 1, 1)
    assert found.n_changed == {"recoded": 1, "follow_up": 2, "patients": 0, "any": 3}


def test_a_patient_that_several_steps_change_counts_once_and_one_outside_the_cohort_never(study, tmp_path):
    protocol = survival_study(study, cohort=[{"step": "Adults", "keep": "age < 48"}])
    # P0 twice, P8 and P9 outside the cohort, P7 leaves it, P6 is gone
    after = with_cell(0, "days", 7, with_cell(0, "age", 30, with_cell(7, "age", 80, with_cell(9, "age", 90))))
    found = compared(protocol, tmp_path, table(ROWS), table([*after[:6], after[7], after[9]]))
    assert found.n_changed == {"recoded": 2, "follow_up": 1, "patients": 1, "any": 3}


def test_several_rows_in_another_order_are_no_change(changed):
    header = f"{HEADER},visit"
    assert changed(list(reversed(visits(ROWS))), visits(ROWS), header, header).is_unchanged


def test_another_row_that_cannot_be_split_is_a_change(study, tmp_path):
    found = compared(survival_study(study), tmp_path, f"{table(ROWS)}P99,1\n", table(ROWS))
    assert not found.is_unchanged
    (row,) = [row for row in found.attrition if row["kind"] == "quarantined"]
    assert (row["n_before"], row["n_after"]) == (1, 0)


def test_follow_up_longer_shorter_and_lost_events_new_and_undone(changed):
    # P0 and P3 had an event
    after = with_cell(0, "died", "no")
    after = with_cell(1, "died", "yes", with_cell(1, "days", 500, after))
    after = with_cell(2, "days", 1, after)
    after = with_cell(3, "days", "", after)
    # unknown in both, and no more to be lost
    after = with_cell(5, "days", "", after)
    (row,) = changed(after, with_cell(4, "days", "", with_cell(5, "days", ""))).followup
    assert row == {
        "endpoint": "os", "n": 7, "longer": 1, "shorter": 1, "lost": 1, "found": 1,
        "events_new": 1, "events_undone": 1,
    }  # fmt: skip


def test_an_event_that_becomes_unknown_is_lost_and_not_undone(changed):
    (row,) = changed(with_cell(0, "died", "")).followup
    assert (row["events_undone"], row["lost"]) == (0, 1)


def test_the_flow_of_both_drops(study, tmp_path):
    protocol = survival_study(study, cohort=[{"step": "Adults", "keep": "age >= 45"}])
    found = compared(protocol, tmp_path, table(ROWS), table(with_cell(9, "age", 20)))
    steps = {row["kind"]: row for row in found.attrition}
    assert (steps["excluded"]["n_before"], steps["excluded"]["n_after"]) == (5, 6)
    assert (steps["excluded"]["left_before"], steps["excluded"]["left_after"]) == (5, 4)
    assert (steps["read"]["n_before"], steps["read"]["n_after"]) == (10, 10)


def test_a_step_that_one_flow_has_not_removes_nobody_in_it(changed):
    found = changed(with_cell(2, "age", "old"))
    (row,) = [row for row in found.attrition if row["kind"] == "quarantined"]
    assert (row["n_before"], row["n_after"], row["left_before"]) == (0, 1, None)


def kinds(found):
    return [(row["kind"], row["column"], row["other"]) for row in found.schema]


def test_columns_gone_and_new(changed):
    after = [[*row, site] for row, site in zip(ROWS, "abcdefghij", strict=True)]
    before = [[*row, sex] for row, sex in zip(ROWS, SEX, strict=True)]
    found = changed(after, before, f"{HEADER},site", f"{HEADER},sex")
    assert kinds(found) == [("gone", "sex", ""), ("new", "site", "")]


def test_a_renamed_column_is_recognised_by_its_contents_and_then_compared(changed):
    header = HEADER.replace("age", "age_years")
    found = changed(with_cell(3, "age", 90), header_before=header)
    assert kinds(found) == [("renamed", "age_years", "age")]
    assert found.cells == [{"id": "P3", "column": "age", "old": "43", "new": "90"}]
    assert found.reason == "" and len(found.estimates) > 0


def test_columns_with_one_and_the_same_text_are_not_taken_for_each_other(changed):
    rows = [[*row, ""] for row in ROWS]
    found = changed(rows, rows, f"{HEADER},new", f"{HEADER},old")
    assert kinds(found) == [("gone", "old", ""), ("new", "new", "")]


def test_a_column_that_agrees_somewhat_with_one_that_is_gone_is_another(changed):
    # 8 of 10 agree, where half would by chance: kappa 0.6
    before = [[*row, "x" if i < 5 else "y"] for i, row in enumerate(ROWS)]
    after = [[*row, "x" if i in (0, 1, 2, 3, 9) else "y"] for i, row in enumerate(ROWS)]
    found = changed(after, before, f"{HEADER},new", f"{HEADER},old")
    assert kinds(found) == [("gone", "old", ""), ("new", "new", "")]


FLAG = ["yes" if i % 3 == 0 else "no" for i in range(10)]


def test_swapped_columns(changed):
    one, other = FLAG, SEX
    header = f"{HEADER},a,b"
    before = [[*row, *cells] for row, *cells in zip(ROWS, one, other, strict=True)]
    after = [[*row, *cells] for row, *cells in zip(ROWS, other, one, strict=True)]
    assert kinds(changed(after, before, header, header)) == [("swapped", "a", "b")]


def rotated(rows, header, contents):
    """Rows whose columns have the contents of others, named in the order of the header."""
    places = [header.split(",").index(name) for name in contents.split(",")]
    return [[row[place] for place in places] for row in rows]


WIDE = f"{HEADER},a,b,c,d"
WIDE_ROWS = [[*row, f"x{i % 7}", f"y{i % 5}", f"z{i % 9}", f"w{i % 4}"] for i, row in enumerate(ROWS)]
OF_HEADER = HEADER + ","


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ("b,a,c,d", [("swapped", "a", "b", )]),
        ("b,a,d,c", [("swapped", "a", "b"), ("swapped", "c", "d")]),
        ("c,a,b,d", [("moved", "a", "b"), ("moved", "b", "c"), ("moved", "c", "a")]),
        ("d,a,b,c", [("moved", "a", "b"), ("moved", "b", "c"), ("moved", "c", "d"), ("moved", "d", "a")]),
    ],
)  # fmt: skip
def test_contents_that_changed_places(changed, contents, expected):
    after = rotated(WIDE_ROWS, WIDE, OF_HEADER + contents)
    # where a circle starts does not matter
    assert sorted(kinds(changed(after, WIDE_ROWS, WIDE, WIDE))) == expected


@pytest.mark.parametrize(
    ("header", "contents", "expected"),
    [
        # another column is renamed; one of the pair is, before or after it; both are: that is a swap no more
        ("a,b,c,e", "b,a,c,d", [("swapped", "a", "b"), ("renamed", "d", "e")]),
        ("e,b,c,d", "b,a,c,d", [("swapped", "e", "b"), ("renamed", "a", "e")]),
        ("a,e,c,d", "b,a,c,d", [("swapped", "a", "e"), ("renamed", "b", "e")]),
        ("e,f,c,d", "b,a,c,d", [("renamed", "a", "f"), ("renamed", "b", "e")]),
    ],
)
def test_columns_renamed_and_swapped_at_once(changed, header, contents, expected):
    after = rotated(WIDE_ROWS, WIDE, OF_HEADER + contents)
    assert kinds(changed(after, WIDE_ROWS, OF_HEADER + header, WIDE)) == expected


def test_of_three_columns_that_changed_places_one_renamed(changed):
    found = changed(rotated(WIDE_ROWS, WIDE, OF_HEADER + "c,a,b,d"), WIDE_ROWS, OF_HEADER + "e,b,c,d", WIDE)
    assert ("renamed", "a", "e") in kinds(found)
    assert schema.origins(found.schema) == {"b": "e", "c": "b", "e": "c"}


def test_a_copy_of_a_column_moves_nothing(changed):
    after = rotated(WIDE_ROWS, WIDE, OF_HEADER + "a,a,c,d")
    assert changed(after, WIDE_ROWS, WIDE, WIDE).schema == []


def test_columns_whose_contents_changed_places_in_few_patients_are_not_swapped(changed):
    header = f"{HEADER},a,b"
    before = [[*row, f"x{i}", f"y{i}"] for i, row in enumerate(ROWS)]
    after = [[*row[:-2], *(row[:-3:-1] if i < 5 else row[-2:])] for i, row in enumerate(before)]
    found = changed(after, before, header, header)
    assert (found.schema, len(found.cells)) == ([], 10)


def test_columns_that_differ_in_few_patients_are_not_swapped_there(changed):
    header = f"{HEADER},a,b"
    before = [[*row, "no", "yes" if i < 4 else "no"] for i, row in enumerate(ROWS)]
    after = [[*row, "yes" if i < 4 else "no", "no"] for i, row in enumerate(ROWS)]
    assert changed(after, before, header, header).schema == []


def test_agreement_is_that_of_cohen():
    # Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, table 18.1: kappa 0.68
    cells = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    pairs = [(a, b) for a in range(3) for b in range(3) for _ in range(cells[a][b])]
    one, other = (np.array([str(pair[i]) for pair in pairs], dtype=object) for i in (0, 1))
    assert round(schema.agreement(one, other), 2) == 0.68
    assert schema.agreement(one, one) == 1
    assert schema.agreement(np.array(["x"] * 3, object), np.array(["x"] * 3, object)) == 0


def test_without_shared_patients_nothing_is_renamed(changed):
    after = [[f"Q{i}", *row[1:]] for i, row in enumerate(ROWS)]
    found = changed(after, header_before=HEADER.replace("age", "years"))
    assert kinds(found) == [("gone", "years", ""), ("new", "age", "")]


def test_a_drop_without_the_id_is_not_compared(changed):
    found = changed(ROWS, header_before=HEADER.replace("id", "patient"))
    assert found.reason == "the earlier drop has no column id, which identifies a patient"
    assert (found.patients, found.is_unchanged) == ([], False)


def test_a_drop_that_the_protocol_cannot_read_says_why_without_a_value(changed):
    before = [[row[0], row[1], "no", *row[3:]] for row in ROWS]
    found = changed(ROWS, [row[:2] + row[3:] for row in before], header_before=HEADER.replace(",liver", ""))
    assert (found.reason, found.lost.columns) == ("", {"liver": "is not there"})
    assert kinds(found) == [("new", "liver", "")]
    refusal = RecohortError("raised ValueError: 'Anna'", column="age", row=3, value="Anna")
    assert compare.reason(refusal) == "column age: raised ValueError: 'Anna'"
    rule = RULE
    assert compare.reason(refusal, rule) == (
        "its column age cannot be read as the protocol says; drop.log has more"
    )
    assert compare.reason(RecohortError("has Anna"), rule) == (
        "the earlier drop cannot be read as the protocol says; drop.log has more"
    )
    unread = changed(ROWS, [[row[0], "old", *row[2:4], "dead"] for row in ROWS])
    assert list(unread.lost.columns) == ["age", "died"] and unread.reason == ""
