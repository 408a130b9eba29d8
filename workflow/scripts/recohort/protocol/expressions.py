"""
The small language of a protocol's conditions, such as `ihc == '2+' and fish == 'positive'`.

An expression is parsed to Python's syntax tree and admitted node by node from the list below; it is never
handed to Python itself. A missing value is unknown, and unknown propagates as in SQL (Kleene's three values):
`unknown and false` is false, `unknown or true` is true, everything else with an unknown is unknown.
"""

import ast
import operator
import sys
from datetime import date
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
ADMITTED = (
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, *ARITHMETIC),
    *(ast.Compare, *COMPARISONS, ast.In, ast.NotIn, ast.List, ast.Tuple, ast.Name, ast.Load),
)
# Each level of an expression is a call, and Python has about 1,000 of them.
DEEPEST = 400
KINDS = {"O": "text", "f": "a number", "b": "a condition", "M": "a date"}


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
        If it does not parse, is nested too deeply, reads no variable, or uses anything but names, numbers,
        text, lists after `in`, + - * /, comparisons, and / or / not and known().
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{text!r} does not parse ({getattr(error, 'msg', error)})") from None
    if _depth(tree) > DEEPEST:
        raise ExpressionError(
            f"{text[:40]!r}... is nested too deeply, or has too many terms for one condition"
        )
    for node in ast.walk(tree):
        problem = _problem(node)
        if problem:
            raise ExpressionError(f"{text!r}: {problem}")
    if not names(tree):
        raise ExpressionError(f"{text!r} reads no variable")
    return tree


def names(tree):
    """The names that an expression reads, in order of appearance, without `known`."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in found))


def literals(tree):
    """Pairs (name, text) for each text that the expression compares a name with."""
    pairs = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [
                item for side in [node.left, *node.comparators] for item in getattr(side, "elts", [side])
            ]
            compared = [side.id for side in sides if isinstance(side, ast.Name)]
            texts = [getattr(side, "value", None) for side in sides]
            pairs += [(name, text) for name in compared for text in texts if isinstance(text, str)]
    return pairs


def evaluate(tree, columns):
    """
    Evaluate an expression over columns.

    Parameters
    ----------
    tree : ast.expr
        From `parse`.
    columns : dict of str to Values
        Text (object), float, bool or datetime64 arrays of shape (n,).

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
        # a division by zero is unknown, which needs no warning
        with np.errstate(all="ignore"):
            result = _evaluate(tree, columns)
    except TypeError as error:
        raise ExpressionError(f"{ast.unparse(tree)!r} mixes what does not go together: {error}") from None
    n = len(next(iter(columns.values())).known)
    return Values(np.broadcast_to(result.values, n), np.broadcast_to(result.known, n))


def condition(text, columns):
    """
    Evaluate an expression that has to be true, false or unknown.

    Parameters
    ----------
    text : str
    columns : dict of str to Values

    Returns
    -------
    Values
        Of bool, shape (n,).

    Raises
    ------
    ExpressionError
        As `parse` and `evaluate`, or if the result is a number, a date or a text.
    """
    result = evaluate(parse(text), columns)
    try:
        return truth(result)
    except TypeError as error:
        raise ExpressionError(f"{text!r} is not a condition: {error}") from None


def truth(values):
    """A Values as a boolean one, a flag being true where it is "yes"; TypeError for anything else."""
    kind = values.values.dtype.kind
    if kind == "b":
        return values
    if kind != "O":
        raise TypeError(f"{KINDS[kind]} is neither true nor false")
    return Values(
        _is_yes(values, "a flag alone is a condition, another text needs a comparison"), values.known
    )


def _depth(tree):
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _problem(node):
    """What keeps a node out of the language, or None."""
    match node:
        case ast.Call(func=ast.Name(id="known"), args=[_], keywords=[]):
            return None
        case ast.Call():
            return "the only function is known(name)"
        case ast.Constant(value=value):
            if not isinstance(value, (int, float, str)) or isinstance(value, bool):
                return f"{value!r} is neither a number nor a text in quotes"
            is_finite = isinstance(value, str) or abs(value) <= sys.float_info.max
            return None if is_finite else "a number is too large"
        case ast.List(elts=[]) | ast.Tuple(elts=[]):
            return "a list is empty"
        case ast.Compare(ops=ops, comparators=lists):
            for op, right in zip(ops, lists, strict=True):
                if isinstance(op, (ast.In, ast.NotIn)) != isinstance(right, (ast.List, ast.Tuple)):
                    return "a list stands after `in` only, such as ihc in ['2+', '3+']"
    return None if isinstance(node, ADMITTED) else f"{type(node).__name__} is not part of the language"


def _evaluate(node, columns):
    match node:
        case ast.Name(id=name):
            if name not in columns:
                raise ExpressionError(f"{name!r} is not a column here")
            return columns[name]
        case ast.Constant(value=value):
            return Values(np.asarray(value, dtype=object if isinstance(value, str) else float), np.True_)
        case ast.Call(args=[argument]):
            known = _evaluate(argument, columns).known
            return Values(known, np.ones_like(known))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(_evaluate(operand, columns))
            return Values(~inner.values, inner.known)
        case ast.UnaryOp(operand=operand):
            inner = _evaluate(operand, columns)
            return Values(_arithmetic(ast.Sub(), np.zeros(()), _number(inner)), inner.known)
        case ast.BoolOp(op=op, values=operands):
            parts = [truth(_evaluate(operand, columns)) for operand in operands]
            return _either(parts) if isinstance(op, ast.Or) else _all(parts)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _evaluate(left, columns), _evaluate(right, columns)
            values = _arithmetic(op, _number(a), _number(b))
            return Values(values, a.known & b.known & np.isfinite(values))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            return _all([_compare(*triple, columns) for triple in zip(sides, ops, comparators, strict=False)])
    raise TypeError("a list stands after `in` only")


def _compare(left, op, right, columns):
    if isinstance(op, (ast.In, ast.NotIn)):
        found = _either([_compare(left, ast.Eq(), item, columns) for item in right.elts])
        return Values(~found.values, found.known) if isinstance(op, ast.NotIn) else found
    a, b = _evaluate(left, columns), _evaluate(right, columns)
    x, y = _dates(a.values, b.values), _dates(b.values, a.values)
    if x.dtype.kind != y.dtype.kind:
        raise TypeError(f"{KINDS[x.dtype.kind]} and {KINDS[y.dtype.kind]}")
    if x.dtype.kind == "O" and not isinstance(op, (ast.Eq, ast.NotEq)):
        raise TypeError("text has no order; compare levels with == or in")
    known = a.known & b.known
    return Values(COMPARISONS[type(op)](x, y) & known, known)


def _dates(values, other):
    """A text constant beside dates as a date."""
    if values.dtype.kind != "O" or values.ndim or other.dtype.kind != "M":
        return values
    try:
        return np.asarray(date.fromisoformat(values.item()), dtype="datetime64[D]")
    except ValueError:
        raise TypeError(f"{values.item()!r} is not a date like '2020-01-31'") from None


def _arithmetic(op, x, y):
    """Of numbers; of dates their difference in days."""
    kinds = {x.dtype.kind, y.dtype.kind}
    if "M" not in kinds:
        return ARITHMETIC[type(op)](x, y)
    if kinds != {"M"} or not isinstance(op, ast.Sub):
        raise TypeError("dates can be subtracted from each other only")
    return (x - y) / np.timedelta64(1, "D")


def _number(column):
    """Numbers and dates as they are, flags and conditions as 1 and 0."""
    if column.values.dtype.kind == "O":
        return _is_yes(column, "text in arithmetic").astype(float)
    return column.values.astype(float) if column.values.dtype.kind == "b" else column.values


def _is_yes(column, problem):
    is_yes = np.equal(column.values, "yes").astype(bool)
    if np.any(column.known & ~is_yes & np.not_equal(column.values, "no").astype(bool)):
        raise TypeError(problem)
    return is_yes


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
