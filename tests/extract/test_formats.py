"""
The same patients from files of other programs: each format gives one cohort, a damaged file gives one line.

The files are in tests/extracts; make.sh there says which program made which.
"""

import gzip
from pathlib import Path

import pandas as pd
import pytest
from support import protocols
from support.paths import EXTRACTS

from recohort.base.errors import RecohortError
from recohort.extract import formats, readstat_process
from recohort.extract import read as extract

CODEBOOK = {
    "centre": {"type": "category", "levels": ["Zürich", "Genova", "Málaga"], "label": "Centre"},
    "ihc": {
        "type": "category",
        "levels": ["2+", "3+"],
        "recode": {"2": "2+", "3": "3+"},
        "required": True,
        "label": "HER2 IHC",
    },
    "ratio": {"type": "number", "decimal": "either", "label": "HER2/CEP17"},
    "age": {"type": "number", "decimal": "either", "range": [18, 110], "label": "Age"},
    "dx": {"type": "date", "label": "Diagnosis"},
    "cns": {"type": "flag", "label": "CNS"},
    "os_days": {"type": "number", "unit": "days", "label": "Survival"},
    "dead": {"type": "flag", "label": "Dead"},
}
LATIN_1 = {"separator": ";", "encoding": "latin-1"}
FORMATS = [
    ("patients.csv", {}),
    ("latin1.csv", LATIN_1),
    ("patients.csv.gz", {}),
    ("patients.xlsx", {}),
    ("patients.parquet", {}),
    ("patients.sas7bdat", {}),
    ("patients.xpt", {}),
    ("patients.dta", {}),
    ("patients.dta", {"values": "codes"}),
    ("foreign.dta", {}),
    ("patients.sav", {}),
    ("patients.sav", {"values": "codes"}),
    ("zlib.sav", {}),
]


@pytest.fixture
def build(study):
    """The cohort of a file through the doors of the workflow."""

    def build_from(name, content=None, **read):
        content = content or (EXTRACTS / name).read_bytes()
        section = {"files": {"registry": {"path": name, **read}}, "id": "id", "missing": ["."]}
        return study(content, CODEBOOK, file=name, extract=section).build()

    return build_from


@pytest.mark.parametrize(("name", "read"), FORMATS)
def test_each_format_gives_the_same_cohort(build, name, read):
    built = build(name, **read)
    # typed by hand from the table in make.R, in its order
    expected = {
        "id": ["P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P10", "P11", "P12"],
        "ihc": ["2+", "3+", "2+", "2+", "3+", "3+", "2+", "3+", "2+", "3+", "2+"],
        "ratio": [1.3, 2.5, 2, 1.85, 4, 3.3, 2.1, None, 2.04, 6.25, 0.9],
        "age": [50, 61, 72.5, 44, None, 38, 66, 59, 81, 47, 55],
        "cns": ["no", "yes", "no", "no", "yes", None, "no", "no", "no", "yes", "no"],
        "os_days": [410, 95, 1200, 871, 33, 640, 512, 77, 288, 365, 902],
        "dead": ["yes", "yes", "no", "yes", "yes", "no", "yes", "yes", "yes", "no", "no"],
    }
    for column, values in expected.items():
        found = built.patients[column].astype(object)
        assert found.where(found.notna(), None).tolist() == values, column
    centres = ["Zürich", "Genova", "Málaga"]
    assert built.patients["centre"].tolist() == [centres[int(i[1:]) % 3 - 1] for i in expected["id"]]
    assert built.patients["dx"].dt.strftime("%Y-%m-%d").fillna("").tolist() == [
        "2020-01-31", "2020-02-01", "2020-02-28", "2020-02-29", "2020-04-01", "", "2020-07-01",
        "2020-11-01", "2021-01-31", "2021-03-26", "2021-07-01",
    ]  # fmt: skip
    assert len(built.quarantine) == 1  # P09 has no IHC


def test_labels_or_codes_are_in_the_ledger_as_declared(build):
    assert "ihc" in set(build("patients.sav", values="codes").ledger["column"])
    assert "ihc" not in set(build("patients.sav").ledger["column"])


@pytest.mark.parametrize(
    "name",
    [
        "patients.csv.gz", "patients.xlsx", "patients.parquet", "patients.sas7bdat", "patients.xpt",
        "patients.dta", "foreign.dta", "patients.sav", "zlib.sav",
    ],
)  # fmt: skip
def test_a_file_that_is_cut_short_is_refused_in_one_line(tmp_path, monkeypatch, name):
    # a process for each of 60 lengths would take ten seconds a file
    monkeypatch.setattr(readstat_process, "_apart", lambda *args: (0, readstat_process.answer(*args)))
    whole, path = (EXTRACTS / name).read_bytes(), tmp_path / name
    expected, _ = extract.read(EXTRACTS / name, protocols.file(name))
    n_refused = 0
    for n in {*range(0, len(whole), len(whole) // 60), len(whole) - 1}:
        if name.endswith(".xpt") and n % 80 == 0:
            continue  # nothing in a transport file tells that: the next test
        path.write_bytes(whole[:n])
        try:
            found, _ = extract.read(path, protocols.file(name))
        except RecohortError as error:
            n_refused += 1
            assert str(error).startswith(f"file {path}: ")
            assert "\n" not in str(error)
            assert "xport it again" in str(error) or "Export or copy it again." in str(error)
        else:  # the tags that close a Stata file are all that was cut off
            pd.testing.assert_frame_equal(found, expected)
    assert n_refused >= 50


def test_a_transport_file_cut_between_two_records_is_refused_by_its_declared_rows(build):
    content = (EXTRACTS / "patients.xpt").read_bytes()[:-80]
    with pytest.raises(RecohortError, match="has 10 rows, not the 12 that the protocol says"):
        build("patients.xpt", content, rows=12)


def test_a_stata_file_that_lost_its_labels_is_read_as_codes_only_if_declared(build, tmp_path):
    content = (EXTRACTS / "foreign.dta").read_bytes()
    lost = content[: content.rindex(b"ihc\0") - 4]  # the table of labels comes last: its length, its name
    with pytest.raises(RecohortError) as caught:
        build("foreign.dta", lost)
    assert str(caught.value).endswith(
        "foreign.dta: the value labels 'ihc' of column ihc are not in it. Export it again, or set "
        "`values: codes` for this file in the protocol."
    )
    frame, _ = extract.read(
        tmp_path / "tiny/foreign.dta", protocols.file({"path": "foreign.dta", "values": "codes"})
    )
    # foreign numbers the levels of a factor from 1
    assert frame["ihc"].tolist() == ["1", "2", "1", "1", "2", "2", "1", "2", "", "1", "2", "1"]


BOMB = 3_000_000  # zeros, which gzip makes a thousand times smaller


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("patients.csv.gz", gzip.compress(b"id,ihc\n1," + BOMB * b"0")),
        ("patients.xlsx", None),
        ("patients.parquet", None),
        ("patients.sas7bdat", None),
        ("zlib.sav", None),
    ],
)
def test_a_file_that_holds_more_than_declared_is_refused(build, tmp_path, name, content):
    limit = 2 if content else 0.0005
    with pytest.raises(RecohortError) as caught:
        build(name, content, max_megabytes=limit)
    assert str(caught.value) == (
        f"study tiny, file {tmp_path}/tiny/{name}: holds more than {limit} MB when decompressed."
        " If that is right, set `max_megabytes:` for this file in the protocol."
    )


@pytest.mark.parametrize("separator", ['"', "'", "\n", "", ';";'])
def test_a_separator_that_no_field_could_be_told_from(build, separator):
    with pytest.raises(RecohortError, match="What is between the fields of a text file"):
        build("patients.csv", separator=separator)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("a.csv", "sheet", "Data"), ("a.csv", "max_megabytes", 5), ("a.csv", "values", "codes"),
        ("a.xlsx", "separator", ";"), ("a.xlsx", "encoding", "latin-1"), ("a.xlsx", "quote", ""),
        ("a.parquet", "skip_rows", 1), ("a.parquet", "sheet", "Data"), ("a.sav", "skip_after_header", 1),
        ("a.sas7bdat", "values", "codes"), ("a.xpt", "values", "labels"), ("a.dta", "separator", ","),
    ],
)  # fmt: skip
def test_an_option_without_meaning_for_the_format_is_refused(study, name, option, value):
    made = study("id,age\n1,50\n", file=name, read={option: value})
    with pytest.raises(RecohortError) as caught:
        made.protocol()
    assert str(caught.value) == (
        f"study tiny, file {made.folder}/study.yaml, key extract.files.registry: {option!r} has no meaning "
        f"for a file {name!r}. Remove it."
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.csv.gz", {"max_megabytes": 5, "separator": ";", "quote": "'", "skip_rows": 1}),
        ("a.TXT", {"encoding": "latin-1", "skip_after_header": 1, "rows": 5, "parameter": "OS"}),
        ("a.xlsx", {"sheet": "Data", "skip_rows": 1, "skip_after_header": 1, "max_megabytes": 5}),
        ("a.parquet", {"max_megabytes": 5}),
        ("a.dta", {"values": "codes", "encoding": "latin-1", "max_megabytes": 5}),
        ("a.csv", {"dictionary": "d.csv", "values": "codes", "instrument": "biopsy"}),
    ],
)
def test_an_option_with_a_meaning_for_the_format_is_not_refused(name, options):
    formats.check(Path(name), {"path": name, **options})


def test_a_format_that_is_not_known_is_refused_when_the_protocol_is_read(study):
    with pytest.raises(RecohortError, match=r"key extract.files.registry: the suffix '.pdf' is not known"):
        study("id,age\n1,50\n", file="a.pdf").protocol()
