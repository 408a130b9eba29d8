"""Expressions that make months or years of days by an average length: (dx - dob) / 365.25 and its like."""

import ast
from collections.abc import Iterator, Sequence
from typing import Literal

from recohort.protocol import expressions
from recohort.protocol.model import DAYS, Protocol, Variable

# Spans in months that an average stands for: a month, a quarter, half a year, a year, ten years.
SPANS = (1, 3, 6, 12, 120)
# 30, 31, 360, 365.2425 and 52 weeks are within 2% of such a span; 14, 21 and 28 days are cycles of treatment.
NEAR = 0.02
# Functions that give what their arguments are in, and the first argument that counts.
KEEP_THE_UNIT = {"min": 0, "max": 0, "abs": 0, "round": 0, "coalesce": 0, "if": 1}
DATE: Literal["date"] = "date"
Unit = Literal["date"] | float | None


def notes(protocol: Protocol) -> list[str]:
    """
    What the report says of expressions that divide days by the average length of a month or year.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of str
        A sentence each, in the protocol's order.
    """
    units = {name: _unit(variable) for name, variable in protocol.codebook.items()}
    found = []
    for where, text, derived in _expressions(protocol):
        reader = _Reader(units)
        unit = reader.unit(expressions.parse(text).tree)
        if reader.is_average:
            found.append(
                f"{where}: {text} counts in months or years of average length, which can miss a birthday by "
                "a day; years(from, to) and months(from, to) count completed ones."
            )
        elif derived is not None:
            units[derived] = unit
    return found


def _unit(variable: Variable) -> Unit:
    if variable.type == "date":
        return DATE
    return 1.0 if variable.type == "number" and variable.unit == "days" else None


def _expressions(protocol: Protocol) -> Iterator[tuple[str, str, str | None]]:
    """Triples: where an expression is, in the reader's words; its text; the number derived, or None."""
    for name, variable in protocol.codebook.items():
        if isinstance(variable.derive, dict):
            yield from ((variable.label, text, None) for text in variable.derive.values())
        elif variable.derive is not None:
            yield variable.label, variable.derive, name if variable.type == "number" else None
    yield from ((entry.check, entry.require, None) for entry in protocol.checks)
    for steps in (protocol.cohort, *(population.steps for population in protocol.populations.values())):
        yield from ((step.step, step.keep, None) for step in steps if step.keep is not None)


class _Reader:
    """The unit of each part of an expression: DATE, the size of a day in it, or None if it is no time."""

    def __init__(self, units: dict[str, Unit]) -> None:
        self.units, self.is_average = units, False

    def unit(self, node: ast.AST) -> Unit:
        match node:
            case ast.Name(id=name):
                return self.units.get(name)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                found = [self.unit(argument) for argument in arguments]
                found = found[KEEP_THE_UNIT[name] :] if name in KEEP_THE_UNIT else []
                return next((unit for unit in found if unit is not None), None)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.unit(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return self.calculated(left, op, right)
            case ast.Compare(left=left, comparators=comparators):
                self.compared([left, *comparators])
            case _:
                for child in ast.iter_child_nodes(node):
                    self.unit(child)
        return None

    def calculated(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Unit:
        a, b = self.unit(left), self.unit(right)
        if a == DATE or b == DATE:
            return 1.0 if isinstance(op, ast.Sub) else None
        if isinstance(op, (ast.Add, ast.Sub)):
            return b if a is None else a
        if a is None and isinstance(op, ast.Mult):
            a, right = b, left
        size = expressions.constant_value(right)
        if a is None or not size or not isinstance(op, (ast.Mult, ast.Div)):
            return None
        unit = a * size if isinstance(op, ast.Mult) else a / size
        if unit and _is_average(1 / unit):
            self.is_average = True
            return None
        return unit

    def compared(self, sides: Sequence[ast.expr]) -> None:
        units = [self.unit(side) for side in sides]
        if not any(isinstance(unit, float) for unit in units):
            return
        for side in (side for side, unit in zip(sides, units, strict=True) if unit is None):
            values = [n.value for n in ast.walk(side) if isinstance(n, ast.Constant)]
            sizes = [size for size in values if isinstance(size, (int, float)) and _is_average(size)]
            # 365 alone is a number of days that somebody chose; 365.25, and 18 * 365, are years
            is_alone = isinstance(side, ast.Constant)
            self.is_average |= any(not is_alone or size != int(size) for size in sizes)


def _is_average(days: float) -> bool:
    months = abs(days) / DAYS["months"]
    return any(abs(months / span - 1) < NEAR for span in SPANS)
