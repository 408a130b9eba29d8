"""What may leave: which files of the results, why, and in which form; everything else stays or is refused."""

import html
import io
import json
import re
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from recohort.analyses import control
from recohort.audit.control import controlled_claims
from recohort.base import result_files
from recohort.certificate import compare as certificate
from recohort.cohort.control import controlled_attrition, controlled_cleaning

LIST, PROVENANCE = "release.csv", "provenance.json"
COLUMNS = ["file", "data", "sensitivity", "why", "searched", "sha256"]
EXACT, CONTROLLED, NO_PATIENTS = "aggregate-exact", "aggregate-controlled", "no-patient-data"
EMBEDDED = re.compile(r"data:[\w/+;=-]*base64,([A-Za-z0-9+/=]+)")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Drawn from the same figure as the SVG beside it, which is searched.
DRAWN = {".pdf", ".png"}

# What controls the rows of a file by themselves.
CONTROLS = {
    result_files.ATTRITION.pattern: controlled_attrition,
    result_files.CLEANING.pattern: controlled_cleaning,
    result_files.CLAIMS.pattern: controlled_claims,
}
# What stays of a certificate under disclosure control: the estimates have it as far as it may leave.
COEFFICIENTS = dict.fromkeys(("coefficient", "engine_coefficient", "std_error", "engine_std_error"))


def _study(path: str) -> str:
    return path.partition("/")[0]


def leaves(path: str, rules: dict[str, Any]) -> bool:
    """
    Whether a file may leave.

    Parameters
    ----------
    path : str
        In the folder of results, with `/`, of a file that has a row in `result_files`.
    rules : dict of str to disclosure.Rule or None
        The rule of each study, as `disclosure.rule_of` gives it.

    Returns
    -------
    bool
    """
    found: Any = result_files.of(path)
    return found.leaves and (found.seen != result_files.INSIDE or rules[_study(path)] is None)


def listed(path: str, data: dict[str, str], rules: dict[str, Any], known: Any, sha256: str) -> dict[str, Any]:
    """
    The line of a file in the list of the release.

    Parameters
    ----------
    path : str
    data : dict of str to str
        What each study of the release rests on ("synthetic").
    rules : dict of str to disclosure.Rule or None
        Of each study.
    known : recohort.release.identifying.Known
        What was looked for in the file.
    sha256 : str
        Of the file as released.

    Returns
    -------
    dict
        With COLUMNS.
    """
    studies = [_study(path)] if _study(path) in rules else list(rules)
    sensitivity = EXACT if all(rules[study] is None for study in studies) else CONTROLLED
    kind: Any = result_files.of(path)
    searched = "ids, dates and free texts of patients"
    if known.n_numbers:
        searched = f"dates and free texts of patients, and ids but {known.n_numbers} numbers like counts"
    return {
        "file": path,
        "data": ", ".join(sorted({data[study] for study in studies})),
        "sensitivity": NO_PATIENTS if path == PROVENANCE else sensitivity,
        "why": kind.holds,
        "searched": "drawn with the SVG, which is searched" if PurePath(path).suffix in DRAWN else searched,
        "sha256": sha256,
    }


def controlled(
    files: dict[str, list[dict[str, Any]]], rule: Any, confidence: float
) -> dict[str, list[dict[str, Any]]]:
    """
    The rows of a study that are exact in the results, as they may leave.

    Parameters
    ----------
    files : dict of str to list of dict
        Path in the results to rows, of all files of a study that `result_files` says are CONTROLLED.
    rule : disclosure.Rule
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    dict of str to list of dict
        A row of the certificate is there only where its estimate is: the reason why one was not checked would
        tell how few it rests on.
    """
    kinds = (result_files.ESTIMATES, result_files.COUNTS, result_files.CURVES)
    exact, of_levels, of_times = (
        [row for path, rows in files.items() if kind.fits(path) for row in rows] for kind in kinds
    )
    found, counts, curves = control.results(exact, of_levels, of_times, rule, confidence)
    shown = {_identity(row) for row in found if row["estimate"] is not None}
    safe = {}
    for path, rows in files.items():
        kind: Any = result_files.of(path)
        if kind is result_files.ESTIMATES:
            of_stage = {row["analysis"] for row in rows}
            safe[path] = [row for row in found if row["analysis"] in of_stage]
        elif kind is result_files.COUNTS:
            safe[path] = counts
        elif kind is result_files.CURVES:
            safe[path] = curves
        elif kind is result_files.CERTIFICATE:
            safe[path] = [{**row, **COEFFICIENTS} for row in rows if _identity(row) in shown]
        else:
            safe[path] = CONTROLS[kind.pattern](rows, rule)
    return safe


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in certificate.IDENTITY)


def provenance(record: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    """
    The provenance of a run as it may leave.

    Parameters
    ----------
    record : dict
        From `recohort.run.provenance.record`.
    rules : dict of str to disclosure.Rule or None
        Of all studies.

    Returns
    -------
    dict
        Without outputs: the hash of exact counts confirms a guess of a withheld one, and released files have
        theirs in the list. Of a study under disclosure control with the hashes of its protocol and its claims
        alone: the hash of an extract confirms a guess of a patient's row to whoever knows the others.
    """
    inputs = {
        name: sha256
        for name, sha256 in record["inputs"].items()
        if rules[name.partition(":")[0]] is None or name.endswith((": study.yaml", ": published.yaml"))
    }
    return {**{key: value for key, value in record.items() if key != "outputs"}, "inputs": inputs}


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """
    What can be read in a file.

    Parameters
    ----------
    name : str
    content : bytes

    Yields
    ------
    (str, str)
        Its name, or that of a part of it, and a text with entities and escapes resolved. Nothing of a figure
        in PDF and PNG.
    """
    suffix = PurePath(name).suffix
    if suffix in DRAWN:
        return
    if suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(content)) as document:
            for member in document.namelist():
                yield f"{name}/{member}", _plain(document.read(member).decode("utf-8", "replace"))
        return
    text = content.decode("utf-8")
    yield name, _plain(EMBEDDED.sub("", text), suffix)
    for i, data in enumerate(EMBEDDED.findall(text), 1):
        yield f"{name}/figure {i}", _plain(b64decode(data).decode("utf-8", "replace"))


def _plain(text: str, suffix: str = "") -> str:
    """Without entities, the escapes of JSON and Markdown, and the quotes that CSV doubles."""
    if suffix == ".json":
        text = STRING.sub(lambda string: f'"{json.loads(string[0])}"', text)
    elif suffix == ".md":
        text = re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", text)
    # a text in JSON may be JSON itself
    return html.unescape(text).replace('""', '"').replace('\\"', '"')
