"""Concordance of Cox models against R (tests/reference/residuals.R), counted pair by pair, and by hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.cox_cases import CASES, ROWS, everything, fit_of, rows_of, values
from support.reference_cases import model

from recohort.base.errors import NotEstimable
from recohort.statistics.cox import fit as cox
from recohort.statistics.cox.concordance import concordance
from recohort.statistics.design import Term, encode

# rounding in sums over a million pairs
RTOL = 1e-9


@pytest.mark.parametrize("clusters", ["copy", "three"])
@pytest.mark.parametrize("name", CASES.index)
def test_matches_r(name, clusters):
    rows = rows_of(name)
    cluster = np.arange(len(rows["time"])) // 3 if clusters == "three" else None
    found = concordance(fit_of(name), *model(**rows), cluster=cluster)
    expected = values(name, f"concordance_{clusters}")
    assert_allclose([found.concordance, found.std_error], expected, rtol=RTOL, atol=0)
    pairs = [found.concordant, found.discordant, found.tied_x, found.tied_time, found.tied_both]
    assert_allclose(pairs, values(name, "pairs"), rtol=RTOL, atol=0)


def as_if(coefficients, x, time, event):
    """Rows of one column, and a fit of them as if these were its coefficients."""
    patterns = encode([Term("x", np.array(x, dtype=float))])
    rows = {"patterns": patterns, "time": np.array(time), "event": np.array(event)}
    some = model(encode([Term("x", np.array([0.0, 1, 0, 1]))]), time=[1, 2, 3, 4], event=[1, 1, 1, 0])
    fit = cox.fit(*some)
    return replace(fit, coefficients=np.array(coefficients, dtype=float)), rows


def test_every_kind_of_pair_by_hand():
    #       a  b  c  d  e  f
    x = [2, 1, 1, 1, 0, 1]
    time = [1, 2, 2, 2, 3, 4]
    event = [1, 1, 1, 0, 1, 0]
    fit, rows = as_if([1], x, time, event)
    found = concordance(fit, *model(**rows))
    # a before all others; b and c before e; e before f, who has the higher predictor
    assert (found.concordant, found.discordant) == (5 + 2, 1)
    # b and c against d, censored that day, and against f; b and c have their events together
    assert (found.tied_x, found.tied_time, found.tied_both) == (4, 0, 1)
    assert found.concordance == (7 + 4 / 2) / 12
    assert concordance(replace(fit, coefficients=np.array([-1.0])), *model(**rows)).concordance == 1 - 9 / 12


def pair_by_pair(eta, weight, time, event, entry, strata, cluster):
    """Concordance and its standard error from all pairs: n x n."""
    earlier = (event == 1)[:, None] & ((time[:, None] < time) | ((time[:, None] == time) & (event == 0)))
    earlier &= (entry < time[:, None]) & (strata[:, None] == strata)
    score = np.sign(eta[:, None] - eta) * earlier
    pairs, agreement = weight @ earlier @ weight, weight @ score @ weight
    somers_d = agreement / pairs
    both = score + score.T - somers_d * (earlier + earlier.T)
    influence = np.bincount(cluster, weight * (both @ weight)) / (2 * pairs)
    return (somers_d + 1) / 2, np.sqrt(np.sum(influence**2))


def test_counts_as_pair_by_pair():
    rng = np.random.default_rng(5)
    for n in [2, 3, 5, 17, 64, 65, 200]:
        time, cluster = rng.integers(2, 9, n).astype(float), rng.integers(0, n, n)
        event = rng.integers(0, 2, n)
        entry = np.minimum(rng.integers(0, 9, n), time - 1)
        strata, weights = rng.integers(0, 1 + n // 30, n), np.round(rng.uniform(0.2, 3, n), 2)
        # the censored have the highest predictors, and more of them
        x = rng.integers(0, 6, n) + np.where(event == 1, 0.0, rng.integers(0, 40, n))
        # at least one pair
        time[:2], event[:2], entry[:2], strata[:2] = (1, 9), (1, 0), 0, 0
        fit, rows = as_if([0.7], x, time, event)
        more = {"entry": entry, "strata": strata, "weights": weights}
        found = concordance(fit, *model(**rows, **more), cluster=cluster)
        expected = pair_by_pair(0.7 * x, weights, time, event, entry, strata, cluster)
        assert_allclose(found.concordance, expected[0], rtol=1e-12, atol=0)
        # of two rows the sum is a difference of equal numbers
        assert_allclose(found.std_error, expected[1], rtol=1e-10, atol=1e-15)


def test_same_bits_in_any_order_of_rows():
    rows = everything(ROWS)
    fit = cox.fit(*model(**rows))
    shuffled = everything(ROWS.sample(frac=1, random_state=3))
    assert concordance(fit, *model(**shuffled)) == concordance(fit, *model(**rows))


def test_rows_that_count_are_rows_repeated():
    rows = ROWS[:300].reset_index(drop=True)
    repeated = rows.loc[rows.index.repeat(rows["count"])]
    fit = cox.fit(*model(**everything(rows)))
    counted = concordance(fit, *model(**everything(rows)))
    alone = concordance(fit, *model(**everything(repeated.assign(count=1))))
    for field in ("concordance", "std_error", "concordant", "discordant", "tied_x", "tied_time", "tied_both"):
        assert_allclose(getattr(counted, field), getattr(alone, field), rtol=1e-12, atol=0)


def test_equal_covariates_are_tied_to_the_last_bit():
    # a dropped column makes patterns of rows with equal predictors; a matrix product would round them apart
    rng = np.random.default_rng(2)
    n, columns = 59, [f"x{k}" for k in range(11)]
    x = rng.normal(size=(2, 10))[np.arange(n) % 2]
    fit = replace(fit_of("one_column"), coefficients=np.append(rng.normal(size=10), np.nan))
    patterns = encode([Term(*term) for term in zip(columns, [*x.T, np.arange(n)], strict=True)])
    found = concordance(fit, *model(patterns, time=np.arange(n) + 1, event=np.ones(n)))
    assert found.tied_x == (30 * 29 + 29 * 28) / 2


def test_refuses_what_makes_no_pairs():
    fit, rows = as_if([1], [0, 1, 2], [2, 2, 1], [1, 1, 0])
    with pytest.raises(NotEstimable, match="no comparable pairs"):
        concordance(fit, *model(**rows))
    with pytest.raises(NotEstimable, match="no events"):
        concordance(fit, *model(**{**rows, "event": np.zeros(3)}))
    with pytest.raises(ValueError, match="offset has shape"):
        concordance(fit, *model(**rows, offset=np.zeros(2)))
    fit, rows = as_if([1], [0, 1, 2], [1, 2, 3], [1, 1, 0])
    with pytest.raises(ValueError, match="cluster has shape"):
        concordance(fit, *model(**rows), cluster=np.zeros(2))
    with pytest.raises(ValueError, match="cluster has missing"):
        concordance(fit, *model(**rows), cluster=np.array([1, np.nan, 2]))


def test_a_cluster_of_all_has_no_error_left():
    rows, fit = rows_of("gbsg2"), fit_of("gbsg2")
    # the influences of all rows sum to zero
    assert concordance(fit, *model(**rows), cluster=np.zeros(686)).std_error < 1e-14
    one_each = concordance(fit, *model(**rows), cluster=np.arange(686))
    assert_allclose(one_each.std_error, concordance(fit, *model(**rows)).std_error, rtol=1e-12, atol=0)
    assert_array_equal(one_each.concordance, concordance(fit, *model(**rows)).concordance)
