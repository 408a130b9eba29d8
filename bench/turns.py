"""Engines in processes of their own that run in turn."""

import contextlib
import json
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import cases

FOLDER = Path(__file__).parent
# to import a package and to take a table in
START_SECONDS = 300


class Engine:
    """
    A process that has the table in memory and runs on request.

    Attributes
    ----------
    name, version : str
    seconds : list of float
        Of each run. The first imports and compiles what the engine loads late.
    answer : dict
        peak_mb, beyond_mb, coefficients, std_errors; R's also reference_coefficients, reference_std_errors.
    left_out : str or None
        Why it gives no time: not installed, killed, or too slow.
    """

    def __init__(self, name, task, folder):
        self.name, self.version, self.seconds, self.answer, self.left_out = name, "", [], {}, None
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by _end)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._said}
        try:
            self._process = subprocess.Popen(
                _command(name, task, folder), cwd=FOLDER.parent, text=True, **pipes
            )
        except FileNotFoundError as error:
            self.left_out = f"{error.filename} is not installed"
            self._said.close()
        else:
            self.version = self._reply(START_SECONDS).get("version", "")

    @property
    def is_done(self):
        return bool(self.answer or self.left_out)

    def take_turn(self):
        """Run once; after the last run that is due, take its answer and end the process."""
        reply = self._ask("run", cases.cap_seconds(self.name))
        self.seconds += [reply["seconds"]] if reply else []
        if reply and len(self.seconds) > cases.runs_after(self.name, self.seconds[0]):
            self.answer = self._ask("answer", cases.LONG_CAP_SECONDS)
            if self.answer:
                self._end()

    def _ask(self, request, seconds):
        if self.left_out:
            return {}
        # of one that has died, the reply says why
        with contextlib.suppress(BrokenPipeError):
            print(request, file=self._process.stdin, flush=True)
        return self._reply(seconds)

    def _reply(self, seconds):
        """One line of JSON from the process; nothing, with the reason in left_out, if none comes."""
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if ready and (line := self._process.stdout.readline()):
            return json.loads(line)
        self.left_out = self._last_words() if ready else f"a run takes longer than {seconds} s"
        self._end()
        return {}

    def _last_words(self):
        if self._process.wait() == -signal.SIGKILL:
            return "was killed by the system, for lack of memory as a rule"
        self._said.seek(0)
        lines = [line.strip() for line in self._said if line.strip()]
        return lines[-1] if lines else "ended without a word"

    def _end(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._said.close()
        # a request that it did not read is still to be sent
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()


def time_in_turn(case, folder, left_out):
    """
    Let the engines of a case run in turn, until each has the runs it is due.

    Parameters
    ----------
    case : Case
    folder : Path
        With the table.
    left_out : container of str
        Engines that are not tried.

    Returns
    -------
    list of Engine
    """
    engines = []
    for name in case.engines:
        if name not in left_out:
            engines.append(Engine(name, case.task, folder))
            engines[-1].take_turn()
    while waiting := [engine for engine in engines if not engine.is_done]:
        for engine in waiting:
            engine.take_turn()
    return engines


def _command(name, task, folder):
    if name in cases.R:
        return ["Rscript", "--vanilla", FOLDER / "r_engines.R", name, task, folder]
    return [sys.executable, "-m", "bench.process", name, task, folder]
