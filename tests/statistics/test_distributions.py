"""Tails and quantiles against R: tests/reference/distributions.R."""

import math

import pandas as pd
import pytest
from support.paths import REFERENCE

from recohort.statistics import distributions

# sums of a few terms in double precision; a tail of exp(-350) loses three digits to its exponent
RTOL = 1e-12
REFERENCE = pd.read_csv(REFERENCE / "distributions.csv", comment="#")


@pytest.mark.parametrize("row", list(REFERENCE.itertuples()), ids=lambda row: f"{row.name}-{row.Index}")
def test_agrees_with_r(row):
    arguments = [row.x] if math.isnan(row.df) else [row.x, int(row.df)]
    assert getattr(distributions, row.name)(*arguments) == pytest.approx(row.value, rel=RTOL, abs=0)


def test_the_ends():
    assert distributions.chi_squared_tail(0, 3) == 1.0
    assert distributions.chi_squared_tail(-1e-12, 3) == 1.0
    assert math.isnan(distributions.chi_squared_tail(math.nan, 1))
    assert math.isnan(distributions.normal_two_sided(math.nan))


@pytest.mark.parametrize("p", [0, 1, -0.1, math.nan])
def test_only_a_probability_has_a_quantile(p):
    with pytest.raises(ValueError, match="not a probability"):
        distributions.normal_quantile(p)
