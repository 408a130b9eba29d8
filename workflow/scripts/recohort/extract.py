"""The files of an extract as text: every cell a string, every row with its line, nothing interpreted."""

import importlib.util
import os
from collections import Counter
from pathlib import Path

from recohort import textfile
from recohort.errors import RecohortError, nearest
from recohort.textfile import Refused

LEFT_OUT = "left out by prepare.py"


class RawFileAbsent(RecohortError):
    """A file that a user must fetch is not there: the study is skipped, which is no mistake."""


def locate(file, study_folder, raw_folders):
    """
    Where a file of the protocol is.

    Parameters
    ----------
    file : str or dict
        An entry of `extract.files`.
    study_folder : Path
    raw_folders : list of Path
        Searched in order for a `raw` file.

    Returns
    -------
    Path

    Raises
    ------
    RawFileAbsent
        If a `raw` file is in none of the folders.
    RecohortError
        If a path leaves its folder, a package is not installed or a file does not exist.
    """
    entry, study, folder = _entry(file), study_folder.name, study_folder
    if "raw" in entry:
        places = [_inside(folder, entry["raw"], study) for folder in raw_folders]
        found = next((path for path in places if path.is_file()), None)
        if found is None:
            problem = f"{entry['raw']} is not in {' or '.join(map(str, raw_folders))}"
            raise RawFileAbsent(problem, study=study)
        return found
    if "package" in entry:
        found = importlib.util.find_spec(entry["package"])
        if found is None or found.origin is None:
            problem = f"the package {entry['package']!r} is not installed"
            raise RecohortError(problem, study=study, remedy="Correct its name, or install it.")
        folder = Path(found.origin).parent
    path = _inside(folder, entry["path"], study)
    if not path.is_file():
        beside = sorted(other.name for other in path.parent.glob("*"))
        raise RecohortError("does not exist", study=study, file=path, remedy=nearest(path.name, beside))
    return path


def read(path, file, study=None):
    """
    Read one file.

    Parameters
    ----------
    path : Path
    file : str or dict
        Its entry in the protocol: how it is read (as `textfile.read`, `binaryfile.read`), its `rows`, and
        which part of it is wanted: `parameter` (adam.endpoint), `fields` and `instrument` (redcap.part).
    study : str, optional
        Named in errors.

    Returns
    -------
    frame : DataFrame
        Columns of str ("" for an empty cell) and the integer column `row`: the line in a text file or sheet,
        the observation in a binary file.
    refused : list of Refused
        Rows that have not as many fields as the header.

    Raises
    ------
    RecohortError
        If the file is empty, has a header only, a wrong encoding or separator, a name twice in the header, a
        column in use without a name, an open quote, other than the declared number of rows, or cannot be
        decompressed or parsed.
    """
    import numpy as np
    import pandas as pd

    entry = _entry(file)
    grid = _grid(path, entry, study)
    names = _names(grid.header, grid.line, path, study)
    if not grid.rows:
        _fail_without_rows(grid, path, study)
    n_rows = len(grid.rows) + len(grid.refused)
    if n_rows != entry.get("rows", n_rows):
        problem = f"has {n_rows} rows, not the {entry['rows']} that the protocol says"
        raise RecohortError(problem, study=study, file=path, remedy="Export or copy it again.")
    for i in [i for i, name in enumerate(names) if not name]:
        _is_blank([row[i] for row in grid.rows], grid.lines, path, study)
    frame = pd.DataFrame(np.array(grid.rows, dtype=object), columns=names, dtype=object)
    frame = frame[[name for name in names if name]].assign(row=grid.lines)
    return _part(frame, entry, path, study), grid.refused


def header(path, file, study=None):
    """The column names of a text file, or None for a file that has to be read whole to know."""
    suffix, entry = _suffix(path), _entry(file)
    if suffix not in textfile.SEPARATORS or "parameter" in entry:
        return None
    line, fields = textfile.header(path, entry, _separator(suffix, entry), study)
    return [name for name in _names(fields, line, path, study) if name]


def assemble(protocol, paths, prepare=None):
    """
    Read the files of a study and make them one row per unit.

    Parameters
    ----------
    protocol : Protocol
    paths : list of Path
        In the order of `extract.files`.
    prepare : Path, optional
        A Python file with prepare(frames) -> DataFrame; frames is a dict of the files' frames, the base with
        the others joined to it; the result has its `row`.

    Returns
    -------
    frame : DataFrame
        Text columns and `row`.
    refused : list of Refused
        Rows of the base file that could not be split into fields, or that prepare left out.

    Raises
    ------
    RecohortError
        If a joined file has such a row, prepare fails or returns something else; as `read`, `joins.join`.
    """
    from recohort import joins

    study, files = protocol.study, protocol.extract["files"]
    frames, refused = {}, {}
    for (name, entry), path in zip(files.items(), paths, strict=True):
        frames[name], refused[name] = read(Path(path), entry, study)
        if refused[name] and len(frames) > 1:
            row, reason, detail, _ = refused[name][0]
            raise RecohortError(
                f"{reason} ({detail})", study=study, file=path, row=row, remedy="Correct the row."
            )
    base = next(iter(files))
    frame = joins.join(frames, protocol.extract.get("joins", []), study)
    if prepare is None:
        return frame, refused[base]
    prepared = _prepared({**frames, base: frame}, prepare, study)
    left_out = sorted(set(frame["row"]) - set(prepared["row"]))
    return prepared, refused[base] + [Refused(row, LEFT_OUT, "", "") for row in left_out]


def _entry(file):
    return {"path": file} if isinstance(file, str) else file


def _inside(folder, name, study):
    path = Path(os.path.normpath(folder / name))
    # resolved, so that neither `..` nor a link leads out
    if not path.resolve().is_relative_to(folder.resolve()):
        problem = f"{name!r} leaves the folder {folder}"
        raise RecohortError(problem, study=study, remedy="Put the file inside the study's folder.")
    return path


def _suffix(path):
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def _separator(suffix, entry):
    return entry.get("separator", textfile.SEPARATORS[suffix])


def _grid(path, entry, study):
    suffix = _suffix(path)
    if suffix in textfile.SEPARATORS:
        return textfile.read(path, entry, _separator(suffix, entry), study)
    from recohort import binaryfile

    if suffix not in binaryfile.SUFFIXES:
        known = ", ".join([*textfile.SEPARATORS, *binaryfile.SUFFIXES])
        raise RecohortError(
            f"the suffix {suffix!r} is not known", study=study, file=path, remedy=f"Known: {known}."
        )
    return binaryfile.read(path, entry, suffix, study)


def _part(frame, entry, path, study):
    """The rows and columns of a file that its entry chooses, where a file holds several tables in one."""
    if "parameter" in entry:
        from recohort import adam

        return adam.endpoint(frame, entry["parameter"], path, study)
    if "fields" in entry:
        from recohort import redcap

        values = entry.get("values", "labels")
        return redcap.part(frame, entry["fields"], entry.get("instrument", ""), values, path, study)
    return frame


def _names(fields, line, path, study):
    def fail(problem, remedy, **where):
        raise RecohortError(problem, study=study, file=path, row=line, remedy=remedy, **where)

    names = [name.strip() for name in fields]
    twice = [name for name, n in Counter(names).items() if name and n > 1]
    if twice:
        fail("is in the header twice", "Rename one of them.", column=twice[0])
    if "row" in names:
        fail("is a name that recohort keeps for line numbers", "Rename the column.", column="row")
    return names


def _is_blank(column, lines, path, study):
    """Nameless columns, which spreadsheets leave beside a table, are left out only when they are empty."""
    for line, value in zip(lines, column, strict=True):
        if value.strip():
            raise RecohortError(
                "is in a column without a name in the header",
                study=study,
                file=path,
                row=line,
                value=value,
                remedy="Name the column, or empty it.",
            )


def _fail_without_rows(grid, path, study):
    if not grid.refused:
        raise RecohortError("has a header but no rows", study=study, file=path, remedy="Export it again.")
    row, reason, detail, _ = grid.refused[0]
    problem = f"no row can be used: {reason} ({detail})"
    raise RecohortError(
        problem, study=study, file=path, row=row, remedy="Check the separator and the header."
    )


def _prepared(frames, path, study):
    import runpy
    import traceback

    import pandas as pd

    from recohort.binaryfile import as_text

    def fail(problem, row=None):
        raise RecohortError(
            problem, study=study, file=path, row=row, remedy="Correct prepare(frames) in it."
        ) from None

    try:
        prepared = runpy.run_path(str(path))["prepare"](frames)
    except Exception as error:  # the analyst's own code: whatever it raises is theirs to mend
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
        ]
        fail(f"raised {type(error).__name__}: {error}", row=lines[-1] if lines else None)
    if not isinstance(prepared, pd.DataFrame) or "row" not in prepared or not len(prepared):
        fail("did not return a DataFrame with rows and the column `row`")
    if not set(prepared["row"]) <= set(next(iter(frames.values()))["row"]):
        fail("gave rows whose `row` is not a line of the first file")
    texts = prepared.drop(columns="row").astype(object)
    columns = {
        name: [as_text(value) for value in column]
        for name, column in texts.where(texts.notna(), None).items()
    }
    return pd.DataFrame(columns, dtype=object).assign(row=prepared["row"].to_numpy(int))
