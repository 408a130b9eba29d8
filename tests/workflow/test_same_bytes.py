"""The same input gives the same bytes, whatever the time zone, the language, the hash seed and the cores."""

import os
import re
import subprocess
import sys

import pytest
from support.content import content
from support.paths import ROOT
from support.workflow import project

# an encoding that knows 128 characters
HERE = {"TZ": "UTC", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONHASHSEED": "0"}
THERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "4711"}


def results(folder, study, environment, cores):
    folder.mkdir()
    project(folder, study)
    path = {"PYTHONPATH": str(folder / "workflow" / "scripts")}
    command = [sys.executable, "-m", "snakemake", "--cores", cores, "--quiet", "all"]
    variables = {**os.environ, **path, **environment}
    run = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return content(folder)


# gbsg2 has Cox models, curves and a certificate, cher2 Fisher tests and quarantined rows
@pytest.mark.parametrize("study", ["gbsg2", "cher2"])
def test_same_input_gives_the_same_bytes_here_and_there(tmp_path, study):
    here = results(tmp_path / "here", study, HERE, cores="1")
    there = results(tmp_path / "there", study, THERE, cores="2")
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []
    kinds = {name.rpartition(".")[2] for name in here}
    assert {"csv", "parquet", "html", "docx", "pdf", "png", "svg", "json"} <= kinds


@pytest.mark.parametrize(
    "package", ["numpy", "scipy", "pandas", "pyarrow", "matplotlib", "statsmodels", "lifelines"]
)
def test_every_python_computes_with_the_same_release(package):
    """Releases differ in their last digits: the lock has one for all Pythons, without a condition."""
    lock = ROOT / "requirements.lock"
    entries = re.findall(rf"^{package}==.*$", lock.read_text(encoding="utf-8"), flags=re.M)
    assert len(entries) == 1
    assert ";" not in entries[0]
