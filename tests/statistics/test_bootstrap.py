"""Bootstrap replicates against R on the repeated rows (tests/reference/bootstrap.R), and what they report."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.reference_cases import REFERENCE, numeric, read_rows

from recohort.base.errors import NotEstimable
from recohort.statistics import bootstrap, logistic
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows

# both sides have converged: rounding in sums over 150 rows, times the condition of the information
RTOL = 1e-9

ROWS = read_rows("cox_rows.csv")[:150]
DRAWS = np.loadtxt(REFERENCE / "bootstrap_draws.csv", delimiter=",", dtype=int)
ANSWERS = pd.read_csv(REFERENCE / "bootstrap.csv", dtype={"replicate": str}).query("model != 'versions'")
SEED = 2024


def expected(model):
    """R's coefficients, shape (replicates, p)."""
    values = ANSWERS[ANSWERS["model"] == model]["value"].astype(float).to_numpy()
    return values.reshape(len(DRAWS), -1)


def test_the_committed_draws_are_ours():
    # if NumPy ever changes its stream, write the draws again and run the R script
    for replicate, counts in enumerate(DRAWS):
        assert_array_equal(bootstrap.counts_of(150, SEED, replicate), counts)


def test_a_replicate_is_coxph_on_the_repeated_rows():
    found = bootstrap.coefficients(
        numeric(ROWS, ["a", "c", "age"]),
        SurvivalRows(ROWS["days"], ROWS["event"]),
        replicates=len(DRAWS),
        seed=SEED,
    )
    assert_allclose(found.coefficients, expected("cox"), rtol=RTOL, atol=0)
    assert found.reasons == ("",) * len(DRAWS)


def test_a_replicate_with_delayed_entry_and_strata_is_coxph_on_the_repeated_rows():
    found = bootstrap.coefficients(
        numeric(ROWS, ["a", "age"]),
        SurvivalRows(ROWS["years"], ROWS["event"], ROWS["entry_years"], ROWS["b"]),
        replicates=len(DRAWS),
        seed=SEED,
    )
    assert_allclose(found.coefficients, expected("years"), rtol=RTOL, atol=0)


def test_a_logistic_model_takes_draws_as_weights():
    patterns = numeric(ROWS, ["a", "c", "age"])
    found = [logistic.fit(patterns, ROWS["event"], weights=counts).coefficients for counts in DRAWS]
    assert_allclose(found, expected("logistic"), rtol=RTOL, atol=0)


def test_a_replicate_depends_on_the_seed_and_its_number_only():
    model = numeric(ROWS, ["a", "age"]), SurvivalRows(ROWS["days"], ROWS["event"])
    five = bootstrap.coefficients(*model, replicates=5, seed=1).coefficients
    assert_array_equal(bootstrap.coefficients(*model, replicates=2, seed=1).coefficients, five[:2])
    assert len(np.unique(five[:, 0])) == 5
    other = bootstrap.coefficients(*model, replicates=5, seed=2).coefficients
    assert (other != five).all()


def test_replicates_spread_as_the_standard_error_says():
    rng = np.random.default_rng(4)
    n, replicates = 1000, 200
    patterns = encode([Term("x", rng.integers(0, 2, n), ("no", "yes"))])
    died = np.ceil(rng.exponential(500 * np.exp(-0.5 * patterns.design[patterns.index, 0])))
    event = (died <= 800).astype(float)
    rows = SurvivalRows(np.minimum(died, 800), event)
    fit = cox.fit(patterns, rows)
    found = bootstrap.coefficients(patterns, rows, replicates=replicates, seed=5).coefficients[:, 0]
    error = fit.std_error[0]
    # four Monte Carlo standard errors, of a mean and of a standard deviation; the model holds, so that the
    # bootstrap differs from the inverse information by 1/sqrt(n) of it at most, about
    assert abs(found.mean() - fit.coefficients[0]) < error * (4 / np.sqrt(replicates) + 1 / np.sqrt(n))
    assert abs(found.std(ddof=1) / error - 1) < 4 / np.sqrt(2 * replicates) + 1 / np.sqrt(n)


def rare(first=1.0):
    """Sixty rows, of which the first two have a rare flag: the first with an event or not, the second not."""
    rng = np.random.default_rng(6)
    flag, age = np.zeros(60, dtype=int), rng.integers(40, 80, 60)
    flag[:2] = 1
    event = np.ones(60)
    event[:2] = first, 0
    return (
        encode([Term("rare", flag, ("no", "yes")), Term("age", age)]),
        SurvivalRows(rng.integers(1, 900, 60), event),
    )


def test_replicates_without_an_estimate_are_kept_with_their_reason():
    model = rare()
    found = bootstrap.coefficients(*model, replicates=60, seed=7)
    drawn = np.array([bootstrap.counts_of(60, 7, i)[:2] for i in range(60)])
    assert found.coefficients.shape == (60, 2)
    for (with_event, without), estimates, reason in zip(drawn, *found, strict=True):
        if with_event:
            assert np.isfinite(estimates).all() and reason == ""
        elif without:
            assert np.isnan(estimates).all() and reason == "no event has rare yes"
        else:
            assert list(np.isnan(estimates)) == [True, False] and reason == "rare yes: nothing to compare"
    # all three kinds occur
    assert {"", "no event has rare yes", "rare yes: nothing to compare"} == set(found.reasons)


def test_a_model_without_an_estimate_has_no_replicates():
    with pytest.raises(NotEstimable, match="no event has rare yes"):
        bootstrap.coefficients(*rare(first=0.0), replicates=3, seed=1)


def test_refuses_rows_with_counts():
    patterns, rows = rare()
    with pytest.raises(ValueError, match="repeat those that count"):
        bootstrap.coefficients(patterns, rows.counted(np.ones(60)), replicates=3, seed=1)
