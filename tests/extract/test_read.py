"""Files found, read as text and made one row per unit."""

import gzip
from pathlib import Path

import openpyxl
import pytest
from support import protocols

from recohort.base.errors import RecohortError
from recohort.extract import read as extract


def message(call, *args):
    with pytest.raises(RecohortError) as caught:
        call(*args)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "extract.csv").write_text("id,age\n1,50\n")
    return tmp_path / "tiny"


def test_locate_beside_the_protocol(folder):
    assert extract.locate({"path": "extract.csv"}, folder, []) == folder / "extract.csv"
    assert extract.locate({"path": "./extract.csv"}, folder, []) == folder / "extract.csv"


def test_locate_in_a_package_without_importing_it(folder):
    path = extract.locate({"package": "lifelines", "path": "datasets/gbsg2.csv"}, folder, [])
    assert path.name == "gbsg2.csv"
    assert len(path.read_text().splitlines()) == 687  # a header and 686 women


def test_locate_raw_in_the_first_folder_that_has_it(folder, tmp_path):
    for name in ("b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "raw.txt").write_text("x")
    places = [tmp_path / name for name in "abc"]
    assert extract.locate({"raw": "raw.txt"}, folder, places) == tmp_path / "b" / "raw.txt"


def test_a_raw_file_that_is_nowhere_is_told_apart_from_a_mistake(folder):
    with pytest.raises(extract.RawFileAbsent, match="study tiny: raw.txt is not in x or y"):
        extract.locate({"raw": "raw.txt"}, folder, [Path("x"), Path("y")])


def test_a_missing_file_with_the_nearest_name(folder):
    assert message(extract.locate, {"path": "extrct.csv"}, folder, []) == (
        f"study tiny, file {folder}/extrct.csv: does not exist. Did you mean 'extract.csv'?"
    )


# sys has no folder, and its files would be looked for where the command was given
@pytest.mark.parametrize("package", ["no_such_package", "sys"])
def test_a_missing_package(folder, package):
    assert message(extract.locate, {"package": package, "path": "a.csv"}, folder, []) == (
        f"study tiny: the package {package!r} is not installed. Correct its name, or install it."
    )


@pytest.mark.parametrize(
    "path", ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "../tiny2/extract.csv"]
)
@pytest.mark.parametrize("key", ["path", "raw"])
def test_a_path_that_leaves_its_folder(folder, path, key):
    (folder.parent / "secret.csv").write_text("id\n1\n")
    assert message(extract.locate, {key: path}, folder, [folder]) == (
        f"study tiny: {path!r} leaves the folder {folder}. Put the file inside the study's folder."
    )


@pytest.mark.parametrize("key", ["path", "raw"])
def test_a_link_that_leaves_its_folder(folder, tmp_path, key):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("id,age\n1,50\n")
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere" / "a.csv")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    for path in ("link.csv", "linked/a.csv"):
        assert message(extract.locate, {key: path}, folder, [folder]) == (
            f"study tiny: {path!r} leaves the folder {folder}. Put the file inside the study's folder."
        )


@pytest.mark.parametrize("key", ["path", "raw"])
def test_a_name_that_no_file_can_have(folder, key):
    assert "'a\\x00.csv' is no path" in message(extract.locate, {key: "a\0.csv"}, folder, [folder])
    expected = "does not exist" if key == "path" else "is not in"
    assert expected in message(extract.locate, {key: "a" * 300}, folder, [folder])


def test_links_inside_the_folder_and_to_the_folder_are_followed(folder, tmp_path):
    (folder / "newest.csv").symlink_to(folder / "extract.csv")
    (tmp_path / "raw").symlink_to(folder)
    assert extract.locate({"path": "newest.csv"}, folder, []) == folder / "newest.csv"
    assert extract.locate({"raw": "extract.csv"}, folder, [tmp_path / "raw"]) == tmp_path / "raw/extract.csv"


def test_declared_rows(folder):
    (folder / "extract.csv").write_text("id,age\n1,50\n2\n3,70\n")
    path = folder / "extract.csv"
    assert (
        len(extract.read(path, protocols.file({"path": "extract.csv", "rows": 3}))[0]) == 2
    )  # and one is ragged
    assert message(extract.read, path, protocols.file({"path": "extract.csv", "rows": 4}), "tiny") == (
        f"study tiny, file {path}: has 3 rows, not the 4 that the protocol says. Export or copy it again."
    )


def test_names_are_trimmed_and_cells_are_not(folder):
    (folder / "extract.csv").write_text(" id ,age\n 007 ,\n")
    frame, refused = extract.read(folder / "extract.csv", protocols.file("extract.csv"))
    assert frame.to_dict("list") == {"id": [" 007 "], "age": [""], "row": [2]}
    assert refused == []


def test_text_stays_text_whatever_pandas_would_make_of_it(folder):
    (folder / "extract.csv").write_text("id,a\n007,NA\n8,None\n9,1.0\n10,nan\n")
    frame, _ = extract.read(folder / "extract.csv", protocols.file("extract.csv"))
    assert frame["a"].tolist() == ["NA", "None", "1.0", "nan"]
    assert frame["id"].tolist() == ["007", "8", "9", "10"]
    assert [type(text) for text in frame["id"]] == [str] * 4
    assert frame["row"].dtype == int


@pytest.mark.parametrize(
    ("name", "separator"), [("a.tsv", "\t"), ("a.txt", "\t"), ("a.CSV", ","), ("a.csv.gz", ",")]
)
def test_the_suffix_names_the_separator(folder, name, separator):
    content = f"id{separator}age\n1{separator}50\n".encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    frame, _ = extract.read(folder / name, protocols.file(name))
    assert frame.columns.tolist() == ["id", "age", "row"]
    assert extract.header(folder / name, protocols.file(name)) == ["id", "age"]


def test_nameless_empty_columns_beside_the_table_are_left_out(folder):
    (folder / "extract.csv").write_text("id,age,, \n1,50,, \n2,60,,\n")
    frame, refused = extract.read(folder / "extract.csv", protocols.file("extract.csv"))
    assert (frame.columns.tolist(), refused) == (["id", "age", "row"], [])
    assert extract.header(folder / "extract.csv", protocols.file("extract.csv")) == ["id", "age"]


def test_only_columns_that_are_wanted_are_kept(folder):
    path = folder / "extract.csv"
    path.write_text("id,note,age\n1,x,50\n")
    read = {
        wanted: extract.read(path, protocols.file("extract.csv"), wanted=set(wanted))[0]
        for wanted in (("id",), ("id", "AGE"))
    }
    assert read["id",].columns.tolist() == ["id", "row"]
    # one that is missing may be misspelt: the error shows what there is
    assert read["id", "AGE"].columns.tolist() == ["id", "note", "age", "row"]
    path.write_text("id,,age\n1,x,50\n")
    assert "is in a column without a name" in message(
        extract.read, path, protocols.file("extract.csv"), None, {"id"}
    )


def test_all_columns_of_joined_files_are_kept(study):
    files = {
        "files": {"registry": "extract.csv", "patients": "patients.csv"},
        "joins": [{"file": "patients", "on": "key", "how": "many-to-one"}],
    }
    loaded = study("id,key,age\n1,a,50\n", more={"patients.csv": "key,sex\na,f\n"}, extract=files).load()
    frame, _ = extract.assemble(loaded.protocol, list(loaded.files.values()), wanted={"id", "age"})
    assert frame.to_dict("list") == {"id": ["1"], "key": ["a"], "age": ["50"], "row": [2], "sex": ["f"]}


def test_a_file_may_have_any_name(study):
    made = study("id,age\n1,50\n", file="fields.csv", extract={"files": {"registry": "fields.csv"}})
    assert made.build().patients["age"].tolist() == [50]


def test_a_workbook_is_read_like_a_text_file(folder):
    book = openpyxl.Workbook()
    for row in (["id", " age ", None], ["007", 50, None], ["8", None, None]):
        book.active.append(row)
    book.save(folder / "a.xlsx")
    frame, _ = extract.read(folder / "a.xlsx", protocols.file("a.xlsx"))
    assert frame.to_dict("list") == {"id": ["007", "8"], "age": ["50", ""], "row": [2, 3]}
    assert extract.header(folder / "a.xlsx", protocols.file("a.xlsx")) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,age\n", "extract.csv: has a header but no rows. Export it again."),
        ("id,age\n\n , \n", "extract.csv: has a header but no rows. Export it again."),
        ("id,age\n1;50\n2;60\n",
         "extract.csv, row 2: no row can be used: a row has too many or too few fields (1 where the header "
         "has 2). "
         "Check the separator and the header."),
        ("id,age, id\n1,50,2\n", "extract.csv, row 1, column id: is in the header twice. Rename one of "
                                 "them."),
        ("id,row\n1,50\n",
         "extract.csv, row 1, column row: is a name that recohort keeps for line numbers. Rename the "
         "column."),
        (",id\n1,2\n",
         "extract.csv, row 2, value '1': is in a column without a name in the header. Name the column, or "
         "empty it."),
        ("id,age,\n1,50,\n2,60,x\n",
         "extract.csv, row 3, value 'x': is in a column without a name in the header. Name the column, or "
         "empty it."),
    ],
)  # fmt: skip
def test_refused(folder, text, expected):
    (folder / "extract.csv").write_text(text)
    path = folder / "extract.csv"
    assert (
        message(extract.read, path, protocols.file("extract.csv"), "tiny")
        == f"study tiny, file {folder}/{expected}"
    )


def test_an_unknown_suffix(folder):
    (folder / "a.pdf").write_text("x")
    assert message(extract.read, folder / "a.pdf", {**protocols.file("a.csv"), "path": "a.pdf"}, "tiny") == (
        f"study tiny, file {folder}/a.pdf: the suffix '.pdf' is not known."
        " Known: .csv, .tsv, .txt, .xlsx, .parquet, .sas7bdat, .xpt, .dta, .sav."
    )


@pytest.mark.parametrize(
    ("text", "encoding", "read"),
    [
        ("id||site||age\n1||Köln||50,5\n2||a|b||60\n", "utf-8", {"separator": "||"}),
        ("id~|~site~|~age\n1~|~Köln~|~50,5\n2~|~a|b~|~60\n", "cp1252", {"separator": "~|~"}),
        ("id;site;age\r\n1;Köln;50,5\r\n2;a|b;60\r\n", "utf-16", {"separator": ";"}),
        ("id|site|age\n1|Köln|50,5\n2|'a|b'|60\n", "latin-1", {"separator": "|", "quote": "'"}),
        ('id§site§age\n1§Köln§50,5\n2§"a|b"§60\n', "utf-8", {"separator": "§"}),
        ('id::site::age\n1::"Köln"::50,5\n2::"a|b"::60\n', "utf-8", {"separator": "::"}),
    ],
)
def test_separator_decimal_mark_encoding_and_quote_of_a_file(study, text, encoding, read):
    codebook = {
        "site": {"type": "text", "label": "Site"},
        "age": {"type": "number", "decimal": ",", "label": "Age"},
    }
    if encoding != "utf-8":
        read = {**read, "encoding": encoding}
    built = study(text.encode(encoding), codebook, read=read).build()
    assert built.patients[["id", "site", "age"]].values.tolist() == [["1", "Köln", 50.5], ["2", "a|b", 60.0]]


@pytest.mark.parametrize("separator", ["", '"', "|'", "\n", "|\r"])
def test_a_separator_that_cannot_be_one(study, separator):
    written = study("id,age\n1,50\n", read={"separator": separator})
    assert "key extract.files.registry" in message(written.protocol)


def test_a_ragged_row_in_a_joined_file_is_an_error(study, tmp_path):
    extract_ = {
        "files": {"registry": "extract.csv", "patients": "patients.csv"},
        "joins": [{"file": "patients", "on": "id", "how": "one-to-one"}],
    }
    loaded = study("id,age\n1,50\n", more={"patients.csv": "id,sex\n1,f\n2\n"}, extract=extract_).load()
    assert message(extract.assemble, loaded.protocol, list(loaded.files.values())) == (
        f"study tiny, file {tmp_path}/tiny/patients.csv, row 3: a row has too many or too few fields"
        " (1 where the header has 2). Correct the row."
    )


def test_rows_that_skip_where_marks_are_refused_with_what_they_say(folder):
    (folder / "extract.csv").write_text("id,age,sex\n1,50,f\n2,60,m\n Summe,110,\nSource: ward 3,,\n")
    entry = protocols.file(
        {"path": "extract.csv", "skip_where": {"id": ["Summe", "Source: ward 3", "never there"]}}
    )
    frame, refused = extract.read(folder / "extract.csv", entry, wanted={"age"})
    assert frame["age"].tolist() == ["50", "60"]
    assert [(row.row, row.reason) for row in refused] == [(4, extract.SKIPPED), (5, extract.SKIPPED)]
    assert "110" in extract.read(folder / "extract.csv", entry)[1][0].raw


def test_skip_where_that_cannot_be(folder):
    path = folder / "extract.csv"
    said = message(
        extract.read, path, protocols.file({"path": "extract.csv", "skip_where": {"iq": ["Summe"]}})
    )
    assert "column iq: is in `skip_where` and not in the header. Known: id, age." in said
    said = message(extract.read, path, protocols.file({"path": "extract.csv", "skip_where": {"id": ["1"]}}))
    assert "marks every row" in said


def test_marked_rows_of_a_joined_file_are_counted_and_stop_nothing(study):
    files = {
        "base": {"path": "extract.csv", "skip_where": {"id": ["Summe"]}},
        "labs": {"path": "labs.csv", "skip_where": {"id": ["Summe"]}},
    }
    joins = [{"file": "labs", "on": "id", "how": "one-to-one"}]
    text, labs = "id,age\n1,50\n2,60\nSumme,110\n", "id,hb\n1,9\n2,8\nSumme,17\n"
    made = study(text, more={"labs.csv": labs}, extract={"files": files, "joins": joins})
    built = made.build()
    assert built.patients["age"].tolist() == [50, 60]
    assert built.attrition["n_left"].max() == 3
    refused = extract.assemble(made.protocol(), list(made.load().files.values()))[1]
    assert [(row.row, row.file) for row in refused] == [(4, ""), (4, "labs")]
