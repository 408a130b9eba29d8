"""Whole files or none: everything is written beside its place and renamed into it."""

import csv
import io
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path

from recohort.errors import RecohortError


@contextmanager
def whole(path):
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


def write_text(path, text):
    """Write a text file as UTF-8 with \\n line ends, whole or not at all."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_csv(path, frame):
    """Write a frame as CSV, whole or not at all: floats in the shortest form that reads back the same."""
    text = frame.to_csv(index=False, lineterminator="\n")
    if "\r" in text:
        # csv quotes the line end it writes, and a carriage return in a cell would be read as another one
        text = frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    write_text(path, text)


def write_rows(path, columns, rows):
    """As `write_csv`, of a list of dicts: importing pandas takes longer than a job that needs no frames."""
    text = _csv(columns, rows)
    write_text(path, _csv(columns, rows, quoting=csv.QUOTE_NONNUMERIC) if "\r" in text else text)


def read_rows(path, types):
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


def _csv(columns, rows, **options):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", **options)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _typed(text, type_):
    if type_ is None:
        return text
    return type_(text) if text else None


def _move(part, path):
    if not path.is_dir():
        part.replace(path)
        return
    # a folder cannot be replaced by a rename, so the old one steps aside first
    old = path.with_name(f"{path.name}.old")
    _remove(old)
    path.replace(old)
    part.replace(path)
    _remove(old)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_about(error, part):
    """Whether an OSError comes from writing here, not from something else that the block reads."""
    if error.filename is None:
        return True
    place = Path(os.fsdecode(error.filename))
    return place in (part, *part.parents) or part in place.parents or place == part.with_suffix("")
