"""The language of conditions: what it admits, and what an unknown does to it."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from support.expression_columns import COLUMNS, column
from support.paths import REFERENCE, ROOT

from recohort.protocol.expression_values import FUNCTIONS
from recohort.protocol.expressions import Values, condition, evaluate, literals, names, parse

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
        ("years(born, dx) >= 18", [F, T, U]),  # 2020-01-01, the birthday itself, unknown
        ("known(log(size))", [F, T, T]),
        ("if(size > 1, ihc, '2+') == '3+'", [F, T, U]),
        ("if(cns, liver, 'yes')", [T, T, U]),
        ("if(cns, size > 1, liver == 'no')", [F, T, U]),
        ("not if(age > 55, 1, 0) == 1", [T, F, U]),
        ("size in [if(age > 55, 2, 0), 9]", [T, T, U]),
        ("coalesce(ihc, 'none') == 'none'", [F, F, T]),
        ("coalesce(cns, liver)", [T, F, T]),
        ("max(dx, '2020-01-15') > '2020-01-20'", [F, T, U]),
        ("min(dx, end) == dx", [T, T, U]),
        ("ihc == '#1' or ihc == 'if(' or cns", [T, F, U]),
        ("(\n if(size > 1, 1,\n 2) == 1)", [F, T, T]),
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
        ("dx - '2020-01-01'", [0.0, 30.0, None]),
        ("cns + 1", [2.0, 1.0, None]),
        ("size ** 2", [0.0, 4.0, 9.0]),
        ("-2 ** 2 + size", [-4.0, -2.0, -1.0]),
        ("2 ** -size", [1.0, 0.25, 0.125]),
        ("size ** 0", [1.0, 1.0, 1.0]),
        ("0 ** -size", [1.0, None, None]),
        ("(-1 - size) ** 0.5", [None, None, None]),
        ("10 ** (size * 200)", [1.0, None, None]),
        ("age ** age ** age", [None, None, None]),
        ("log(size - 2)", [None, None, 0.0]),
        ("log2(size * 4)", [None, 3.0, np.log2(12)]),
        ("exp(size * 0)", [1.0, 1.0, 1.0]),
        ("exp(size * 500)", [1.0, None, None]),
        ("sqrt(2 - size)", [np.sqrt(2), 0.0, None]),
        ("abs(size - 2)", [2.0, 0.0, 1.0]),
        ("abs(dx - end)", [60.0, 0.0, None]),
        ("min(age, size, 55)", [0.0, 2.0, None]),
        ("max(size, 2, cns)", [2.0, 2.0, None]),
        ("min(coalesce(age, size), coalesce(size, age))", [0.0, 2.0, 3.0]),
        ("coalesce(age, size)", [50.0, 60.0, 3.0]),
        ("coalesce(1 / size, age, 7)", [50.0, 0.5, 1 / 3]),
        ("if(size > 1, age, 0)", [0.0, 60.0, None]),
        ("if(age > 55, size, 1 / size)", [None, 2.0, None]),
        ("if(if(size > 1, size, 1) > 2, 1, if(size > 1, 2, 3))", [3.0, 2.0, 1.0]),
        ("years('2000-01-31', end)", [20.0, 20.0, 20.0]),
        ("months(dx, '2020-02-29')", [1.0, 0.0, None]),
        ("months(end, dx)", [-2.0, 0.0, None]),
        ("round(size / 2)", [0.0, 1.0, 2.0]),
    ],
)
def test_numbers(text, expected):
    assert shown(evaluate(parse(text), COLUMNS)) == expected


def test_a_difference_of_dates_has_a_size_in_days():
    assert shown(evaluate(parse("(end - dx) / 30"), COLUMNS)) == [2.0, 0.0, None]


@pytest.fixture(scope="module")
def calendar():
    return pd.read_csv(REFERENCE / "calendar.csv")


@pytest.mark.parametrize("unit", ["years", "months"])
@pytest.mark.parametrize("engine", ["lubridate", "counted"])
@pytest.mark.parametrize("at_once", [1, 4000])
def test_calendar_as_r(calendar, unit, engine, at_once):
    expected = calendar[f"{engine}_{unit}"].dropna()
    assert len(expected) > 2000
    found = []
    # few dates are split one by one, many are looked up
    for start, end in pairwise([*range(0, len(calendar), at_once if at_once > 1 else 97), len(calendar)]):
        part = calendar[start:end]
        dates = {name: part[name].to_numpy("datetime64[D]") for name in ("from", "to")}
        columns = {
            "a": Values(dates["from"], np.ones(len(part), bool)),
            "b": Values(dates["to"], np.ones(len(part), bool)),
        }
        found += evaluate(parse(f"{unit}(a, b)"), columns).values.tolist()
    assert np.array_equal(np.array(found)[expected.index], expected)


def test_an_unknown_date_far_away_is_no_matter():
    far = np.array(["NaT", "2002-03-01", "2002-03-02"], "datetime64[D]")
    columns = {"a": Values(far, np.array([F, T, T])), "b": column(*["2020-03-01"] * 3, dtype="datetime64[D]")}
    assert shown(evaluate(parse("years(a, b)"), columns)) == [None, 18.0, 17.0]


# halves away from zero, of the decimal number as it is written: by hand
@pytest.mark.parametrize(
    ("digits", "values", "expected"),
    [
        ("", [0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 1e300], [1, 2, 3, -3, 0, 1e300]),
        (", 0", [2.4, 2.6, -0.4], [2, 3, 0]),
        (", 1", [0.25, 0.35, -0.25, 0.05, 9.95], [0.3, 0.4, -0.3, 0.1, 10]),
        (
            ", 2",
            [0.285, 1.005, 2.675, 0.2849999, 90071992547409.92],
            [0.29, 1.01, 2.68, 0.28, 90071992547409.92],
        ),
        (", 15", [1e-15, 1.5e-15], [1e-15, 2e-15]),
    ],
)
def test_rounding(digits, values, expected):
    columns = {"x": column(*values, dtype=float)}
    found = evaluate(parse(f"round(x{digits})"), columns).values
    assert found.tolist() == expected
    assert not np.signbit(found[found == 0]).any()


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


def test_names_in_order_without_the_function():
    assert names(parse("size > 1 and known(age) or ihc == '2+' and size < 9")) == ["size", "age", "ihc"]


def test_literals_with_what_they_are_compared_with():
    tree = parse("ihc in ('2+', '3+') or '1+' == ihc or cns != 'yes' and site not in ['a']")
    assert sorted(literals(tree)) == [
        (("cns",), "yes"), (("ihc",), "1+"), (("ihc",), "2+"), (("ihc",), "3+"), (("site",), "a"),
    ]  # fmt: skip


def test_a_text_may_be_a_level_of_any_variable_that_it_may_be_compared_with():
    tree = parse("coalesce(ihc, score, 'none') in ['2+', 'none'] or '3+' == if(cns == 'no', ihc, fish)")
    assert sorted(literals(tree)) == [(("cns",), "no"), (("ihc", "fish"), "3+"), (("ihc", "score"), "2+")]


def test_a_constant_result_has_the_length_of_the_columns():
    assert shown(condition("known(age) or not known(age)", COLUMNS)) == [T, T, T]
    assert condition("1 < 2 or cns", COLUMNS).values.shape == (3,)


PAGE = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")


def test_the_page_has_every_function_and_no_other():
    section = PAGE[PAGE.index("## Functions") : PAGE.index("## Missing values")]
    signatures = re.findall(r"`((\w+)\([^`]*\))`", "".join(line.split("|")[1] for line in section.splitlines()
                                                          if line.startswith("| `")))  # fmt: skip
    assert {name for _, name in signatures} == set(FUNCTIONS)
    assert {function.signature for function in FUNCTIONS.values()} <= {text for text, _ in signatures}


def test_the_dates_on_the_page():
    rows = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (\S+) \| (-?\d+) \| (-?\d+) \|$", PAGE, re.M)
    assert len(rows) == 7
    for start, end, years, months in rows:
        columns = {"a": column(start, dtype="datetime64[D]"), "b": column(end, dtype="datetime64[D]")}
        found = [evaluate(parse(f"{unit}(a, b)"), columns).values.item() for unit in ("years", "months")]
        assert found == [int(years), int(months)], (start, end)


def test_the_examples_on_the_page_parse():
    examples = re.findall(r'derive: "([^"]+)"', PAGE)
    assert len(examples) == 5
    assert all(names(parse(text)) for text in examples)
