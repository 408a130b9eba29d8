"""An id that names other patients in each drop: refused, with the columns that could serve."""

import random

import pandas as pd
import pytest
from support.drops import survival_study

from recohort.drop import compare, gates, identity
from recohort.extract import read as extract

NUMBERED = "def prepare(frames):\n    rows = frames['registry']\n    return rows.assign(id={})\n"
CHANGING = {"days", "died"}


def people(n=30, seed=1):
    """Patients whom age, weight and liver tell apart, with a number of their own."""
    draw = random.Random(seed)
    return pd.DataFrame(
        {
            "mrn": [f"M{i:03d}" for i in draw.sample(range(1000), n)],
            "age": [str(draw.randint(30, 90)) for _ in range(n)],
            "weight": [f"{draw.uniform(40, 120):.1f}" for _ in range(n)],
            "liver": [draw.choice(["yes", "no"]) for _ in range(n)],
            "days": [str(draw.randint(10, 2000)) for _ in range(n)],
            "died": [draw.choice(["yes", "no"]) for _ in range(n)],
        }
    )


def counted(frame, start=1, name="{}"):
    """With an id that counts the rows, and their lines."""
    ids = [name.format(start + i) for i in range(len(frame))]
    return frame.reset_index(drop=True).assign(id=ids, row=range(2, len(frame) + 2))


def assembled(study, tmp_path, text, prepare, backwards=False):
    protocol = survival_study(study, more={"prepare.py": prepare}, extract={"prepare": "prepare.py"})
    path = tmp_path / "drop.csv"
    path.write_text(text, encoding="utf-8")
    return extract.assemble(protocol, [path], tmp_path / "tiny" / "prepare.py", backwards=backwards)[0]


TEXT = "mrn,age,liver,days,died\n" + "".join(f"M{i},{40 + i},no,{10 * i},yes\n" for i in range(6))
BY_POSITION = [
    "[f'row-{row}' for row in rows['row']]",
    "[str(i) for i in range(len(rows))]",
    "rows.index.astype(str)",
    "rows['liver'] + rows.groupby('liver').cumcount().astype(str)",
    "[str(hash((i, 1))) for i, _ in enumerate(rows['mrn'])]",
    "[__import__('uuid').uuid4().hex for _ in rows['mrn']]",
]
BY_PATIENT = [
    "rows['mrn']",
    "'x-' + rows['mrn'].str.lower()",
    "[__import__('hashlib').sha256(m.encode()).hexdigest() for m in rows['mrn']]",
]


@pytest.mark.parametrize(
    ("made", "follows"), [*((m, True) for m in BY_POSITION), *((m, False) for m in BY_PATIENT)]
)
def test_an_id_that_prepare_makes(study, tmp_path, made, follows):
    prepare = NUMBERED.format(made)
    frames = [assembled(study, tmp_path, TEXT, prepare, backwards) for backwards in (False, True)]
    assert identity.follows_order(*frames, "id") == follows


def test_a_prepare_that_takes_the_first_visit_does_not_make_the_id_from_it(study, tmp_path):
    visits = TEXT + "M0,40,yes,1,yes\nM3,43,yes,2,no\n"
    first = (
        "def prepare(frames):\n    rows = frames['registry'].assign(id=frames['registry']['mrn'])\n"
        "    return rows.drop_duplicates('id')\n"
    )
    frames = [assembled(study, tmp_path, visits, first, backwards) for backwards in (False, True)]
    assert not identity.follows_order(*frames, "id")


@pytest.mark.parametrize("name", ["{}", "{:04d}", "P-{}", "row-{}"])
@pytest.mark.parametrize("removed", [0, 9, 20])
def test_numbers_of_the_rows_that_an_export_writes(name, removed):
    before = people()
    after = before.drop(index=removed)
    assert identity.names_others(counted(before, name=name), counted(after, name=name), "id", CHANGING)


def test_rows_sorted_anew_and_numbered_from_zero():
    before, after = people(), people().sort_values("age")
    assert identity.names_others(counted(before, 0), counted(after, 0), "id", CHANGING)


def test_pseudonyms_made_anew_for_each_extract():
    before = counted(people(), name="A{}")
    after = before.assign(id=[f"B{7 * i % 30}" for i in range(30)])
    assert identity.names_others(before, after, "id", CHANGING)
    shuffled = before.assign(id=before["id"].to_numpy()[::-1])
    assert identity.names_others(before, shuffled, "id", CHANGING)


def test_ids_of_patients_name_the_same():
    before = counted(people())
    fewer = before.drop(index=[0, 9]).assign(row=range(2, 30))
    more = pd.concat([before, counted(people(20, seed=2), start=31)], ignore_index=True)
    older = before.assign(age=[str(int(age) + 1) for age in before["age"]])
    one_corrected = before.assign(id=["2", "1", *before["id"][2:]])
    for after in (before, fewer, more, older, one_corrected, before[::-1]):
        assert not identity.names_others(before, after, "id", CHANGING)


def test_other_patients_who_look_alike_are_no_evidence():
    def coarse(seed, prefix):
        frame = people(300, seed)
        return counted(frame.assign(weight=["60", "80", "100"] * 100), name=prefix + "{}")

    assert not identity.names_others(coarse(1, "A"), coarse(2, "B"), "id", {*CHANGING, "mrn"})


def test_one_column_alone_is_no_evidence():
    # everyone is a year older: each row looks like another patient's before
    before = counted(pd.DataFrame({"age": [str(i) for i in range(40, 70)], "days": "1"}))
    after = before.assign(age=[str(i) for i in range(41, 71)])
    assert not identity.names_others(before, after, "id", CHANGING)


def test_the_columns_that_could_serve():
    before = counted(people())
    after = counted(people().drop(index=4))
    before, after = (f.assign(number=f["id"], full=f["mrn"], note="x") for f in (before, after))
    after.loc[0, "full"] = ""
    # `number` counts the rows as the id does, `full` has an empty cell, `note` is the same in all
    assert identity.candidates(before, after, "id", CHANGING) == ["mrn"]
    said = identity.refusal(before, after, "id", CHANGING)
    assert said.startswith("the id id is made from the position of a row, or anew for each extract")
    assert "could serve: mrn" in said
    nothing = identity.refusal(before[["id", "age", "row"]], after[["id", "age", "row"]], "id", CHANGING)
    assert nothing.endswith(
        "no column is different in every row of both drops: ask for an extract with an identifier"
    )


def test_drops_with_such_an_id_are_not_compared(study):
    protocol = survival_study(
        study, extract={"files": {"registry": {"path": "{drop}.csv"}}}, fail_when={"deaths_undone": 0}
    )
    drops = [compare.Extract(counted(frame), []) for frame in (people(), people().drop(index=3))]
    found = compare.compare(*drops, None, protocol, 0.95)
    assert found.reason.startswith("the id id is made") and found.reason.endswith("could serve: mrn")
    assert (found.cells, found.followup, found.estimates) == ([], [], [])
    assert [row["outcome"] for row in gates.check(found, protocol)] == ["not checked"]
    # prepare.py that follows the order of rows tells even where no row is gone
    same = counted(people())
    backwards = same.assign(row=same["row"].to_numpy()[::-1])
    again = compare.compare(drops[0], drops[0], None, protocol, 0.95, backwards=backwards)
    assert again.reason.startswith("the id id is made")
