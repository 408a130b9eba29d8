"""Files joined by a declared key of a declared cardinality; nothing is matched by accident."""

import pandas as pd
import pytest

from recohort.base.errors import RecohortError
from recohort.extract import identifier, joins
from recohort.extract.delimited import Refused
from recohort.extract.joins import columns


def join(frames, specs, missing=frozenset(), study=None, **extract):
    return joins.join(frames, specs, identifier.form(extract), missing, study)


def frame(first=2, **texts):
    n = len(next(iter(texts.values())))
    return pd.DataFrame(texts, dtype=object).assign(row=range(first, first + n))


SAMPLES = frame(ID=["S1", "S2", "S3", "S4"], PATIENT=["P2", "P1 ", "P2", ""], AGE=["1", "2", "3", "4"])
PATIENTS = frame(PATIENT=["P1", " P2", "", ""], AGE=["50", "60", "70", "80"], SEX=["f", "m", "f", "m"])
MANY = {"file": "patients", "on": "PATIENT", "how": "many-to-one"}
ONE = {**MANY, "how": "one-to-one"}


def test_rows_of_the_base_keep_their_order_and_their_lines():
    joined, _ = join({"samples": SAMPLES, "patients": PATIENTS}, [MANY])
    assert joined.to_dict("list") == {
        "ID": ["S1", "S2", "S3", "S4"],
        "PATIENT": ["P2", "P1 ", "P2", ""],
        "AGE": ["1", "2", "3", "4"],
        "row": [2, 3, 4, 5],
        "patients.AGE": ["60", "50", "60", ""],  # an empty key matches nobody
        "SEX": ["m", "f", "m", ""],
    }


def test_columns_says_beforehand_what_join_will_give():
    headers = {"samples": ["ID", "PATIENT", "AGE"], "patients": ["PATIENT", "AGE", "SEX"], "other": ["X"]}
    assert columns(headers, [MANY]) == ["ID", "PATIENT", "AGE", "patients.AGE", "SEX"]
    joined, _ = join({"samples": SAMPLES, "patients": PATIENTS}, [MANY])
    assert sorted(columns(headers, [MANY])) == sorted(joined.columns.drop("row"))


def test_a_second_join_may_use_a_column_of_the_first():
    centres = frame(SEX=["f", "m"], CENTRE=["A", "B"])
    frames = {"samples": SAMPLES, "patients": PATIENTS, "centres": centres}
    joined, _ = join(frames, [MANY, {"file": "centres", "on": "SEX", "how": "many-to-one"}])
    assert joined["CENTRE"].tolist() == ["B", "A", "B", ""]


def test_without_joins_the_base_is_the_result():
    joined, unjoined = join({"samples": SAMPLES, "patients": PATIENTS}, [])
    assert (joined is SAMPLES, unjoined) == (True, [])


def test_rows_of_the_other_file_that_nobody_has_the_key_of_are_told():
    others = frame(first=5, PATIENT=["P1", " P3", "P2", ""], SEX=["f", "m", "f", "m"])
    _, unjoined = join({"samples": SAMPLES, "patients": others}, [MANY])
    reason = "row of patients left out, its key is in no row of samples"
    assert unjoined == [
        Refused(6, reason, "PATIENT", " P3", "patients"),
        Refused(8, reason, "PATIENT", "", "patients"),  # an empty key is nobody's, though S4 has none either
    ]


def test_a_key_that_means_missing_is_nobodys():
    patients = frame(ID=["1", "2", "3"], CENTRE=["NA", "A", " NA"])
    centres = frame(CENTRE=["NA", "A", "NA "], BEDS=["9", "8", "7"])
    joined, unjoined = join(
        {"patients": patients, "centres": centres}, [{**MANY, "file": "centres", "on": "CENTRE"}], {"NA"}
    )
    assert joined["BEDS"].tolist() == ["", "8", ""]
    assert [(row.row, row.raw) for row in unjoined] == [(2, "NA"), (4, "NA ")]


def test_a_column_may_have_any_name():
    joined, _ = join({"samples": SAMPLES, "patients": frame(PATIENT=["P1"], self=["x"])}, [MANY])
    assert joined["self"].tolist() == ["", "x", "", ""]


def message(frames, spec):
    with pytest.raises(RecohortError) as caught:
        join(frames, [spec], study="tiny")
    return str(caught.value)


def test_a_key_repeated_where_it_is_declared_once():
    twice = frame(first=5, PATIENT=["P1", "P2", "P1 "], SEX=["f", "m", "f"])
    assert message({"samples": SAMPLES, "patients": twice}, MANY) == (
        "study tiny, file patients, row 7, column PATIENT, value 'P1': the join is declared many-to-one, "
        "but the key "
        "repeats. Correct the file or the declared cardinality."
    )
    assert message({"samples": SAMPLES, "patients": PATIENTS}, ONE) == (
        "study tiny, file samples, row 4, column PATIENT, value 'P2': the join is declared one-to-one, but "
        "the key "
        "repeats. Correct the file or the declared cardinality."
    )


def test_one_to_one():
    joined, _ = join(
        {"patients": PATIENTS[1:2], "more": frame(PATIENT=["P2"], X=["x"])}, [{**ONE, "file": "more"}]
    )
    assert joined["X"].tolist() == ["x"]


def test_a_key_that_is_no_column():
    assert message({"samples": SAMPLES, "patients": frame(PATIENT_ID=["P1"])}, MANY) == (
        "study tiny, file patients, column PATIENT: has no such column to join on. Did you mean 'PATIENT_ID'?"
    )


@pytest.mark.parametrize(
    ("base", "other"), [({"patients.AGE": ["1"]}, {}), ({}, {"patients.AGE": ["2"]})], ids=["base", "other"]
)
def test_a_column_that_would_take_the_place_of_another(base, other):
    frames = {
        "samples": frame(PATIENT=["P1"], AGE=["50"], **base),
        "patients": frame(PATIENT=["P1"], AGE=["60"], **other),
    }
    assert message(frames, MANY) == (
        "study tiny, file patients, column AGE: would be 'patients.AGE' when joined, and there is such a"
        " column already. Rename one of them in its file."
    )


def test_keys_that_are_all_missing():
    assert message({"samples": frame(PATIENT=[""]), "patients": PATIENTS}, MANY).startswith(
        "study tiny, column PATIENT: no value of samples is in patients."
    )


def test_keys_that_never_match():
    numbers = frame(PATIENT=["1", "2"], SEX=["f", "m"])
    assert message({"samples": SAMPLES, "patients": numbers}, MANY) == (
        "study tiny, column PATIENT, value 'P2': no value of samples is in patients."
        " Make both files write the key in one way."
    )


# é as one character and as two, a full-width 1, a no-break space, a zero-width space
WRITTEN = ["\u00e9-1", "p\u00a0\uff11", "q\u200b1"]
OTHERWISE = ["e\u0301-1", "p 1", " q1"]
ALIKE = {"samples": frame(PATIENT=WRITTEN), "patients": frame(PATIENT=OTHERWISE, SEX=["f", "m", "f"])}


@pytest.mark.parametrize("how", ["many-to-one", "one-to-one"])
def test_keys_that_look_the_same_are_the_same(how):
    joined, unjoined = join(ALIKE, [{**MANY, "how": how}])
    assert (joined["SEX"].tolist(), unjoined) == (["f", "m", "f"], [])
    assert joined["PATIENT"].tolist() == WRITTEN


def test_keys_that_look_the_same_are_distinct_where_declared():
    frames = {**ALIKE, "samples": frame(PATIENT=[*WRITTEN, " q1\u00a0"])}
    joined, unjoined = join(frames, [MANY], id_same="distinct")
    assert (joined["SEX"].tolist(), len(unjoined)) == (["", "", "", "f"], 2)


def test_keys_that_differ_by_case_are_two():
    joined, _ = join(
        {"samples": frame(PATIENT=["p1", "P1"]), "patients": frame(PATIENT=["P1"], X=["x"])}, [MANY]
    )
    assert joined["X"].tolist() == ["", "x"]


def test_a_key_that_looks_like_another_where_it_is_declared_once():
    twice = frame(first=5, PATIENT=[*OTHERWISE, WRITTEN[0]], SEX=["f", "m", "f", "m"])
    assert message({"samples": frame(PATIENT=WRITTEN), "patients": twice}, MANY) == (
        "study tiny, file patients, row 8, column PATIENT, value '\u00e9-1':"
        " the join is declared many-to-one, but the key repeats (it looks like that of row 5)."
        " Correct the file or the declared cardinality."
    )
