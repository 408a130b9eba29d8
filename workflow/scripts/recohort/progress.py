"""One line as a job starts, one as it ends; errors in one voice; everything else in the log."""

import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from recohort.errors import RecohortError


@contextmanager
def job(snakemake):
    """
    Run the body of a script.

    Parameters
    ----------
    snakemake : object
        What Snakemake gives a script: rule, wildcards, input, output, log.

    Yields
    ------
    (input, output)

    Raises
    ------
    SystemExit
        With status 1 after a one-line message, if the body raises: the user's mistakes as they are, anything else
        with the place of its traceback, which is in the log.
    """
    name = " ".join([*snakemake.wildcards, snakemake.rule])
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("", encoding="utf-8")
    start = time.perf_counter()
    say(f"{name:<28} starts")
    try:
        yield snakemake.input, snakemake.output
    except RecohortError as error:
        log.write_text(f"{error}\n", encoding="utf-8")
        say(f"{name:<28} ERROR  {error}")
        sys.exit(1)
    except Exception as error:
        log.write_text(traceback.format_exc(), encoding="utf-8")
        say(f"{name:<28} ERROR  this is a fault of recohort ({type(error).__name__}: {error}); details: {log}")
        sys.exit(1)
    say(f"{name:<28} ends   {time.perf_counter() - start:5.1f} s")


def say(line):
    """Print a line whole, also when two jobs print at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
