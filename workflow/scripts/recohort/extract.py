"""The files of an extract as text: every cell a string, every row with its line number, nothing interpreted."""

import csv
import gzip
import importlib.util
import io
from pathlib import Path

from recohort.errors import RecohortError, nearest

TEXT_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
STATISTICS = (".sas7bdat", ".xpt", ".dta", ".sav")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


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
    entry = {"path": file} if isinstance(file, str) else file
    study = study_folder.name
    if "raw" in entry:
        for folder in raw_folders:
            if (path := _inside(folder, entry["raw"], study)).is_file():
                return path
        raise RawFileAbsent(f"{entry['raw']} is not in " + " or ".join(map(str, raw_folders)), study=study)
    folder = study_folder
    if "package" in entry:
        found = importlib.util.find_spec(entry["package"])
        if found is None:
            raise RecohortError(
                f"the package {entry['package']!r} is not installed", study=study, remedy="Run make, or install it."
            )
        folder = Path(found.origin).parent
    path = _inside(folder, entry["path"], study)
    if not path.is_file():
        here = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
        raise RecohortError("does not exist", study=study, file=path, remedy=nearest(path.name, sorted(here)))
    return path


def _inside(folder, name, study):
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RecohortError(
            f"{name!r} leaves the folder {folder}", study=study, remedy="Put the file inside the study's folder."
        )
    return path


def read(path, file, study=None):
    """
    Read one file.

    Parameters
    ----------
    path : Path
    file : str or dict
        Its entry in the protocol: separator, encoding, skip_rows, skip_after_header, sheet.
    study : str, optional
        Named in errors.

    Returns
    -------
    frame : DataFrame
        Columns of str ("" for an empty cell) and the integer column `row`: the line in a text file or sheet, the
        observation in a binary file.
    refused : list of (int, str, str)
        Line, reason and raw text of each row that has not as many fields as the header.

    Raises
    ------
    RecohortError
        If the file is empty, has a header only, a wrong encoding or separator, a header with a name twice or without
        a name, an open quote, or cannot be decompressed or parsed.
    """
    import pandas as pd

    entry = {} if isinstance(file, str) else file
    suffix = _suffix(path)
    if suffix in TEXT_SEPARATORS:
        records, lines, refused = _read_text(path, entry, study)
    elif suffix in (".xlsx", ".parquet", *STATISTICS):
        records, lines, refused = _read_binary(path, entry, suffix, study)
    else:
        raise RecohortError(
            f"the suffix {suffix!r} is not known", study=study, file=path,
            remedy=f"Known: {', '.join([*TEXT_SEPARATORS, '.xlsx', '.parquet', *STATISTICS])}.",
        )  # fmt: skip
    header, *columns = records
    if not lines:
        raise RecohortError("has a header but no rows", study=study, file=path, remedy="Export it again.")
    frame = pd.DataFrame(dict(zip(header, columns, strict=True)), dtype=object)
    frame["row"] = lines
    return frame, refused


def header(path, file, study=None):
    """The column names of a text file, or None for a format that has to be read whole to know."""
    if _suffix(path) not in TEXT_SEPARATORS:
        return None
    entry = {} if isinstance(file, str) else file
    reader = csv.reader(io.StringIO(_decode(path, entry, study), newline=""), delimiter=_separator(path, entry))
    return _header(reader, path, entry, study)


def assemble(protocol, paths, prepare=None):
    """
    Read the files of a study and make them one row per unit.

    Parameters
    ----------
    protocol : Protocol
    paths : list of Path
        In the order of `extract.files`.
    prepare : Path, optional
        A Python file with prepare(frames) -> DataFrame; frames is a dict of the files' frames, the result has `row`.

    Returns
    -------
    frame : DataFrame
        Text columns and `row`.
    refused : list of (int, str, str)
        Rows of the base file that could not be split into fields.

    Raises
    ------
    RecohortError
        If a joined file has such a row, prepare fails or returns something else, or as `read` and `join`.
    """
    study, files = protocol.study, protocol.extract["files"]
    frames, refused = {}, []
    for (name, entry), path in zip(files.items(), paths, strict=True):
        frames[name], bad_rows = read(Path(path), entry, study)
        if bad_rows and len(frames) > 1:
            line, reason, _ = bad_rows[0]
            raise RecohortError(reason, study=study, file=path, row=line, remedy="Correct the row.")
        refused += bad_rows
    frame = join(frames, protocol.extract.get("joins", []), study)
    return (_prepared({**frames, next(iter(files)): frame}, prepare, study) if prepare else frame), refused


def _prepared(frames, path, study):
    import runpy

    import pandas as pd

    def fail(problem):
        raise RecohortError(problem, study=study, file=path, remedy="Correct prepare(frames) in it.") from None

    try:
        frame = runpy.run_path(str(path))["prepare"](frames)
    except Exception as error:  # the analyst's own code: whatever it raises is theirs to mend
        fail(f"raised {type(error).__name__}: {error}")
    if not isinstance(frame, pd.DataFrame) or "row" not in frame or not len(frame):
        fail("did not return a DataFrame with rows and the column `row`")
    return frame.fillna("").astype({column: object for column in frame if column != "row"}).reset_index(drop=True)


def join(frames, joins, study=None):
    """
    Join files to the first one.

    Parameters
    ----------
    frames : dict of str to DataFrame
        The first is the base.
    joins : list of dict
        file, on, how, as in the protocol.

    Returns
    -------
    DataFrame
        One row per row of the base; a column that both have is called `file.column`; "" where nothing matches.

    Raises
    ------
    RecohortError
        If the key is missing or repeats on a side declared as `one`.
    """
    base_name, base = next(iter(frames.items()))
    for spec in joins:
        other, key = frames[spec["file"]], spec["on"]
        for name, frame in ((base_name, base), (spec["file"], other)):
            if key not in frame:
                raise RecohortError("has no such column to join on", study=study, file=name, column=key,
                                    remedy=nearest(key, frame.columns))  # fmt: skip
        for name, frame in ((spec["file"], other), (base_name, base))[: 2 if spec["how"] == "one-to-one" else 1]:
            twice = frame[key].duplicated()
            if twice.any():
                where = frame.loc[twice].iloc[0]
                raise RecohortError(f"the join is declared {spec['how']}, but the key repeats", study=study, file=name,
                                    row=where["row"], column=key, value=where[key],
                                    remedy="Correct the file or the declared cardinality.")  # fmt: skip
        names = {c: f"{spec['file']}.{c}" for c in other.columns if c != key and c in base.columns}
        other = other.rename(columns=names).drop(columns=f"{spec['file']}.row")
        base = base.merge(other, on=key, how="left")
        base[list(other.columns)] = base[list(other.columns)].fillna("")
    return base


def _suffix(path):
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return suffixes[-2] if suffixes[-1:] == [".gz"] and len(suffixes) > 1 else "".join(suffixes[-1:])


def _separator(path, entry):
    return entry.get("separator", TEXT_SEPARATORS[_suffix(path)])


def _decode(path, entry, study):
    def fail(problem, remedy, **where):
        raise RecohortError(problem, study=study, file=path, remedy=remedy, **where) from None

    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, OSError) as error:
        fail(f"cannot be read ({error})", "Export or copy it again.")
    if not content.strip():
        fail("is empty", "Export it again.")
    encoding = entry.get("encoding", "utf-8")
    marked = BYTE_ORDER_MARKS.get(content[:2])
    if marked and not encoding.lower().startswith("utf-16"):
        fail(f"is {marked}, not {encoding}", f"Set `encoding: {marked}` for this file in the protocol.")
    try:
        text = content.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        fail(f"is not {encoding} (byte {content[error.start : error.start + 1]!r})",
             "Set `encoding:` for this file in the protocol, latin-1 or cp1252 perhaps.", row=line)  # fmt: skip
    except LookupError:
        fail(f"the encoding {encoding!r} is not known", "Correct `encoding:` in the protocol.")
    if "\0" in text:
        fail("has NUL characters", "It may be UTF-16 or damaged: set `encoding:` or export it again.")
    return text


def _header(reader, path, entry, study):
    def fail(problem, remedy, **where):
        raise RecohortError(problem, study=study, file=path, remedy=remedy, **where) from None

    for _ in range(entry.get("skip_rows", 0)):
        next(reader, None)
    names = [name.strip() for name in next(reader, [])]
    line = reader.line_num
    separator = _separator(path, entry)
    if len(names) < 2:
        other = [mark for mark in ",;\t|" if mark != separator and mark in "".join(names)]
        if other:
            fail(f"has one column when split at {separator!r}",
                 f"Set `separator: {other[0]!r}` for this file in the protocol.", row=line)  # fmt: skip
    if "" in names:
        fail(f"column {names.index('') + 1} has no name in the header", "Name it or remove it.", row=line)
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        fail("is in the header twice", "Rename one of them.", row=line, column=sorted(twice)[0])
    if "row" in names:
        fail("is a name that recohort keeps for line numbers", "Rename the column.", row=line, column="row")
    return names


def _read_text(path, entry, study):
    text = _decode(path, entry, study)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(path, entry), strict=True)
    rows, lines, refused = [], [], []
    try:
        names = _header(reader, path, entry, study)
        for _ in range(entry.get("skip_after_header", 0)):
            next(reader, None)
        before = reader.line_num
        for fields in reader:
            line, before = before + 1, reader.line_num
            if len(fields) == len(names):
                rows.append(fields)
                lines.append(line)
            elif fields:
                reason = f"{len(fields)} fields where the header has {len(names)}"
                refused.append((line, reason, _separator(path, entry).join(fields)))
    except csv.Error as error:
        raise RecohortError(f"cannot be split into fields ({error})", study=study, file=path, row=reader.line_num,
                            remedy="Close the quote, or export it again.") from None  # fmt: skip
    columns = list(map(list, zip(*rows, strict=True))) if rows else [[] for _ in names]
    return [names, *columns], lines, refused


def _read_binary(path, entry, suffix, study):
    import pandas as pd

    try:
        if suffix == ".xlsx":
            frame = pd.read_excel(path, sheet_name=entry.get("sheet", 0), dtype=object, keep_default_na=False,
                                  na_values=[""], skiprows=entry.get("skip_rows", 0))  # fmt: skip
        elif suffix == ".parquet":
            frame = pd.read_parquet(path)
        else:
            import pyreadstat

            reader = {".sas7bdat": pyreadstat.read_sas7bdat, ".xpt": pyreadstat.read_xport,
                      ".dta": pyreadstat.read_dta, ".sav": pyreadstat.read_sav}[suffix]  # fmt: skip
            # .dta and .sav carry value labels: the labels are the levels an analyst knows
            options = {"apply_value_formats": True} if suffix in (".dta", ".sav") else {}
            frame, _ = reader(str(path), **options)
    except Exception as error:  # each library has its own kinds of error for a damaged file
        raise RecohortError(f"cannot be read ({error})", study=study, file=path, remedy="Export it again.") from None
    names = [str(name).strip() for name in frame.columns]
    twice = {name for name in names if names.count(name) > 1}
    if twice or "row" in names:
        raise RecohortError("is in the header twice, or is the reserved name `row`", study=study, file=path,
                            column=sorted(twice or {"row"})[0], remedy="Rename it.")  # fmt: skip
    first = entry.get("skip_rows", 0) + 2 if suffix == ".xlsx" else 1
    columns = [[_text(value) for value in frame.iloc[:, i].tolist()] for i in range(len(names))]
    return [names, *columns], list(range(first, first + len(frame))), []


def _text(value):
    """A typed cell as the text an export to CSV would have: whole floats without a point, dates as ISO."""
    import pandas as pd

    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value)
