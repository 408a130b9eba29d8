"""
How long a run takes, beside a plain R script: `make bench`.

Timed in turn on this machine, in a copy of the checkout and warm: the default run from nothing, a second run
with nothing to do, and tests/reference/peer.R, which does the analyses of gim14 only, from its cohort.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
REPEATS = 5
# Seconds on two cores
GOALS = {"make results": 10, "again, nothing to do": 2}
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", ".snakemake", "results", "raw", "__pycache__", ".*_cache")


def main():
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "recohort"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        (copy / ".venv").symlink_to(ROOT / ".venv")
        steps = {"make results": fresh, "again, nothing to do": run, "peer.R, gim14 only": peer}
        # the first round warms the file cache and is not counted
        rounds = [{step: timed(command, copy) for step, command in steps.items()} for _ in range(REPEATS + 1)]
    for step in steps:
        print(report(step, [seconds[step] for seconds in rounds[1:]]))


def fresh(copy):
    """The default run, from nothing."""
    for made in (copy / "results", copy / ".snakemake"):
        shutil.rmtree(made, ignore_errors=True)
    return run(copy)


def run(copy):
    """The default run without the raw files of msk2018, which not every machine has."""
    environment = {name: value for name, value in os.environ.items() if name != "RECOHORT_RAW"}
    # -o: the environment is the original's, not to be made again
    return ["make", "-o", ".venv/.ready", "results"], environment


def peer(copy):
    """The plain R script, on the cohort of the run before it."""
    cohort = copy.parent / "gim14.csv"
    if not cohort.exists():
        pd.read_parquet(copy / "results/gim14/cohort/cohort.parquet").to_csv(cohort, index=False)
    return ["Rscript", "tests/reference/peer.R", cohort, copy.parent / "peer"], os.environ


def timed(command, copy):
    """Seconds that a command takes, without its preparation; None if it is not installed."""
    arguments, environment = command(copy)
    if shutil.which(arguments[0]) is None:
        return None
    start = time.perf_counter()
    done = subprocess.run(arguments, cwd=copy, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")
    return seconds


def report(step, seconds):
    """One line: median, range, and whether the goal is met."""
    if None in seconds:
        return f"{step:<24} not installed"
    middle = statistics.median(seconds)
    text = f"{step:<24} {middle:6.2f} s   ({min(seconds):.2f} to {max(seconds):.2f}, {len(seconds)} runs)"
    if step not in GOALS:
        return text
    return f"{text}   goal {GOALS[step]} s: {'met' if middle <= GOALS[step] else 'missed'}"


def machine():
    """The machine and the versions, in three lines."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("snakemake", "pandas", "numpy", "matplotlib"))
    return "\n".join([
        f"{os.cpu_count()} cores, {processor()}, {platform.platform()}, load {os.getloadavg()[0]:.1f}",
        f"Python {platform.python_version()}, {packages}",
        r_version(),
    ])  # fmt: skip


def processor():
    """The name of the processor, as the system tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def r_version():
    if shutil.which("Rscript") is None:
        return "R is not installed"
    ask = 'cat(R.version.string, "survival", as.character(packageVersion("survival")))'
    return subprocess.run(["Rscript", "-e", ask], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
