"""Rank tests and quartiles against R stats (tests/reference/ranks.R)."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_equal
from support.paths import REFERENCE

from recohort.statistics.rank_tests import kruskal_wallis, quartiles, rank_sum

# Sums of ranks are exact; what differs is the order of a few divisions
RTOL = 1e-12

CASES = ["no ties", "ties", "first is smaller", "no difference", "unequal sizes"]


@pytest.fixture(scope="module")
def reference():
    path = REFERENCE / "ranks.csv"
    rows = pd.read_csv(path, comment="#", float_precision="round_trip")
    values = rows.groupby(["case", "quantity"])["value"]
    return {key: column.to_numpy().squeeze() for key, column in values}


@pytest.mark.parametrize("case", CASES)
def test_rank_sum_is_that_of_wilcox_test(reference, case):
    values, group = reference[case, "values"], reference[case, "group"]
    found = rank_sum(values[group == 1], values[group == 2])
    assert found.statistic == reference[case, "w"]
    assert_allclose(found.p_value, reference[case, "w_p"], rtol=RTOL, atol=0)


@pytest.mark.parametrize("case", CASES)
def test_kruskal_wallis_is_that_of_kruskal_test(reference, case):
    found = kruskal_wallis(reference[case, "values"], reference[case, "group"])
    assert_allclose(found.statistic, reference[case, "h"], rtol=RTOL, atol=0)
    assert_allclose(found.p_value, reference[case, "h_p"], rtol=RTOL, atol=0)
    assert found.df == reference[case, "df"]


@pytest.mark.parametrize("case", CASES)
def test_quartiles_are_those_of_quantile(reference, case):
    assert_allclose(quartiles(reference[case, "values"]), reference[case, "quartiles"], rtol=RTOL, atol=0)


def test_only_the_order_of_the_values_matters(reference):
    values, group = reference["no ties", "values"], reference["no ties", "group"]
    first, second = values[group == 1], values[group == 2]
    # a dataclass with a NaN equals no other from Python 3.13 on
    assert_equal(asdict(rank_sum(np.exp(first), np.exp(second))), asdict(rank_sum(first, second)))
    assert rank_sum(second, first).p_value == rank_sum(first, second).p_value
    labels = np.array(["c", "a", "b"])[group.astype(int) - 1]
    shuffled = np.random.default_rng(3).permutation(len(values))
    other = kruskal_wallis(np.exp(values)[shuffled], labels[shuffled])
    assert_allclose(other.statistic, kruskal_wallis(values, group).statistic, rtol=RTOL, atol=0)


@pytest.mark.parametrize(
    "found, note",
    [
        (rank_sum([], [1, 2]), "an empty group"),
        (rank_sum([1, 1], [1]), "all values equal"),
        (kruskal_wallis([1, 2], ["a", "a"]), "fewer than two groups"),
        (kruskal_wallis([], []), "fewer than two groups"),
        (kruskal_wallis([1, 1, 1], ["a", "a", "b"]), "all values equal"),
    ],
)
def test_what_cannot_be_tested_is_nan_and_says_why(found, note):
    assert np.isnan(found.statistic) and np.isnan(found.p_value) and found.note == note


def test_quartiles_of_nothing_are_nan():
    assert np.isnan(quartiles([])).all()
