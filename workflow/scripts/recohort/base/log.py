"""One line as a job starts, one as it ends; errors in one voice; everything else in the log."""

import io
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, Protocol

from recohort.base.errors import RecohortError


class Job(Protocol):
    """What Snakemake gives a script."""

    rule: str
    wildcards: Iterable[str]
    input: Any  # named by the rule
    output: Any
    log: Sequence[str]


@contextmanager
def job(snakemake: Job) -> Iterator[tuple[Any, Any]]:
    """
    Run the body of a script; what it prints, warnings among it, goes to the log.

    Parameters
    ----------
    snakemake : Job

    Yields
    ------
    (input, output)

    Raises
    ------
    SystemExit
        With status 1 after a one-line message, if the body raises: the user's mistakes as they are, anything
        else with the place of its traceback, which is in the log.
    """
    name = f"{' '.join([*snakemake.wildcards, snakemake.rule]):<28}"
    log, printed, start = Path(snakemake.log[0]), io.StringIO(), time.perf_counter()
    error: str | None = None
    say(f"{name} starts")
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            yield snakemake.input, snakemake.output
    except RecohortError as mistake:
        error = str(mistake)
        printed.write(f"{error}\n")
    except Exception as fault:
        error = f"this is a fault of recohort ({type(fault).__name__}: {fault}); details: {log}"
        printed.write(traceback.format_exc())
    # a log that cannot be written, on a full disk say, must not hide what happened
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(printed.getvalue(), encoding="utf-8")
    if error is not None:
        say(f"{name} ERROR  {error}")
        sys.exit(1)
    say(f"{name} ends   {time.perf_counter() - start:5.1f} s")


def say(line: str) -> None:
    """Print a line whole to the standard error, also when two jobs print at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
