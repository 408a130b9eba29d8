"""The command `recohort` in a process of its own."""

import subprocess
import sys

RECOHORT = [sys.executable, "-c", "import sys; from recohort.run.command_line import main; sys.exit(main())"]


def recohort(*arguments, **options):
    """Run it to its end: the completed process, with what it said as text."""
    return subprocess.run([*RECOHORT, *map(str, arguments)], capture_output=True, text=True, **options)
