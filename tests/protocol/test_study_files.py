"""The studies of a run: protocols held against their files before anything is computed."""

import pytest

from recohort.base.errors import RecohortError
from recohort.protocol import studies

CSV = "id,age\n1,50\n"
RAW = {"files": {"registry": {"raw": "registry.txt"}}, "id": "id"}


def message(call):
    with pytest.raises(RecohortError) as caught:
        call()
    return str(caught.value)


def test_load(study, tmp_path):
    loaded = study(CSV).load()
    assert loaded.protocol.study == "tiny"
    assert loaded.files == {"registry": tmp_path / "tiny" / "extract.csv"}
    assert (loaded.prepare, loaded.folder) == (None, tmp_path / "tiny")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"studies": ["tiny"], "confidence": 0.95, "studes": []}, "file config.yaml: unknown key 'studes'. "
                                                                  "Did you mean 'studies'?"),
        ({"studies": ["tiny"]}, "file config.yaml: the key 'confidence' is missing. Add it."),
        ({"studies": ["tiny"], "confidence": 95}, "file config.yaml, key confidence: 95 is greater than or "
                                                  "equal to the maximum of 1. Coverage of every interval, "
                                                  "0.95 as a rule."),
        ({"studies": ["../tiny"], "confidence": 0.95}, "file config.yaml, key studies.0: '../tiny' is not in "
                                                       "the form wanted. A folder's name, without a path."),
        ({"studies": ["tny"], "confidence": 0.95}, "file config.yaml, key studies: 'tny' is not a folder of "
                                                   "DATA/. Did you mean 'tiny'?"),
    ],
)  # fmt: skip
def test_configuration(study, tmp_path, config, expected):
    study(CSV)
    text = message(lambda: studies.load(studies.configuration(config), tmp_path))
    assert text.replace(str(tmp_path), "DATA").startswith(expected)


def test_a_configuration_has_every_default_once_read():
    given = {"studies": ["tiny"], "confidence": 0.9}
    made = studies.configuration(given)
    assert made == {**given, "certificate": True, "disclosure": {"threshold": 7, "rounding": 5}}
    partly = studies.configuration({**given, "certificate": False, "disclosure": {"rounding": 1}})
    assert (partly["certificate"], partly["disclosure"]) == (False, {"threshold": 7, "rounding": 1})
    assert "disclosure" not in given  # what was read stays as it was


def test_a_column_that_is_not_in_the_extract(study):
    codebook = {"age": {"column": "AGE_DX", "type": "number", "label": "Age"}}
    assert message(study("id,age_dx,sex\n1,50,f\n", codebook).load) == (
        "study tiny, key codebook.age.column, column AGE_DX: is not a column of the extract. Did you mean "
        "'age_dx'?"
    )


def test_an_id_that_is_not_in_the_extract(study):
    assert message(study("patient,age\n1,50\n").load) == (
        "study tiny, key extract.id, column id: is not a column of the extract. Known: patient, age."
    )


def test_columns_of_joined_files_are_known(study):
    extract = {
        "files": {"registry": "extract.csv", "patients": "patients.csv"},
        "joins": [{"file": "patients", "on": "id", "how": "one-to-one"}],
    }
    codebook = {"age": {"column": "patients.age", "type": "number", "label": "Age"}}
    assert study(CSV, codebook, more={"patients.csv": "id,age\n1,60\n"}, extract=extract).load()
    # the base's own columns keep their names
    codebook = {"age": {"column": "registry.age", "type": "number", "label": "Age"}}
    text = message(study(CSV, codebook, more={"patients.csv": "id,age\n1,60\n"}, extract=extract).load)
    assert text.startswith(
        "study tiny, key codebook.age.column, column registry.age: is not a column of the extract."
    )


def test_a_wrong_file_is_found_before_anything_is_computed(study, tmp_path):
    assert message(study(b"id,age\n1,\xff\n").load).startswith(
        f"study tiny, file {tmp_path}/tiny/extract.csv, row 2: is not utf-8 (byte b'\\xff')."
    )


def test_a_missing_file(study, tmp_path):
    assert message(study(CSV, extract={"files": {"registry": "extrct.csv"}}).load) == (
        f"study tiny, file {tmp_path}/tiny/extrct.csv: does not exist. Did you mean 'extract.csv'?"
    )


def test_a_prepare_file_that_is_not_there_or_elsewhere(study, tmp_path):
    files = {"registry": "extract.csv"}
    written = study(CSV, extract={"files": files, "prepare": "prepare.py"})
    assert message(written.load).startswith(f"study tiny, file {tmp_path}/tiny/prepare.py: does not exist.")
    (tmp_path / "prepare.py").write_text("def prepare(frames): ...")
    written = study(CSV, extract={"files": files, "prepare": "../prepare.py"})
    assert message(written.load).startswith("study tiny: '../prepare.py' leaves the folder")


def test_a_study_without_its_raw_files_is_skipped_and_said_so(study, tmp_path, monkeypatch):
    monkeypatch.delenv("RECOHORT_RAW", raising=False)
    study(extract=RAW)
    config = {"studies": ["tiny"], "confidence": 0.95}
    loaded, skipped = studies.load(config, tmp_path)
    assert loaded == {}
    folder = tmp_path / "tiny"
    assert skipped == {
        "tiny": f"registry.txt is not in {folder}/raw. Get the files as {folder}/README.md says"
    }


def test_raw_files_are_found_where_the_environment_says(study, tmp_path, monkeypatch):
    monkeypatch.setenv("RECOHORT_RAW", str(tmp_path / "elsewhere"))
    study(extract=RAW)
    path = tmp_path / "elsewhere" / "tiny" / "registry.txt"
    path.parent.mkdir(parents=True)
    path.write_text("id\tage\n1\t50\n")
    loaded, skipped = studies.load({"studies": ["tiny"], "confidence": 0.95}, tmp_path)
    assert loaded["tiny"].files == {"registry": path}
    assert skipped == {}
