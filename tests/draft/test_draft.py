"""Draft protocols: what a look at an extract finds, and that what it writes runs as it is."""

import gzip
import re
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.command import recohort
from support.paths import ROOT

from recohort import draft
from recohort.base.errors import RecohortError
from recohort.cohort import build as cohort
from recohort.draft import text
from recohort.draft.guess import guess
from recohort.draft.sniff import options
from recohort.draft.study import write
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config.yaml").write_text("studies:\n  - other\n\n# Coverage\nconfidence: 0.95\n")
    return tmp_path


def run(root, source, name="tiny"):
    """A study made by the script, and its cohort built as a run builds it."""
    write(name, str(source), root)
    made = studies.load({"studies": [name], "confidence": 0.95}, root / "data")[0][name]
    frame, refused = extract.assemble(made.protocol, list(made.files.values()), made.prepare)
    return made.protocol, cohort.build(frame, refused, made.protocol)


def drafted(root, rows, file="extract.csv"):
    source = root / file
    source.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return run(root, source)


def registry(n=40):
    """Forty patients: every third one dies."""
    yield "patient_id,sex,grade,age,dx_date,last_contact,vital_status,remark"
    for i in range(n):
        status = "dead" if i % 3 == 0 else "alive"
        sex, day = "fm"[i % 2], 1 + i % 28
        yield f"P{i:03d},{sex},{1 + i % 3},{40 + i},2015-03-{day:02d},{day:02d}/11/2019,{status},seen {i}"


# what each column is taken for


@pytest.mark.parametrize(
    ("texts", "entry"),
    [
        (["yes", "no"] * 5, {"type": "flag"}),
        (["1", "0", "0"] * 5, {"type": "flag", "positive": ["1"], "negative": ["0"]}),
        (["Y", "N", "yes", "yes"] * 5, {"type": "flag", "positive": ["yes", "y"], "negative": ["n"]}),
        (["I", "III", "II"] * 5, {"type": "category", "levels": ["I", "II", "III"]}),
        (["10+", "2+"] * 5, {"type": "category", "levels": ["2+", "10+"]}),
        (["1", "2", "3"] * 10, {"type": "category", "levels": ["1", "2", "3"]}),
        (
            ["low", "low", "Low ", "high"] * 4,
            {"type": "category", "levels": ["low", "high"], "recode": {"Low": "low"}},
        ),
        (["2020-01-31"] * 4, {"type": "date", "formats": ["%Y-%m-%d"]}),
        (["31/01/2020", "2020-02-01"], {"type": "date", "formats": ["%Y-%m-%d", "%d/%m/%Y"]}),
        (["01/31/2020"] * 4, {"type": "date", "formats": ["%m/%d/%Y"]}),
        (["31-Jan-2020"] * 4, {"type": "date", "formats": ["%d-%b-%Y"]}),
        (["20200131"] * 4, {"type": "date", "formats": ["%Y%m%d"]}),
        (["1.5", "2.5", "33"], {"type": "number", "range": [0, 40]}),
        (["1,5", "2,5", "33"], {"type": "number", "decimal": ",", "range": [0, 40]}),
        (["1,5", "2.5", "33"], {"type": "number", "decimal": "either", "range": [0, 40]}),
        ([f"seen on day {i}" for i in range(30)], {"type": "text"}),
        (["", " "], {"type": "text"}),
    ],
)
def test_a_column_is_taken_for(texts, entry):
    assert guess("x", texts).entry == entry


def test_a_range_is_wider_than_the_values_so_that_it_tells_no_patients():
    low, high = guess("x", [str(value) for value in range(20, 81)]).entry["range"]
    assert low < 20 and high > 80


@pytest.mark.parametrize(
    ("texts", "words", "codes"),
    [
        (["NA", "a", "b", "[Not Available]", "Unknown"], {"NA", "[Not Available]", "Unknown"}, set()),
        (["1", "2", "3", "9"], set(), {"9"}),
        ([str(age) for age in range(30, 90)] + ["999"], set(), {"999"}),
        ([str(age) for age in range(30, 99)] + ["99"], set(), set()),
        (["0.5", "2", "-9"], set(), {"-9"}),
        (["-3.5", "2", "-9"], set(), set()),
        (["yes", "no", "9"], set(), {"9"}),
        (["-", "yes"], {"-"}, set()),
        (["-", "+", "++"], set(), set()),
        (["9"], set(), set()),
    ],
)
def test_codes_for_missing_are_those_apart_from_the_values(texts, words, codes):
    found = guess("x", texts)
    assert (set(found.words), set(found.codes)) == (words, codes)
    assert set(found.values) == set(texts) - words - codes


def said(texts, column="x"):
    found = guess(column, texts)
    return " ".join([*found.notes, *found.assumptions])


def test_what_is_odd_about_a_column_is_said():
    assert "written with the day before month" in said(["01/02/2020", "03/04/2020"])
    assert "opposite of %d/%m/%Y" in said(["31/01/2020"] * 9 + ["01/31/2020"])
    assert "two digits" in said(["31/12/99"] * 3)
    assert "not plausible" in said(["2020-01-01"] * 9 + ["1020-01-01"])
    assert "mixed" in said(["1,5", "2.5"])
    assert "thousands" in said(["1,500", "22,500"])
    assert "outside 0 to 120" in said([str(age) for age in range(30, 90)] + ["430"], "age")
    assert "below 0" in said([f"{i / 2}" for i in range(100)] + ["-4.5"])
    assert "far from the others" in said([f"{i / 2}" for i in range(100)] + ["4000.5"])
    assert "case or spaces" in said(["low", "low", "Low", "high"] * 2)
    assert "same in every row" in said(["low"] * 20)
    assert "fewer than 8" in said(["low"] * 20 + ["hgih"])
    assert "numbers and words" in said(["0", "dead"] * 20)
    assert not said([f"{i / 2}" for i in range(100)])


# how a file is read


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"id,x\n1,2\n", {}),
        (b"id;x\n1;2,5\n2;2,5\n", {"separator": ";"}),
        (b"id\tx\n1\t2\n", {"separator": "\t"}),
        ("id,x\n1,Zürich\n".encode("cp1252"), {"encoding": "cp1252"}),
        (b"id,x\n1,\x81\n", {"encoding": "latin-1"}),
        ("id,x\n1,Zürich\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("\ufeffid,x\n1,Zürich\n".encode(), {}),
        (b"#made by\n#x\nid,x\n1,2\n", {"skip_rows": 2}),
        (b"Export of today\n\nid,x\n1,2\n3,4\n5,6\n", {"skip_rows": 2}),
        (b"id,x,y\nID,X,Y\nCDE:1,CDE:2,CDE:3\n1,2,3\n", {"skip_after_header": 2}),
    ],
)
@pytest.mark.parametrize("is_compressed", [False, True])
def test_how_a_text_file_is_read(tmp_path, content, expected, is_compressed):
    path = tmp_path / ("x.csv.gz" if is_compressed else "x.csv")
    path.write_bytes(gzip.compress(content) if is_compressed else content)
    assert options(path) == expected


def test_how_other_files_are_read(tmp_path):
    (tmp_path / "x.tsv").write_bytes(b"id\tx\n1\t2,5\n")
    assert options(tmp_path / "x.tsv") == {}
    assert options(tmp_path / "x.sav") == {}
    (tmp_path / "x.csv.gz").write_bytes(b"no gzip")
    assert options(tmp_path / "x.csv.gz") == {}


# the protocol


def test_a_draft_states_what_it_found_and_runs(root):
    plan, built = drafted(root, registry())
    assert plan.extract["id"] == "patient_id"
    assert {name: v.type for name, v in plan.codebook.items()} == {
        **{"sex": "category", "grade": "category", "age": "number", "dx_date": "date"},
        **{"last_contact": "date", "vital_status": "category"},
    }
    assert plan.codebook["last_contact"].formats == ("%d/%m/%Y",)
    os = plan.endpoints["os"]
    assert (os.start, os.end, os.event) == ("dx_date", "last_contact", ("vital_status", "dead"))
    assert plan.analyses["table1"].options["variables"] == ["sex", "grade", "age", "vital_status"]
    assert plan.analyses["os_curve"].kind == "curves"
    assert any("runs from dx_date to last_contact" in sentence for sentence in plan.assumptions)
    assert len(built.patients) == 40
    assert built.patients["os_event"].sum() == 14


def test_no_patient_is_in_a_draft(root):
    rows = list(registry())
    drafted(root, [*rows, "P040,x,7,41.25,2011-01-02,03/11/2019,alive,=remark"])
    content = (root / "data" / "tiny" / "study.yaml").read_text()
    cells = {cell for row in rows[1:] for i, cell in enumerate(row.split(",")) if i in (0, 4, 5, 7)}
    assert not [cell for cell in {*cells, "41.25", "=remark"} if cell in content]
    counts = re.findall(r"(?:known;? |[fmx] )(\S+?)[,;\n]", content)
    assert "<8" in counts and not {str(n) for n in range(1, 8)} & set(counts)


@pytest.mark.parametrize(
    ("n", "told"), [(0, "0"), (1, "<8"), (7, "<8"), (8, "10"), (13, "15"), (1002, "1000")]
)
def test_counts_are_rounded_and_small_ones_not_told(n, told):
    assert text.about(n) == told


def test_a_time_and_a_status_are_an_endpoint(root):
    rows = ["id,os_months,os_status,dfs_days,dfs_event"]
    rows += [f"{i},{i}.5,{'1:DECEASED' if i % 2 else '0:LIVING'},{i * 30},{i % 2}" for i in range(1, 41)]
    plan, built = drafted(root, rows)
    assert plan.endpoints["os"].time == "os_months"
    assert plan.endpoints["os"].event == ("os_status", "1:DECEASED")
    # dfs_event is a variable, so the endpoint's own column of events needs another name
    assert plan.endpoints["dfs_endpoint"].event == ("dfs_event", "yes")
    assert built.patients["os_event"].sum() == 20


def test_a_time_too_long_for_months_and_an_event_in_several_spellings(root):
    rows = ["id,time,status"]
    rows += [f"{i},{i * 100},{['dead', 'deceduta', 'alive', 'viva'][i % 4]}" for i in range(40)]
    plan, built = drafted(root, rows)
    assert plan.codebook["time"].unit == "days"
    assert plan.codebook["status"].recode == {"deceduta": "dead"}
    assert built.patients["os_event"].sum() == 20
    assert any("time is in days: it is too long for months" in sentence for sentence in plan.assumptions)


def test_follow_up_that_runs_backwards_is_no_endpoint(root):
    rows = [row.replace("2015-", "2023-") for row in registry()]
    assert drafted(root, rows)[0].endpoints == {}


def test_cells_that_cannot_be_read_are_set_to_missing_and_said(root):
    rows = list(registry())
    rows[1] = rows[1].replace(",40,", ",forty,")
    plan, built = drafted(root, rows)
    assert plan.codebook["age"].unreadable == "missing"
    assert len(built.patients) == 40 and built.patients["age"].isna().sum() == 1
    assert "<8 cells are set to missing: not a number" in (root / "data/tiny/study.yaml").read_text()


def test_rows_without_an_identifier_are_numbered(root):
    plan, built = drafted(root, ["sex,age", *(f"{'fm'[i % 2]},{i}.5" for i in range(20))])
    assert plan.extract["prepare"] == "prepare.py"
    assert built.patients["id"].tolist() == [f"row-{line}" for line in range(2, 22)]


def test_rows_of_one_identifier_are_left_for_the_quarantine_if_they_are_few(root):
    rows = list(registry())
    plan, built = drafted(root, [*rows, rows[1].replace(",f,", ",m,")])
    assert plan.extract["id"] == "patient_id"
    assert len(built.patients) == 39 and len(built.quarantine) == 2


def test_columns_get_names_of_their_own(root):
    rows = ["id,Age,AGE,2nd,row no,not,Größe", *(f"{i}," + ",".join([f"{i}.5"] * 6) for i in range(20))]
    plan, _ = drafted(root, rows)
    assert {name: v.column for name, v in plan.codebook.items()} == {
        **{"age": "Age", "age_2": "AGE", "v_2nd": "2nd", "row_no": "row no", "v_not": "not"},
        "grosse": "Größe",
    }


# the files it makes


def test_the_extract_is_copied_to_raw_and_the_study_enlisted(root):
    drafted(root, registry())
    assert (root / "data/tiny/raw/extract.csv").read_bytes() == (root / "extract.csv").read_bytes()
    expected = "studies:\n  - other\n  - tiny\n\n# Coverage\nconfidence: 0.95\n"
    assert (root / "config.yaml").read_text() == expected


def test_an_extract_in_the_study_s_folder_stays_there(root):
    folder = root / "data" / "tiny"
    folder.mkdir(parents=True)
    drafted(folder.parent.parent, registry(), file="data/tiny/extract.csv")
    assert sorted(path.name for path in folder.iterdir()) == ["extract.csv", "raw", "study.yaml"]
    assert [path.name for path in (folder / "raw").iterdir()] == ["draft.md"]


def test_a_list_of_studies_written_otherwise_is_left_to_the_user(root):
    (root / "config.yaml").write_text("studies: [other]\nconfidence: 0.95\n")
    (root / "extract.csv").write_text("\n".join(registry()))
    assert write("tiny", str(root / "extract.csv"), root) == "Add tiny to `studies` in config.yaml."
    assert (root / "config.yaml").read_text() == "studies: [other]\nconfidence: 0.95\n"
    (root / "config.yaml").write_text("studies: [other, again]\nconfidence: 0.95\n")
    assert write("again", str(root / "extract.csv"), root) == "It is in config.yaml already."


@pytest.mark.parametrize(
    ("name", "source", "problem"),
    [
        ("", "extract.csv", "NAME and EXTRACT are needed"),
        ("tiny", "", "NAME and EXTRACT are needed"),
        ("../tiny", "extract.csv", "cannot be the name"),
        ("tiny", "absent.csv", "is not a file"),
        ("tiny", "data", "is not a file"),
        ("tiny", "config.yaml", "suffix '.yaml' is not known"),
        ("tiny", "empty.csv", "is empty"),
        ("there", "extract.csv", "is not overwritten"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(root, name, source, problem):
    (root / "extract.csv").write_text("\n".join(registry()))
    (root / "empty.csv").touch()
    (root / "data/there").mkdir(parents=True)
    (root / "data/there/study.yaml").write_text("mine")
    with pytest.raises(RecohortError, match=re.escape(problem)):
        write(name, str(root / source) if source else "", root)
    assert (root / "data/there/study.yaml").read_text() == "mine"
    assert [path.name for path in (root / "data").iterdir()] == ["there"]


def test_the_command_line_says_it_in_one_line(root):
    ran = recohort("study", "", "", cwd=root)
    assert ran.returncode == 1
    assert ran.stderr.startswith("ERROR  NAME and EXTRACT are needed") and ran.stderr.count("\n") == 1


def test_a_draft_runs_through_the_workflow(root):
    """Cohort, curves, tables, figures and report of a study made a moment ago."""
    for name in ("Snakefile", "workflow"):
        (root / name).symlink_to(ROOT / name)
    (root / "config.yaml").write_text("studies:\n  - tiny\nconfidence: 0.95\ncertificate: false\n")
    (root / "extract.csv").write_text("\n".join(registry()))
    made = recohort("study", "tiny", "extract.csv", cwd=root)
    assert "data/tiny/study.yaml is a draft" in made.stdout
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert (root / "results" / "tiny" / "figures" / "os_curve.svg").is_file()
    assert "Draft of tiny" in (root / "results" / "report.html").read_text()


# on what there is, and on what could be


@pytest.mark.parametrize(
    "source",
    sorted([*ROOT.glob("data/*/extract.csv"), *ROOT.glob("tests/extracts/patients.*")], key=str),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_the_draft_of_every_extract_here_runs(root, source):
    _, built = run(root, source)
    assert len(built.patients) >= 0.9 * built.attrition["n_left"].max()


CELL = st.one_of(
    st.sampled_from(
        ["", "NA", "-", "+", "yes", "no", "0", "1", "9", "1,5", "-9", "1e400", "31/01/2020", "5/6/19"]
    ),
    st.sampled_from(
        ["null", "[x]", "a: b", "# c", "a'b", "{", "%", "0x1", "1_000", "Dead", "dead", "٣", "1e308"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters='\r\n,"\0'), max_size=6),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_draft_of_any_extract_is_a_protocol_that_reads_it(tmp_path_factory, data):
    n_columns = data.draw(st.integers(1, 4))
    header = data.draw(st.lists(CELL.filter(str.strip), min_size=n_columns, max_size=n_columns))
    rows = data.draw(st.lists(st.lists(CELL, min_size=n_columns, max_size=n_columns), min_size=1, max_size=6))
    repeats = data.draw(st.integers(1, 12))
    frame = pd.DataFrame(rows * repeats, columns=header, dtype=object)
    frame["row"] = range(2, len(frame) + 2)
    if not frame.columns.is_unique:
        return
    made = draft.draft(frame, "any", {"raw": "any.csv"})
    path = tmp_path_factory.mktemp("any") / "study.yaml"
    path.write_text(made.content, encoding="utf-8")
    plan = protocol.read(path)
    if made.id_column is None:
        frame[plan.extract["id"]] = frame["row"].astype(str)
    try:
        built = cohort.build(frame, [], plan)
    except RecohortError as error:
        assert "every row is in the quarantine" in str(error)
    else:
        assert len(built.patients) <= len(frame)
