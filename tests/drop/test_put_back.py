"""Columns that changed places: said first, and compared once more with each put back."""

from dataclasses import replace

import pytest
from support.disclosure import RULE
from support.drop_gates import ROWS
from support.drops import HEADER, compared, survival_study, table

from recohort.drop import gates, summary

DATES = ["2026-02-01", "2026-01-01"]
# the last has neither, so that a row is left when age and liver are swapped
ROWS = [*ROWS, ["P40", "", "", 200, "no"]]


def swapped(rows, one="age", other="liver"):
    header = HEADER.split(",")
    i, j = header.index(one), header.index(other)
    found = [list(row) for row in rows]
    for row in found:
        row[i], row[j] = row[j], row[i]
    return found


@pytest.fixture
def told(study, tmp_path):
    """Comparison and Markdown of two drops."""

    def run(before, after, rule=None):
        extract = {"files": {"registry": {"path": "{drop}.csv"}}}
        protocol = survival_study(study, extract=extract, fail_when={"column_swapped": True})
        protocol = replace(protocol, rule=rule)
        found = compared(protocol, tmp_path, table(before), table(after))
        return found, summary.build(found, gates.check(found, protocol), protocol, DATES).markdown

    return run


def test_the_gravest_is_said_first_with_the_rows_that_it_quarantines(told):
    _, text = told(ROWS, swapped(ROWS))
    assert text.split("\n\n")[1:4] == [
        "The columns age and liver changed places.",
        "Rows quarantined, a cell cannot be read: 0 before, 40 now (0 with the columns put back).",
        "With the columns put back in the newest drop: Estimates that moved: 0 of 5; "
        "conclusions that changed: 0.",
    ]
    assert "- :x: column\\_swapped: the columns age and liver changed places" in text
    order = ["**Columns of the extract**", "**Steps of the flow", "**Estimates that moved**", "**Patients**"]
    places = [text.index(title) for title in order]
    assert places == sorted(places)
    assert "| age | Swapped | with liver |" in text
    assert "`results/tiny/cohort/drop_patients.csv` and `results/tiny/cohort/drop_cells.csv`" in text


def test_swapped_columns_are_the_first_rows_of_their_table(told, study, tmp_path):
    header = [*HEADER.split(","), *(f"old{i}" for i in range(20))]
    before = [[*row, *range(20)] for row in ROWS]
    found = compared(survival_study(study), tmp_path, table(before, ",".join(header)), table(swapped(ROWS)))
    assert [row["kind"] for row in found.schema] == ["swapped", *["gone"] * 20]


def test_a_swap_in_the_earlier_drop_is_put_back_there(told):
    found, text = told(swapped(ROWS), ROWS)
    assert (found.put_back_in, found.swapped_back.reason, found.swapped_back.schema) == ("earlier", "", [])
    assert all(row.get("change") in (0, None) for row in found.swapped_back.estimates)
    assert "With the columns put back in the earlier drop: Estimates that moved: 0 of 5" in text


def test_what_else_changed_is_seen_with_the_columns_put_back(told):
    after = swapped([[*row[:3], 500 + i, row[4]] if i % 2 else row for i, row in enumerate(ROWS)])
    found, text = told(ROWS, after)
    moved = [row for row in found.swapped_back.estimates if row.get("part_follow_up")]
    assert moved and all(abs(row["part_recoded"]) < 1e-9 for row in moved)
    assert "**Estimates that moved, with the columns put back in the newest drop**" in text
    assert text.index("put back in the newest drop**") < text.index("**Estimates that moved**")


def test_two_columns_of_a_kind_are_put_back_in_the_newest(study, tmp_path):
    header = f"{HEADER},a,b"
    before = [[*row, f"x{i % 3}", f"y{i % 5}"] for i, row in enumerate(ROWS)]
    after = [[*row[:5], row[6], row[5]] for row in before]
    found = compared(survival_study(study), tmp_path, table(before, header), table(after, header))
    assert (found.put_back_in, found.n_put_back) == ("newest", 41)
    assert found.swapped_back.cells == []


def test_what_few_patients_tell_apart_is_not_shown(told):
    rule = RULE
    # age and liver of six patients are known: with and without the columns put back six differ
    few = [[row[0], row[1] if i < 6 else "", row[2] if i < 6 else "", *row[3:]] for i, row in enumerate(ROWS)]
    found, text = told(few, swapped(few), rule)
    assert found.n_put_back == 6
    assert "([c] with the columns put back)" in text.replace("\\", "")
    assert "put back in the newest drop**" not in text
    assert "Not shown of these, as few patients differ: 5." in text
