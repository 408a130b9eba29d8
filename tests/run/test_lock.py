"""One run at a time; a run that was killed keeps nobody out and leaves no trace in the results."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import kill
import pytest
from support.command import recohort

from recohort.base.errors import RecohortError
from recohort.run import lock

# holds the folder, starts a job that inherits it, and sleeps
RUN = """
import subprocess, sys, time
from recohort.run import lock
lock.{hold}()
job = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(job.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Start a process that holds the folder, and its job; all are killed in the end."""
    monkeypatch.chdir(tmp_path)
    pids = []

    def start(hold):
        command = [sys.executable, "-c", RUN.format(hold=hold)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        job = int(run.stdout.readline())
        pids.extend([run.pid, job])
        return run, job

    yield start
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def is_refused():
    """Whether a process of its own may not start a run here."""
    code = "from recohort.run import lock; lock.alone(); print('started')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode == 0:
        assert (done.stdout, done.stderr) == ("started\n", "")
        return False
    assert done.stdout == ""
    assert done.stderr.endswith(
        f"RecohortError: file {Path.cwd()}: another run is alive in this folder."
        " Wait until it ends, or stop it; then run again.\n"
    )
    return True


def is_free_in_the_end():
    """The system takes a lock away a moment after a kill."""
    for _ in range(100):
        if not is_refused():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("hold", ["alone", "hold"])
def test_a_second_run_is_refused_in_one_line_while_one_or_its_job_is_alive(started, hold):
    run, job = started(hold)
    assert is_refused()
    run.kill()
    run.wait()
    assert is_refused()
    os.kill(job, signal.SIGKILL)
    assert is_free_in_the_end()


def test_what_a_killed_run_left_locked_is_cleared_when_none_is_alive(started):
    lock = Path(".snakemake/locks/0.output.lock")
    lock.parent.mkdir(parents=True)
    lock.write_text("results/report.html\n")
    run, job = started("hold")
    assert is_refused()
    assert lock.is_file()
    run.kill()
    run.wait()
    os.kill(job, signal.SIGKILL)
    assert is_free_in_the_end()
    assert not lock.exists()


def test_a_folder_that_cannot_be_locked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(".snakemake").write_text("a file, where the folder should be")
    with pytest.raises(RecohortError, match=r"^file \.snakemake: cannot be written to \(File exists\)"):
        lock.alone()
    lock.hold()  # Snakemake's own lock has to do


def test_results_that_cannot_be_written_to_are_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("Snakefile").touch()
    Path("results").write_text("a file, where the folder should be")
    done = recohort("run")
    assert (done.returncode, done.stderr) == (
        1,
        "ERROR  file results: cannot be written to (File exists). Choose a folder that can be written to.\n",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_results_that_are_read_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("results").mkdir(mode=0o555)
    Path("Snakefile").touch()
    done = recohort("run")
    assert (done.returncode, "results: cannot be written to (Permission denied)" in done.stderr) == (1, True)


def test_runs_killed_at_random_moments_give_the_same_bytes_in_the_end():
    assert list(kill.outcomes(runs=2, seed=1)) == ["same bytes", "same bytes"]
