"""Columns of text to typed values by the codebook, with a ledger of changed cells and the refused ones."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from recohort.base.errors import RecohortError, nearest
from recohort.extract import text_column as columns
from recohort.protocol import cell, expressions
from recohort.protocol.expression_values import Values


class Change(NamedTuple):
    """What became of a cell: its variable and column, its text before and after ("" if missing), the rule."""

    variable: str
    column: str
    raw: str
    clean: str
    rule: str


class Problem(NamedTuple):
    """A refused cell: where it is, what it says, why it is refused."""

    variable: str
    column: str
    raw: str
    reason: str


class Marks(NamedTuple):
    """
    Cells with a remark about them; many cells share one remark.

    positions : ndarray of int, shape (n,), of the cells' rows in the extract, from 0.
    which : ndarray of int, shape (n,), the remark on each cell: a place in `said`.
    said : list of Change or Problem.
    """

    positions: np.ndarray
    which: np.ndarray
    said: list[Any]


class Column(NamedTuple):
    """
    A typed column, its values once each or row by row.

    values : ndarray, shape (n_distinct,): text (object) for factors and text, float, datetime64[D].
    known : ndarray of bool, of the same shape; the others are None, NaN or NaT.
    codes : ndarray of int, shape (n,), the place of each row's value; None if the values are the rows'.
    """

    values: np.ndarray
    known: np.ndarray
    codes: np.ndarray | None = None

    def spread(self, of_values: np.ndarray, rows: Any = slice(None)) -> np.ndarray:
        """What is given for each value, for each row or some of them."""
        found: np.ndarray = of_values[rows] if self.codes is None else of_values[self.codes[rows]]
        return found


class Columns(Mapping[str, Values]):
    """Typed columns by name; `folded` holds them as Column, and each is asked for as Values, row by row."""

    def __init__(self) -> None:
        self.folded: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Values:
        column = self.folded[name]
        return Values(column.spread(column.values), column.spread(column.known))

    def __iter__(self) -> Iterator[str]:
        return iter(self.folded)

    def __len__(self) -> int:
        return len(self.folded)


class Cleaned(NamedTuple):
    """
    A cleaned extract.

    columns : Columns, mapping of str to Values of shape (n,): text for factors, float, datetime64[D].
    changes : Marks, one per changed cell and variable that reads it; of Change.
    problems : Marks, a refused cell each; of Problem.
    """

    columns: Columns
    changes: Marks
    problems: Marks


def clean(
    frame: pd.DataFrame,
    codebook: dict[str, Any],
    missing: Iterable[str] = (),
    study: str | None = None,
    may_be_empty: Collection[tuple[str, str]] = frozenset(),
) -> Cleaned:
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
    may_be_empty : set of (str, str)
        Variables and their levels that need not occur, because another drop has them.

    Returns
    -------
    Cleaned

    Raises
    ------
    RecohortError
        If a column is missing, a level that the protocol writes never occurs in the extract, or a guideline
        is given an ISH group that it does not have, or gives an undeclared level.
    """
    found, changes, problems = Columns(), [], []
    for name, variable in codebook.items():
        if variable.derive is not None:
            column = _derive(variable, found)
        elif variable.guideline is not None:
            column = _guideline(variable, found, study)
        else:
            column, changed, refused = _read(frame, variable, frozenset(missing), study, may_be_empty)
            changes.append(changed)
            problems.append(refused)
        found.folded[name] = column
    return Cleaned(found, together(changes), together(problems))


def every_level(codebook: dict[str, Any]) -> set[tuple[str, str]]:
    """Each variable and level of a codebook, as a set of (str, str)."""
    return {(variable.name, level) for variable in codebook.values() for level in variable.levels}


def absent_levels(
    frame: pd.DataFrame, codebook: dict[str, Any], missing: Iterable[str] = ()
) -> set[tuple[str, str]]:
    """
    Levels that a protocol names and that do not occur in an extract.

    Parameters
    ----------
    frame, codebook, missing
        As of `clean`; of a column that is not there all levels are absent.

    Returns
    -------
    set of (str, str)
        Variables and levels.
    """
    absent = set()
    for variable in filter(_levels_are_written, codebook.values()):
        occurring = set()
        if variable.column in frame:
            texts = columns.of(frame[variable.column])
            readings = [cell.read(text, variable, frozenset(missing)) for text in texts.distinct.to_pylist()]
            occurring = _occurring(texts, readings)
        absent |= {(variable.name, level) for level in variable.levels if level not in occurring}
    return absent


def marks(texts: columns.Texts, said: Mapping[int, Change | Problem]) -> Marks:
    """
    Marks of all cells of a column that have one of some texts.

    Parameters
    ----------
    texts : text_column.Texts
    said : dict of int to (Change or Problem)
        By the place of a text in `text_column.Texts.distinct`.

    Returns
    -------
    Marks
    """
    if not said:
        return Marks(np.empty(0, int), np.empty(0, int), [])
    which = np.full(len(texts.distinct), -1)
    which[list(said)] = range(len(said))
    positions = np.flatnonzero((which >= 0)[texts.codes])
    return Marks(positions, which[texts.codes[positions]], list(said.values()))


def together(parts: Iterable[Marks]) -> Marks:
    """Several Marks as one, in their order."""
    said: list[Any] = []
    positions, which = [np.empty(0, int)], [np.empty(0, int)]
    for part in parts:
        positions.append(part.positions)
        which.append(part.which + len(said))
        said += part.said
    return Marks(np.concatenate(positions), np.concatenate(which), said)


def has_column(frame: pd.DataFrame, column: str, study: str | None) -> None:
    """Raise RecohortError, with the nearest right spelling, if the extract lacks a column."""
    if column not in frame:
        raise RecohortError(
            "is not a column of the extract",
            study=study,
            column=column,
            remedy=nearest(column, frame.columns.drop("row")),
        )


def _read(
    frame: pd.DataFrame,
    variable: Any,
    missing: frozenset[str],
    study: str | None,
    may_be_empty: Collection[tuple[str, str]],
) -> tuple[Column, Marks, Marks]:
    has_column(frame, variable.column, study)
    texts = columns.of(frame[variable.column])
    raws = texts.distinct.to_pylist()
    readings = [cell.read(text, variable, missing) for text in raws]
    if _levels_are_written(variable):
        _levels_occur(variable, texts, raws, readings, study, may_be_empty)
    known = np.array([reading.value is not None for reading in readings])
    values = _array([reading.value for reading in readings], variable.type)
    place, changes, problems = (variable.name, variable.column), {}, {}
    for code, (raw, (value, rule, problem, hint)) in enumerate(zip(raws, readings, strict=True)):
        if rule:
            changes[code] = Change(*place, raw, "" if value is None else str(value), rule)
        elif problem:
            problems[code] = Problem(*place, raw, f"{problem} ({hint})" if hint else problem)
    return Column(values, known, texts.codes), marks(texts, changes), marks(texts, problems)


def _array(values: list[Any], type_: str) -> np.ndarray:
    if type_ == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array(values, dtype="datetime64[D]" if type_ == "date" else object)


def _levels_are_written(variable: Any) -> bool:
    """Whether the protocol writes the levels and cells are read as them, so that a spelling can be wrong."""
    return variable.type == "category" and variable.column is not None and not variable.levels_from_dictionary


def _occurring(texts: columns.Texts, readings: list[Any]) -> set[Any]:
    occurs = np.bincount(texts.codes, minlength=len(readings)) > 0
    return {reading.value for reading, is_there in zip(readings, occurs, strict=True) if is_there}


def _levels_occur(
    variable: Any,
    texts: columns.Texts,
    raws: list[str],
    readings: list[Any],
    study: str | None,
    may_be_empty: Collection[tuple[str, str]],
) -> None:
    occurring = _occurring(texts, readings) | {level for name, level in may_be_empty if name == variable.name}
    never = [level for level in variable.levels if level not in occurring]
    if never:
        unread = [text for text, reading in zip(raws, readings, strict=True) if reading.problem]
        raise RecohortError(
            f"the level {never[0]!r} of {variable.name} never occurs in the extract",
            study=study,
            column=variable.column,
            remedy=f"Correct its spelling or remove it. {nearest(never[0], unread)}".strip(),
        )


def _derive(variable: Any, found: Columns) -> Column:
    if isinstance(variable.derive, dict):
        return _first_that_holds(variable.derive, found)
    if variable.type == "flag":
        held = expressions.condition(variable.derive, found)
        return _of_levels(["no", "yes"], np.where(held.known, held.values, -1))
    result = expressions.evaluate(expressions.parse(variable.derive), found)
    unknown = np.datetime64("NaT", "D") if variable.type == "date" else np.nan
    return Column(np.where(result.known, result.values, unknown), result.known)


def _first_that_holds(conditions: dict[str, str], found: Columns) -> Column:
    codes: Any = None
    is_open: Any = None
    for code, condition in enumerate(conditions.values()):
        held = expressions.condition(condition, found)
        if codes is None:
            codes, is_open = np.full(len(held.known), -1), np.ones(len(held.known), dtype=bool)
        codes[is_open & held.known & held.values] = code
        # an unknown condition closes the search: a later level must not be taken in its place
        is_open &= held.known & ~held.values
    return _of_levels(list(conditions), codes)


def _of_levels(levels: list[str], codes: np.ndarray) -> Column:
    """A column of levels by their place, -1 where unknown."""
    values = np.array([*levels, None], dtype=object)
    nothing: Any = None
    known = np.not_equal(values, nothing).astype(bool)
    return Column(values, known, codes.astype(np.min_scalar_type(-len(values))))


def _written_groups(name: str, found: Columns, rules: Any, study: str | None) -> np.ndarray:
    """The ISH groups of a variable as numbers, 0 where unknown."""
    column, groups = found.folded[name], [str(group) for group in rules.groups]
    others = sorted(set(column.values[column.known]) - set(groups))
    if others:
        raise RecohortError(
            f"{others[0]!r} is no ISH group of the guideline",
            study=study,
            key=f"codebook.{name}.levels",
            remedy=f"Recode it. {nearest(others[0], groups)}",
        )
    return column.spread(np.where(column.known, column.values, "0").astype(int))


def _guideline(variable: Any, found: Columns, study: str | None) -> Column:
    from recohort.her2 import guideline

    rules = guideline.load(variable.guideline["rules"])
    nothing: Any = None
    inputs = {role: found[name] for role, name in variable.guideline.items() if role != "rules"}
    if "group" in inputs:
        groups: Any = _written_groups(variable.guideline["group"], found, rules, study)
        values = guideline.ish_result(
            groups, np.where(inputs["ihc"].known, inputs["ihc"].values, nothing), rules
        )
    else:
        ratio, copies = (
            np.where(inputs[role].known, inputs[role].values, np.nan) for role in ("ratio", "copies")
        )
        groups = guideline.ish_groups(ratio, copies, rules)
        values = np.where(groups == 0, nothing, groups.astype(str).astype(object))
    codes, levels = pd.factorize(values)  # -1 for None
    undeclared = sorted(set(levels) - set(variable.levels))
    if undeclared:
        raise RecohortError(
            f"the guideline gives {undeclared[0]!r}, which is not a level",
            study=study,
            key=f"codebook.{variable.name}.levels",
            remedy=nearest(undeclared[0], variable.levels),
        )
    return _of_levels(levels, codes)
