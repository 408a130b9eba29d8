"""Text to typed values by the codebook, with a ledger of every cell that was changed and every cell refused."""

import re
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from recohort import expressions
from recohort.errors import RecohortError, nearest
from recohort.expressions import Values

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
LEDGER = ["row", "column", "raw", "clean", "rule"]


class Reading(NamedTuple):
    """What one text was read as: a value (None if missing), the rule that changed it, the problem that refused it."""

    value: object
    rule: str = ""
    problem: str = ""


class Cleaned(NamedTuple):
    """
    A cleaned extract.

    columns : dict of str to Values, each of shape (n,): text for factors, float, datetime64[D].
    ledger : DataFrame, a row per changed cell.
    problems : DataFrame with row (position in the extract), column, raw, reason: a row per refused cell.
    """

    columns: dict
    ledger: pd.DataFrame
    problems: pd.DataFrame


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

    Returns
    -------
    Cleaned

    Raises
    ------
    RecohortError
        If a column is missing, or a declared level never occurs in the extract.
    """
    columns, ledgers, problems = {}, [], []
    for variable in codebook.values():
        if variable.derive is not None:
            columns[variable.name] = _derive(variable, columns, study)
        elif variable.guideline is not None:
            columns[variable.name] = _guideline(variable, columns)
        else:
            values, changed, refused = _read_column(frame, variable, missing, study)
            columns[variable.name] = values
            ledgers.append(changed)
            problems.append(refused)
    ledger = pd.concat(ledgers, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
    return Cleaned(columns, ledger, pd.concat(problems, ignore_index=True))


def read_text(text, variable, missing=frozenset()):
    """
    Read one cell.

    The first declared spelling (format, flag word, decimal mark) is native and leaves no trace; any other is named as
    a rule in the ledger.

    Parameters
    ----------
    text : str
    variable : Variable
    missing : set of str
        Texts that mean missing, besides the variable's own.

    Returns
    -------
    Reading
    """
    stripped = text.strip()
    if stripped in variable.recode:
        to = variable.recode[stripped]
        if to is None:
            return Reading(None, "recoded to missing")
        return _within(_typed(to, variable), variable)._replace(rule="recoded")
    if stripped == "" or stripped in missing or stripped in variable.missing:
        return Reading(None, "" if text == "" else "missing code")
    reading = _within(_typed(stripped, variable), variable)
    return reading._replace(rule=reading.rule or "trimmed") if stripped != text else reading


def _typed(text, variable):
    match variable.type:
        case "category":
            if text in variable.levels:
                return Reading(text)
            return Reading(None, problem=f"not a level. {nearest(text, variable.levels)}")
        case "flag":
            return _flag(text, variable)
        case "number":
            return _number(text, variable.decimal)
        case "date":
            return _date(text, variable.formats)
    return Reading(text)


def _flag(text, variable):
    folded = text.casefold()
    for level, words in (("yes", variable.positive), ("no", variable.negative)):
        if folded in words:
            return Reading(level, "" if folded == words[0] else "flag spelling")
    return Reading(None, problem=f"neither yes nor no. {nearest(text, [*variable.positive, *variable.negative])}")


def _number(text, decimal):
    if decimal == "," and "." in text:
        return Reading(None, problem="a point where a decimal comma is declared")
    changed = decimal == "either" and "," in text
    plain = text.replace(",", ".") if decimal != "." else text
    if not NUMBER.fullmatch(plain):
        return Reading(None, problem="not a number")
    return Reading(float(plain), "decimal comma" if changed else "")


def _date(text, formats):
    found = {}
    for pattern in formats:
        try:
            found.setdefault(datetime.strptime(text, pattern).date(), pattern)
        except ValueError:
            continue
    if not found:
        return Reading(None, problem=f"not a date in any declared format ({', '.join(formats)})")
    if len(found) > 1:
        return Reading(None, problem=f"ambiguous: {' or '.join(str(day) for day in sorted(found))}")
    day, pattern = next(iter(found.items()))
    return Reading(day, "" if pattern == formats[0] else f"date format {pattern}")


def _within(reading, variable):
    if reading.value is None or variable.range is None:
        return reading
    low, high = variable.range
    value = str(reading.value) if variable.type == "date" else reading.value
    if low <= value <= high:
        return reading
    return Reading(None, problem=f"outside the plausible range {low} to {high}")


def _read_column(frame, variable, missing, study):
    if variable.column not in frame:
        raise RecohortError("is not a column of the extract", study=study, column=variable.column,
                            remedy=nearest(variable.column, frame.columns.drop("row")))  # fmt: skip
    codes, texts = pd.factorize(frame[variable.column].to_numpy(object))
    missing = frozenset(missing)
    readings = [read_text(text, variable, missing) for text in texts]
    if variable.unreadable == "missing":
        readings = [r._replace(rule=f"set to missing: {r.problem}", problem="") if r.problem else r for r in readings]
    if variable.type == "category":
        _levels_occur(variable, {r.value for r in readings}, texts, readings, study)
    known = np.array([r.value is not None for r in readings])[codes]
    values = _array([r.value for r in readings], variable.type)[codes]
    shown = np.array(["" if r.value is None else str(r.value) for r in readings], dtype=object)
    rules = np.array([r.rule for r in readings], dtype=object)
    reasons = np.array([r.problem for r in readings], dtype=object)
    rows = frame["row"].to_numpy()
    changed, refused = (rules != "")[codes], (reasons != "")[codes]
    raw = np.asarray(texts, dtype=object)
    ledger = pd.DataFrame({
        "row": rows[changed], "column": variable.column, "raw": raw[codes[changed]],
        "clean": shown[codes[changed]], "rule": rules[codes[changed]],
    }, columns=LEDGER)  # fmt: skip
    problems = pd.DataFrame({
        "position": np.flatnonzero(refused), "column": variable.column, "raw": raw[codes[refused]],
        "reason": reasons[codes[refused]],
    })  # fmt: skip
    return Values(values, known), ledger, problems


def _array(values, type_):
    if type_ == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    if type_ == "date":
        return np.array(values, dtype="datetime64[D]")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _levels_occur(variable, occurring, texts, readings, study):
    never = [level for level in variable.levels if level not in occurring]
    if not never:
        return
    unread = [text for text, reading in zip(texts, readings, strict=True) if reading.problem]
    hint = f" {nearest(never[0], unread)}" if unread else ""
    raise RecohortError(f"the level {never[0]!r} of {variable.name} never occurs in the extract", study=study,
                        column=variable.column, remedy=f"Correct its spelling or remove it.{hint}")  # fmt: skip


def _derive(variable, columns, study):
    try:
        if isinstance(variable.derive, dict):
            return _first_that_holds(variable, columns)
        result = expressions.evaluate(expressions.parse(variable.derive), columns)
        if variable.type == "flag":
            yes = expressions.truth(result)
            return Values(np.where(yes.values, "yes", "no").astype(object), yes.known)
    except (expressions.ExpressionError, TypeError) as error:
        raise RecohortError(str(error), study=study, key=f"codebook.{variable.name}.derive",
                            remedy="Correct the expression.") from None  # fmt: skip
    if variable.type == "number":
        return Values(np.where(result.known, result.values, np.nan).astype(float), result.known)
    return result


def _first_that_holds(variable, columns):
    n = len(next(iter(columns.values())).known)
    values, open_ = np.full(n, None, dtype=object), np.ones(n, dtype=bool)
    for level, condition in variable.derive.items():
        met = expressions.truth(expressions.evaluate(expressions.parse(condition), columns))
        values[open_ & met.known & met.values] = level
        # an unknown condition closes the search: a later level must not be taken in its place
        open_ &= met.known & ~met.values
    return Values(values, values != None)  # noqa: E711  elementwise


def _guideline(variable, columns):
    from recohort import her2

    rules = her2.load(variable.guideline["rules"])
    inputs = {role: columns[name] for role, name in variable.guideline.items() if role != "rules"}
    if "group" in inputs:
        group = np.where(inputs["group"].known, inputs["group"].values, "0").astype(int)
        ihc = np.where(inputs["ihc"].known, inputs["ihc"].values, None)
        values = her2.ish_result(group, ihc, rules)
    else:
        groups = her2.ish_groups(inputs["ratio"].values, inputs["copies"].values, rules)
        values = np.where(groups > 0, groups.astype(str).astype(object), None)
    return Values(values, np.array([value is not None for value in values]))
