"""
Files of SAS, SPSS and Stata, read in a process of its own.

pyreadstat is a C library, which some damaged files crash: then that process dies, not the job.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from recohort.base.errors import RecohortError
from recohort.extract import size_limit
from recohort.extract.cell_text import as_text

READERS = {".sas7bdat": "read_sas7bdat", ".xpt": "read_xport", ".dta": "read_dta", ".sav": "read_sav"}
TRANSPORT_RECORD = 80  # bytes; SAS fills up the last record of a transport file
# days that a file shows as a month, a quarter, a year or in words
SAS_DATES = ("MONYY", "MMYY", "YYMM", "YYMON", "YYQ", "YEAR", "WORDDAT", "JULIAN", "NLDATE", "EURDF", "DEUDF")
DATES = {".sas7bdat": SAS_DATES, ".xpt": SAS_DATES, ".sav": ("MOYR", "QYR", "WKYR")}
# of Stata: how many are in a year, and how one is written
PERIODS = {"w": (52, "{}w{}"), "m": (12, "{}-{:02d}"), "q": (4, "{}q{}"), "h": (2, "{}h{}")}
READ_OPTIONS = ("encoding", "values", "max_megabytes")
AGAIN = "Export it again."


def read(path, entry, suffix):
    """
    Read a file of SAS, SPSS or Stata.

    Parameters
    ----------
    path : Path
    entry : dict
        encoding, values (SPSS, Stata) and max_megabytes from the protocol.
    suffix : str
        One of READERS.

    Returns
    -------
    names : list of str
    columns : list of list of str
        As long each as the file has rows.

    Raises
    ------
    RecohortError
        If the file is damaged, cut short or holds more than `max_megabytes`, a column's value labels are not
        in it, or two values of a column have one label.
    """
    status, said = _apart(path, {key: entry[key] for key in READ_OPTIONS}, suffix)
    if status:
        death = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        raise RecohortError(f"is damaged (its reader died of {death})", remedy=AGAIN)
    answer = json.loads(said.splitlines()[-1])  # the library may print before
    if "problem" in answer:
        raise RecohortError(answer["problem"], remedy=answer["remedy"])
    return answer["names"], answer["columns"]


def _apart(path, entry, suffix):
    """Exit status and output of `answer` in a process of its own, with this very package."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", __name__, str(path), json.dumps(entry), suffix],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return done.returncode, done.stdout


def answer(path, entry, suffix):
    """The names and columns of a file, or the problem and the remedy, as JSON; a crash ends this process."""
    try:
        names, columns = _parse(path, entry, suffix)
        found = {"names": names, "columns": columns}
    except RecohortError as error:
        found = {"problem": error.problem, "remedy": error.remedy}
    except Exception as error:  # the library has many kinds of error for a damaged file
        found = {"problem": f"cannot be read ({' '.join(str(error).split())})", "remedy": AGAIN}
    return json.dumps(found)


def _parse(path, entry, suffix):
    import pyreadstat

    def call(**options):
        encoding = entry["encoding"]
        return getattr(pyreadstat, READERS[suffix])(
            str(path), encoding=encoding, output_format="dict", **options
        )

    _, meta = call(metadataonly=True)
    if suffix == ".xpt" and Path(path).stat().st_size % TRANSPORT_RECORD:
        raise RecohortError("is cut short within a record", remedy="Export or copy it again.")
    if not meta.column_names:
        raise RecohortError("has no columns", remedy=AGAIN)
    if None in meta.column_names:
        remedy = "Set `encoding:` for this file in the protocol."
        raise RecohortError("has a column name that cannot be decoded", remedy=remedy)
    formats = meta.original_variable_types
    options = _date_formats(set(formats.values()), suffix)
    row_bytes = sum(max(width, size_limit.CELL_BYTES) for width in meta.variable_storage_width.values())
    n_allowed = size_limit.allowed_bytes(entry) // row_bytes
    cells, meta = call(row_limit=n_allowed + 1, **options)
    size_limit.check(max(map(len, cells.values())) * row_bytes, entry)
    labels = {}
    # SAS keeps its labels in another file
    if suffix in (".dta", ".sav") and entry["values"] == "labels":
        labels = _labels(meta)
        _are_told_apart(cells, labels)
    types = meta.readstat_variable_types
    columns = [
        _texts(_periods(values, formats[name]), labels.get(name, {}), types[name])
        for name, values in cells.items()
    ]
    return list(cells), columns


def _date_formats(formats, suffix):
    """Formats of dates that the library leaves as numbers, as its options."""
    if suffix == ".dta":
        times = [name for name in formats if name.startswith(("%tc", "%tC", "%-tc", "%-tC"))]
        return {
            "extra_date_formats": [name for name in formats if name.startswith(("%td", "%d", "%-td", "%-d"))],
            "extra_datetime_formats": [name for name in times if re.search("[CYy]", name[3:])],
        }
    names = {re.sub(r"[\d.]+$", "", name or "") for name in formats}
    return {"extra_date_formats": [name for name in names if name.startswith(DATES[suffix])]}


def _periods(values, format_):
    """Weeks, months, quarters and half-years of Stata, which count from 1960, as text."""
    kind = re.match("%-?t([wmqh])", format_ or "")
    if kind is None:
        return values
    per_year, written = PERIODS[kind[1]]
    # its codes for missing are texts
    return [
        written.format(int(value // per_year + 1960), int(value % per_year + 1))
        if isinstance(value, (int, float)) and value == value
        else value
        for value in values
    ]


def _labels(meta):
    """The labels come last in a Stata file: one that is cut short there would give codes without a word."""
    for column, labels in meta.variable_to_label.items():
        if labels not in meta.value_labels:
            raise RecohortError(
                f"the value labels {labels!r} of column {column} are not in it",
                remedy="Export it again, or set `values: codes` for this file in the protocol.",
            )
    # a value whose label is blank would become missing
    return {
        column: {value: label for value, label in labels.items() if as_text(label).strip()}
        for column, labels in meta.variable_value_labels.items()
    }


def _are_told_apart(cells, labels):
    """No two values of a column may become one text, which nothing could part again."""
    for column, of_values in labels.items():
        value_of = {}
        for value in sorted(set(cells[column]) - {None, ""}, key=as_text):
            # white space around a label is no part of it when cells are read
            text = as_text(of_values.get(value, value)).strip()
            other = value_of.setdefault(text, value)
            if text and other is not value:
                values = f"{as_text(other)!r} and {as_text(value)!r}"
                raise RecohortError(
                    f"the values {values} of column {column} are both {text!r} by their labels",
                    remedy="Set `values: codes` for this file in the protocol, or give them two labels.",
                )


def _texts(values, labels, type_):
    single = type_ == "float"
    labelled = [labels.get(value, value) for value in values]
    return [as_text(np.float32(v) if single and isinstance(v, float) else v) for v in labelled]


if __name__ == "__main__":
    print(answer(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]))
