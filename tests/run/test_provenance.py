"""Provenance: everything that went in and came out, nothing of when, where and by whom; and `make verify`."""

import getpass
import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
from datetime import date
from importlib import metadata

import pytest
from support.paths import ROOT
from support.workflow import project, snakemake, would_run

from recohort.run import provenance, verify
from recohort.run.command_line import main


def git(folder, *arguments):
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    done = subprocess.run(["git", "-C", folder, *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "module.py").write_text("x = 1\n")
    git(folder, "add", "module.py")
    git(folder, "commit", "--quiet", "--message", "one")
    return folder


def test_a_digest_is_the_sha256_of_the_file(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    # FIPS 180-4, example of SHA-256
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert provenance.digest(tmp_path / "abc") == expected


def test_the_revision_is_the_commit_and_says_whether_a_file_was_edited(repository):
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "v1")
    assert provenance.revision(repository) == commit
    (repository / "module.py").write_text("x = 2\n")
    assert provenance.revision(repository) == f"{commit}-dirty"


def test_there_is_no_revision_without_git(repository, tmp_path, monkeypatch):
    assert provenance.revision(tmp_path) is None
    # unpacked inside a repository of something else
    (repository / "unpacked").mkdir()
    (repository / "unpacked" / "other.py").write_text("y = 1\n")
    assert provenance.revision(repository / "unpacked") is None
    monkeypatch.setenv("PATH", "")
    assert provenance.revision(repository) is None


def test_versions_are_those_of_every_package_that_the_numbers_depend_on():
    versions = provenance.versions()
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    for name in ("numpy", "pandas", "scipy", "lifelines", "snakemake", "recohort"):
        assert versions[name] == metadata.version(name)
    assert "pytest" not in versions


RUN = {
    "config": {"confidence": 0.95},
    "revision": "a",
    "code": "1",
    "versions": {"numpy": "2.1.0"},
    "inputs": {"tiny: study.yaml": "7"},
    "outputs": {},
}


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ({"config": {"confidence": 0.9}}, "config: confidence 0.95 then, 0.9 now"),
        ({"versions": {"numpy": "2.2.0"}}, "versions: numpy 2.1.0 then, 2.2.0 now"),
        ({"versions": {}}, "versions: numpy 2.1.0 then, absent now"),
        ({"inputs": {"tiny: study.yaml": "8"}}, "input: tiny: study.yaml is not as it was then"),
        ({"code": "2", "revision": "b"}, "code: edited since; revision a then, b now"),
    ],
)
def test_what_differs_between_two_runs_is_named(now, line):
    assert provenance.differences(RUN, {**RUN, **now}) == [line]


def test_another_commit_of_the_same_code_is_no_difference():
    assert provenance.differences(RUN, {**RUN, "revision": "b", "outputs": {"x": "1"}}) == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = project(tmp_path_factory.mktemp("finished"), "cher2")
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    return folder


def recorded(folder):
    return json.loads((folder / "results" / "provenance.json").read_text(encoding="utf-8"))


def test_every_file_that_is_no_patient_level_one_is_recorded_with_its_hash(finished):
    results = finished / "results"
    made = {path for path in results.rglob("*") if path.is_file() and not path.name.startswith(".")}
    cohort = results / "cher2" / "cohort"
    names = ("cohort.parquet", "ledger.csv", "quarantine.csv", "drop_cells.csv", "drop_patients.csv")
    kept = {cohort / name for name in names}
    # written after the record, which it may follow only if every gate passed
    last = {results / "provenance.json", results / "gates.txt"}
    shown = {path for path in made - kept - last if path.suffix != ".log"}
    assert recorded(finished)["outputs"] == {
        path.relative_to(finished).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in shown
    }
    assert kept < made and len(shown) > 20


def test_every_input_is_recorded_with_its_hash(finished):
    files = {
        "cher2: study.yaml": "study.yaml",
        "cher2: published.yaml": "published.yaml",
        "cher2: extract file ctc": "drops/2021-01-15.csv",
        "cher2: extract file ctc of 2020-09-01": "drops/2020-09-01.csv",
    }
    assert recorded(finished)["inputs"] == {
        name: hashlib.sha256((ROOT / "data" / "cher2" / file).read_bytes()).hexdigest()
        for name, file in files.items()
    }
    assert recorded(finished)["config"]["studies"] == ["cher2"]


def test_two_dictionaries_of_one_name_are_both_recorded(study):
    made = study("id,age\n1,50\n")
    dictionaries = [made.folder / folder / "dictionary.csv" for folder in "ab"]
    for path in dictionaries:
        path.parent.mkdir()
        path.write_text("Variable / Field Name\n")
    loaded = made.load()._replace(dictionaries=dictionaries)
    assert {"tiny: a/dictionary.csv", "tiny: b/dictionary.csv"} < set(provenance.inputs({"tiny": loaded}))


def test_neither_time_nor_host_nor_person_nor_place_is_recorded(finished):
    text = (finished / "results" / "provenance.json").read_text(encoding="utf-8")
    words = set(re.findall(r"[\w.-]+", text))
    assert not words & {socket.gethostname(), getpass.getuser(), date.today().isoformat()}
    assert str(finished) not in text and str(ROOT) not in text
    assert not re.search(r"\d\d:\d\d", text)


def test_an_edit_of_any_part_of_the_workflow_is_recorded(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "edited", symlinks=True)
    rules = folder / "workflow" / "rules" / "tables.smk"
    rules.write_text(rules.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert would_run(folder) == set()  # but provenance, which is none of the stages
    assert snakemake(folder).returncode == 0
    assert recorded(folder)["code"] != recorded(finished)["code"]
    assert recorded(folder)["outputs"] == recorded(finished)["outputs"]


def verified(folder, monkeypatch, capsys):
    """Exit status of `make verify` in a folder, and what it says."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder / "workflow" / "scripts"))
    status = main(["verify", "--cores", "1"])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.out.splitlines(), said.err.splitlines()


def test_results_of_the_same_input_are_verified(finished, monkeypatch, capsys):
    n = len(recorded(finished)["outputs"]) + 5  # patient-level files are compared, but not recorded
    status, lines, _ = verified(finished, monkeypatch, capsys)
    assert (status, lines) == (0, [f"{n} files of results are, byte for byte, what is computed again"])


def test_raw_files_are_found_from_the_temporary_folder(finished, tmp_path, monkeypatch, capsys):
    folder = shutil.copytree(finished, tmp_path / "raw", symlinks=True)
    data = folder / "data" / "cher2"
    protocol = data / "study.yaml"
    protocol.write_text(
        protocol.read_text(encoding="utf-8").replace(
            "ctc: drops/{drop}.csv", "ctc: {raw: 'drops/{drop}.csv'}"
        ),
        encoding="utf-8",
    )
    (folder / "elsewhere" / "cher2").mkdir(parents=True)
    (data / "drops").rename(folder / "elsewhere" / "cher2" / "drops")
    monkeypatch.setenv("RECOHORT_RAW", "elsewhere")
    status, lines, _ = verified(folder, monkeypatch, capsys)
    # the report prints the hash of the protocol
    assert (status, lines) == (
        1,
        ["results/report.html differs", "input: cher2: study.yaml is not as it was then"],
    )


def test_an_edited_result_and_a_changed_extract_are_found_out(finished, tmp_path, monkeypatch, capsys):
    folder = shutil.copytree(finished, tmp_path / "edited", symlinks=True)
    table = folder / "results" / "cher2" / "tables" / "table1.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    (folder / "results" / "cher2" / "figures" / "flow.pdf").unlink()
    extract = folder / "data" / "cher2" / "drops" / "2021-01-15.csv"
    lines = extract.read_text(encoding="utf-8").splitlines()
    extract.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    status, lines, _ = verified(folder, monkeypatch, capsys)
    assert status == 1
    assert "results/cher2/cohort/attrition.csv differs" in lines
    assert "results/cher2/figures/flow.pdf is missing" in lines
    assert "results/cher2/tables/table1.csv differs" in lines
    assert lines[-2:] == [
        "edited: results/cher2/tables/table1.csv was changed after the run that made it",
        "input: cher2: extract file ctc is not as it was then",
    ]


def test_only_files_that_differ_are_named(tmp_path):
    there = {"here": ("a.csv", "b.csv", "gone.csv"), "again": ("a.csv", "b.csv", "c.csv")}
    for folder, files in there.items():
        for name in (*files, "run.log", "provenance.json"):
            (tmp_path / folder / "s").mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / "s" / name).write_text(name if name == "a.csv" else f"{folder} {name}")
    (tmp_path / "again" / "s" / "provenance.json").unlink()
    n, lines = verify.compare(tmp_path / "here", tmp_path / "again", ["results/s/gone.csv"])
    assert n == 3
    assert lines == [
        "results/s/b.csv differs", "results/s/c.csv is missing", "results/s/gone.csv is not made any more",
    ]  # fmt: skip


def test_a_difference_that_nothing_explains_is_said_to_be_one(tmp_path):
    (reason,) = verify.reasons(tmp_path, RUN, RUN)
    assert reason.startswith("unknown: input, code and versions are the same")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "file results/provenance.json: does not exist. Run `make results` first."),
        ("{", "file results/provenance.json: is not whole. Delete it and run `make results`."),
        ("[]", "file results/provenance.json: is not whole. Delete it and run `make results`."),
        ('{"outputs": {}}', "file results/provenance.json: is not whole. Delete it and run `make results`."),
    ],
)
def test_without_provenance_nothing_is_verified(tmp_path, monkeypatch, capsys, content, problem):
    if content is not None:
        (tmp_path / "results").mkdir()
        (tmp_path / "results" / "provenance.json").write_text(content)
    assert verified(tmp_path, monkeypatch, capsys) == (2, [], [f"ERROR  {problem}"])


def test_a_new_run_that_fails_is_no_verdict(finished, tmp_path, monkeypatch, capsys):
    folder = shutil.copytree(finished, tmp_path / "broken", symlinks=True)
    (folder / "data" / "cher2" / "drops" / "2021-01-15.csv").write_text("")
    status, lines, errors = verified(folder, monkeypatch, capsys)
    assert (status, lines) == (2, [])
    assert errors[-1] == "ERROR  the new run failed. Mend what is said above, then try again."
    assert any("2021-01-15.csv: is empty" in line for line in errors)
