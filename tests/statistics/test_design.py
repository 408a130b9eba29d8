"""Patterns stand for the rows exactly: the design of each row is what its terms say."""

import numpy as np
import pytest

from recohort.base.errors import NotEstimable
from recohort.statistics.design import Column, Term, encode, row_vector

GRADE = Term("grade", np.array([2, 0, 1, 0, 2, 2]), ("I", "II", "III"))
AGE = Term("age", np.array([50.5, 61.0, 50.5, 61.0, 50.5, 40.0]))


def design_of_rows(patterns):
    return patterns.design[patterns.index]


def test_factor_has_a_column_for_each_level_but_the_reference():
    patterns = encode([GRADE])
    assert patterns.columns == (Column("grade", "II"), Column("grade", "III"))
    np.testing.assert_array_equal(design_of_rows(patterns), [[0, 1], [0, 0], [1, 0], [0, 0], [0, 1], [0, 1]])
    assert patterns.design.shape == (3, 2)


def test_reference_is_the_level_asked_for():
    patterns = encode([Term("grade", GRADE.values, GRADE.levels, reference=2)])
    assert patterns.columns == (Column("grade", "I"), Column("grade", "II"))
    np.testing.assert_array_equal(design_of_rows(patterns)[:, 0], [0, 1, 0, 1, 0, 0])


def test_numeric_term_keeps_its_values():
    patterns = encode([GRADE, AGE])
    assert [str(c) for c in patterns.columns] == ["grade II", "grade III", "age"]
    np.testing.assert_array_equal(design_of_rows(patterns)[:, 2], AGE.values)


def test_rows_share_a_pattern_when_all_their_terms_agree():
    patterns = encode([GRADE, AGE])
    assert len(patterns.design) == 4  # (III, 50.5) twice, (I, 61) twice, (II, 50.5), (III, 40)
    assert patterns.index[0] == patterns.index[4] and patterns.index[1] == patterns.index[3]
    assert len(set(patterns.index)) == 4


def test_level_that_does_not_occur_has_no_column():
    patterns = encode([Term("grade", np.array([0, 2, 0]), ("I", "II", "III"))])
    assert patterns.columns == (Column("grade", "III"),)


def test_single_level_has_no_column():
    patterns = encode([Term("grade", np.array([1, 1, 1]), ("I", "II", "III")), Term("u", np.arange(3.0))])
    assert patterns.columns == (Column("u"),)


@pytest.mark.parametrize("n", [1, 3])
def test_single_level_alone_leaves_a_design_without_columns(n):
    patterns = encode([Term("grade", np.ones(n, dtype=int), ("I", "II"))])
    assert patterns.columns == () and design_of_rows(patterns).shape == (n, 0)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_codes_of_any_type(dtype):
    patterns = encode([Term("grade", GRADE.values.astype(dtype), GRADE.levels), AGE])
    np.testing.assert_array_equal(design_of_rows(patterns), design_of_rows(encode([GRADE, AGE])))


def test_as_many_codes_as_rows_need_not_be_a_code_for_each():
    patterns = encode([Term("a", np.array([0, 2, 2])), Term("b", np.array([5, 6, 7]))])
    np.testing.assert_array_equal(design_of_rows(patterns), [[0, 5], [2, 6], [2, 7]])


def test_patterns_do_not_depend_on_the_order_of_rows():
    order = np.random.default_rng(1).permutation(6)
    straight = encode([GRADE, AGE])
    shuffled = encode([Term("grade", GRADE.values[order], GRADE.levels), Term("age", AGE.values[order])])
    np.testing.assert_array_equal(shuffled.design, straight.design)
    np.testing.assert_array_equal(shuffled.index, straight.index[order])


@pytest.mark.parametrize("decimals", [1, 12])
def test_patterns_of_many_rows(decimals):
    # more rows than a block, with a pattern each (12 decimals) or several (1)
    rng = np.random.default_rng(3)
    x, u = np.round(rng.normal(size=(2, 70_000)), decimals)
    flag = rng.integers(0, 2, 70_000)
    order = rng.permutation(70_000)
    straight = encode([Term("x", x), Term("flag", flag, ("no", "yes")), Term("u", u)])
    shuffled = encode([Term("x", x[order]), Term("flag", flag[order], ("no", "yes")), Term("u", u[order])])
    np.testing.assert_array_equal(design_of_rows(straight), np.column_stack([x, flag, u]))
    np.testing.assert_array_equal(shuffled.design, straight.design)
    np.testing.assert_array_equal(shuffled.index, straight.index[order])
    assert len(np.unique(straight.design, axis=0)) == len(straight.design)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.int64, np.float32, float])
def test_numeric_terms_of_any_type(dtype):
    values = np.array([1, 0, 1, 1, 0]).astype(dtype)
    patterns = encode([Term("x", values)])
    np.testing.assert_array_equal(design_of_rows(patterns)[:, 0], [1, 0, 1, 1, 0])
    assert len(patterns.design) == 2 and patterns.design.dtype == float


@pytest.mark.parametrize("times", [1, 2])
def test_more_combinations_than_an_integer_can_count(times):
    # 13 terms of 100 distinct values each: 1e26 combinations, of which as many occur as rows, or half as many
    values = np.tile(np.random.default_rng(2).normal(size=(13, 100)), times)
    patterns = encode([Term(f"x{k}", v) for k, v in enumerate(values)])
    np.testing.assert_array_equal(design_of_rows(patterns), values.T)


def test_refuses_a_reference_that_does_not_occur():
    with pytest.raises(NotEstimable, match="reference level of grade") as refusal:
        encode([Term("grade", np.array([1, 2, 1]), ("I", "II", "III"))])
    assert refusal.value.columns == (Column("grade", "I"),)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ([], "common length"),
        ([Term("a", np.array([]))], "common length"),
        ([Term("a", np.zeros((2, 2)))], "common length"),
        ([Term("a", np.zeros(2)), Term("b", np.zeros(3))], "common length"),
        ([Term("a", np.array([1.0, np.nan]))], "a has missing"),
        ([Term("a", np.array([0, 2]), ("x", "y"))], "outside its 2 levels"),
        ([Term("a", np.array([0, -1]), ("x", "y"))], "outside its 2 levels"),
        ([Term("a", np.array([0.0, 1.0]), ("x", "y"))], "outside its 2 levels"),
    ],
)
def test_refuses_terms_that_make_no_design(terms, reason):
    with pytest.raises(ValueError, match=reason):
        encode(terms)


@pytest.mark.parametrize(
    ("values", "reason"), [([1, 2], "time has shape"), ([1, 2, np.inf], "time has missing or infinite")]
)
def test_row_vector_refuses(values, reason):
    with pytest.raises(ValueError, match=reason):
        row_vector("time", values, 3)
