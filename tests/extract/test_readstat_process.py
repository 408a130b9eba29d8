"""Files of SAS, SPSS and Stata are read in a process of its own: its death is one line, not the job's."""

import json
import signal
import subprocess
import sys

import pandas as pd
import pyreadstat
import pytest
from support import protocols
from support.paths import EXTRACTS

from recohort.base.errors import RecohortError
from recohort.extract import read as extract
from recohort.extract import readstat_process


def refused(path, **entry):
    with pytest.raises(RecohortError) as caught:
        extract.read(path, protocols.file({"path": path.name, **entry}), "tiny")
    return str(caught.value).removeprefix(f"study tiny, file {path}: ")


@pytest.mark.parametrize(
    ("name", "bytes_at"),
    # found by tests/fuzz.py: each of them ended pyreadstat 1.3.7 with a segmentation fault
    [
        ("patients.sav", {403: 58, 229: 171, 598: 127}),
        ("zlib.sav", {977: 128, 212: 127, 1191: 128, 757: 128}),
    ],
)
def test_a_damaged_file_that_crashes_the_library(tmp_path, name, bytes_at):
    content = bytearray((EXTRACTS / name).read_bytes())
    for place, byte in bytes_at.items():
        content[place] = byte
    path = tmp_path / name
    path.write_bytes(content)
    # a later version may see the damage itself
    assert refused(path) == "is damaged (its reader died of SIGSEGV). Export it again." or refused(
        path
    ).startswith("cannot be read (")


@pytest.mark.parametrize(
    ("status", "cause"), [(-signal.SIGABRT, "SIGABRT"), (-signal.SIGKILL, "SIGKILL"), (1, "exit status 1")]
)
def test_the_cause_of_death_is_named(monkeypatch, status, cause):
    monkeypatch.setattr(readstat_process, "_apart", lambda *_: (status, b""))
    path = EXTRACTS / "patients.sav"
    assert refused(path) == f"is damaged (its reader died of {cause}). Export it again."


def test_what_the_library_prints_is_no_part_of_the_answer(monkeypatch):
    said = json.dumps({"names": ["id"], "columns": [["007"]]})
    monkeypatch.setattr(readstat_process, "_apart", lambda *_: (0, f"a warning\n{said}\n".encode()))
    assert readstat_process.read(EXTRACTS / "patients.sav", protocols.file("a.sav"), ".sav") == (
        ["id"],
        [["007"]],
    )


def test_names_and_texts_of_any_script_come_through(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"größe": ["Zürich", "東京", 'a"\n,\\']}), str(tmp_path / "a.sav"))
    names, columns = readstat_process.read(tmp_path / "a.sav", protocols.file("a.sav"), ".sav")
    assert (names, columns) == (["größe"], [["Zürich", "東京", 'a"\n,\\']])


@pytest.mark.parametrize(
    ("suffix", "shown_as", "number", "text"),
    [
        # Stata: help datetime; 651 months after 1960m1 are 2014m4
        ("dta", "%tm", 651, "2014-04"),
        ("dta", "%-tmMon_CCYY", -5, "1959-08"),
        ("dta", "%tq", 217, "2014q2"),
        ("dta", "%tw", 53, "1961w2"),
        ("dta", "%th", 109, "2014h2"),
        ("dta", "%-td", 1, "1960-01-02"),
        ("dta", "%tcDDmonCCYY", 86_400_000, "1960-01-02"),
        # SPSS counts seconds from 1582-10-14, SAS days from 1960-01-01
        ("sav", "MOYR8", 86_400, "1582-10-15"),
        ("sav", "QYR6", 86_400, "1582-10-15"),
        ("xpt", "MONYY7.", 1, "1960-01-02"),
        ("xpt", "YYMM7.", 31, "1960-02-01"),
    ],
)
def test_dates_by_the_format_that_the_file_states(tmp_path, suffix, shown_as, number, text):
    write = {"dta": pyreadstat.write_dta, "sav": pyreadstat.write_sav, "xpt": pyreadstat.write_xport}[suffix]
    frame = pd.DataFrame({"x": [float(number), None]})
    write(frame, str(tmp_path / f"a.{suffix}"), variable_format={"x": shown_as})
    assert readstat_process.read(tmp_path / f"a.{suffix}", protocols.file(f"a.{suffix}"), f".{suffix}") == (
        ["x"],
        [[text, ""]],
    )


def test_an_encoding_that_is_not_known():
    assert refused(EXTRACTS / "patients.sas7bdat", encoding="no-such").startswith("cannot be read (")


def test_a_name_that_cannot_be_decoded(tmp_path):
    content = (EXTRACTS / "zlib.sav").read_bytes()
    assert content[372:377] == b"DX   "
    (tmp_path / "a.sav").write_bytes(content[:372] + bytes([237, 15, 169, 229, 152]) + content[377:])
    assert refused(tmp_path / "a.sav") == (
        "has a column name that cannot be decoded. Set `encoding:` for this file in the protocol."
    )


def test_a_file_without_columns(tmp_path):
    pyreadstat.write_dta(pd.DataFrame(), str(tmp_path / "a.dta"))
    assert refused(tmp_path / "a.dta") == "has no columns. Export it again."


def test_the_process_imports_no_pandas():
    code = "import sys; from recohort.extract.readstat_process import answer; answer(sys.argv[1], {}, '.sav')"
    code += "; print('pandas' in sys.modules)"
    path = EXTRACTS / "patients.sav"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


LABELLED = pd.DataFrame({"site": [1.0, 2, None, 1], "ward": ["a", "b", "", "a"]})


def labelled(tmp_path, suffix, labels, **options):
    write = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    write(LABELLED, str(path := tmp_path / f"a{suffix}"), variable_value_labels=labels, **options)
    return path


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ({1: "Breast", 2: "Breast"}, "Breast"),
        ({1: "Breast", 2: " Breast "}, "Breast"),
        ({1: "2"}, "2"),  # a label that reads as the other code
    ],
)
def test_two_values_of_one_label_are_told_apart_by_their_codes_only(tmp_path, suffix, labels, text):
    path = labelled(tmp_path, suffix, {"site": labels})
    said = refused(path)
    assert said.startswith(f"the values '1' and '2' of column site are both {text!r} by their labels.")
    assert "Set `values: codes` for this file in the protocol" in said
    columns = readstat_process.read(path, protocols.file({"path": path.name, "values": "codes"}), suffix)[1]
    assert columns[0] == ["1", "2", "", "1"]


def test_two_texts_of_one_label(tmp_path):
    path = labelled(tmp_path, ".sav", {"ward": {"a": "Ward", "b": "Ward"}})
    assert refused(path).startswith("the values 'a' and 'b' of column ward are both 'Ward' by their labels.")


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_labels_that_merge_nothing(tmp_path, suffix):
    # one of the values does not occur
    path = labelled(tmp_path, suffix, {"site": {1: "Breast", 7: "Breast"}})
    assert readstat_process.read(path, protocols.file(path.name), suffix)[1][0] == [
        "Breast",
        "2",
        "",
        "Breast",
    ]
    # a blank label would make a value a missing one
    path = labelled(tmp_path, suffix, {"site": {1: " ", 2: "Lung"}})
    assert readstat_process.read(path, protocols.file(path.name), suffix)[1][0] == ["1", "Lung", "", "1"]


def test_two_values_that_spss_says_are_missing_may_have_one_label(tmp_path):
    labels = {"site": {1: "Missing", 2: "Missing"}}
    path = labelled(tmp_path, ".sav", labels, missing_ranges={"site": [1, 2]})
    assert readstat_process.read(path, protocols.file(path.name), ".sav")[1][0] == ["", "", "", ""]
