"""The release: only what may leave, with a list of what and why; what tells of a single patient stops it."""

import hashlib
import json
import random
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from support import attack
from support.command import recohort
from support.disclosure import RULE
from support.exact_prints import exact_prints
from support.paths import ROOT
from support.released import rows
from support.workflow import snakemake

from recohort import release
from recohort.base import result_files
from recohort.base.errors import RecohortError
from recohort.release import folder as release_folder

N = 120


PROTOCOL = """
title: A tiny study
data: patient-level
extract: {files: {registry: extract.csv}, id: patient, missing: [NA]}
codebook:
  sex: {type: category, levels: [female, male], label: Sex}
  stage: {type: category, levels: [I, II], label: Stage}
  age: {type: number, label: Age}
  begin: {type: date, formats: ["%d/%m/%Y", "%Y-%m-%d"], range: [2010-01-01, 2030-12-31], label: First visit}
  end: {type: date, label: Last visit}
  died: {type: flag, label: Death}
  remark: {type: text, label: Remark}
endpoints: {os: {label: Survival, start: begin, end: end, event: {died: "yes"}, unit: months}}
cohort:
  - {step: Followed, keep: "begin < end"}
analyses:
  table1: {kind: summary, by: sex, variables: [stage, age, died]}
  stage_by_sex: {kind: logistic, outcome: {stage: II}, terms: [sex, age]}
  died_by_stage: {kind: proportions, outcome: {died: "yes"}, by: stage}
  os_curve: {kind: curves, endpoint: os, by: sex}
"""


def registry():
    """Rows of the tiny study: unmistakable ids and remarks, dates written in two ways."""
    random_ = random.Random(1)
    yield "patient,sex,stage,age,begin,end,died,remark"
    for i in range(N):
        begin = date(2012, 3, 1) + timedelta(days=random_.randrange(2000))
        end = begin + timedelta(days=random_.randrange(30, 1500))
        sex, stage = random_.choice(["female", "male"]), random_.choice(["I", "II"])
        remark = f"asked after her cat on visit {i}" if i % 4 else "none"
        died = random_.choice("yn")
        yield f"TN-{i:04d},{sex},{stage},{40 + i % 40},{begin:%d/%m/%Y},{end},{died},{remark}"
    # not in the cohort, and a secret all the same
    yield "TN-9999,male,I,50,2013-01-07,2013-01-07,n,Fletcher"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The project after a run of the tiny study."""
    folder = tmp_path_factory.mktemp("finished")
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copytree(ROOT / "workflow", folder / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "data" / "tiny").mkdir(parents=True)
    (folder / "data" / "tiny" / "study.yaml").write_text(PROTOCOL)
    (folder / "data" / "tiny" / "extract.csv").write_text("\n".join(registry()) + "\n")
    config = {**yaml.safe_load((ROOT / "config.yaml").read_text()), "studies": ["tiny"]}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def project(finished, tmp_path, monkeypatch):
    """A copy of it, in which we are."""
    folder = shutil.copytree(finished, tmp_path / "project", symlinks=True)
    monkeypatch.chdir(folder)
    return folder


def plant(path, old, new):
    """Change a result as if the run itself had made it so."""
    content = path.read_bytes()
    assert old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode(), 1))
    recorded(path)


def recorded(path):
    record = json.loads(Path("results/provenance.json").read_text())
    name = path.relative_to(Path.cwd()).as_posix()
    record["outputs"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    Path("results/provenance.json").write_text(json.dumps(record))


def refused():
    """The line that a release is refused with; nothing is left of it."""
    with pytest.raises(RecohortError) as refusal:
        release_folder.write("release")
    assert not list(Path().glob("release*"))
    line = str(refusal.value)
    assert "\n" not in line
    return line


def test_the_list_has_every_file_with_its_hash_and_why(project):
    n = release_folder.write("release")
    listed = rows("release/release.csv")
    files = {p.relative_to("release").as_posix() for p in Path("release").rglob("*") if p.is_file()}
    assert {row["file"] for row in listed} == files - {"release.csv"}
    assert n == len(files)
    for row in listed:
        assert row["sha256"] == hashlib.sha256(Path("release", row["file"]).read_bytes()).hexdigest()
        assert row["why"] and row["searched"]
        assert row["data"] == "patient-level"
        about_patients = row["file"] != "provenance.json"
        assert row["sensitivity"] == ("aggregate-controlled" if about_patients else "no-patient-data")
    kinds = {Path(name).suffix for name in files}
    assert {".csv", ".html", ".docx", ".svg", ".pdf", ".png", ".json"} == kinds


def test_nothing_of_a_patient_is_there(project):
    release_folder.write("release")
    files = {p.relative_to("release").as_posix() for p in Path("release").rglob("*") if p.is_file()}
    assert {name for name in files if "cohort" in name} == {
        "tiny/cohort/attrition.csv",
        "tiny/cohort/cleaning.csv",
    }
    assert not {name for name in files if Path(name).suffix in (".parquet", ".log")}
    # they are in the results
    assert Path("results/tiny/cohort/cohort.parquet").is_file() and Path("results/report.log").is_file()


def test_counts_leave_under_control(project):
    release_folder.write("release")
    counts = [row["n"] for row in rows("release/tiny/contingency/counts.csv")]
    assert any(counts) and all(int(n) % 5 == 0 and int(n) > 7 for n in counts if n)
    # the stage keeps them exact
    assert any(int(row["n"]) % 5 for row in rows("results/tiny/contingency/counts.csv"))


def test_every_printed_count_is_a_rounded_one(project):
    release_folder.write("release")
    assert exact_prints(project / "release") == {}
    assert attack.printed("<td>All (n = 1,121)</td> 12/35 <td>7 (20.0)") == [7, 12, 1121]


def test_a_study_whose_rows_are_public_leaves_exactly(project):
    plain = project / "data" / "tiny" / "study.yaml"
    plain.write_text(plain.read_text().replace("data: patient-level", "data: synthetic"))
    record = json.loads(Path("results/provenance.json").read_text())
    record["inputs"]["tiny: study.yaml"] = hashlib.sha256(plain.read_bytes()).hexdigest()
    Path("results/provenance.json").write_text(json.dumps(record))
    release_folder.write("release")
    for name in ("contingency/counts.csv", "survival/curves.csv", "cohort/attrition.csv", "certificate.csv"):
        assert Path("release/tiny", name).read_bytes() == Path("results/tiny", name).read_bytes()
    sensitivities = {row["sensitivity"] for row in rows("release/release.csv")}
    assert sensitivities == {"aggregate-exact", "no-patient-data"}
    assert {row["data"] for row in rows("release/release.csv")} == {"synthetic"}


PLANTED = [
    ("tiny/tables/table1.csv", "Stage", "TN-0007", "row 2: has an id of tiny"),
    ("tiny/tables/table1.csv", "Stage", "tn-9999", "row 2: has an id of tiny"),
    ("tiny/tables/table1.csv", "Stage", "Fletcher", "row 2: has a free text of tiny"),
    ("tiny/tables/table1.html", "Age", "of 2013-01-07", "has a date of tiny"),
    ("report.html", "<title>", "<title>asked after her cat on visit 3: ", "has a free text of tiny"),
    ("report.html", "</title>", "</title>\n<p>TN-0007</p>", "has an id of tiny"),
    ("tiny/tables/tables.json", "Stage", "TN-0007", "has an id of tiny"),
]


@pytest.mark.parametrize(("path", "old", "new", "said"), PLANTED)
def test_an_id_a_date_or_a_free_text_in_a_file_stops_the_release(project, path, old, new, said):
    plant(project / "results" / path, old, new)
    line = refused()
    assert line.startswith(f"file results/{path}, row ") and said in line
    # the line itself may end up in a public log
    assert new not in line


def test_a_date_as_written_in_a_figure_stops_the_release(project):
    written = next(registry_row for registry_row in list(registry())[1:]).split(",")[4]
    plant(project / "results" / "tiny" / "figures" / "flow.svg", "</title>", f" {written}</title>")
    assert "file results/tiny/figures/flow.svg, row " in (line := refused())
    assert "has a date of tiny" in line


def test_an_id_inside_a_document_stops_the_release(project):
    path = project / "results" / "tiny" / "tables" / "table1.docx"
    members = {}
    with zipfile.ZipFile(path) as document:
        members = {name: document.read(name) for name in document.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as document:
        for name, content in members.items():
            document.writestr(name, content.replace(b"Stage", b"TN-0007"))
    recorded(path)
    line = refused()
    assert line.startswith("file results/tiny/tables/table1.docx/word/document.xml, row ")
    assert "has an id of tiny" in line


def test_an_unknown_file_stops_the_release(project):
    (project / "results" / "tiny" / "listing.xlsx").write_bytes(b"")
    assert "file results/tiny/listing.xlsx: is not on the list of what may leave" in refused()


def test_a_file_that_the_run_did_not_make_stops_the_release(project):
    (project / "results" / "tiny" / "tables" / "more.csv").write_text("a\n")
    assert "file results/tiny/tables/more.csv: was not made by the last run" in refused()


STALE = [
    ("data/tiny/extract.csv", "input: tiny: extract file registry is not as it was then"),
    ("data/tiny/study.yaml", "input: tiny: study.yaml is not as it was then"),
    ("workflow/scripts/recohort/statistics/cox/fit.py", "code: edited since"),
    ("workflow/rules/tables.smk", "code: edited since"),
    ("results/report.html", "edited: results/report.html was changed after the run that made it"),
    ("results/tiny/tables/table1.csv", "edited: results/tiny/tables/table1.csv was changed"),
]


@pytest.mark.parametrize(("path", "said"), STALE)
def test_results_of_other_files_than_the_present_ones_stop_the_release(project, path, said):
    with (project / path).open("a") as file:
        file.write("\n")
    line = refused()
    assert said in line and line.endswith("Run `make results`, then try again.")


def test_an_edited_configuration_stops_the_release(project):
    config = yaml.safe_load(Path("config.yaml").read_text())
    Path("config.yaml").write_text(yaml.safe_dump({**config, "confidence": 0.9}))
    assert "config: confidence 0.95 then, 0.9 now" in refused()


def test_half_made_results_stop_the_release(project):
    (project / "results" / "tiny" / "tables" / "table1.csv").unlink()
    assert "missing: results/tiny/tables/table1.csv" in refused()
    (project / "results" / "provenance.json").unlink()
    assert refused() == "file results/provenance.json: does not exist. Run `make results` first."


def test_an_earlier_release_is_replaced_and_nothing_else_is(project):
    release_folder.write("release")
    before = {p: p.read_bytes() for p in Path("release").rglob("*") if p.is_file()}
    release_folder.write("release")
    assert {p: p.read_bytes() for p in Path("release").rglob("*") if p.is_file()} == before
    (project / "release" / "notes.txt").write_text("mine")
    with pytest.raises(RecohortError, match="notes.txt: is in the place of the release"):
        release_folder.write("release")
    assert {p for p in Path("release").rglob("*") if p.is_file()} == {*before, Path("release/notes.txt")}


@pytest.mark.parametrize("place", [".", "data", "config.yaml", "results"])
def test_a_place_with_other_content_is_left_alone(project, place):
    before = sorted(Path().rglob("*"))
    with pytest.raises(
        RecohortError, match="is in the place of the release and is no file of an earlier one"
    ):
        release_folder.write(place)
    assert sorted(Path().rglob("*")) == before


def test_from_the_command_line_a_refusal_is_one_line_and_status_1(project):
    (project / "results" / "tiny" / "listing.xlsx").write_bytes(b"")
    done = recohort("release", "release")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR  file results/tiny/listing.xlsx: ")


def test_patients_of_an_earlier_drop_are_looked_for_too(study, tmp_path):
    (tmp_path / "tiny" / "drops").mkdir(parents=True)
    drops = {"drops/2021-01-01.csv": "id,age\nTN-NEW-1,50\n", "drops/2020-01-01.csv": "id,age\nTN-OLD-1,50\n"}
    made = study(read={"path": "drops/{drop}.csv"}, more=drops)
    known = release_folder._known({"tiny": made.load()}, threshold=7)
    assert set(known.of_text) == {"tn-new-1", "tn-old-1"}


def test_provenance_leaves_without_what_confirms_a_guess():
    record = {
        "config": {"confidence": 0.95},
        "inputs": {
            "tiny: study.yaml": "1",
            "tiny: published.yaml": "2",
            "tiny: prepare.py": "3",
            "tiny: extract file registry": "4",
            "open: extract file registry": "5",
        },
        "outputs": {"results/tiny/contingency/counts.csv": "6"},
    }
    assert release.provenance(record, {"tiny": RULE, "open": None}) == {
        "config": {"confidence": 0.95},
        "inputs": {"tiny: study.yaml": "1", "tiny: published.yaml": "2", "open: extract file registry": "5"},
    }


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "tiny/listing.csv",
        "tiny/tables/table1.xlsx",
        "tiny/cohort/patients.csv",
        "a/tiny/tables/t.csv",
    ],
)
def test_a_file_that_nobody_decided_on_is_of_no_kind(path):
    assert result_files.of(path) is None


def test_what_is_exact_in_a_drop_stays_where_counts_are_controlled():
    rules = {"tiny": RULE, "open": None}
    assert release.leaves("open/drop/columns.csv", rules)
    assert not release.leaves("tiny/drop/columns.csv", rules)
    assert release.leaves("tiny/drop/drop.md", rules)
    assert not release.leaves("open/cohort/drop_cells.csv", rules)
