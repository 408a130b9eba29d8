"""ADSL and ADTTE as haven writes them: the declared parameter, its days, and events where CNSR is 0."""

import pandas as pd
import pytest
from support.paths import EXTRACTS

from recohort.base.errors import RecohortError
from recohort.extract import adam

CODEBOOK = {
    "ihc": {"column": "IHC", "type": "category", "levels": ["2+", "3+"], "label": "HER2 IHC"},
    "os_days": {"column": "OS.days", "type": "number", "unit": "days", "label": "Survival"},
    "death": {"column": "OS.event", "type": "flag", "label": "Death"},
    "pfs_days": {"column": "PFS.days", "type": "number", "unit": "days", "label": "To progression"},
    "progression": {"column": "PFS.event", "type": "flag", "label": "Progression or death"},
}
FILES = {
    "adsl": "adsl.xpt",
    "os": {"path": "adtte.xpt", "parameter": "OS"},
    "pfs": {"path": "adtte.xpt", "parameter": "PFS"},
}
JOINS = [{"file": name, "on": "USUBJID", "how": "one-to-one"} for name in ("os", "pfs")]
OS = {"label": "Overall survival", "time": "os_days", "event": {"death": "yes"}, "unit": "months"}


def test_subjects_with_the_times_and_events_of_two_parameters(study):
    datasets = {name: (EXTRACTS / name).read_bytes() for name in ("adsl.xpt", "adtte.xpt")}
    section = {"files": FILES, "joins": JOINS, "id": "USUBJID"}
    curve = {"os": {"kind": "curves", "endpoint": "os"}}
    written = study("", CODEBOOK, more=datasets, extract=section, endpoints={"os": OS}, analyses=curve)
    patients = written.build().patients
    # typed by hand from the table in make.R
    days = [410, 95, 1200, 871, 33, 640, 512, 77, 1500, 288, 365, 902]
    dead = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0]
    assert patients["os_days"].tolist() == days
    assert patients["death"].tolist() == [["no", "yes"][one] for one in dead]
    assert patients["os_event"].astype(int).tolist() == dead
    # months in the file: divided and multiplied by 30.4375 again, so two roundings of 2^-53
    assert patients["pfs_days"].tolist() == pytest.approx([t / 2 for t in days], rel=1e-15, abs=0)
    assert set(patients["progression"]) == {"yes"}


def test_datasets_as_text(study):
    text = "USUBJID,PARAMCD,AVAL,CNSR\nP1,OS,30,0\nP2,OS,60,1\n"
    files = {"adsl": "adsl.csv", "os": {"path": "adtte.csv", "parameter": "OS"}}
    section = {"files": files, "joins": JOINS[:1], "id": "USUBJID"}
    codebook = {name: CODEBOOK[name] for name in ("os_days", "death")}
    more = {"adsl.csv": "USUBJID,AGE\nP1,50\nP2,60\n", "adtte.csv": text}
    patients = study("", codebook, more=more, extract=section).build().patients
    assert patients[["os_days", "death"]].values.tolist() == [[30, "yes"], [60, "no"]]


def adtte(**columns):
    base = {"USUBJID": ["P1", "P1", "P2"], "PARAMCD": ["PFS", "OS ", "OS"], "AVAL": ["1", "2", "3.5"]}
    frame = {**base, "CNSR": ["1", "0", "2"], **columns}
    return pd.DataFrame({k: v for k, v in frame.items() if v}, dtype=object).assign(row=[2, 3, 4])


def test_every_column_and_line_of_the_parameter_is_kept():
    found = adam.endpoint(adtte(ADT=["a", "b", "c"]), "OS")
    assert found[["USUBJID", "ADT", "row"]].values.tolist() == [["P1", "b", 3], ["P2", "c", 4]]
    assert found.index.tolist() == [0, 1]
    assert found[["OS.days", "OS.event"]].values.tolist() == [["2", "1"], ["3.5", "0"]]


@pytest.mark.parametrize(
    ("columns", "days"),
    [
        ({}, ["2", "3.5"]),
        ({"AVALU": ["", "Day", "DAYS"]}, ["2", "3.5"]),
        ({"AVALU": ["", "WEEKS", "weeks"]}, ["14.0", "24.5"]),
        ({"AVALU": ["", "YEARS", ""]}, ["730.5", "3.5"]),
        ({"AVALU": ["", "HOURS", ""], "AVAL": ["", "36", "1"]}, ["1.5", "1"]),
        ({"PARAM": 3 * ["Survival (ITT)"]}, ["2", "3.5"]),
        ({"PARAM": ["", "Survival (Months)", "Survival (all causes) (months) "]}, ["60.875", "106.53125"]),
        ({"AVALU": ["", "DAYS", "DAYS"], "PARAM": 3 * ["Survival (months)"]}, ["2", "3.5"]),
        ({"AVAL": ["", "", "7"], "AVALU": 3 * ["MONTHS"]}, ["", "213.0625"]),
    ],
)
def test_units(columns, days):
    assert adam.endpoint(adtte(**columns), "OS")["OS.days"].tolist() == days


def test_an_unknown_event_stays_unknown():
    assert adam.endpoint(adtte(CNSR=["", "", "0"]), "OS")["OS.event"].tolist() == ["", "1"]


@pytest.mark.parametrize(
    ("columns", "parameter", "expected"),
    [
        ({}, "OSS", "column PARAMCD: has no parameter 'OSS'. Did you mean 'OS'?"),
        (
            {"CNSR": None},
            "OS",
            "column CNSR: is missing. It must be an ADTTE dataset; remove `parameter:` if it is not.",
        ),
        (
            {"CNSR": ["0", "0", "N"]},
            "OS",
            "row 4, column CNSR, value 'N': cannot be read. Correct the file.",
        ),
        (
            {"CNSR": ["0", "-1", "0"]},
            "OS",
            "row 3, column CNSR, value '-1': cannot be read. Correct the file.",
        ),
        (
            {"AVAL": ["1", "x", "3"], "AVALU": 3 * ["YEARS"]},
            "OS",
            "row 3, column AVAL, value 'x': cannot be read. Correct the file.",
        ),
        (
            {"AVALU": ["", "FORTNIGHTS", ""]},
            "OS",
            "row 3, column AVALU, value 'FORTNIGHTS': cannot be read. Known: HOUR, DAY, WEEK, MONTH, YEAR.",
        ),
    ],
)
def test_refused(columns, parameter, expected):
    with pytest.raises(RecohortError) as caught:
        adam.endpoint(adtte(**columns), parameter)
    assert str(caught.value) == expected
