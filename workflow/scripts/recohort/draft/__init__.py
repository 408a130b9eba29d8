"""A draft protocol from a look at an extract: what its columns seem to be, and what is to be decided."""

import keyword
import re
import unicodedata
from collections import Counter
from dataclasses import replace

from recohort.cohort import codebook
from recohort.draft import text
from recohort.draft.guess import guess
from recohort.draft.outcomes import outcomes
from recohort.protocol import cell
from recohort.protocol import model as protocol

ID = re.compile(
    r"(^|[\W_])(id|ids|uuid|barcode|accession|mrn|pseudonym|usubjid|subjid|patient|subject|case|nr|no)($|[\W_])"
)
NEARLY = 0.95  # of the rows that must have an identifier of their own
# names that mean something else in the cohort's table or in a condition
RESERVED = {"row", "id", "known", *keyword.kwlist}


def draft(frame, study, file, n_refused=0):
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
        Rows that could not be split into fields.

    Returns
    -------
    content : str
        study.yaml: it runs as it is. Counts are rounded to 5 and from 1 to 7 not told.
    id_column : str or None
        The column that identifies a row; None if there is none, so that `prepare` has to number the rows.
    """
    found = [guess(column, frame[column]) for column in frame.columns.drop("row")]
    id_column = _identifier(found, len(frame))
    # an identifier made of digits is no number
    found = [replace(g, entry={"type": "text"}, notes=()) if g.column == id_column else g for g in found]
    missing = _common_codes(found)
    names = _names([g.column for g in found])
    found = {name: _settled(g, missing) for name, g in zip(names, found, strict=True)}
    used = {name: g for name, g in found.items() if g.type != "text"}
    if not used:
        # nothing to analyse, but a protocol has at least one variable
        used = dict(list(found.items())[:1])
    book = {name: _variable(name, g.entry, g.column) for name, g in used.items()}
    columns = codebook.clean(frame, book, missing).columns
    guessed = outcomes(book, columns)
    for outcome in guessed:
        for name, keys in outcome.changes.items():
            used[name] = replace(used[name], entry={**used[name].entry, **keys})
    return text.render(
        study, file, len(frame), n_refused, id_column, missing, found, used, guessed
    ), id_column


def _identifier(found, n_rows):
    """The column most like an identifier: called so before not, with a text of its own in each row."""
    candidates = []
    for place, g in enumerate(found):
        is_called_so = ID.search(g.column.casefold()) is not None
        share = len(g.values) / n_rows
        if share == 1 and (is_called_so or g.type == "text") or share >= NEARLY and is_called_so:
            candidates.append((not is_called_so, share < 1, place, g.column))
    return min(candidates)[-1] if candidates else None


def _common_codes(found):
    """Words for missing that are a value nowhere."""
    return set().union(*(g.words for g in found)).difference(*(g.values for g in found))


def _names(columns):
    """A name of the codebook for each column."""
    names = []
    for column in columns:
        plain = unicodedata.normalize("NFKD", column.casefold()).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
        if not re.match("[a-z]", name) or name in RESERVED or name.startswith("in_"):
            name = f"v_{name}".strip("_")
        names.append(name)
    numbered = Counter()
    for i, name in enumerate(names):
        while names[i] in names[:i]:
            numbered[name] += 1
            names[i] = f"{name}_{numbered[name] + 1}"
    return names


def _settled(g, missing):
    """The guess with its own codes for missing, and what becomes of cells that cannot be read."""
    entry = dict(g.entry)
    own = sorted({*g.words, *g.codes} - missing)
    if own:
        entry["missing"] = own
    if g.type in ("text", "category"):
        return replace(g, entry=entry)
    variable = _variable("", entry, g.column)
    problems = Counter()
    for value, n in g.values.items():
        problem = cell.read(value, variable, missing).problem
        if problem:
            problems[problem] += n
    if not problems:
        return replace(g, entry=entry)
    said = tuple(f"{text.about(n)} cells are set to missing: {problem}" for problem, n in problems.items())
    return replace(g, entry={**entry, "unreadable": "missing"}, notes=(*g.notes, *said))


def _variable(name, entry, column):
    return protocol.variable(name, {**entry, "label": text.label(column), "column": column})
