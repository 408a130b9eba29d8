"""What may leave: which files of the results, why, and in which form; everything else stays or is refused."""

import html
import io
import json
import re
import zipfile
from base64 import b64decode
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import NamedTuple

from recohort.analyses import control, estimates
from recohort.analyses.curves import control as curves_control
from recohort.audit import control as audit_control
from recohort.certificate import compare as certificate
from recohort.cohort import control as cohort_control

LIST, PROVENANCE = "release.csv", "provenance.json"
COLUMNS = ["file", "data", "sensitivity", "why", "searched", "sha256"]
EXACT, CONTROLLED, NO_PATIENTS = "aggregate-exact", "aggregate-controlled", "no-patient-data"
EMBEDDED = re.compile(r"data:[\w/+;=-]*base64,([A-Za-z0-9+/=]+)")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Drawn from the same figure as the SVG beside it, which is searched.
DRAWN = {".pdf", ".png"}

ESTIMATES = {**dict.fromkeys(estimates.COUNTS, int), **dict.fromkeys(estimates.NUMBERS, float)}
FLOW = dict.fromkeys(("n", "n_unknown", "n_left"), int)


class Kind(NamedTuple):
    """
    Files of the results.

    pattern : str
        Of their path.
    why : str
        Why they may leave; "" if they stay.
    numbers : dict of str to type, or None
        Of files that are exact in the results: the columns to read as numbers, so as to control the rows.
    is_controllable : bool
        If not, they stay where the study is under disclosure control.
    """

    pattern: str
    why: str = ""
    numbers: dict | None = None
    is_controllable: bool = True


KINDS = (
    Kind("report.html", "the report, as printed"),
    Kind(
        "provenance.json", "what the run was made with, without hashes of controlled extracts and of results"
    ),
    Kind("*/tables/tables.json", "tables as printed"),
    Kind("*/tables/*.csv", "a table as printed, or the numbers of one"),
    Kind("*/tables/*.html", "a table as printed"),
    Kind("*/tables/*.docx", "a table as printed"),
    Kind("*/figures/*.svg", "a figure as printed"),
    Kind("*/figures/*.pdf", "a figure as printed"),
    Kind("*/figures/*.png", "a figure as printed"),
    Kind("*/logistic/estimates.csv", "estimates and their intervals", ESTIMATES),
    Kind("*/survival/estimates.csv", "estimates and their intervals", ESTIMATES),
    Kind("*/contingency/estimates.csv", "estimates and their intervals", ESTIMATES),
    Kind("*/contingency/counts.csv", "cells of cross-tables", {"n": int}),
    Kind("*/survival/curves.csv", "steps of survival curves", curves_control.CURVE_TYPES),
    Kind("*/cohort/attrition.csv", "counts of the flow", FLOW),
    Kind("*/cohort/cleaning.csv", "counts of changed cells", {"n": int}),
    Kind("*/audit/claims.csv", "printed numbers beside recomputed ones", {}),
    Kind("*/certificate.csv", "two engines compared", {}),
    Kind("*/drop/drop.md", "what a data drop changed, as printed"),
    Kind("*/drop/page.json", "what a data drop changed, as printed"),
    Kind("*/drop/schema.csv", "columns that a data drop changed", is_controllable=False),
    Kind("*/drop/columns.csv", "cells that a data drop changed, counted", is_controllable=False),
    Kind("*/drop/patients.csv", "patients gone, new and changed, counted", is_controllable=False),
    Kind("*/drop/followup.csv", "follow-up that a data drop changed, counted", is_controllable=False),
    Kind("*/drop/attrition.csv", "counts of the flow in two drops", is_controllable=False),
    Kind("*/drop/estimates.csv", "estimates in two drops", is_controllable=False),
    Kind("*/drop/verdicts.csv", "verdicts in two drops", is_controllable=False),
    Kind("*/drop/gates.csv", "gates of a data drop", is_controllable=False),
    Kind("*/cohort/cohort.parquet"),
    Kind("*/cohort/ledger.csv"),
    Kind("*/cohort/quarantine.csv"),
    Kind("*/cohort/drop_cells.csv"),
    Kind("*/cohort/drop_patients.csv"),
    Kind("gates.txt"),
    Kind("*.log"),
    Kind("*/*.log"),
    Kind("*/*/*.log"),
)
# What controls the rows of a file by themselves.
CONTROLS = {
    "attrition.csv": cohort_control.attrition,
    "cleaning.csv": cohort_control.cleaning,
    "claims.csv": audit_control.claims,
}
# What stays of a certificate under disclosure control: the estimates have it as far as it may leave.
COEFFICIENTS = dict.fromkeys(("coefficient", "engine_coefficient", "std_error", "engine_std_error"))


def kind(path):
    """
    The kind of a file.

    Parameters
    ----------
    path : str
        In the folder of results, with `/`.

    Returns
    -------
    Kind or None
        None of a file that nobody has decided on.
    """
    return next((kind for kind in KINDS if _fits(path.split("/"), kind.pattern.split("/"))), None)


def _fits(parts, patterns):
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _study(path):
    return path.partition("/")[0]


def leaves(path, rules):
    """
    Whether a file may leave.

    Parameters
    ----------
    path : str
        Of a known kind.
    rules : dict of str to disclosure.Rule or None
        The rule of each study, as `disclosure.rule_of` gives it.

    Returns
    -------
    bool
    """
    found = kind(path)
    return bool(found.why) and (found.is_controllable or rules[_study(path)] is None)


def listed(path, data, rules, known, sha256):
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
    searched = "ids, dates and free texts of patients"
    if known.n_numbers:
        searched = f"dates and free texts of patients, and ids but {known.n_numbers} numbers like counts"
    return {
        "file": path,
        "data": ", ".join(sorted({data[study] for study in studies})),
        "sensitivity": NO_PATIENTS if path == PROVENANCE else sensitivity,
        "why": kind(path).why,
        "searched": "drawn with the SVG, which is searched" if PurePath(path).suffix in DRAWN else searched,
        "sha256": sha256,
    }


def controlled(files, rule, confidence):
    """
    The rows of a study that are exact in the results, as they may leave.

    Parameters
    ----------
    files : dict of str to list of dict
        Path to rows, read by the numbers of its kind; all those of a study.
    rule : disclosure.Rule
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    dict of str to list of dict
        A row of the certificate is there only where its estimate is: the reason why one was not checked would
        tell how few it rests on.
    """
    exact = (_rows(files, name) for name in ("estimates.csv", "counts.csv", "curves.csv"))
    found, counts, curves = control.results(*exact, rule, confidence)
    shown = {_identity(row) for row in found if row["estimate"] is not None}
    safe = {}
    for path, rows in files.items():
        match PurePath(path).name:
            case "estimates.csv":
                of_stage = {row["analysis"] for row in rows}
                safe[path] = [row for row in found if row["analysis"] in of_stage]
            case "counts.csv":
                safe[path] = counts
            case "curves.csv":
                safe[path] = curves
            case "certificate.csv":
                safe[path] = [{**row, **COEFFICIENTS} for row in rows if _identity(row) in shown]
            case name:
                safe[path] = CONTROLS[name](rows, rule)
    return safe


def _rows(files, name):
    return [row for path, rows in files.items() if PurePath(path).name == name for row in rows]


def _identity(row):
    return tuple(row[name] for name in certificate.IDENTITY)


def provenance(record, rules):
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


def texts(name, content):
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


def _plain(text, suffix=""):
    """Without entities, the escapes of JSON and Markdown, and the quotes that CSV doubles."""
    if suffix == ".json":
        text = STRING.sub(lambda string: f'"{json.loads(string[0])}"', text)
    elif suffix == ".md":
        text = re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", text)
    # a text in JSON may be JSON itself
    return html.unescape(text).replace('""', '"').replace('\\"', '"')
