"""
The small language of a protocol's conditions, such as `ihc == '2+' and fish == 'positive'`.

An expression is parsed to Python's syntax tree and admitted node by node from the list below; it is never handed to
Python itself. A missing value is unknown, and unknown propagates as in SQL (Kleene's three values): `unknown and
false` is false, `unknown or true` is true, everything else with an unknown is unknown.
"""

import ast
import operator
from typing import NamedTuple

import numpy as np

ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ExpressionError(ValueError):
    """An expression that is not of the language; the message says what and where."""


class Values(NamedTuple):
    """An array and, of the same shape, where it is known."""

    values: np.ndarray
    known: np.ndarray


def parse(text):
    """
    Parse an expression.

    Parameters
    ----------
    text : str

    Returns
    -------
    ast.expr
        For `names`, `literals` and `evaluate`.

    Raises
    ------
    ExpressionError
        If it does not parse, or uses anything but names, numbers, text, lists after `in`, + - * /, comparisons,
        and / or / not and known().
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{text!r} does not parse ({getattr(error, 'msg', error)})") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            known = isinstance(node.func, ast.Name) and node.func.id == "known"
            if not (known and len(node.args) == 1 and not node.keywords):
                raise ExpressionError(f"{text!r}: the only function is known(name)")
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, bool) or not isinstance(node.value, (int, float, str)):
                raise ExpressionError(f"{text!r}: {node.value!r} is neither a number nor a text in quotes")
        elif not isinstance(node, _ADMITTED):
            raise ExpressionError(f"{text!r}: {type(node).__name__} is not part of the language")
    return tree


_ADMITTED = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, *ARITHMETIC, ast.Compare, *COMPARISONS,
    ast.In, ast.NotIn, ast.List, ast.Tuple, ast.Name, ast.Load,
)  # fmt: skip


def names(tree):
    """The names that an expression reads, in order of appearance, without `known`."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    return list(dict.fromkeys(found))


def literals(tree):
    """Pairs (name, text) for each text that the expression compares a name with."""
    pairs = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            sides = [item for side in sides for item in (side.elts if isinstance(side, ast.List) else [side])]
            compared = [side.id for side in sides if isinstance(side, ast.Name)]
            texts = [side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)]
            pairs += [(name, text) for name in compared for text in texts]
    return pairs


def evaluate(tree, columns):
    """
    Evaluate an expression over columns.

    Parameters
    ----------
    tree : ast.expr
        From `parse`.
    columns : dict of str to Values
        Text, number, bool or datetime64 arrays of shape (n,).

    Returns
    -------
    Values
        Shape (n,).

    Raises
    ------
    ExpressionError
        If a name is not among the columns, or kinds are mixed that cannot be compared or added.
    """
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            result = _evaluate(tree, columns)
    except (TypeError, np.exceptions.DTypePromotionError) as error:
        raise ExpressionError(f"{ast.unparse(tree)!r} mixes kinds that do not go together ({error})") from None
    n = len(next(iter(columns.values())).known)
    return Values(np.broadcast_to(result.values, n), np.broadcast_to(result.known, n))


def truth(values):
    """A Values as a boolean one: a flag held as text is true where it is "yes"."""
    if values.values.dtype == bool:
        return values
    if values.values.dtype.kind in "OU":
        return Values(values.values == "yes", values.known)
    raise TypeError("a number or a date is not a condition")


def _evaluate(node, columns):
    match node:
        case ast.Name(id=name):
            if name not in columns:
                raise ExpressionError(f"{name!r} is not a column here")
            return columns[name]
        case ast.Constant(value=value):
            return Values(np.asarray(value, dtype=object if isinstance(value, str) else None), np.True_)
        case ast.Call(args=[argument]):
            known = _evaluate(argument, columns).known
            return Values(known, np.ones_like(known))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(_evaluate(operand, columns))
            return Values(~inner.values, inner.known)
        case ast.UnaryOp(operand=operand):
            inner = _evaluate(operand, columns)
            return Values(-_number(inner.values), inner.known)
        case ast.BoolOp(op=op, values=operands):
            parts = [truth(_evaluate(operand, columns)) for operand in operands]
            return _either(parts) if isinstance(op, ast.Or) else _all(parts)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _evaluate(left, columns), _evaluate(right, columns)
            values = ARITHMETIC[type(op)](_number(a.values), _number(b.values))
            if values.dtype.kind == "m":  # a difference of dates, in days
                return Values(values / np.timedelta64(1, "D"), a.known & b.known & ~np.isnat(values))
            finite = np.isfinite(values) if values.dtype.kind == "f" else ~np.isnat(values)
            return Values(values, a.known & b.known & finite)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            return _all([_compare(*triple, columns) for triple in zip(sides, ops, sides[1:], strict=False)])
    raise ExpressionError(f"{ast.unparse(node)!r} does not belong there")


def _compare(left, op, right, columns):
    if isinstance(op, (ast.In, ast.NotIn)):
        if not isinstance(right, (ast.List, ast.Tuple)):
            raise ExpressionError("`in` takes a list, such as ihc in ['2+', '3+']")
        found = _either([_compare(left, ast.Eq(), item, columns) for item in right.elts])
        return Values(~found.values, found.known) if isinstance(op, ast.NotIn) else found
    a, b = _evaluate(left, columns), _evaluate(right, columns)
    x, y = _same_kind(a.values, b.values)
    if x.dtype.kind == "O" and not isinstance(op, (ast.Eq, ast.NotEq)):
        raise TypeError("text has no order; compare levels with == or in")
    known = a.known & b.known
    return Values(COMPARISONS[type(op)](x, y) & known, known)


def _same_kind(x, y):
    for this, other in ((x, y), (y, x)):
        if this.dtype.kind == "M" and other.dtype.kind == "O" and other.ndim == 0:
            date = _date(other.item())
            return (this, date) if this is x else (date, this)
    if {x.dtype.kind, y.dtype.kind} & {"O"} and x.dtype.kind != y.dtype.kind:
        raise TypeError("a text and a number")
    return x, y


def _date(text):
    try:
        return np.datetime64(text, "D")
    except ValueError:
        raise TypeError(f"{text!r} is not a date like '2020-01-31'") from None


def _number(values):
    """Numbers and dates as they are, flags as 1 and 0."""
    if values.dtype.kind in "OU":
        if values.ndim == 0 or not np.isin(values, ["yes", "no", None]).all():
            raise TypeError("text in arithmetic")
        return (values == "yes").astype(float)
    return values if values.dtype.kind in "Mm" else values.astype(float)


def _all(parts):
    """Kleene's and: false wins over unknown."""
    values = np.logical_and.reduce(np.broadcast_arrays(*[part.values & part.known for part in parts]))
    any_false = np.logical_or.reduce(np.broadcast_arrays(*[~part.values & part.known for part in parts]))
    return Values(values, values | any_false)


def _either(parts):
    """Kleene's or: true wins over unknown."""
    values = np.logical_or.reduce(np.broadcast_arrays(*[part.values & part.known for part in parts]))
    all_known = np.logical_and.reduce(np.broadcast_arrays(*[part.known for part in parts]))
    return Values(values, values | all_known)
