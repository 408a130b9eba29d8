"""Patterns stand for the rows exactly: the design of each row is what its terms say."""

import numpy as np
import pytest

from recohort.errors import NotEstimable
from recohort.patterns import Column, Term, encode, row_vector

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


def test_patterns_do_not_depend_on_the_order_of_rows():
    order = np.random.default_rng(1).permutation(6)
    straight = encode([GRADE, AGE])
    shuffled = encode([Term("grade", GRADE.values[order], GRADE.levels), Term("age", AGE.values[order])])
    np.testing.assert_array_equal(shuffled.design, straight.design)
    np.testing.assert_array_equal(shuffled.index, straight.index[order])


def test_more_combinations_than_an_integer_can_count():
    # 13 terms of 100 distinct values each: 1e26 combinations
    values = np.random.default_rng(2).normal(size=(13, 100))
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
