"""
Kill runs at random moments and count after how many the next one gives the bytes of an undisturbed one.

    python tests/kill.py --runs 100 --seed 1

Half of the runs are killed with all of their jobs, as a machine that loses power does; of the other half
only Snakemake is killed and a job may outlive it.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from support.command import RECOHORT
from support.content import content
from support.workflow import project

STUDY = "cher2"
ALIVE = "another run is alive in this folder"
LONGEST_SECONDS = 300


def start(folder):
    """Start what `make results` starts, in a process group of its own."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "workflow" / "scripts")}
    command = [*RECOHORT, "run", "--cores", "1"]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(folder):
    """Run until the end, once jobs that outlived a killed run have ended; what the last run said."""
    for _ in range(LONGEST_SECONDS):
        run = start(folder)
        _, said = run.communicate(timeout=LONGEST_SECONDS)
        if ALIVE not in said:
            return run.returncode, said
        time.sleep(0.2)
    raise TimeoutError(f"a job of {folder} never ended")


def kill(folder, expected, after_seconds, with_jobs):
    """
    Kill a run of a fresh folder, then run again.

    Returns
    -------
    str
        "same bytes", or what is wrong.
    """
    run = start(folder)
    try:
        run.wait(after_seconds)
    except subprocess.TimeoutExpired:
        (os.killpg if with_jobs else os.kill)(run.pid, signal.SIGKILL)
    run.stderr.close()
    run.wait()
    status, said = finish(folder)
    if status or "Traceback" in said:
        return f"status {status}: {said}"
    found = content(folder)
    unlike = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    return f"other bytes: {', '.join(unlike)}" if unlike else "same bytes"


def outcomes(runs, seed):
    """Yield what `kill` returns, for as many runs."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "fresh").mkdir()
        fresh = project(Path(place) / "fresh", STUDY)
        undisturbed = shutil.copytree(fresh, Path(place) / "undisturbed")
        begin = time.perf_counter()
        status, said = finish(undisturbed)
        assert status == 0, said
        seconds = time.perf_counter() - begin
        expected = content(undisturbed)
        for i in range(runs):
            folder = shutil.copytree(fresh, Path(place) / "killed")
            yield kill(folder, expected, moments.uniform(0, seconds), with_jobs=i % 2 == 0)
            shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Kill runs at random moments and compare the next one.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    counted = Counter()
    for outcome in outcomes(**vars(parser.parse_args())):
        counted[outcome] += 1
        print(f"{sum(counted.values()):>5}  {outcome}", flush=True)
    print(", ".join(f"{n} times {outcome}" for outcome, n in counted.most_common()))
    sys.exit(set(counted) != {"same bytes"})
