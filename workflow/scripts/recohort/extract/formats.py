"""The formats of files: how each is read, and which keys of `extract.files` have a meaning for it."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from recohort.base.errors import RecohortError

# Keys of `extract.files` that have a meaning whatever the format.
OF_ANY = frozenset(("path", "package", "raw", "rows", "skip_where", "parameter", "dictionary", "instrument"))
OF_TEXT = frozenset(("separator", "encoding", "quote", "skip_rows", "skip_after_header"))


class Format(NamedTuple):
    """
    A format of file.

    read : callable, (path, entry, study, kept) -> Table, as of `delimited_columns.read`.
    options : frozenset of str, the keys of `extract.files` that have a meaning for it, beside those of any.
    defaults : dict, of these options where they are not those of the protocol's schema.
    header : callable, (path, entry, study) -> (line, names); None if the file has to be read whole to know.
    """

    read: Callable[..., Any]
    options: frozenset[str]
    defaults: dict[str, Any]
    header: Callable[..., tuple[int, list[str]]] | None = None


def _text(path: Path, entry: dict[str, Any], study: str | None, kept: Any) -> Any:
    from recohort.extract import delimited_columns

    return delimited_columns.read(path, entry, entry["separator"], study, kept)


def _header(path: Path, entry: dict[str, Any], study: str | None) -> tuple[int, list[str]]:
    from recohort.extract import delimited

    return delimited.header(path, entry, entry["separator"], study)


def _binary(suffix: str, path: Path, entry: dict[str, Any], study: str | None, kept: Any) -> Any:
    from recohort.extract import binary, delimited_columns

    return delimited_columns.of_grid(binary.read(path, entry, suffix, study))


def _of_text(separator: str) -> Format:
    return Format(_text, OF_TEXT, {"separator": separator}, _header)


def _of_binary(suffix: str, *options: str, **defaults: Any) -> Format:
    return Format(partial(_binary, suffix), frozenset(("max_megabytes", *options)), defaults)


# By the suffix; .gz may follow one of a text format.
FORMATS = {
    ".csv": _of_text(","),
    ".tsv": _of_text("\t"),
    ".txt": _of_text("\t"),
    ".xlsx": _of_binary(".xlsx", "sheet", "skip_rows", "skip_after_header"),
    ".parquet": _of_binary(".parquet"),
    # an encoding of None is the one that the file itself states
    ".sas7bdat": _of_binary(".sas7bdat", "encoding", encoding=None),
    ".xpt": _of_binary(".xpt", "encoding", encoding=None),
    ".dta": _of_binary(".dta", "encoding", "values", encoding=None),
    ".sav": _of_binary(".sav", "encoding", "values", encoding=None),
}


def suffix(path: Path) -> str:
    """The suffix that names the format of a file, in lower case."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def of(path: Path, study: str | None = None) -> Format:
    """
    The format of a file.

    Parameters
    ----------
    path : Path
    study : str, optional
        Named in the error.

    Returns
    -------
    Format

    Raises
    ------
    RecohortError
        If the suffix is not known.
    """
    if suffix(path) not in FORMATS:
        problem = f"the suffix {suffix(path)!r} is not known"
        raise RecohortError(problem, study=study, file=path, remedy=f"Known: {', '.join(FORMATS)}.")
    return FORMATS[suffix(path)]


def check(path: Path, given: Iterable[str]) -> None:
    """
    Refuse an option that would do nothing.

    Parameters
    ----------
    path : Path
    given : iterable of str
        The keys of the file's entry in the protocol.

    Raises
    ------
    RecohortError
        If the format is not known, or one of the keys has no meaning for it.
    """
    given = set(given)
    known = OF_ANY | of(path).options
    if path.suffix.lower() == ".gz":
        known |= {"max_megabytes"}
    if "dictionary" in given:
        known |= {"values"}
    in_vain = sorted(given - known)
    if in_vain:
        problem = f"{in_vain[0]!r} has no meaning for a file {path.name!r}"
        raise RecohortError(problem, remedy="Remove it.")
