"""The analyst's own prepare(frames): its rows accounted for, its mistakes named."""

import pytest

from recohort.base.errors import RecohortError
from recohort.extract import read as extract
from recohort.extract.delimited import Refused

PREPARE = {"files": {"registry": "extract.csv"}, "id": "id", "prepare": "prepare.py"}


def prepared(study, body, text="id,age\n1,50\n2,60\n3,70\n"):
    code = f"import pandas as pd\n\n\ndef prepare(frames):\n{body}\n"
    loaded = study(text, more={"prepare.py": code}, extract=PREPARE).load()
    return extract.assemble(loaded.protocol, list(loaded.files.values()), loaded.prepare)


def test_prepare_gets_text_and_gives_text(study):
    frame, refused = prepared(
        study,
        "    frame = frames['registry']\n"
        "    return frame.assign(n=[1.0, None, 2.5], when=pd.to_datetime(['2020-01-31', None, None]), "
        "kind=pd.NA)",
    )
    assert frame.to_dict("list") == {
        "id": ["1", "2", "3"], "age": ["50", "60", "70"], "n": ["1", "", "2.5"],
        "when": ["2020-01-31", "", ""],
        "kind": ["", "", ""], "row": [2, 3, 4],
    }  # fmt: skip
    assert refused == []


def test_rows_that_prepare_leaves_out_are_not_lost(study):
    frame, refused = prepared(study, "    return frames['registry'].iloc[[2, 0]]")
    assert frame["row"].tolist() == [4, 2]
    assert refused == [Refused(3, "left out by prepare.py", "", "")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    return frames['patients']", "prepare.py, row 5: raised KeyError: 'patients'."),
        (
            "    frames.clear()\n    return 1 / 0",
            "prepare.py, row 6: raised ZeroDivisionError: division by zero.",
        ),
        ("    return None", "prepare.py: did not return a DataFrame with rows and the column `row`."),
        (
            "    return frames['registry'].drop(columns='row')",
            "prepare.py: did not return a DataFrame with rows and",
        ),
        ("    return frames['registry'].head(0)", "prepare.py: did not return a DataFrame with rows and"),
        (
            "    return frames['registry'].assign(row=1)",
            "prepare.py: gave rows whose `row` is not a line of the first",
        ),
        (
            "    return frames['registry'].assign(row=None)",
            "prepare.py: gave rows whose `row` is not a line of the",
        ),
        (
            "    return frames['registry'].assign(row=[[2], [3], [4]])",
            "prepare.py: gave rows whose `row` is not a line of the first",
        ),
        (
            "    return frames['registry'].iloc[[2, 0, 0]].assign(id=['a', 'b', 'c'])",
            "prepare.py: gave line 2 of the first file twice, and the file has one row there.",
        ),
        (
            "    return pd.concat([frames['registry']] * 2).astype({'row': float})",
            "prepare.py: gave line 2 of the first file twice, and the file has one row there.",
        ),
        (
            "    return frames['registry'].assign(n=[[1], 2, 3])",
            "prepare.py: gave a cell of column n that is a list.",
        ),
        (
            "    return frames['registry'].assign(n=[1, pd.array([2]).to_numpy(), 3])",
            "prepare.py: gave a cell of column n that is a ndarray.",
        ),
        ("    exit()", "prepare.py, row 5: raised SystemExit: None."),
        (
            "    frame = frames['registry']\n    return pd.concat([frame, frame[['age', 'id']]], axis=1)",
            "prepare.py: gave the column 'age' twice.",
        ),
    ],
)
def test_prepare_that_fails(study, tmp_path, body, expected):
    with pytest.raises(RecohortError) as caught:
        prepared(study, body)
    text = str(caught.value)
    assert text.startswith(f"study tiny, file {tmp_path}/tiny/{expected}")
    assert text.endswith("Correct prepare(frames) in it.")


def test_prepare_may_take_the_frames_apart(study):
    frame, refused = prepared(
        study, "    frame = frames.pop('registry')\n    return frame[frame['id'] != '2']"
    )
    assert (frame["id"].tolist(), [row.row for row in refused]) == (["1", "3"], [3])


def test_prepare_py_without_prepare(study):
    loaded = study("id,age\n1,50\n", more={"prepare.py": "x = 1"}, extract=PREPARE).load()
    with pytest.raises(RecohortError, match=r"raised KeyError: 'prepare'. Correct prepare\(frames\) in it."):
        extract.assemble(loaded.protocol, list(loaded.files.values()), loaded.prepare)
