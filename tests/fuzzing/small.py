"""Conditions, printed numbers and cells: made rather than damaged, from the bytes of a seed."""

import random
import string

import numpy as np
from support import protocols

from fuzzing.outcomes import ACCOUNTED, REFUSED
from recohort.audit import printed_number as printed
from recohort.protocol import cell as cells
from recohort.protocol import expressions

NAMES = ["age", "ihc", "dx", "cns"]
LITERALS = ["1", "18", "1e999", "0", "'2+'", "'yes'", "'2020-01-31'", "''", "'é'"]
LISTS = ["['2+', '3+']", "(1, 2)", "[]", "['2020-01-31']", "[age]", "[ihc, '2+']"]
OPERATORS = ["+", "-", "*", "/", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
TOKENS = [
    *(*NAMES, *LITERALS, *LISTS, *OPERATORS, "**", "%", "is", "in", "not in", "not", "(", ")", "[", "]", ","),
    *(
        "nobody",
        "known(age)",
        "known()",
        "if(",
        "# a",
        "round(age, 99)",
        "lambda: 1",
        "age if cns else 1",
        "x := 1",
        "~",
        "age.real",
        "{}",
    ),
    *("__import__('os')", "f'{age}'", "b'a'", "1j", "True", "None", "...", "#", "\n", "\0", "é", ";"),
]
N = 7
COLUMNS = {
    "age": expressions.Values(np.array([1.0, 0, np.nan, -5, 1e308, 50, 18]), np.arange(N) != 2),
    "ihc": expressions.Values(np.array(["2+", "3+", None, "2+", "", "é", "x"], object), np.arange(N) != 2),
    "dx": expressions.Values(np.array(["2020-01-31", "NaT"] * N, "datetime64[D]")[:N], np.arange(N) % 2 == 0),
    "cns": expressions.Values(np.array(["yes", "no", None] * N, object)[:N], np.arange(N) % 3 != 2),
}
ALPHABET = string.digits * 3 + ".,-+eE<>=% '\"P" + "ab٣½−\u2009\xa0\0\n≤"


def condition(content, is_cut):
    rng = random.Random(content)
    text = _expression(rng, 3) if rng.random() < 0.7 else " ".join(rng.choices(TOKENS, k=rng.randint(1, 9)))
    try:
        found = expressions.condition(text, COLUMNS)
    except expressions.ExpressionError:
        return REFUSED
    assert found.values.shape == found.known.shape == (N,), text
    assert found.values.dtype == found.known.dtype == bool, text
    return ACCOUNTED


def _expression(rng, depth):
    """Of the language, but for its kinds, which need not go together."""
    if not depth or rng.random() < 0.3:
        return rng.choice(NAMES if rng.random() < 0.7 else LITERALS)
    inner = _expression(rng, depth - 1)
    match rng.randrange(8):
        case 0:
            return f"{rng.choice(['not', '-'])} ({inner})"
        case 1:
            return f"known({inner})"
        case 2:
            return f"({inner}) {rng.choice(['in', 'not in'])} {rng.choice(LISTS)}"
        case 3:
            return f"{rng.choice(['abs', 'log', 'log2', 'exp', 'sqrt', 'round'])}({inner})"
        case 4:
            pair = f"({inner}, {_expression(rng, depth - 1)})"
            return f"{rng.choice(['min', 'max', 'coalesce', 'years', 'months'])}{pair}"
        case 5:
            return f"if({_expression(rng, depth - 1)}, {inner}, {_expression(rng, depth - 1)})"
    return f"({inner}) {rng.choice(OPERATORS)} ({_expression(rng, depth - 1)})"


def printed_number(content, is_cut):
    rng = random.Random(content)
    text = "".join(rng.choice(ALPHABET) for _ in range(rng.randint(0, 9)))
    try:
        number = printed.parse(text)
    except ValueError:
        return REFUSED
    assert number.low <= number.value <= number.high, text
    assert number.relation != "=" or number.rounds([number.value])[0], text
    return ACCOUNTED


def cell(content, is_cut):
    rng = random.Random(content)
    text = "".join(rng.choice(ALPHABET + "/:TZyesno2+3+") for _ in range(rng.randint(0, 11)))
    outcomes = {_read_cell(text, variable) for variable in VARIABLES}
    return ACCOUNTED if ACCOUNTED in outcomes else REFUSED


def _read_cell(text, variable):
    reading = cells.read(text, variable, frozenset({"9"}))
    if reading.problem:
        assert reading.value is None and not reading.rule, text
        return REFUSED
    assert reading.value is not None or reading.rule or not text.strip(), f"{text!r} is lost"
    return ACCOUNTED


VARIABLES = [
    protocols.variable("v", "number", "V", decimal="either", range=(0, 100)),
    protocols.variable("v", "number", "V"),
    protocols.variable("v", "number", "V", unreadable="missing"),
    protocols.variable("v", "date", "V", formats=("%d/%m/%Y", "%Y-%m-%d", "%m/%d/%Y", "%Y")),
    protocols.variable("v", "flag", "V", levels=("no", "yes")),
    protocols.variable("v", "category", "V", levels=("2+", "3+"), recode={"2": "2+", "-": None}),
    protocols.variable("v", "text", "V"),
]
