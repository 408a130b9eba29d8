"""What the language of conditions refuses, and that none of it reaches Python."""

import pytest
from support.expression_columns import COLUMNS

from recohort.protocol.expressions import ExpressionError, condition, parse


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ihc == ", "does not parse (invalid syntax)"),
        ("ihc = '2+'", "does not parse"),
        ("", "does not parse"),
        ("len(ihc) == 2", "there is no function 'len'"),
        ("year(born, dx) > 18", "there is no function 'year'. Did you mean 'years'?"),
        ("__import__('os')", "there is no function '__import__'"),
        ("known(age, size)", "known is written known(x)"),
        ("known(x=age)", "known is written known(x)"),
        ("min(age) > 1", "min is written min(a, b, ...)"),
        ("min(*age) > 1", "min is written min(a, b, ...)"),
        ("years(dx) > 1", "years is written years(from, to)"),
        ("if(cns, age) > 1", "if is written if(condition, a, b)"),
        ("if (cns) and liver", "if is written if(condition, a, b)"),
        ("1 if (cns) else 2", "write a choice as if(condition, a, b)"),
        ("if cns", "does not parse"),
        ("if(age > 1", "does not parse"),
        ("ihc.if(age) > 1", "a function has a plain name"),
        ("log(age, 2) > 1", "log is written log(x)"),
        ("round(age, -1) > 1", "the digits of round(x, digits) are a whole number from 0 to 15"),
        ("round(age, 1.5) > 1", "the digits of round(x, digits) are a whole number from 0 to 15"),
        ("round(age, size) > 1", "the digits of round(x, digits) are a whole number from 0 to 15"),
        ("age >= 18 # adults", "what follows # would be ignored"),
        ("age >= 18 # adults and known(grade)", "what follows # would be ignored"),
        ("# age >= 18", "what follows # would be ignored"),
        ("(age >= 18 # adults\n and cns)", "what follows # would be ignored"),
        ("ihc.size", "Attribute is not part of the language"),
        ("ihc[0] == '2'", "Subscript is not part of the language"),
        ("age // 2 > 1", "FloorDiv is not part of the language"),
        ("age % 2 > 1", "Mod is not part of the language"),
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
        ("years(age, size) > 1", "years(from, to) takes two dates, and a number is none"),
        ("months(dx, ihc) > 1", "months(from, to) takes two dates, and text is none"),
        ("years(dx, '1 May') > 1", "'1 May' is not a date like '2020-01-31'"),
        ("if(age, 1, 2) > 1", "a number is neither true nor false"),
        ("if(ihc, 1, 2) > 1", "a flag alone is a condition"),
        ("if(cns, 1, '2+') == 1", "a number and text"),
        ("if(cns, dx, age) > 1", "a date and a number"),
        ("coalesce(ihc, 0) == '2+'", "text and a number"),
        ("min(dx, age) > 1", "a date and a number"),
        ("min(ihc, ihc) == '2+'", "text in arithmetic"),
        ("abs(dx) > 1", "abs(x) takes a number, not a date"),
        ("log(ihc) > 1", "text in arithmetic"),
        ("dx ** 2 > 1", "dates can be subtracted from each other only"),
        ("years(born, dx) > '18'", "a number and text"),
        ("age > 1 / 0", "a part of it is unknown whatever the data are"),
        ("age > log(0)", "a part of it is unknown whatever the data are"),
        ("age > sqrt(-1) or cns", "a part of it is unknown whatever the data are"),
        ("known(9 ** 9 ** 9) or cns", "a part of it is unknown whatever the data are"),
        ("size" + " + size" * 380 + " + ihc > 1", "text in arithmetic"),
    ],
)
def test_what_does_not_go_together(text, problem):
    with pytest.raises(ExpressionError) as caught:
        condition(text, COLUMNS)
    assert problem in str(caught.value)
