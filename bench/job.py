"""The whole job beside a plain R script that does a part of it: processes from start to end."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
REPEATS = 5
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".snakemake", "results", "raw", "__pycache__", ".*_cache")


class Step(NamedTuple):
    """One command of the job, as an engine at a task."""

    shape: str
    engine: str
    command: callable
    note: str


def time_job(progress):
    """
    Time the steps of the job in turn, in a copy of the checkout.

    Parameters
    ----------
    progress : callable
        Told each step.

    Returns
    -------
    list of tuple of Step and list of float
        Seconds of each run, the first included; an empty list if the program is not installed.
    """
    steps = [
        Step("gim14 alone", "recohort", _alone, "extract to report, with certificate: the whole process"),
        Step("default run", "recohort", _fresh, "gim14, cher2, ihc-fish-ngs and gbsg2: the whole process"),
        Step("nothing to do", "recohort", _run, "the default run again"),
        Step(
            "edited label",
            "recohort",
            _edited,
            "the default run after an edit of the label of gim14's table1",
        ),
        Step("R script of gim14", "R", _peer, "tests/reference/peer.R, from the cleaned cohort"),
    ]
    seconds = {step: [] for step in steps}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "recohort"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        (copy / ".venv").symlink_to(ROOT / ".venv")
        for turn in range(REPEATS + 1):
            for step in steps:
                progress(f"job, {step.shape}, run {turn + 1} of {REPEATS + 1}")
                seconds[step] += _timed(*step.command(copy), copy)
    return list(seconds.items())


def _fresh(copy):
    """The default run, from nothing."""
    shutil.copy(ROOT / "config.yaml", copy / "config.yaml")
    for made in (copy / "results", copy / ".snakemake"):
        shutil.rmtree(made, ignore_errors=True)
    return _run(copy)


def _alone(copy):
    """A run of gim14 from nothing."""
    command = _fresh(copy)
    config = (ROOT / "config.yaml").read_text(encoding="utf-8")
    alone = re.sub(r"^studies:\n(?:  - .*\n)+", "studies:\n  - gim14\n", config, flags=re.MULTILINE)
    (copy / "config.yaml").write_text(alone, encoding="utf-8")
    return command


def _edited(copy):
    """The default run after an edit of a label that only one table prints."""
    path = copy / "data" / "gim14" / "study.yaml"
    text = path.read_text(encoding="utf-8")
    label = re.search(r"  table1:\n    kind: summary\n    label: .*", text)[0]
    path.write_text(text.replace(label, f"{label}, edited"), encoding="utf-8")
    return _run(copy)


def _run(copy):
    """The default run without the raw files of msk2018, which not every machine has."""
    environment = {name: value for name, value in os.environ.items() if name != "RECOHORT_RAW"}
    # -o: the environment is the original's, not to be made again
    return ["make", "-o", ".venv/.ready", "results"], environment


def _peer(copy):
    """The plain R script, on the cohort of the run before it."""
    import pandas as pd

    cohort = copy.parent / "gim14.csv"
    if not cohort.exists():
        pd.read_parquet(copy / "results/gim14/cohort/cohort.parquet").to_csv(cohort, index=False)
    return ["Rscript", "tests/reference/peer.R", cohort, copy.parent / "peer"], os.environ


def _timed(arguments, environment, copy):
    """The seconds of a command, as a list of one; an empty one if it is not installed."""
    if shutil.which(arguments[0]) is None:
        return []
    start = time.perf_counter()
    done = subprocess.run(arguments, cwd=copy, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")
    return [seconds]
