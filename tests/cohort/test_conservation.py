"""No row is lost and none is counted twice, on extracts that nobody would write by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import protocols
from support.cohorts import flow

from recohort.cohort import build as cohort
from recohort.cohort.attrition import Flow
from recohort.extract.delimited import RAGGED, Refused
from recohort.protocol.model import Check


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
