"""A run of the workflow: Snakemake, alone in its folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from recohort.base.errors import RecohortError
from recohort.run import lock

REPORT = Path("results/report.html")


def run(cores: str, previous: str | None = None) -> None:
    """
    Make the results.

    Parameters
    ----------
    cores : str
        As Snakemake takes it.
    previous : str, optional
        Date of the data drop to compare the newest with, if not with the last but one.

    Raises
    ------
    RecohortError
        If this is no folder of the project, another run is alive in it, or the run failed.
    """
    if not Path("Snakefile").is_file():
        raise RecohortError(
            "there is no Snakefile",
            file=Path.cwd(),
            remedy="Go to the folder of the project, then try again.",
        )
    lock.alone()
    command = [sys.executable, "-m", "snakemake", "--cores", cores]
    command += ["--workflow-profile", "workflow/profiles/local"]
    if previous:
        command += ["--config", f"previous={previous}"]
    if _status(command):
        raise RecohortError(
            "The run failed", remedy=f"If no reason is shown above: snakemake --cores {cores}"
        )


def _status(command: list[str]) -> int:
    """The exit status of a command that stops when this process is told to."""
    # Snakemake runs its jobs with the Python that is found first
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    child = subprocess.Popen(command, env={**os.environ, "PATH": path, "RECOHORT_RUN": "1"})
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # the terminal told the child as well
            continue
