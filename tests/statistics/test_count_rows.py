"""Counting rows loses none, whichever way it is done."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from recohort.statistics.count_rows import BLOCK, codes, count_rows

RNG = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("values", "own_codes"),
    [
        (np.array([3, 0, 3, 7], dtype=np.int8), True),
        (np.array([3.0, 0.0, 3.0, 7.0]), True),
        (np.array([False, True, True]), True),
        (np.array([-1, 4, 4]), False),
        (np.array([20_000, 19_000, 20_000]), False),
        (np.array([0.5, 2.0, 0.5]), False),
    ],
)
def test_codes_stand_for_values_in_their_order(values, own_codes):
    code, distinct = codes(values)
    assert_array_equal(distinct[code], values)
    assert (np.diff(distinct.astype(float)) > 0).all() and code.min() >= 0
    assert_array_equal(code, values) if own_codes else assert_array_equal(np.unique(code), [0, 1])


# numbers that can be counted in a table, that need 32 and 64 bits, and that no integer can hold
@pytest.mark.parametrize("size", [3, 1_000, 2**20, 2**40])
@pytest.mark.parametrize("n", [1, 500, BLOCK + 500])
def test_counts_the_distinct_rows(n, size):
    columns = [RNG.choice(RNG.integers(0, size, 7), n) for _ in range(3)]
    cells, count = count_rows(columns, [size, size, size])
    rows, times = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    assert_array_equal(np.stack(cells, axis=1), rows)
    assert_array_equal(count, times)


def test_counts_one_column():
    (cells,), count = count_rows([np.array([2, 0, 2, 2])], [3])
    assert_array_equal(cells, [0, 2])
    assert_array_equal(count, [1, 3])
