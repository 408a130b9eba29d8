"""
One run at a time in a folder, and none kept away by a run that was killed.

Snakemake's own lock is a file, which stays when a run is killed. This one belongs to an open file of the run
and of the jobs that it started, so that the system takes it away when the last of them has ended.
"""

import errno
import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path

from recohort.base.errors import RecohortError

LOCK = Path(".snakemake/running")
RESULTS = Path("results")
SNAKEMAKES_LOCKS = Path(".snakemake/locks")
STANDARD_INPUT = 0


def hold() -> None:
    """Mark this folder as having a run, until this process and all that it starts have ended."""
    # some network file systems have no such locks; Snakemake's own is there all the same
    with suppress(OSError):
        _share(_open())


def alone() -> None:
    """
    Be the only run of this folder, and clear what a killed one left locked.

    Raises
    ------
    RecohortError
        If a run is alive here, or a job that outlived its run; or if the results cannot be written to.
    """
    try:
        lock = _open()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if SNAKEMAKES_LOCKS.is_dir():
            shutil.rmtree(SNAKEMAKES_LOCKS)
        _share(lock)
        RESULTS.mkdir(exist_ok=True)
        if not os.access(RESULTS, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(RESULTS))
    except BlockingIOError:
        remedy = "Wait until it ends, or stop it; then run again."
        raise RecohortError("another run is alive in this folder", file=Path.cwd(), remedy=remedy) from None
    except OSError as error:
        remedy = "Choose a folder that can be written to."
        problem = f"cannot be written to ({error.strerror})"
        raise RecohortError(problem, file=error.filename or LOCK, remedy=remedy) from error


def _open() -> int:
    LOCK.parent.mkdir(exist_ok=True)
    return os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o666)


def _share(lock: int) -> None:
    """Hold a lock as the standard input: the one file, beside the output, that jobs inherit."""
    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    if lock != STANDARD_INPUT:
        os.dup2(lock, STANDARD_INPUT)
        os.close(lock)
    os.set_inheritable(STANDARD_INPUT, True)
