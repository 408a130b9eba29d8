"""A REDCap export with its dictionary, both in tests/extracts, written by hand after REDCap's own files."""

import numpy as np
import pandas as pd
import pytest
from support import protocols
from support.paths import EXTRACTS

from recohort.base.errors import RecohortError
from recohort.extract import redcap

EXPORT = (EXTRACTS / "redcap.csv").read_text(encoding="utf-8")
DICTIONARY = (EXTRACTS / "redcap_dictionary.csv").read_text(encoding="utf-8")
FIELDS = redcap.dictionary(EXTRACTS / "redcap_dictionary.csv", protocols.file({}))

REGISTRY = {"path": "redcap.csv", "dictionary": "dictionary.csv"}
BIOPSIES = {**REGISTRY, "instrument": "biopsy"}
PATIENT = {
    "her2_ihc": {"type": "category", "missing": ["Unknown"], "label": "HER2 IHC"},
    "liver": {"column": "mets___2", "type": "flag", "label": "Liver"},
    "none": {"column": "mets____1", "type": "flag", "label": "No metastasis"},
    "menopause": {"type": "flag", "label": "Postmenopausal"},
    "status": {"column": "baseline_complete", "type": "category", "missing": ["Unverified"], "label": "Form"},
}
PREPARE = """
def prepare(frames):
    biopsies = frames["biopsies"]
    return biopsies.assign(unit=biopsies["record_id"] + "/" + biopsies["redcap_repeat_instance"])
"""


@pytest.fixture
def load(study):
    def load_from(codebook, files, dictionary=DICTIONARY, export=EXPORT, **section):
        section = {"files": files, "id": "record_id", **section}
        more = {"dictionary.csv": dictionary}
        return study(export, codebook, file="redcap.csv", more=more, extract=section)

    return load_from


def test_choices_are_levels_in_their_order_and_boxes_are_flags(load):
    patients = load(PATIENT, {"registry": REGISTRY}).build().patients
    assert patients["id"].tolist() == ["1", "2", "3", "4"]
    # the dictionary's order, not the alphabet's; Unknown means missing
    assert patients["her2_ihc"].cat.categories.tolist() == ["3+", "2+, equivocal"]
    assert patients["her2_ihc"].astype(object).tolist() == ["3+", "2+, equivocal", np.nan, "2+, equivocal"]
    assert patients["liver"].tolist() == ["no", "yes", "no", "yes"]
    assert patients["none"].tolist() == ["no", "no", "yes", "no"]
    assert patients["menopause"].astype(object).tolist() == ["yes", np.nan, "no", "yes"]
    assert patients["status"].tolist() == ["Complete", "Complete", "Incomplete", "Complete"]


def test_codes_as_declared(load):
    codebook = {
        "her2_ihc": {"type": "category", "recode": {"9": None, "2": "2+"}, "label": "HER2 IHC"},
        "sex": {"type": "category", "levels": ["2", "1"], "label": "Sex"},
    }
    patients = load(codebook, {"registry": {**REGISTRY, "values": "codes"}}).build().patients
    assert patients["her2_ihc"].cat.categories.tolist() == ["3", "2+"]
    assert patients["sex"].cat.categories.tolist() == ["2", "1"]
    assert patients["sex"].tolist() == ["1", "2", "1", "1"]


def test_an_instrument_that_repeats_has_rows_of_its_own_joined_by_the_record(load):
    codebook = {
        "site": {"type": "category", "label": "Site"},
        "ki67": {"type": "number", "label": "Ki-67"},
        "pr": {"column": "markers___pr", "type": "flag", "label": "PR done"},
        "sex": {"type": "category", "label": "Sex"},
    }
    joins = [{"file": "registry", "on": "record_id", "how": "many-to-one"}]
    written = load(
        codebook, {"biopsies": BIOPSIES, "registry": REGISTRY}, joins=joins, id="unit", prepare="prepare.py"
    )
    (written.folder / "prepare.py").write_text(PREPARE, encoding="utf-8")
    patients = written.build().patients
    assert patients["id"].tolist() == ["1/1", "1/2", "2/1"]
    assert patients["site"].tolist() == ["Breast", "Lymph node", "Breast"]
    assert patients["ki67"].tolist() == [35, 60, 12]
    # the form of the last has no box ticked and is not complete
    assert patients["pr"].astype(object).tolist() == ["yes", "no", np.nan]
    assert patients["sex"].tolist() == ["Female", "Female", "Male"]
    assert patients["row"].tolist() == [3, 4, 6]


def test_levels_of_a_joined_project_beside_another_one_and_a_plain_file(study):
    other = "".join(line for line in DICTIONARY.splitlines(keepends=True) if not line.startswith("sex,"))
    files = {
        "laboratory": "laboratory.csv",
        "registry": REGISTRY,
        "trial": {"path": "trial.csv", "dictionary": "other.csv"},
    }
    more = {
        "laboratory.csv": "record_id,sex\n1,f\n2,m\n",
        "trial.csv": "record_id,note\n1,a\n2,b\n",
        "redcap.csv": EXPORT,
        "dictionary.csv": DICTIONARY,
        "other.csv": other,
    }
    joins = [{"file": name, "on": "record_id", "how": "one-to-one"} for name in ("registry", "trial")]
    codebook = {"sex": {"column": "registry.sex", "type": "category", "label": "Sex"}}
    section = {"files": files, "joins": joins, "id": "record_id"}
    patients = study("", codebook, more=more, extract=section).build().patients
    assert patients["sex"].tolist() == ["Female", "Male"]


UNUSED = DICTIONARY.replace("3, 3+ | 2, 2+, equivocal", "0, 0 | 3, 3+ | 2, 2+, equivocal | 1, 1+")


def test_choices_that_nobody_chose(load):
    built = load(PATIENT, {"registry": REGISTRY}, UNUSED).build()
    assert built.patients["her2_ihc"].cat.categories.tolist() == ["0", "3+", "2+, equivocal", "1+"]
    counts = built.patients["her2_ihc"].value_counts().to_dict()
    assert counts == {"0": 0, "3+": 1, "2+, equivocal": 2, "1+": 0}


def test_levels_that_the_protocol_writes_have_to_occur(load):
    codebook = {"her2_ihc": {**PATIENT["her2_ihc"], "levels": ["3+", "2+, equivocal", "1+"]}}
    with pytest.raises(RecohortError, match="the level '1\\+' of her2_ihc never occurs in the extract"):
        load(codebook, {"registry": REGISTRY}, UNUSED).build()


def test_levels_that_a_recode_makes_one():
    assert redcap.levels("her2_ihc", FIELDS, "codes", {"3": "2 or 3", "2": "2 or 3"}) == ["2 or 3", "9"]
    assert redcap.levels("record_id", FIELDS, "labels", {}) == []
    assert redcap.levels("elsewhere", FIELDS, "labels", {}) == []


def frame(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, dtype=object).assign(row=range(2, n + 2))


ROWS = {"record_id": ["1", "1"], redcap.INSTRUMENT: ["", "biopsy"], "site": ["", "ln"], "x": ["a", "b"]}


def test_each_instrument_has_its_own_columns():
    export = frame(**pd.read_csv(EXTRACTS / "redcap.csv", dtype=str, keep_default_na=False).to_dict("list"))
    every = ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance"]
    boxes = ["mets___1", "mets___2", "mets____1"]
    base = redcap.part(export, FIELDS, "", "labels")
    assert base.columns.tolist() == [
        *(*every, "sex", "her2_ihc", *boxes, "menopause", "note", "baseline_complete", "row")
    ]
    assert (base.index.tolist(), base["row"].tolist()) == ([0, 1, 2, 3], [2, 5, 7, 8])
    biopsies = redcap.part(export, FIELDS, "biopsy", "labels")
    assert biopsies.columns.tolist() == [
        *(*every, "site", "ki67", "markers___er", "markers___pr", "biopsy_complete", "row")
    ]
    assert (biopsies.index.tolist(), biopsies["row"].tolist()) == ([0, 1, 2], [3, 4, 6])


def test_columns_that_the_dictionary_does_not_have_are_kept():
    assert redcap.part(frame(**ROWS), FIELDS, "", "labels").columns.tolist() == [
        "record_id",
        redcap.INSTRUMENT,
        "x",
        "row",
    ]


def test_an_export_without_repeated_instruments_and_a_code_without_a_choice():
    found = redcap.part(frame(record_id=["1", "2"], site=["br", "zz"]), FIELDS, "", "labels")
    assert found["site"].tolist() == ["Breast", "zz"]


@pytest.mark.parametrize(
    ("columns", "instrument", "expected"),
    [
        (
            ROWS,
            "biopsie",
            "column redcap_repeat_instrument: has no rows of instrument 'biopsie'. Did you mean 'biopsy'?",
        ),
        (
            {"record_id": ["1"]},
            "biopsy",
            "column redcap_repeat_instrument: is missing."
            " Export the repeated instruments too, or remove `instrument:` of this file.",
        ),
        (
            {**ROWS, "site": ["br", "ln"]},
            "",
            "row 2, column site, value 'br': belongs to instrument 'biopsy', which this row is not of."
            " Export the file again, with the dictionary of the same day.",
        ),
    ],
)
def test_refused(columns, instrument, expected):
    with pytest.raises(RecohortError) as caught:
        redcap.part(frame(**columns), FIELDS, instrument, "labels")
    assert str(caught.value) == expected


def test_two_choices_of_one_label_are_told_apart_by_their_codes_only():
    fields = {**FIELDS, "site": redcap.Field("biopsy", "radio", {"1": "Breast", "2": "Breast"})}
    rows = frame(record_id=["1", "2"], site=["1", "2"])
    with pytest.raises(
        RecohortError, match="column site: two choices have the label 'Breast'. Set `values: cod"
    ):
        redcap.part(rows, fields, "", "labels")
    assert redcap.part(rows, fields, "", "codes")["site"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("dictionary", "expected"),
    [
        (
            "field,form\na,b\n",
            "column Variable / Field Name: is missing. Give a data dictionary as REDCap writes it.",
        ),
        (
            DICTIONARY + "a,b\n",
            "row 11: a row has too many or too few fields (2 where the header has 18). Correct the row.",
        ),
        (
            DICTIONARY.replace("1, Female | 2, Male", "Female | Male"),
            "row 3, column Choices, Calculations, OR Slider Labels, value 'Female | Male': a choice has no"
            " code. Write choices as `1, Yes | 2, No`.",
        ),
    ],
)
def test_a_dictionary_that_is_refused(load, tmp_path, dictionary, expected):
    with pytest.raises(RecohortError) as caught:
        load(PATIENT, {"registry": REGISTRY}, dictionary).load()
    assert str(caught.value) == f"study tiny, file {tmp_path}/tiny/dictionary.csv, {expected}"


def test_a_dictionary_is_an_input_of_the_study(load):
    loaded = load(PATIENT, {"registry": REGISTRY}).load()
    assert loaded.dictionaries == [loaded.folder / "dictionary.csv"]


# the forms of 7 patients: none, two empty, one unverified, one complete, one ticked, one complete and ticked
STATUS = ["", "0", "0", "1", "2", "0", "2"]
TICKED = ["", "0", "0", " 0 ", "0", "1", "1"]
SAYS_NOTHING = ["", "", "", "", "0", "0", "0"]


def boxes(values=STATUS):
    ids = [str(i) for i in range(7)]
    columns = {"mets___1": TICKED, "mets___2": ["0"] * 7, "mets____1": [*["0"] * 6, ""]}
    return frame(record_id=ids, **columns, **({"baseline_complete": values} if values else {}))


@pytest.mark.parametrize("status", [STATUS, [redcap.COMPLETE.get(code, "") for code in STATUS]])
def test_boxes_of_a_form_that_nobody_filled_are_unknown(status):
    found, unknown = redcap.unanswered(boxes(values=status), FIELDS, "registry")
    assert found["mets___1"].tolist() == ["", "", "", "", "0", "1", "1"]
    assert found["mets___2"].tolist() == SAYS_NOTHING
    assert found["mets____1"].tolist() == ["", "", "", "", "0", "0", ""]
    # each cell that lost its text has a place in the ledger
    assert [(row.row, row.detail) for row in unknown] == [
        *((row, "mets___1") for row in (3, 4, 5)),
        *((row, column) for column in ("mets___2", "mets____1") for row in (2, 3, 4, 5)),
    ]
    assert {row[1:2] + row[3:] for row in unknown} == {(redcap.UNANSWERED, "0", "registry")}


def test_boxes_without_a_column_that_says_whether_the_form_is_complete():
    with pytest.raises(
        RecohortError, match="column baseline_complete: is missing: whether a box that is not"
    ):
        redcap.unanswered(boxes(values=None), FIELDS, "registry")
    # nothing is to be told where each patient has a box ticked, or none has a 0
    for text in ("1", ""):
        rows = frame(record_id=["1", "2"], mets___1=[text, text])
        assert redcap.unanswered(rows, FIELDS, "registry")[1] == []


def test_columns_that_only_look_like_boxes():
    rows = frame(record_id=["1"], other___1=["0"], sex=["0"], baseline_complete=["0"])
    found, unknown = redcap.unanswered(rows, FIELDS, "registry")
    assert (found.equals(rows), unknown) == (True, [])


@pytest.mark.parametrize("values", ["labels", "codes"])
def test_forms_that_nobody_filled_through_the_doors(load, values):
    # 20 patients with the form, 10 of them with the box ticked, and 20 without it: 10 of 20, not 10 of 40
    rows = [f"{i},{int(i <= 10)},0,{2 if i <= 20 else 0}" for i in range(1, 41)]
    export = "\n".join(["record_id,mets___1,mets___2,baseline_complete", *rows]) + "\n"
    codebook = {"bone": {"column": "mets___1", "type": "flag", "label": "Bone"}}
    built = load(codebook, {"registry": {**REGISTRY, "values": values}}, export=export).build()
    assert built.patients["bone"].value_counts(dropna=False).to_dict() == {np.nan: 20, "yes": 10, "no": 10}
    of_file = built.ledger[built.ledger["variable"] == "registry"]
    assert sorted(set(of_file["column"])) == ["mets___1", "mets___2"]
    assert built.cleaning[built.cleaning["rule"] == redcap.UNANSWERED]["n"].tolist() == [20, 20]
    assert len(built.quarantine) == 0


def test_a_choice_without_a_label_is_its_code(tmp_path):
    text = DICTIONARY.replace("br, Breast", "br,")
    (tmp_path / "dictionary.csv").write_text(text, encoding="utf-8")
    fields = redcap.dictionary(tmp_path / "dictionary.csv", protocols.file({}))
    assert redcap.levels("site", fields, "labels", {}) == ["br", "Lymph node"]
    found = redcap.part(frame(record_id=["1", "2"], site=["br", "ln"]), fields, "", "labels")
    assert found["site"].tolist() == ["br", "Lymph node"]


def test_an_instrument_needs_a_dictionary(load):
    with pytest.raises(RecohortError, match="'dictionary' is a dependency of 'instrument'"):
        load(PATIENT, {"registry": {"path": "redcap.csv", "instrument": "biopsy"}}).load()
