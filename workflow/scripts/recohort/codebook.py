"""Columns of text to typed values by the codebook, with a ledger of changed cells and the refused ones."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort import cells, expressions
from recohort.errors import RecohortError, nearest
from recohort.expressions import Values


class Change(NamedTuple):
    """A changed cell: its line, variable and column, its text before and after ("" if missing), the rule."""

    row: int
    variable: str
    column: str
    raw: str
    clean: str
    rule: str


class Problem(NamedTuple):
    """A refused cell: its position in the extract (from 0), where it is, what it says, why it is refused."""

    position: int
    variable: str
    column: str
    raw: str
    reason: str


class Cleaned(NamedTuple):
    """
    A cleaned extract.

    columns : dict of str to Values, each of shape (n,): text for factors, float, datetime64[D].
    changes : list of Change, one per changed cell and variable that reads it.
    problems : list of Problem, a refused cell each.
    """

    columns: dict
    changes: list
    problems: list


def clean(frame, codebook, missing=(), study=None):
    """
    Read every variable of the codebook.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`, from `extract`.
    codebook : dict of str to Variable
    missing : iterable of str
        Texts that mean missing in every column; the empty text always does.
    study : str, optional
        Named in errors.

    Returns
    -------
    Cleaned

    Raises
    ------
    RecohortError
        If a column is missing, a level never occurs in the extract, or a guideline gives an undeclared one.
    """
    columns, changes, problems = {}, [], []
    for name, variable in codebook.items():
        if variable.derive is not None:
            columns[name] = _derive(variable, columns)
        elif variable.guideline is not None:
            columns[name] = _guideline(variable, columns, study)
        else:
            columns[name], changed, refused = _read(frame, variable, frozenset(missing), study)
            changes += changed
            problems += refused
    return Cleaned(columns, changes, problems)


def has_column(frame, column, study):
    """Raise RecohortError, with the nearest right spelling, if the extract lacks a column."""
    if column not in frame:
        raise RecohortError(
            "is not a column of the extract",
            study=study,
            column=column,
            remedy=nearest(column, frame.columns.drop("row")),
        )


def _read(frame, variable, missing, study):
    has_column(frame, variable.column, study)
    codes, texts = pd.factorize(frame[variable.column].to_numpy(object))
    readings = [cells.read(text, variable, missing) for text in texts]
    if variable.type == "category":
        _levels_occur(variable, texts, readings, study)
    known = np.array([reading.value is not None for reading in readings])[codes]
    values = _array([reading.value for reading in readings], variable.type)[codes]
    place, changes, problems = (variable.name, variable.column), [], []
    for position, (row, code) in enumerate(zip(frame["row"], codes, strict=True)):
        raw, (value, rule, problem, hint) = texts[code], readings[code]
        if rule:
            changes.append(Change(row, *place, raw, "" if value is None else str(value), rule))
        elif problem:
            reason = f"{problem} ({hint})" if hint else problem
            problems.append(Problem(position, *place, raw, reason))
    return Values(values, known), changes, problems


def _array(values, type_):
    if type_ == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array(values, dtype="datetime64[D]" if type_ == "date" else object)


def _levels_occur(variable, texts, readings, study):
    occurring = {reading.value for reading in readings}
    never = [level for level in variable.levels if level not in occurring]
    if never:
        unread = [text for text, reading in zip(texts, readings, strict=True) if reading.problem]
        raise RecohortError(
            f"the level {never[0]!r} of {variable.name} never occurs in the extract",
            study=study,
            column=variable.column,
            remedy=f"Correct its spelling or remove it. {nearest(never[0], unread)}".strip(),
        )


def _derive(variable, columns):
    if isinstance(variable.derive, dict):
        return _first_that_holds(variable.derive, columns)
    if variable.type == "flag":
        held = expressions.condition(variable.derive, columns)
        return Values(np.where(held.values, "yes", "no").astype(object), held.known)
    result = expressions.evaluate(expressions.parse(variable.derive), columns)
    unknown = np.datetime64("NaT", "D") if variable.type == "date" else np.nan
    return Values(np.where(result.known, result.values, unknown), result.known)


def _first_that_holds(conditions, columns):
    n = len(next(iter(columns.values())).known)
    values, is_open = np.full(n, None, dtype=object), np.ones(n, dtype=bool)
    for level, condition in conditions.items():
        held = expressions.condition(condition, columns)
        values[is_open & held.known & held.values] = level
        # an unknown condition closes the search: a later level must not be taken in its place
        is_open &= held.known & ~held.values
    return Values(values, np.not_equal(values, None).astype(bool))


def _guideline(variable, columns, study):
    from recohort import her2

    rules = her2.load(variable.guideline["rules"])
    inputs = {role: columns[name] for role, name in variable.guideline.items() if role != "rules"}
    if "group" in inputs:
        groups = np.where(inputs["group"].known, inputs["group"].values, "0").astype(int)
        values = her2.ish_result(groups, np.where(inputs["ihc"].known, inputs["ihc"].values, None), rules)
    else:
        ratio, copies = (
            np.where(inputs[role].known, inputs[role].values, np.nan) for role in ("ratio", "copies")
        )
        groups = her2.ish_groups(ratio, copies, rules)
        values = np.where(groups == 0, None, groups.astype(str).astype(object))
    undeclared = sorted(set(values) - {None, *variable.levels})
    if undeclared:
        raise RecohortError(
            f"the guideline gives {undeclared[0]!r}, which is not a level",
            study=study,
            key=f"codebook.{variable.name}.levels",
            remedy=nearest(undeclared[0], variable.levels),
        )
    return Values(values, np.not_equal(values, None).astype(bool))
