"""
The small language of a protocol's conditions, such as `ihc == '2+' and fish == 'positive'`.

An expression is parsed to Python's syntax tree and admitted node by node from the list below; it is never
handed to Python itself. What the values of its columns become is in `expression_values`; docs/expressions.md
is the page for users.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np

from recohort.base.errors import nearest
from recohort.protocol.expression_values import (
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    Values,
    calculate,
    compare,
    constant,
    either,
    every,
    truth,
)

ADMITTED: tuple[type[ast.AST], ...] = (*ARITHMETIC, *COMPARISONS)
ADMITTED += (ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp)
ADMITTED += (ast.Compare, ast.In, ast.NotIn, ast.List, ast.Tuple, ast.Name, ast.Load)
# Each level of an expression is a call, and Python has about 1,000 of them.
DEEPEST = 400
SHOWN = 300
MOST_DIGITS = 15
# `if` is a word of Python's own grammar, so its parser sees this name.
IF = "if_"
# Of Python's tokens, those after which `if(` begins a function and not Python's `a if (b) else c`.
BEFORE_IF = {"and", "or", "not", "in"}


class ExpressionError(ValueError):
    """An expression that is not of the language; the message says what and where."""


class Expression(NamedTuple):
    """An expression as it is written, and its syntax tree."""

    text: str
    tree: ast.expr


def parse(text: str) -> Expression:
    """
    Parse an expression.

    Parameters
    ----------
    text : str

    Returns
    -------
    Expression
        For `names`, `literals` and `evaluate`.

    Raises
    ------
    ExpressionError
        If it does not parse, holds a comment, is nested too deeply, reads no variable, or uses anything but
        what docs/expressions.md lists.
    """
    try:
        tree = ast.parse(_with_functions(text.strip()), mode="eval").body
    except ExpressionError:
        raise
    except (SyntaxError, tokenize.TokenError, ValueError, RecursionError, MemoryError) as error:
        reason = error.args[0] if isinstance(error, tokenize.TokenError) else getattr(error, "msg", error)
        raise ExpressionError(f"{_shown(text)} does not parse ({reason})") from None
    if _depth(tree) > DEEPEST:
        raise ExpressionError(
            f"{text[:40]!r}... is nested too deeply, or has too many terms for one condition"
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == IF:
            node.func.id = "if"
        problem = _problem(node)
        if problem:
            raise ExpressionError(f"{_shown(text)}: {problem}")
    parsed = Expression(text, tree)
    if not names(parsed):
        raise ExpressionError(f"{_shown(text)} reads no variable")
    return parsed


def names(expression: Expression) -> list[str]:
    """The names that an expression reads, in order of appearance, without those of functions."""
    functions = {id(node.func) for node in ast.walk(expression.tree) if isinstance(node, ast.Call)}
    found = [
        node for node in ast.walk(expression.tree) if isinstance(node, ast.Name) and id(node) not in functions
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in found))


def literals(expression: Expression) -> list[tuple[tuple[str, ...], str]]:
    """
    The texts that an expression compares variables with.

    Parameters
    ----------
    expression : Expression

    Returns
    -------
    list of (tuple of str, str)
        The variables that can be on one side of a comparison, several for `coalesce(a, b)` and
        `if(condition, a, b)`, and a text on the other side, which is a level of at least one of them.
    """
    pairs: list[tuple[tuple[str, ...], str]] = []
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Compare):
            for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
                for item in getattr(right, "elts", [right]):
                    pairs += _compared(left, item) + _compared(item, left)
    return pairs


def constant_value(node: ast.expr) -> float | None:
    """The number that a part of a tree always is; None if it reads a variable or is no number."""
    try:
        with np.errstate(all="ignore"):
            found = _evaluate(node, {})
    except (ExpressionError, NoValue, TypeError):
        return None
    return float(found.values) if found.values.dtype.kind == "f" else None


def evaluate(expression: Expression, columns: Mapping[str, Values]) -> Values:
    """
    Evaluate an expression over columns.

    Parameters
    ----------
    expression : Expression
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
        If a name is not among the columns, kinds are mixed that cannot be compared or added, a function is
        given what it does not take, or a part without a variable has no value, such as 1 / 0.
    """
    try:
        # a division by zero is unknown, which needs no warning
        with np.errstate(all="ignore"):
            result = _evaluate(expression.tree, columns)
    except TypeError as error:
        problem = f"{_shown(expression.text)} mixes what does not go together: {error}"
        raise ExpressionError(problem) from None
    except NoValue as error:
        raise ExpressionError(f"{_shown(expression.text)}: {error}") from None
    except RecursionError:
        raise ExpressionError(f"{_shown(expression.text)} is nested too deeply") from None
    n = np.size(next(iter(columns.values())).known)
    return Values(np.broadcast_to(result.values, n), np.broadcast_to(result.known, n))


def condition(text: str, columns: Mapping[str, Values]) -> Values:
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
        raise ExpressionError(f"{_shown(text)} is not a condition: {error}") from None


class NoValue(ValueError):
    """A part of an expression that is unknown whatever the data are."""


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def _with_functions(text: str) -> str:
    """The text with `if(` as a name, which is no Python; ExpressionError for a comment."""
    begins = [0]
    for line in text.split("\n"):
        begins.append(begins[-1] + len(line) + 1)
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.string.strip()]
    parts, at = [], 0
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.type == tokenize.COMMENT:
            raise ExpressionError(
                f"{_shown(text)}: what follows # would be ignored; put it on a line of its own in the file, "
                "outside the expression, or in quotes if it is part of a text"
            )
        if token.string == "if" and after and after.string == "(" and _begins_a_value(before):
            row, column = token.start
            start = begins[row - 1] + column
            parts += [text[at:start], IF]
            at = start + len("if")
    return "".join([*parts, text[at:]])


def _begins_a_value(before: tokenize.TokenInfo | None) -> bool:
    """Whether a value and not an operator comes after a token."""
    return (
        before is None
        or before.string in BEFORE_IF
        or (before.type == tokenize.OP and before.string not in ")]}")
    )


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _problem(node: ast.AST) -> str | None:
    """What keeps a node out of the language, or None."""
    match node:
        case ast.Call():
            return _problem_of_call(node)
        case ast.IfExp():
            return "write a choice as if(condition, a, b)"
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


def _problem_of_call(node: ast.Call) -> str | None:
    if not isinstance(node.func, ast.Name):
        return "a function has a plain name, such as years(from, to)"
    name, arguments = node.func.id, node.args
    if name not in FUNCTIONS:
        return f"there is no function {name!r}. {nearest(name, FUNCTIONS)}"
    function = FUNCTIONS[name]
    is_plain = not node.keywords and not any(isinstance(argument, ast.Starred) for argument in arguments)
    n_most = len(arguments) if function.most is None else function.most
    if not is_plain or not function.fewest <= len(arguments) <= n_most:
        return f"{name} is written {function.signature}"
    if name == "round" and len(arguments) == 2 and not _is_digits(arguments[1]):
        return f"the digits of round(x, digits) are a whole number from 0 to {MOST_DIGITS}"
    return None


def _is_digits(node: ast.expr) -> bool:
    value = getattr(node, "value", None)
    return type(value) is int and 0 <= value <= MOST_DIGITS


def _compared(side: ast.expr, other: ast.expr) -> list[tuple[tuple[str, ...], str]]:
    variables, texts = _values_of(side)
    return [(tuple(variables), text) for text in _values_of(other)[1] if variables and text not in texts]


def _values_of(node: ast.expr) -> tuple[list[str], list[str]]:
    """The variables, and the texts, that can be the value of a part."""
    match node:
        case ast.Name(id=name):
            return [name], []
        case ast.Constant(value=str() as text):
            return [], [text]
        case (
            ast.Call(func=ast.Name(id="coalesce"), args=parts)
            | ast.Call(func=ast.Name(id="if"), args=[_, *parts])
        ):
            found = [_values_of(part) for part in parts]
            return sum((names for names, _ in found), []), sum((texts for _, texts in found), [])
    return [], []


def _evaluate(node: ast.expr, columns: Mapping[str, Values]) -> Values:
    match node:
        case ast.Name(id=name):
            if name not in columns:
                raise ExpressionError(f"{name!r} is not a column here")
            return columns[name]
        case ast.Constant(value=value):
            return constant(cast(str | float, value))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _with_value(FUNCTIONS[name].apply(*[_evaluate(each, columns) for each in arguments]))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(_evaluate(operand, columns))
            return Values(~inner.values, inner.known)
        case ast.UnaryOp(operand=operand):
            return calculate(constant(0), ast.Sub, _evaluate(operand, columns))
        case ast.BoolOp(op=op, values=operands):
            parts = [truth(_evaluate(operand, columns)) for operand in operands]
            return either(parts) if isinstance(op, ast.Or) else every(parts)
        case ast.BinOp(left=left, op=op, right=right):
            return _with_value(calculate(_evaluate(left, columns), type(op), _evaluate(right, columns)))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            return every(
                [_compare(*triple, columns) for triple in zip(sides, ops, comparators, strict=False)]
            )
    raise TypeError("a list stands after `in` only")


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr, columns: Mapping[str, Values]) -> Values:
    if isinstance(op, (ast.In, ast.NotIn)):
        found = either([_compare(left, ast.Eq(), item, columns) for item in cast(ast.List, right).elts])
        return Values(~found.values, found.known) if isinstance(op, ast.NotIn) else found
    return compare(_evaluate(left, columns), type(op), _evaluate(right, columns))


def _with_value(part: Values) -> Values:
    """Values, unless they have no dimension, being of constants alone, and are unknown."""
    if not np.ndim(part.known) and not part.known:
        raise NoValue("a part of it is unknown whatever the data are, such as 1 / 0, log(0) or 9 ** 9 ** 9")
    return part
