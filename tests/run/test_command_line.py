"""The command `recohort`: its subcommands, its refusals in a line, its exit statuses."""

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from support.command import RECOHORT, recohort
from support.paths import ROOT

from recohort.run.command_line import main

COMMANDS = ("run", "study", "verify", "release", "audit")
# Snakemake in a folder of its own, as far as the command knows it
SNAKEMAKE = """
import os, sys, time
print(sys.argv[1:], os.environ["RECOHORT_RUN"])
if os.environ.get("SLEEP"):
    print("sleeps", flush=True)
    time.sleep(60)
sys.exit(int(os.environ["STATUS"]))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a Snakefile, and a Snakemake that says what it was told."""
    (tmp_path / "snakemake.py").write_text(SNAKEMAKE)
    (tmp_path / "Snakefile").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT / 'workflow' / 'scripts'}")
    monkeypatch.setenv("STATUS", "0")
    return tmp_path


def test_the_script_of_the_package_is_this_function():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"recohort": f"{main.__module__}:{main.__name__}"}


def test_help_has_a_line_for_each_subcommand(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    said = capsys.readouterr().out
    for name in COMMANDS:
        assert len(re.findall(rf"^    {name} +\S.*$", said, re.M)) == 1, name


def test_each_target_of_make_calls_its_subcommand():
    rules = (ROOT / "Makefile").read_text()
    called = re.findall(r"^\t@\$\(BIN\)/recohort (\w+)", rules, re.M)
    assert sorted([*called, "audit"]) == sorted(COMMANDS)


def test_the_version_is_that_of_the_package(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"recohort {metadata.version('recohort')}\n"


@pytest.mark.parametrize("arguments", [(), ("cure",), ("run", "--cores"), ("audit",), ("release",)])
def test_a_wrong_argument_has_status_2_and_no_traceback(arguments):
    done = recohort(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: recohort") and "Traceback" not in done.stderr


def test_a_run_tells_snakemake_what_it_was_told(project):
    done = recohort("run", "--cores", "3", "--previous", "2026-07-01")
    told, said = done.stdout.splitlines()
    expected = [
        "--cores",
        "3",
        "--workflow-profile",
        "workflow/profiles/local",
        "--config",
        "previous=2026-07-01",
    ]
    assert told == f"{expected} 1"
    assert (said, done.stderr, done.returncode) == ("Report: results/report.html", "", 0)


def test_a_run_that_failed_ends_with_one_line(project, monkeypatch):
    monkeypatch.setenv("STATUS", "1")
    done = recohort("run", "--cores", "2")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert done.stderr == ("ERROR  The run failed. If no reason is shown above: snakemake --cores 2\n")


def test_elsewhere_there_is_nothing_to_run(tmp_path):
    done = recohort("run", cwd=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert done.stderr.startswith(f"ERROR  file {tmp_path}: there is no Snakefile. Go to")


def test_a_run_that_is_told_to_stop_stops_what_it_started(project, monkeypatch):
    monkeypatch.setenv("SLEEP", "1")
    run = subprocess.Popen([*RECOHORT, "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout.readline().startswith("[")
    assert run.stdout.readline() == "sleeps\n"
    start = time.monotonic()
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)
    assert run.returncode == 1 and time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("arguments", "modules"),
    [
        (["audit", str(ROOT / "data/cher2/published.yaml")], {"pandas", "scipy", "recohort.release"}),
        (["verify"], {"pandas", "numpy", "recohort.audit", "recohort.release"}),
        (["--version"], {"numpy", "recohort.audit", "recohort.protocol"}),
    ],
)
def test_a_subcommand_imports_what_it_needs(arguments, modules, tmp_path):
    code = (
        "import sys; from recohort.run.command_line import main; main(sys.argv[1:]); "
        f"assert not {modules!r} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_verify_without_results_is_a_line_and_status_2(tmp_path):
    done = recohort("verify", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"ERROR  file {Path('results/provenance.json')}: does not exist. Run `make results` first.\n"
    )


def test_a_reader_who_stops_reading_gets_no_traceback():
    files = [str(ROOT / "data/gim14/published.yaml")] * 5
    run = subprocess.Popen(
        [*RECOHORT, "audit", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    run.stdout.readline()
    run.stdout.close()
    said = run.stderr.read()
    run.stderr.close()
    assert (run.wait(), said) == (1, "")


def test_who_interrupts_gets_no_traceback(monkeypatch):
    def interrupted(path):
        raise KeyboardInterrupt

    monkeypatch.setattr("recohort.audit.check", interrupted)
    assert main(["audit", "published.yaml"]) == 130
