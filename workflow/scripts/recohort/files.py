"""Whole files or none: everything is written beside its place and renamed into it."""

import os
import shutil
from contextlib import contextmanager
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
        If the disk is full or the place cannot be written to; nothing is left at `path` then.
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(part)
        yield part
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(part, path)
    except OSError as error:
        _remove(part)
        if error.filename is not None and Path(error.filename).suffix != ".part" and not _is_space(error):
            raise
        raise RecohortError(
            f"could not be written ({error.strerror or error})",
            file=path,
            remedy="Free space on the disk or choose a folder that can be written to, then run again.",
        ) from error
    except BaseException:
        _remove(part)
        raise


def write_text(path, text):
    """Write a text file as UTF-8 with \\n line ends, whole or not at all."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_csv(path, frame):
    """Write a frame as CSV, unrounded, whole or not at all: floats in the shortest form that reads back the same."""
    with whole(path) as part:
        frame.to_csv(part, index=False, lineterminator="\n")


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_space(error):
    from errno import EDQUOT, EFBIG, ENOSPC

    return error.errno in (ENOSPC, EDQUOT, EFBIG)
