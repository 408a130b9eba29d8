"""
Whole files or none: everything is written beside its place and renamed into it.

No text of a CSV is a formula: one that a spreadsheet would run has an apostrophe before it, which `read_rows`
takes away again.
"""

import csv
import io
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recohort.base.errors import RecohortError

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | None
Row = Mapping[str, Value]
# int or float of each column of numbers; the others are text
Types = dict[str, type[int] | type[float]]

# What a spreadsheet runs (OWASP, CSV injection), apostrophes that it came with before it ...
RUNS = re.compile(r"'*(\s*[=+\-@＝＋－＠]|[\t\r\n])")
# ... unless it is a number, a printed interval or a lone sign
HARMLESS = re.compile(r"[-+](\d[\d.,]*([eE][-+]?\d+)?%?( \([-\d., to]+\))?)?")


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """
    A path to write to that becomes `path` only when the block ends without an error.

    Parameters
    ----------
    path : str or Path
        The file or folder wanted; a folder if the block makes one.

    Yields
    ------
    Path
        Where to write: the same name with `.part` behind it, in the same folder.

    Raises
    ------
    RecohortError
        If the disk is full or the place cannot be written to. What was at `path` before is still there then.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(part)
        yield part
        _move(part, path)
    except BaseException as error:
        with suppress(OSError):
            _remove(part)
        if isinstance(error, OSError) and _is_about(error, part):
            raise RecohortError(
                f"could not be written ({os.strerror(error.errno) if error.errno else error})",
                file=path,
                remedy="Free space on the disk or choose a folder that can be written to, then run again.",
            ) from error
        raise


def other_than_a_file(path: str | Path) -> str | None:
    """What is at a path if it is no file, such as a pipe, which never ends; None if it is one, or nothing."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):  # nothing is there, or nothing can be
        return None
    kinds = {"a folder": stat.S_ISDIR, "a pipe": stat.S_ISFIFO, "a socket": stat.S_ISSOCK}
    kind = next((kind for kind, is_so in kinds.items() if is_so(mode)), "a device")
    return None if stat.S_ISREG(mode) else kind


def write_text(path: str | Path, text: str) -> None:
    """Write a text file as UTF-8 with \\n line ends, whole or not at all."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_parts(path: str | Path, parts: Iterable[bytes]) -> None:
    """Write a file of which the parts (iterable of bytes) come one by one, whole or not at all."""
    with whole(path) as part, part.open("wb") as file:
        file.writelines(parts)


def write_csv(path: str | Path, frame: "pd.DataFrame") -> None:
    """Write a frame as CSV, whole or not at all."""
    write_text(path, csv_text(frame))


def csv_text(frame: "pd.DataFrame") -> str:
    """A frame as CSV: no formulas, and floats in the shortest form that reads back the same."""
    frame = _guarded(frame)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in text:
        # csv quotes the line end it writes, and a carriage return in a cell would be read as another one
        text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    return text


def write_rows(path: str | Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """As `write_csv`, of a list of dicts: importing pandas takes longer than a job that needs no frames."""
    text = _csv(columns, rows)
    write_text(path, _csv(columns, rows, quoting=csv.QUOTE_NONNUMERIC) if "\r" in text else text)


def read_rows(path: str | Path, types: Types) -> list[dict[str, Value]]:
    """
    Read a CSV that `write_csv` or `write_rows` wrote.

    Parameters
    ----------
    path : str or Path
    types : dict of str to type
        int or float of each column of numbers; the others are text.

    Returns
    -------
    list of dict
        A row each; None for a number that is missing.
    """
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [
            {name: _typed(text, types.get(name)) for name, text in row.items()}
            for row in csv.DictReader(file)
        ]


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what it would run."""
    return f"'{text}" if _runs(text) else text


def _runs(text: str) -> bool:
    return RUNS.match(text) is not None and HARMLESS.fullmatch(text.strip(" ")) is None


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _runs(text[1:]) else text


def _guarded(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A frame with its texts guarded; each distinct one is looked at once, as a ledger may have millions."""
    for name, column in frame.items():
        if column.dtype.kind == "O":
            texts = [text for text in column.unique() if isinstance(text, str) and _runs(text)]
            if texts:
                safe = {text: guarded(text) for text in texts}
                frame = frame.assign(**{name: column.map(lambda value, safe=safe: safe.get(value, value))})
    return frame


def _csv(columns: Sequence[str], rows: Sequence[Row], quoting: Literal[0, 2] = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", quoting=quoting)
    writer.writeheader()
    writer.writerows(
        {name: guarded(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in rows
    )
    return out.getvalue()


def _typed(text: str, type_: type[int] | type[float] | None) -> Value:
    if type_ is None:
        return _unguarded(text)
    return type_(text) if text else None


def _move(part: Path, path: Path) -> None:
    if not part.is_dir():
        part.replace(path)
        return
    # a folder cannot be replaced by a rename, so the old one steps aside first; one that a run left when it
    # was killed just here goes too
    old = path.with_name(f"{path.name}.old")
    if path.is_dir():
        _remove(old)
        path.replace(old)
    part.replace(path)
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_about(error: OSError, part: Path) -> bool:
    """Whether an OSError comes from writing here, not from something else that the block reads."""
    if error.filename is None:
        return True
    place = Path(os.fsdecode(error.filename))
    return place in (part, *part.parents) or part in place.parents or place == part.with_suffix("")
