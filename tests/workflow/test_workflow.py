"""The workflow as a user meets it: two commands, one line an error, nothing done twice, nothing stale."""

import re
import shutil
import tomllib

import pandas as pd
import pytest
import yaml
from support.paths import ROOT
from support.result_files import assert_listed, written
from support.workflow import STAGES, project, snakemake, would_run

from recohort.base import result_files
from recohort.protocol import yaml_file


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The project after a run of cher2, and what the run said."""
    folder = project(tmp_path_factory.mktemp("finished"), "cher2")
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    return folder, run.stderr


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """The project after a run of gbsg2, which has Cox models."""
    folder = project(tmp_path_factory.mktemp("certified"), "gbsg2")
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    return folder


def test_a_run_tells_each_job_and_ends_with_the_place_of_the_report(finished):
    folder, said = finished
    lines = said.strip().splitlines()
    assert lines[-1] == "Report: results/report.html"
    for stage in ("cohort", "contingency", "audit", "tables", "figures"):
        assert sum(line.startswith(f"cher2 {stage} ") and line.endswith("starts") for line in lines) == 1
        assert sum(re.fullmatch(rf"cher2 {stage} +ends +\d+\.\d s", line) is not None for line in lines) == 1
    assert (folder / "results" / "report.html").stat().st_size > 10_000


def test_every_file_of_a_run_is_on_the_list_of_result_files(finished, certified):
    folders = [folder / "results" for folder in (finished[0], certified)]
    for folder in folders:
        assert_listed(folder)
    made = set().union(*map(written, folders))
    assert made == {row.pattern for row in result_files.FILES}


def test_a_second_run_has_nothing_to_do(finished):
    again = snakemake(finished[0], "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_another_release_of_a_package_computes_everything_again(finished):
    folder, _ = finished
    rules = folder / "workflow" / "rules" / "common.smk"
    before = rules.read_text()
    rules.write_text(before.replace("= provenance.versions()", "= {**provenance.versions(), 'numpy': '0.0'}"))
    assert would_run(folder) == STAGES - {"logistic", "survival", "certificate"}
    rules.write_text(before)
    assert would_run(folder) == set()


def edited_reruns(folder, module):
    """The stages that run again after an edit of a module."""
    path = folder / "workflow" / "scripts" / "recohort" / module
    before = path.read_text(encoding="utf-8")
    try:
        comment = "\n# edited\n" if module.endswith(".py") else "<!-- edited -->"
        path.write_text(before + comment, encoding="utf-8")
        return would_run(folder)
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("statistics/contingency.py", {"contingency", "audit", "tables", "figures", "drop", "report"}),
        ("layout/forest.py", {"figures", "report"}),
        ("cohort/codebook.py", {"cohort", "contingency", "audit", "tables", "figures", "drop", "report"}),
        ("layout/templates/report.html.j2", {"report"}),
        # cher2 has no Cox model, but these could fit one
        ("statistics/cox/fit.py", {"audit", "drop", "report"}),
        # a face of one kind of analysis
        ("analyses/fisher/check.py", set()),
        ("analyses/fisher/estimate.py", {"contingency", "audit", "tables", "figures", "drop", "report"}),
        ("analyses/cox/estimate.py", {"audit", "drop", "report"}),
        ("analyses/fisher/control.py", {"tables", "figures", "drop", "report"}),
        ("analyses/fisher/table.py", {"tables", "report"}),
        ("analyses/summary/table.py", {"tables", "report"}),
        ("analyses/cox/figure.py", {"figures", "report"}),
        ("analyses/fisher/methods.py", {"report"}),
    ],
)
def test_an_edited_module_reruns_the_stages_that_use_it(finished, module, stages):
    assert edited_reruns(finished[0], module) == stages


@pytest.mark.parametrize(
    ("path", "stages"),
    [
        (("analyses", "table1", "label"), {"tables", "drop", "report"}),
        (("title",), {"tables", "figures", "drop", "report"}),
    ],
)
def test_an_edit_of_a_printed_word_runs_the_stages_that_print_it(finished, path, stages):
    folder, _ = finished
    protocol = folder / "data" / "cher2" / "study.yaml"
    before = protocol.read_text(encoding="utf-8")
    content = yaml_file.read(protocol)
    part = content
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] += ", edited"
    try:
        protocol.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        assert would_run(folder) == stages
    finally:
        protocol.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "stages"),
    [
        ("certificate/engines.py", {"certificate", "report"}),
        ("statistics/cox/fit.py", {"survival", "certificate", "audit", "tables", "figures", "report"}),
    ],
)
def test_an_edit_of_either_engine_reruns_the_certificate(certified, module, stages):
    assert edited_reruns(certified, module) == stages


def report_says(folder):
    page = (folder / "results" / "report.html").read_text(encoding="utf-8")
    return re.findall(r"<b>Certificate</b> (.*?)</p>", page)


def test_each_estimate_has_two_engines_and_the_report_says_so(certified):
    rows = pd.read_csv(certified / "results" / "gbsg2" / "certificate.csv")
    # 8 terms, one of them with two dummies, alone and together
    assert len(rows) == 18
    assert (rows["verdict"] == "agrees").all()
    (line,) = report_says(certified)
    assert re.fullmatch(
        r"18 Cox and logistic estimates, two engines \(recohort, and lifelines [\d.]+\), "
        r"largest relative difference \de-\d+\.",
        line,
    )


def test_an_estimate_altered_in_one_digit_fails_the_run_in_one_line(certified, tmp_path):
    folder = shutil.copytree(certified, tmp_path / "altered")
    path = folder / "results" / "gbsg2" / "survival" / "estimates.csv"
    text = path.read_text(encoding="utf-8")
    # the hazard ratio of hormone therapy is 0.694884 in tests/reference/gbsg2.csv
    assert ",0.694884" in text
    path.write_text(text.replace(",0.694884", ",0.694885", 1), encoding="utf-8")
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 1
    (error,) = [line for line in run.stderr.splitlines() if "ERROR" in line]
    assert "study gbsg2, key analyses.rfs: the log HR of hormone yes in the univariable model of rfs" in error
    # log 0.694885 here, log 0.694884 there
    assert "is -0.36400" in error and "and -0.36400" in error and "by lifelines" in error
    assert "Traceback" not in run.stderr + run.stdout
    assert not list((folder / "results" / "gbsg2").glob("certificate*"))


def test_the_certificate_can_be_switched_off_and_the_report_says_so(certified, tmp_path):
    folder = shutil.copytree(certified, tmp_path / "off")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "certificate": False}))
    assert would_run(folder) == {"report"}
    assert snakemake(folder).returncode == 0
    assert report_says(folder) == ["Switched off in config.yaml: no estimate was checked by a second engine."]


def test_a_mistake_in_the_data_is_one_line_and_leaves_no_output(tmp_path):
    folder = project(tmp_path, "cher2")
    extract = folder / "data" / "cher2" / "drops" / "2021-01-15.csv"
    extract.write_text(extract.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 1
    (error,) = [line for line in run.stderr.splitlines() if "ERROR" in line]
    assert "study cher2" in error and "2021-01-15.csv" in error and "has a header but no rows" in error
    assert "Traceback" not in run.stderr + run.stdout
    assert not list((folder / "results" / "cher2" / "cohort").glob("*.parquet*"))


def test_a_mistake_in_a_protocol_stops_the_run_before_anything_is_computed(tmp_path):
    folder = project(tmp_path, "cher2")
    protocol = folder / "data" / "cher2" / "study.yaml"
    protocol.write_text(
        protocol.read_text(encoding="utf-8").replace("\ncodebook:", "\ncodebok:"), encoding="utf-8"
    )
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 1
    assert "unknown key 'codebok'" in run.stderr and "Did you mean 'codebook'?" in run.stderr
    assert "Traceback" not in run.stderr + run.stdout
    assert not (folder / "results").exists()


def test_a_study_without_its_raw_files_is_skipped_in_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("RECOHORT_RAW", raising=False)
    folder = project(tmp_path, "cher2")
    shutil.copytree(
        ROOT / "data" / "msk2018", folder / "data" / "msk2018", ignore=shutil.ignore_patterns("raw")
    )
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "studies": ["cher2", "msk2018"]}))
    dry = snakemake(folder, "--dry-run")
    assert dry.returncode == 0
    (line,) = [line for line in dry.stderr.splitlines() if line.startswith("msk2018 is skipped")]
    assert "data/msk2018/README.md" in line


def test_environment_yml_has_the_bounds_of_pyproject():
    pip = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    # the same programs under the names that conda has for them, without optional parts
    names = {"matplotlib-base": "matplotlib", "snakemake-minimal": "snakemake"}
    listed = [
        re.fullmatch(r"([a-z0-9-]+?)([<>=].*)?", entry).groups() for entry in conda if isinstance(entry, str)
    ]
    listed = {names.get(name, name) + (bounds or "") for name, bounds in listed}
    wanted = {*pip["dependencies"], "python" + pip["requires-python"], "pip", "setuptools>=75"}
    assert listed == wanted


def test_the_lock_pins_every_dependency_with_hashes():
    pip = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements.lock").read_text()
    wanted = [*pip["dependencies"], *pip["optional-dependencies"]["test"]]
    for name in [re.match(r"[a-z0-9-]+", entry)[0] for entry in wanted]:
        assert re.search(rf"^{name}==\S+.*\\\n +--hash=sha256:", lock, re.M), name
    assert "://" not in lock


def test_pre_commit_calls_the_tools_of_make_check():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (local,) = hooks
    assert local["repo"] == "local"
    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    check = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in local["hooks"]:
        assert f"$(BIN)/{hook['entry'].partition(' --')[0]} " in check
