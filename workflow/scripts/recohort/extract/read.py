"""The files of an extract as text: every cell a string, every row with its line, nothing interpreted."""

import importlib.util
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from recohort.base.errors import RecohortError, nearest
from recohort.base.files import other_than_a_file
from recohort.extract import formats
from recohort.extract.delimited import Refused

SKIPPED = "marked as no data"
LEFT_OUT = "left out by prepare.py"


class RawFileAbsent(RecohortError):
    """A file that a user must fetch is not there: the study is skipped, which is no mistake."""


def locate(entry: dict[str, Any], study_folder: Path, raw_folders: Iterable[Path]) -> Path:
    """
    Where a file of the protocol is.

    Parameters
    ----------
    entry : dict
        Of `extract.files`.
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
        If a path leaves its folder, a package is not installed, or a file does not exist or is a folder, a
        pipe or a device.
    """
    study, folder = study_folder.name, study_folder
    found: Any
    if "raw" in entry:
        places = [_inside(folder, entry["raw"], study) for folder in raw_folders]
        found = next((path for path in places if _is_file(path)), None)
        if found is None:
            for path in places:
                _is_no_other(path, study)
            problem = f"{entry['raw']} is not in {' or '.join(map(str, raw_folders))}"
            raise RawFileAbsent(problem, study=study)
        located: Path = found
        return located
    if "package" in entry:
        found = importlib.util.find_spec(entry["package"])
        if found is None or not found.has_location:
            problem = f"the package {entry['package']!r} is not installed"
            raise RecohortError(problem, study=study, remedy="Correct its name, or install it.")
        folder = Path(found.origin).parent
    path = _inside(folder, entry["path"], study)
    _is_no_other(path, study)
    if not _is_file(path):
        beside = sorted(other.name for other in path.parent.glob("*"))
        raise RecohortError("does not exist", study=study, file=path, remedy=nearest(path.name, beside))
    return path


def read(
    path: Path, entry: dict[str, Any], study: str | None = None, wanted: set[str] | None = None
) -> tuple[Any, list[Refused]]:
    """
    Read one file.

    Parameters
    ----------
    path : Path
    entry : dict
        Of the protocol, with every default: how it is read (as `delimited.read`, `binary.read`), its `rows`,
        and which part of it is wanted: `parameter` (adam.endpoint), `fields` and `instrument` (redcap.part).
    study : str, optional
        Named in errors.
    wanted : set of str, optional
        The columns to keep of a text file that is read whole and has them all; default all.

    Returns
    -------
    frame : DataFrame
        Columns of str ("" for an empty cell), encoded as of `text_column.series`, and the integer column
        `row`: the line in a text file or sheet, the observation in a binary file.
    refused : list of Refused
        Rows that have more or fewer fields than the header, and those that `skip_where` marks.

    Raises
    ------
    RecohortError
        If the file is empty, has a header only, a wrong encoding or separator, a name twice in the header, a
        column in use without a name, an open quote, other than the declared number of rows, or cannot be
        decompressed or parsed.
    """
    import pandas as pd

    from recohort.extract import text_column

    marked = entry["skip_where"]
    wanted = None if wanted is None else wanted | set(marked)
    # a part is chosen by columns that no codebook names
    is_part = "parameter" in entry or "fields" in entry
    table = _table(path, entry, study, None if is_part else wanted)
    names = _names(table.header, table.line, path, study)
    if not len(table.lines):
        _fail_without_rows(table, path, study)
    n_rows = len(table.lines) + len(table.refused)
    if "rows" in entry and n_rows != entry["rows"]:
        problem = f"has {n_rows} rows, not the {entry['rows']} that the protocol says"
        raise RecohortError(problem, study=study, file=path, remedy="Export or copy it again.")
    for i, texts in table.columns.items():
        if not names[i]:
            _is_blank(texts, table.lines, path, study)
    named = {names[i]: text_column.series(texts) for i, texts in table.columns.items() if names[i]}
    frame, skipped = _skip_marked(pd.DataFrame(named).assign(row=table.lines), marked, path, study)
    return _part(frame, entry, path, study), table.refused + skipped


def header(path: Path, entry: dict[str, Any], study: str | None = None) -> list[str] | None:
    """The column names of a text file, or None for a file that has to be read whole to know."""
    of_format = formats.of(path, study)
    if of_format.header is None or "parameter" in entry:
        return None
    line, fields = of_format.header(path, entry, study)
    return [name for name in _names(fields, line, path, study) if name]


def assemble(
    protocol: Any,
    paths: Iterable[str | Path],
    prepare: Path | None = None,
    wanted: set[str] | None = None,
    backwards: bool = False,
) -> tuple[Any, list[Refused]]:
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
    wanted : set of str, optional
        As of `read`; all columns of several files, or for prepare, are kept.
    backwards : bool
        Give prepare the rows of each file in the reverse order, numbered in that order, and the result the
        lines of the file again: what differs then is made from the position of a row.

    Returns
    -------
    frame : DataFrame
        As of `read`.
    refused : list of Refused
        Rows of the base file that could not be split into fields, or that prepare left out, and rows of
        joined files that `skip_where` marks or whose key no row of the base has. Boxes of
        REDCap that say nothing (redcap.unanswered).

    Raises
    ------
    RecohortError
        If a joined file has such a row; as `read`, `redcap.unanswered`, `joins.join`, `prepare.apply`.
    """
    from recohort.extract import identifier, joins, text_column

    study, files = protocol.study, protocol.extract["files"]
    wanted = wanted if len(files) == 1 and prepare is None else None
    frames: dict[str, Any] = {}
    refused: Any = {}
    for (name, entry), path in zip(files.items(), paths, strict=True):
        frames[name], refused[name] = read(Path(path), entry, study, wanted)
        broken = [row for row in refused[name] if row.reason != SKIPPED]
        if broken and len(frames) > 1:
            row, reason, detail, *_ = broken[0]
            raise RecohortError(
                f"{reason} ({detail})", study=study, file=path, row=row, remedy="Correct the row."
            )
    base = next(iter(files))
    for (name, entry), path in zip(files.items(), paths, strict=True):
        if "fields" in entry:
            from recohort.extract import redcap

            frames[name], unknown = redcap.unanswered(frames[name], entry["fields"], name, path, study)
            refused[base] = refused[base] + unknown
    form = identifier.form(protocol.extract)
    frame, unjoined = joins.join(frames, protocol.extract["joins"], form, protocol.missing, study)
    skipped = [row._replace(file=name) for name, rows in refused.items() if name != base for row in rows]
    refused = refused[base] + skipped + unjoined
    if prepare is None:
        return frame, refused
    from recohort.extract import prepare as preparation

    texts = {name: text_column.plain(of_file) for name, of_file in {**frames, base: frame}.items()}
    lines = set(frame["row"])
    if backwards:
        texts = {name: _backwards(of_file) for name, of_file in texts.items()}
    prepared = preparation.apply(prepare, texts, lines, study)
    if backwards:
        line_of = dict(zip(texts[base]["row"], reversed(texts[base]["row"].tolist()), strict=True))
        prepared = prepared.assign(row=prepared["row"].map(line_of))
    left_out = sorted(lines - set(prepared["row"]))
    return prepared, refused + [Refused(row, LEFT_OUT, "", "") for row in left_out]


def _backwards(frame: Any) -> Any:
    """A frame with its rows in the reverse order, and the line numbers as they were from top to bottom."""
    return frame.iloc[::-1].reset_index(drop=True).assign(row=frame["row"].to_numpy())


def _skip_marked(
    frame: Any, marked: dict[str, list[str]], path: Path, study: str | None
) -> tuple[Any, list[Refused]]:
    """The rows that the protocol says are no data, such as totals, apart from the others."""
    import numpy as np

    from recohort.extract import text_column

    is_marked = np.zeros(len(frame), dtype=bool)
    for column, texts in marked.items():
        if column not in frame:
            remedy = nearest(column, frame.columns.drop("row"))
            problem = "is in `skip_where` and not in the header"
            raise RecohortError(problem, study=study, file=path, column=column, remedy=remedy)
        stripped = text_column.strip(text_column.of(frame[column]))[0]
        is_marked |= text_column.is_in(stripped, [text.strip() for text in texts])
    if not is_marked.any():
        return frame, []
    if is_marked.all():
        problem, remedy = "`skip_where` marks every row", "Correct it in the protocol."
        raise RecohortError(problem, study=study, file=path, remedy=remedy)
    skipped = [
        Refused(int(row), SKIPPED, "skip_where of the protocol", "; ".join(map(str, texts)))
        for row, *texts in frame.loc[is_marked, ["row", *frame.columns.drop("row")]].itertuples(index=False)
    ]
    return frame.loc[~is_marked].reset_index(drop=True), skipped


def _inside(folder: Path, name: str, study: str | None) -> Path:
    if "\0" in name:
        raise RecohortError(f"{name!r} is no path", study=study, remedy="Correct it in the protocol.")
    path = Path(os.path.normpath(folder / name))
    # resolved, so that neither `..` nor a link leads out
    if not path.resolve().is_relative_to(folder.resolve()):
        problem = f"{name!r} leaves the folder {folder}"
        raise RecohortError(problem, study=study, remedy="Put the file inside the study's folder.")
    return path


def _is_no_other(path: Path, study: str | None) -> None:
    kind = other_than_a_file(path)
    if kind is not None:
        raise RecohortError(
            f"is {kind}, not a file", study=study, file=path, remedy="Put a file in its place."
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the name is too long
        return False


def _table(path: Path, entry: dict[str, Any], study: str | None, wanted: Any) -> Any:
    def kept(header: list[str]) -> list[int]:
        names = [name.strip() for name in header]
        # all are kept where one is missing, whose nearest spelling will be asked for
        is_all = wanted is None or not wanted <= set(names)
        return [i for i, name in enumerate(names) if is_all or name in wanted or not name]

    return formats.of(path, study).read(path, entry, study, kept)


def _part(frame: Any, entry: dict[str, Any], path: Path, study: str | None) -> Any:
    """The rows and columns of a file that its entry chooses, where a file holds several tables in one."""
    if "parameter" in entry:
        from recohort.extract import adam, text_column

        return adam.endpoint(text_column.plain(frame), entry["parameter"], path, study)
    if "fields" in entry:
        from recohort.extract import redcap, text_column

        return redcap.part(
            text_column.plain(frame), entry["fields"], entry["instrument"], entry["values"], path, study
        )
    return frame


def _names(fields: list[str], line: int, path: Path, study: str | None) -> list[str]:
    def fail(problem: str, remedy: str, **where: Any) -> NoReturn:
        raise RecohortError(problem, study=study, file=path, row=line, remedy=remedy, **where)

    names = [name.strip() for name in fields]
    twice = [name for name, n in Counter(names).items() if name and n > 1]
    if twice:
        fail("is in the header twice", "Rename one of them.", column=twice[0])
    if "row" in names:
        fail("is a name that recohort keeps for line numbers", "Rename the column.", column="row")
    return names


def _is_blank(texts: Any, lines: Any, path: Path, study: str | None) -> None:
    """Nameless columns, which spreadsheets leave beside a table, are left out only when they are empty."""
    for code, text in enumerate(texts.distinct.to_pylist()):
        if text.strip():
            raise RecohortError(
                "is in a column without a name in the header",
                study=study,
                file=path,
                row=lines[(texts.codes == code).argmax()],
                value=text,
                remedy="Name the column, or empty it.",
            )


def _fail_without_rows(table: Any, path: Path, study: str | None) -> None:
    if not table.refused:
        raise RecohortError("has a header but no rows", study=study, file=path, remedy="Export it again.")
    row, reason, detail, *_ = table.refused[0]
    problem = f"no row can be used: {reason} ({detail})"
    raise RecohortError(
        problem, study=study, file=path, row=row, remedy="Check the separator and the header."
    )
