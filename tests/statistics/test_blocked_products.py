"""Products in blocks are products; how many threads work on them is not seen in the results."""

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from recohort.statistics.blocked_products import cross, moments, times, weighted

# sums of up to 30,000 terms, in another order
RTOL, OF_LARGEST = 1e-12, 1e-13
SHAPES = [(1, 1), (50, 0), (50, 3), (9_217, 1), (9_217, 2), (30_000, 1), (30_000, 17), (300, 600)]


def close(found, expected):
    assert found.shape == expected.shape
    assert_allclose(found, expected, rtol=RTOL, atol=OF_LARGEST * np.abs(expected).max(initial=0))


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_leave_out_no_row(shape):
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=shape), rng.normal(size=(shape[0], 4))
    first, second, beta = rng.random(shape[0]), rng.random(shape[0]), rng.normal(size=shape[1])
    close(times(x, beta), np.einsum("ij,j", x, beta))
    close(cross(x, y), np.einsum("ij,ik->jk", x, y))
    sums, squares = moments(x, first, second)
    close(sums, np.einsum("i,ij->j", first, x))
    close(squares, np.einsum("i,ij,ik->jk", second, x, x))


def test_weighted_is_side_by_side():
    assert_array_equal(
        weighted(np.array([1.0, 2]), np.array([3.0, 4]), np.array([[5.0, 6], [7, 8]])),
        [[1, 15, 18], [2, 28, 32]],
    )


FITS = """
import hashlib, numpy as np
from recohort.statistics import logistic
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows

rng, n = np.random.default_rng(7), 60_000
flags = [Term(f"f{k}", rng.integers(0, 2, n), ("no", "yes")) for k in range(9)]
numbers = [Term(f"x{k}", rng.normal(size=n)) for k in range(3)]
time, event = rng.integers(1, 2_000, n), rng.integers(0, 2, n)
digest = hashlib.sha256()
for terms in (flags, numbers):
    for fit in (cox.fit(encode(terms), SurvivalRows(time, event)), logistic.fit(encode(terms), event)):
        digest.update(fit.coefficients.tobytes() + fit.covariance.tobytes() + repr(fit.loglik).encode())
print(digest.hexdigest())
"""


def test_same_bits_with_one_thread_and_two():
    def run(threads):
        variables = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        return subprocess.run(
            [sys.executable, "-c", FITS], env=variables, capture_output=True, check=True
        ).stdout

    assert run("1") == run("2") != b""
