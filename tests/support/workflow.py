"""A project in a folder of its own, run by Snakemake."""

import os
import re
import shutil
import subprocess
import sys

import yaml
from support.paths import ROOT

STAGES = {
    *("cohort", "logistic", "survival", "contingency"),
    *("certificate", "audit", "tables", "figures", "drop", "report"),
}


def snakemake(folder, *arguments):
    environment = {key: value for key, value in os.environ.items() if key != "RECOHORT_RUN"}
    # the copy's own package, not the one installed
    environment["PYTHONPATH"] = str(folder / "workflow" / "scripts")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def project(folder, study):
    """A copy of the project with one study."""
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "workflow", folder / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / study, folder / "data" / study)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "studies": [study]}))
    return folder


def would_run(folder):
    """The stages that a run would compute, from the table of jobs that a dry run prints."""
    dry = snakemake(folder, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    return set(re.findall(r"^(\w+) +\d+$", dry.stdout + dry.stderr, re.M)) & STAGES
