"""Compute everything again elsewhere and compare each byte with the results that are here."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from recohort.base.errors import SHOWN, RecohortError
from recohort.base.log import say
from recohort.run import provenance

RESULTS, RECORD = Path("results"), Path("provenance.json")
READ = ("Snakefile", "config.yaml", "data", "workflow")
# Snakemake writes a stamp into folders; logs have warnings with places in the file system.
NO_RESULTS = {".log", ".snakemake_timestamp"}
# Of a record, as `provenance.record` makes it.
KEYS = {"config", "revision", "code", "versions", "inputs", "outputs"}
NOTHING_KNOWN = "unknown: input, code and versions are the same; another processor may round otherwise"


def again(cores: str) -> bool:
    """
    Compute everything again and tell what differs, and why.

    Parameters
    ----------
    cores : str
        As Snakemake takes it.

    Returns
    -------
    bool
        Whether nothing differs.

    Raises
    ------
    RecohortError
        If that cannot be said.
    """
    then = record(RESULTS)
    with tempfile.TemporaryDirectory() as folder:
        say("Everything is computed again, in a temporary folder")
        _run(Path(folder), cores)
        there = Path(folder) / RESULTS
        now = record(there)
        n, unlike = compare(RESULTS, there, then["outputs"])
    if not unlike:
        print(f"{n} files of {RESULTS} are, byte for byte, what is computed again")
        return True
    _tell(unlike)
    _tell(reasons(RESULTS, then, now))
    return False


def compare(here: Path, again: Path, recorded: Iterable[str]) -> tuple[int, list[str]]:
    """
    Compare two folders of results.

    Parameters
    ----------
    here, again : Path
    recorded : iterable of str
        Outputs that a file has to be there for, as `provenance.record` names them.

    Returns
    -------
    n : int
        The files compared.
    unlike : list of str
        A line for each that differs or is in one folder only.
    """
    new = {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    new = {path for path in new if path != RECORD and not {path.name, path.suffix} & NO_RESULTS}
    lines = []
    for path in sorted(new | {Path(name).relative_to(RESULTS) for name in recorded}):
        if not (here / path).is_file():
            lines.append(f"{RESULTS / path} is missing")
        elif path not in new:
            lines.append(f"{RESULTS / path} is not made any more")
        elif (here / path).read_bytes() != (again / path).read_bytes():
            lines.append(f"{RESULTS / path} differs")
    return len(new), lines


def reasons(here: Path, then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """
    What may explain that results differ.

    Parameters
    ----------
    here : Path
        The folder of the results.
    then, now : dict
        The provenance of the results and of the new run.

    Returns
    -------
    list of str
        A line each.
    """
    files = {name: here / Path(name).relative_to(RESULTS) for name in then["outputs"]}
    edited = [
        f"edited: {name} was changed after the run that made it"
        for name, path in files.items()
        if path.is_file() and provenance.digest(path) != then["outputs"][name]
    ]
    return edited + provenance.differences(then, now) or [NOTHING_KNOWN]


def record(results: Path) -> dict[str, Any]:
    """
    The provenance that a folder of results has.

    Parameters
    ----------
    results : Path

    Returns
    -------
    dict
        As `provenance.record` made it.

    Raises
    ------
    RecohortError
        If the file does not exist or is not whole.
    """
    path = results / RECORD
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not KEYS.issubset(found):
            raise ValueError
    except FileNotFoundError:
        raise RecohortError("does not exist", file=path, remedy="Run `make results` first.") from None
    except ValueError:
        raise RecohortError("is not whole", file=path, remedy="Delete it and run `make results`.") from None
    return found


def _run(folder: Path, cores: str) -> None:
    for name in READ:
        (folder / name).symlink_to(Path(name).resolve())
    command = [sys.executable, "-m", "snakemake", "--cores", cores]
    # all of the results: a gate that does not pass would end the run, and is no result
    command += ["--workflow-profile", "workflow/profiles/local", str(RESULTS / RECORD)]
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise RecohortError("the new run failed", remedy="Mend what is said above, then try again.")


def _environment() -> Mapping[str, str]:
    """The variables of this process, with the place of raw files as seen from anywhere."""
    if "RECOHORT_RAW" not in os.environ:
        return os.environ
    return {**os.environ, "RECOHORT_RAW": str(Path(os.environ["RECOHORT_RAW"]).resolve())}


def _tell(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        print(line)
    if len(lines) > SHOWN:
        print(f"... and {len(lines) - SHOWN} more")
