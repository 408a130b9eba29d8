"""A draft protocol from a look at an extract: what its columns seem to be, and what is to be decided."""

import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from recohort.cohort import codebook
from recohort.draft import exact, rows, text
from recohort.draft.guess import decimal_mark, guess
from recohort.draft.outcomes import outcomes
from recohort.extract import formats
from recohort.protocol import cell, drops
from recohort.protocol import model as protocol

# names that mean something else in the cohort's table or in a condition
RESERVED = {"row", "id", "known", *keyword.kwlist}
# formats whose numbers have a decimal point, whatever the language of their texts
TYPED = (".parquet", ".dta", ".sav", ".sas7bdat", ".xpt")


class Rows(NamedTuple):
    """
    The rows of an extract.

    id_column : str or None, what tells them apart.
    n, n_refused : int, those used, and those not.
    notes : tuple of str, what an analyst has to decide about them.
    """

    id_column: str | None
    n: int
    n_refused: int
    notes: tuple[str, ...]


class Draft(NamedTuple):
    """
    A draft of a protocol.

    content : str, study.yaml: it runs as it is. Counts are rounded to 5 and from 1 to 7 not told.
    counts : str, draft.md: the same counts, exact.
    id_column : str or None, that identifies a row; else `prepare` has to number the rows.
    """

    content: str
    counts: str
    id_column: str | None


def draft(
    frame: Any, study: str, file: dict[str, Any], n_refused: int = 0, notes: Iterable[str] = ()
) -> Draft:
    """
    Write the draft of a protocol.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`, from `extract.read`.
    study : str
    file : dict
        The entry of `extract.files`.
    n_refused : int
        Rows that could not be split into fields, or are no data.
    notes : iterable of str
        What is to be decided about the file.

    Returns
    -------
    Draft
    """
    names = [column for column in frame.columns if column != "row"]
    suffix = formats.suffix(Path(drops.path(file)))
    found: Any = [guess(column, frame[column], None, suffix == ".xlsx") for column in names]
    if any(g.choices for g in found):
        # what the other columns say settles what one leaves open
        mark = "." if suffix in TYPED else decimal_mark(found)
        found = [guess(g.column, frame[g.column], mark, suffix == ".xlsx") if g.choices else g for g in found]
    id_column = rows.identifier(found, len(frame))
    repeated, alike = rows.repeated(found, len(frame))
    # an identifier made of digits is no number
    found = [_as_text(g) if g.column in (id_column, *repeated) else g for g in found]
    missing = _common_codes(found)
    found = {name: _settled(g, missing) for name, g in zip(_names(names), found, strict=True)}
    used = {name: g for name, g in found.items() if g.type != "text"}
    if not used:
        # nothing to analyse, but a protocol has at least one variable
        used = {name: replace(g, choices=()) for name, g in list(found.items())[:1]}
        found.update(used)
    book = {name: _variable(name, g.entry, g.column) for name, g in used.items()}
    columns = codebook.clean(frame, book, missing).columns
    guessed, questions = outcomes(book, columns, bool(repeated))
    for outcome in [*guessed, *(choice for question in questions for choice in question.choices)]:
        # a spelling is changed for what is certain only, the unit of a time is true of all
        changes = {
            name: keys for name, keys in outcome.changes.items() if outcome in guessed or "unit" in keys
        }
        for name, keys in changes.items():
            used[name] = replace(used[name], entry={**used[name].entry, **keys})
    for name in {name for question in questions for name in question.without_unit}:
        used[name] = _without_unit(used[name])
    said = [
        f"{column} has each value {n:.1f} times on average: are there several rows a patient?"
        for column, n in {**repeated, **alike}.items()
    ]
    of_rows = Rows(id_column, len(frame), n_refused, (*notes, *said))
    content = text.render(study, file, of_rows, missing, found, used, guessed, questions)
    return Draft(content, exact.render(study, file, of_rows, {**found, **used}), id_column)


def _without_unit(g: Any) -> Any:
    """A number that may be a time, with an entry for each unit that it may have."""
    choices = tuple({**g.entry, "unit": unit} for unit in protocol.DAYS)
    return replace(g, notes=(*g.notes, "if it is a time, take the entry with its unit"), choices=choices)


def _as_text(g: Any) -> Any:
    return replace(g, entry={"type": "text"}, notes=(), choices=())


def _common_codes(found: list[Any]) -> set[str]:
    """Words for missing that are a value nowhere."""
    return set().union(*(g.words for g in found)).difference(*(g.values for g in found))


def _names(columns: Iterable[str]) -> list[str]:
    """A name of the codebook for each column."""
    names = []
    for column in columns:
        plain = unicodedata.normalize("NFKD", column.casefold()).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
        if not re.match("[a-z]", name) or name in RESERVED or name.startswith("in_"):
            name = f"v_{name}".strip("_")
        names.append(name)
    numbered: Counter[str] = Counter()
    for i, name in enumerate(names):
        while names[i] in names[:i]:
            numbered[name] += 1
            names[i] = f"{name}_{numbered[name] + 1}"
    return names


def _settled(g: Any, missing: set[str]) -> Any:
    """The guess with its own codes for missing, and what becomes of cells that cannot be read."""
    entry = dict(g.entry)
    own = sorted({*g.words, *g.codes} - missing)
    if own:
        entry["missing"] = own
    if g.type in ("text", "category"):
        return replace(g, entry=entry)
    variable = _variable("", entry, g.column)
    problems: Counter[str] = Counter()
    for value, n in g.values.items():
        problem = cell.read(value, variable, missing).problem
        if problem:
            problems[problem] += n
    if not problems:
        return replace(g, entry=entry)
    said = tuple(f"{text.about(n)} cells are set to missing: {problem}" for problem, n in problems.items())
    return replace(g, entry={**entry, "unreadable": "missing"}, notes=(*g.notes, *said))


def _variable(name: str, entry: dict[str, Any], column: str) -> Any:
    return protocol.variable(name, {**entry, "label": text.label(column), "column": column})
