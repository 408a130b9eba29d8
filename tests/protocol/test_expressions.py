"""The language of conditions: what it admits, what it refuses, and what an unknown does to it."""

import numpy as np
import pytest

from recohort.protocol.expressions import (
    ExpressionError,
    Values,
    condition,
    evaluate,
    literals,
    names,
    parse,
)


def column(*values, dtype=object):
    """Values with None for an unknown one; the wrong value underneath shows whoever looks at it."""
    known = np.array([value is not None for value in values])
    wrong = {object: "yes", float: 1e6, "datetime64[D]": "1900-01-01"}[dtype]
    return Values(np.array([wrong if value is None else value for value in values], dtype=dtype), known)


COLUMNS = {
    "ihc": column("2+", "3+", None),
    "cns": column("yes", "no", None),
    "liver": column("yes", "no", "yes"),
    "age": column(50, 60, None, dtype=float),
    "size": column(0, 2, 3, dtype=float),
    "dx": column("2020-01-01", "2020-01-31", None, dtype="datetime64[D]"),
    "end": column("2020-03-01", "2020-01-31", "2021-01-01", dtype="datetime64[D]"),
}
T, F, U = True, False, None


def shown(values):
    return [value.item() if known else None for value, known in zip(*values, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ihc == '2+'", [T, F, U]),
        ("'2+' != ihc", [F, T, U]),
        ("ihc in ['2+', '3+']", [T, T, U]),
        ("ihc in ('3+',)", [F, T, U]),
        ("ihc not in ['3+']", [T, F, U]),
        ("cns", [T, F, U]),
        ("not cns", [F, T, U]),
        ("cns and liver", [T, F, U]),
        ("cns == liver", [T, T, U]),
        ("age >= 60", [F, T, U]),
        ("50 <= age < 60", [T, F, U]),
        ("known(age)", [T, T, F]),
        ("not known(age)", [F, F, T]),
        ("known(age / size)", [F, T, F]),  # divided by 0
        ("0 / size == 0", [U, T, T]),
        ("end > dx", [T, F, U]),
        ("end - dx > 59", [T, F, U]),  # 60 days in a leap year
        ("dx >= '2020-01-31'", [F, T, U]),
        ("dx == '2020-01-01'", [T, F, U]),
        ("-size < -1", [F, T, T]),
        ("cns + liver == 2", [T, F, U]),
        ("(size > 1) + 1 == 2", [F, T, T]),
        ("size" + " + size" * 390 + " == 0", [T, F, F]),
        ("ihc == '3+'" + " or ihc == '3+'" * 1000, [F, T, U]),
    ],
)
def test_conditions(text, expected):
    assert shown(condition(text, COLUMNS)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age + size * 2", [50.0, 64.0, None]),
        ("(age + size) * 2", [100.0, 124.0, None]),
        ("age / size", [None, 30.0, None]),
        ("end - dx", [60.0, 0.0, None]),
        ("cns + 1", [2.0, 1.0, None]),
    ],
)
def test_numbers(text, expected):
    assert shown(evaluate(parse(text), COLUMNS)) == expected


def test_a_difference_of_dates_has_a_size_in_days():
    assert shown(evaluate(parse("(end - dx) / 30"), COLUMNS)) == [2.0, 0.0, None]


# Kleene (1952), Introduction to Metamathematics, section 64
AND = [(T, T, T), (T, F, F), (T, U, U), (F, T, F), (F, F, F), (F, U, F), (U, T, U), (U, F, F), (U, U, U)]
OR = [(T, T, T), (T, F, T), (T, U, T), (F, T, T), (F, F, F), (F, U, U), (U, T, T), (U, F, U), (U, U, U)]


@pytest.mark.parametrize(("operator", "table"), [("and", AND), ("or", OR)])
def test_three_values(operator, table):
    flag = {T: "yes", F: "no", U: None}
    a, b, expected = zip(*table, strict=True)
    columns = {"a": column(*[flag[v] for v in a]), "b": column(*[flag[v] for v in b])}
    assert shown(condition(f"a {operator} b", columns)) == list(expected)
    assert shown(condition("not a", columns)) == [{T: F, F: T, U: U}[v] for v in a]


def test_an_unknown_in_a_list_is_unknown_unless_another_matches():
    columns = {"x": column("a", "b", None), "y": column(None, "b", "c")}
    assert shown(condition("x in [y, 'a']", columns)) == [T, T, U]
    assert shown(condition("x not in [y, 'a']", columns)) == [F, F, U]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ihc == ", "does not parse (invalid syntax)"),
        ("ihc = '2+'", "does not parse"),
        ("", "does not parse"),
        ("len(ihc) == 2", "the only function is known(name)"),
        ("__import__('os')", "the only function is known(name)"),
        ("known(age, size)", "the only function is known(name)"),
        ("known(x=age)", "the only function is known(name)"),
        ("ihc.size", "Attribute is not part of the language"),
        ("ihc[0] == '2'", "Subscript is not part of the language"),
        ("age ** 2 > 1", "Pow is not part of the language"),
        ("lambda: age", "Lambda is not part of the language"),
        ("[a for a in ihc]", "ListComp is not part of the language"),
        ("age is 1", "Is is not part of the language"),
        ("f'{age}' == '1'", "JoinedStr is not part of the language"),
        ("(a := age) > 1", "NamedExpr is not part of the language"),
        ("cns == True", "True is neither a number nor a text in quotes"),
        ("age == None", "None is neither a number nor a text in quotes"),
        ("age == 2j", "2j is neither a number nor a text in quotes"),
        ("age > 1e400", "a number is too large"),
        ("age > 1" + 400 * "0", "a number is too large"),
        ("ihc in []", "a list is empty"),
        ("ihc in age", "a list stands after `in` only"),
        ("ihc == ['2+']", "a list stands after `in` only"),
        ("1 == 1", "reads no variable"),
        ("age" + " + age" * 400 + " > 1", "is nested too deeply, or has too many terms"),
    ],
)
def test_what_is_not_of_the_language(text, problem):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch pwned') == 0",
        "().__class__.__bases__[0].__subclasses__() == ihc",
        "ihc.__class__.__mro__[1] == ihc",
        "known(__import__('os'))",
        "known(ihc.__class__)",
        "known.__globals__ == ihc",
        "known(known)(ihc)",
        "open('pwned', 'w') and cns",
        "exec('import os') or cns",
        "(lambda: __import__('os'))() or cns",
        "[x for x in ().__class__.__bases__] == ihc",
        "cns if exec('1') else liver",
        "f'{open(1)}' == ihc",
        "'%s' % ihc == 'a'",
        "'{0.__class__}'.format(ihc) == 'a'",
        "ihc == '2+'; import os",
        "ihc == b'2+'",
        "ihc == ...",
        "age == 9 ** 9 ** 9",
        "age == 1 << 999999999",
        "ihc in {*ihc}",
        "known(*ihc)",
        "(yield ihc) == '2+'",
        "await ihc",
        "(" * 500 + "age" + ")" * 500,
        "-" * 100_000 + "age",
        "age" + " + age" * 1000 + " > 1",
        "ihc == '\x00'",
        "ihc == \x00",
    ],
)
def test_no_expression_reaches_python(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExpressionError):
        condition(text, COLUMNS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["__builtins__", "__class__", "open", "np"])
def test_a_name_is_a_column_and_nothing_else(name):
    with pytest.raises(ExpressionError, match=f"'{name}' is not a column here"):
        condition(f"{name} == ihc", COLUMNS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ihc == 2", "'ihc == 2' mixes what does not go together: text and a number"),
        ("age == '50'", "a number and text"),
        ("ihc < '3+'", "text has no order; compare levels with == or in"),
        ("ihc + 1 > 1", "text in arithmetic"),
        ("dx + 1 > dx", "dates can be subtracted from each other only"),
        ("-dx > dx", "dates can be subtracted from each other only"),
        ("dx > 2020", "a date and a number"),
        ("dx > '2020'", "'2020' is not a date like '2020-01-31'"),
        ("dx > '31/01/2020'", "'31/01/2020' is not a date like '2020-01-31'"),
        ("(age > 1) == 1", "a condition and a number"),
        ("age", "'age' is not a condition: a number is neither true nor false"),
        ("dx", "'dx' is not a condition: a date is neither true nor false"),
        ("ihc", "'ihc' is not a condition: a flag alone is a condition, another text needs a comparison"),
        ("not ihc", "a flag alone is a condition, another text needs a comparison"),
        ("cns and ihc", "a flag alone is a condition, another text needs a comparison"),
        ("grade == '1'", "'grade' is not a column here"),
    ],
)
def test_what_does_not_go_together(text, problem):
    with pytest.raises(ExpressionError) as caught:
        condition(text, COLUMNS)
    assert problem in str(caught.value)


def test_names_in_order_without_the_function():
    assert names(parse("size > 1 and known(age) or ihc == '2+' and size < 9")) == ["size", "age", "ihc"]


def test_literals_with_what_they_are_compared_with():
    tree = parse("ihc in ('2+', '3+') or '1+' == ihc or cns != 'yes' and site not in ['a']")
    assert sorted(literals(tree)) == [
        ("cns", "yes"), ("ihc", "1+"), ("ihc", "2+"), ("ihc", "3+"), ("site", "a"),
    ]  # fmt: skip


def test_a_constant_result_has_the_length_of_the_columns():
    assert shown(condition("known(age) or not known(age)", COLUMNS)) == [T, T, T]
    assert condition("1 < 2 or cns", COLUMNS).values.shape == (3,)
