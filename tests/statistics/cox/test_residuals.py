"""
Residuals and robust covariances of Cox models against R, against closed forms, and what must hold of them.

R's answers are in tests/reference/residuals.csv, the closed forms in tests/reference/appendix_e.csv.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.cox_cases import (
    CASES,
    ROWS,
    assert_rows,
    book,
    copies,
    everything,
    fit_of,
    increments,
    rows_of,
    values,
)
from support.reference_cases import model, numeric

from recohort.base.errors import NotEstimable, RecohortError
from recohort.statistics.cox import fit as cox
from recohort.statistics.cox.partial_likelihood import build
from recohort.statistics.cox.residuals import dfbeta, residuals, robust
from recohort.statistics.design import Term, encode
from recohort.statistics.maximum_likelihood import wald_test

# rounding in sums over 1,500 rows, and in differences of them near zero
RTOL = 1e-9
TIES = ["breslow", "efron"]


def threes(n):
    """Clusters of three neighbours, as in residuals.R."""
    return np.arange(n) // 3


@pytest.mark.parametrize("name", CASES.index)
def test_residuals_match_r(name):
    rows, fit = rows_of(name), fit_of(name)
    found = residuals(fit, *model(**rows))
    schoenfeld = np.zeros_like(found.score)
    schoenfeld[rows["event"] == 1] = found.schoenfeld
    # of a column that never varies R has the rounding of 7 - 7
    varies = np.array([str(column) != "still" for column in fit.columns])
    assert_rows(name, "martingale", found.martingale[:, None], RTOL, copies(name))
    assert_rows(name, "schoenfeld", schoenfeld, RTOL, copies(name), varies)
    assert_rows(name, "score", found.score, RTOL, copies(name), varies)
    assert not schoenfeld[:, ~varies].any() and not found.score[:, ~varies].any()


@pytest.mark.parametrize("name", CASES.index)
def test_dfbeta_matches_r(name):
    found, kept = dfbeta(fit_of(name), *model(**rows_of(name))), fit_of(name).position >= 0
    assert_rows(name, "dfbeta", found, RTOL, copies(name), kept)
    assert np.isnan(found[:, ~kept]).all()


@pytest.mark.parametrize("name", CASES.index)
@pytest.mark.parametrize("clusters", ["copy", "three"])
def test_robust_covariance_matches_coxph(name, clusters):
    rows, fit = rows_of(name), fit_of(name)
    kept = fit.position >= 0
    found = robust(fit, *model(**rows), cluster=threes(len(rows["time"])) if clusters == "three" else None)
    expected = values(name, f"robust_{clusters}").reshape(len(kept), -1)
    assert_allclose(found.covariance[np.ix_(kept, kept)], expected[np.ix_(kept, kept)], rtol=RTOL, atol=0)
    assert_allclose(found.std_error[kept], np.sqrt(np.diag(expected))[kept], rtol=RTOL, atol=0)
    assert np.isnan(found.std_error[~kept]).all() and np.isnan(found.covariance[~kept]).all()
    assert_array_equal(found.coefficients, fit.coefficients)


# --- closed forms ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("beta", [-2.0, -0.3, 0.0, np.log(2), 3.0])
@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("name", ["right_censored", "delayed_entry", "case_weights"])
def test_residuals_are_the_closed_forms(name, ties, beta):
    rows, fit = book(name, ties, beta)
    x = rows["patterns"].design[rows["patterns"].index, 0]
    _, hazard, mean, event, at_risk = increments(name, ties, beta)
    change = event - at_risk * np.exp(beta * x) * hazard[:, None]
    found = residuals(fit, *model(**rows))
    # at most ten rows: rounding only, but of differences
    assert_allclose(found.martingale, change.sum(axis=0), rtol=1e-12, atol=0)
    assert_allclose(found.score[:, 0], ((x - mean[:, None]) * change).sum(axis=0), rtol=1e-11, atol=0)
    assert_allclose(found.schoenfeld[:, 0], (x - mean @ event)[rows["event"] == 1], rtol=1e-11, atol=0)


# fractions as the book prints them
PRINTED = [
    ("right_censored", "breslow", 1, "martingale", [5 / 6, -1 / 6, 1 / 3, 1 / 3, -2 / 3, -2 / 3]),
    ("right_censored", "breslow", 1, "score", [5 / 12, -1 / 12, 7 / 24, -1 / 24, 5 / 24, 5 / 24]),
    ("right_censored", "efron", 1, "martingale", [5 / 6, -1 / 6, 5 / 12, 5 / 12, -3 / 4, -3 / 4]),
    ("right_censored", "efron", 1, "score", [5 / 12, -1 / 12, 55 / 144, -5 / 144, 29 / 144, 29 / 144]),
    (
        "delayed_entry",
        "breslow",
        2,
        "score",
        [1 / 9, -3 / 8, -21 / 32, -165 / 784, -2417 / 14112, 33 / 392, -15 / 784, -211 / 784, 3 / 16, 3 / 16],
    ),
    (
        "case_weights",
        "efron",
        1,
        "martingale",
        [18 / 19, -1 / 19, *[473 / 1064] * 3, *[-2813 / 3192] * 2, -1749 / 3192, -4941 / 3192],
    ),
]


@pytest.mark.parametrize(("name", "ties", "r", "what", "printed"), PRINTED)
def test_residuals_are_those_printed(name, ties, r, what, printed):
    rows, fit = book(name, ties, np.log(r))
    assert_allclose(getattr(residuals(fit, *model(**rows)), what).ravel(), printed, rtol=1e-12, atol=0)


# --- what must hold --------------------------------------------------------------------------------------
@pytest.mark.parametrize("ties", TIES)
def test_residuals_sum_to_zero(ties):
    rows = everything(ROWS)
    found = residuals(cox.fit(*model(**rows), ties=ties), *model(**rows))
    weight = rows["weights"] * rows["counts"]
    sums = np.bincount(rows["strata"], weight * found.martingale)
    # sums of 1,500 residuals of size 1 and, of age, size 10
    assert_allclose(sums, 0, atol=1e-11)
    assert_allclose(weight[rows["event"] == 1] @ found.schoenfeld, 0, atol=1e-9)
    assert_allclose(weight @ found.score, 0, atol=1e-9)


@pytest.mark.parametrize("ties", TIES)
def test_residuals_sum_to_the_score_of_any_coefficients(ties):
    rows = everything(ROWS)
    beta = np.array([0.4, -0.3, 0.2, 0.1, -0.5, 0.03])
    found = residuals(replace(cox.fit(*model(**rows), ties=ties), coefficients=beta), *model(**rows))
    score = build(*model(**rows), ties).evaluate(beta).score
    weight = rows["weights"] * rows["counts"]
    assert_allclose(weight @ found.score, score, rtol=1e-10, atol=0)
    assert_allclose(weight[rows["event"] == 1] @ found.schoenfeld, score, rtol=1e-10, atol=0)


@pytest.mark.parametrize("ties", TIES)
def test_same_bits_in_any_order_of_rows(ties):
    rows, cluster = everything(ROWS), threes(len(ROWS))
    shuffle = np.random.default_rng(3).permutation(len(ROWS))
    moved = everything(ROWS.iloc[shuffle])
    fit = cox.fit(*model(**rows), ties=ties)
    straight, shuffled = residuals(fit, *model(**rows)), residuals(fit, *model(**moved))
    assert_array_equal(shuffled.martingale, straight.martingale[shuffle])
    assert_array_equal(shuffled.score, straight.score[shuffle])
    event = rows["event"] == 1
    where = np.cumsum(event) - 1
    assert_array_equal(shuffled.schoenfeld, straight.schoenfeld[where[shuffle[event[shuffle]]]])
    clustered = (
        robust(fit, *model(**rows), cluster=cluster),
        robust(fit, *model(**moved), cluster=cluster[shuffle]),
    )
    # clusters are summed as the rows come
    assert_allclose(clustered[0].covariance, clustered[1].covariance, rtol=1e-11, atol=0)


def split(rows, at):
    """The rows, those at risk both before and after a time in two parts, and where each came from."""
    whole = np.arange(len(rows))
    cut = (rows["entry_years"] < at) & (rows["years"] > at)
    before = rows[cut].assign(years=at, event=0)
    after = rows.assign(entry_years=rows["entry_years"].mask(cut, at))
    return pd.concat([after, before]), np.concatenate([whole, whole[cut]])


@pytest.mark.parametrize("ties", TIES)
def test_a_row_in_two_parts_changes_nothing(ties):
    parts, of = split(ROWS, 2)
    assert len(parts) > len(ROWS) + 100
    whole, parts = everything(ROWS), everything(parts)
    fit = cox.fit(*model(**whole), ties=ties)
    assert_allclose(cox.fit(*model(**parts), ties=ties).loglik, fit.loglik, rtol=1e-12, atol=0)
    one, two = residuals(fit, *model(**whole)), residuals(fit, *model(**parts))
    counted = whole["counts"] > 0
    assert_allclose(np.bincount(of, two.martingale)[counted], one.martingale[counted], rtol=1e-10, atol=0)
    for k in range(len(fit.columns)):
        assert_allclose(np.bincount(of, two.score[:, k]), one.score[:, k], rtol=1e-8, atol=0)
    whole["counts"], parts["counts"] = np.ones(len(ROWS)), np.ones(len(of))
    fit = cox.fit(*model(**whole), ties=ties)
    one, two = robust(fit, *model(**whole)), robust(fit, *model(**parts), cluster=of)
    assert_allclose(two.covariance, one.covariance, rtol=1e-9, atol=0)


def test_a_row_alone_is_its_own_cluster():
    rows, fit = rows_of("case_weights"), fit_of("case_weights")
    alone = robust(fit, *model(**rows), cluster=np.arange(len(rows["time"]))[::-1])
    assert_allclose(alone.covariance, robust(fit, *model(**rows)).covariance, rtol=1e-12, atol=0)


def test_dfbeta_is_of_the_model_whatever_the_covariance():
    rows, fit = rows_of("heavy_ties"), fit_of("heavy_ties")
    moved = dfbeta(fit, *model(**rows))
    assert_array_equal(dfbeta(robust(fit, *model(**rows)), *model(**rows)), moved)
    # the fit's covariance is that before its last step
    assert_allclose(moved, residuals(fit, *model(**rows)).score @ fit.covariance, rtol=1e-6, atol=0)


def test_dfbeta_is_about_the_change_without_the_row():
    rows, fit = rows_of("one_column"), fit_of("one_column")
    rest = {**rows, "counts": (np.arange(1500) != 7).astype(float)}
    # the approximation is exact to the order of one row in 1,500
    change = fit.coefficients - cox.fit(*model(**rest)).coefficients
    assert_allclose(dfbeta(fit, *model(**rows))[7], change, rtol=0.01, atol=0)


def test_a_row_that_counts_0_times_has_no_residuals():
    rows = rows_of("repeated_rows")
    found = residuals(fit_of("repeated_rows"), *model(**rows))
    absent = rows["counts"] == 0
    assert not found.martingale[absent].any() and not found.score[absent].any()
    patterns = rows.pop("patterns")
    patterns = replace(patterns, index=patterns.index[~absent])
    present = {name: values[~absent] for name, values in rows.items()}
    without = residuals(fit_of("repeated_rows"), *model(patterns, **present))
    assert_array_equal(without.score, found.score[~absent])


def test_a_row_that_sees_no_event_changes_nothing():
    # under observation between two days, at a risk that would leave nothing of the others' in a sum
    row = ROWS[:1].assign(entry_days=500.2, days=500.8, event=0, shift=50)
    found, without = (
        residuals(
            fit_of("one_column"),
            *model(
                numeric(rows, ["a"]),
                time=rows["days"],
                event=rows["event"],
                entry=rows["entry_days"],
                offset=rows["shift"],
            ),
        )
        for rows in (pd.concat([ROWS, row]), ROWS)
    )
    assert found.martingale[-1] == 0
    # the centre of the covariate differs by rounding
    assert_allclose(found.martingale[:-1], without.martingale, rtol=1e-10, atol=0)


def test_a_constant_in_the_offset_changes_nothing():
    rows, fit = rows_of("offset"), fit_of("offset")
    far = {**rows, "offset": rows["offset"] + 800}
    assert_allclose(
        residuals(fit, *model(**far)).martingale, residuals(fit, *model(**rows)).martingale, rtol=1e-9, atol=0
    )


def test_wald_tests_of_a_robust_fit_are_robust():
    rows, fit = rows_of("one_column"), fit_of("one_column")
    found = wald_test(robust(fit, *model(**rows)), fit.columns).statistic
    expected = fit.coefficients**2 / values("one_column", "robust_copy")
    assert_allclose(found, expected.item(), rtol=RTOL, atol=0)


# --- refusals --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"patterns": encode([Term("a", np.arange(5.0)), Term("b", np.arange(5.0) ** 2)])},
            "has 1 columns, not 2",
        ),
        ({"time": np.ones(4)}, "event has shape"),
        ({"time": np.ones(4), "event": np.ones(4)}, "patterns are of 5 rows, follow-up of 4"),
        ({"event": np.array([1, 0, np.nan, 0, 1])}, "event has missing"),
        ({"event": np.array([1, 0, 2, 0, 1])}, "event is not 0 or 1"),
        ({"entry": np.array([0, 0, 900, 0, 0])}, "row 2, entry 900, time .*: entry is not before time"),
        ({"strata": np.zeros(2)}, "strata has shape"),
        ({"weights": np.array([1, 1, 0, 1, 1])}, "weights are not positive"),
        ({"counts": np.array([1, 1, 0.5, 1, 1])}, "counts are not whole"),
        ({"offset": np.full(5, np.inf)}, "offset has missing or infinite"),
    ],
)
def test_refuses_rows_that_make_no_model(changes, reason):
    rows = {**rows_of("five_rows"), **changes}
    for function in (residuals, dfbeta, robust):
        with pytest.raises((ValueError, RecohortError), match=reason):
            function(fit_of("five_rows"), *model(**rows))


@pytest.mark.parametrize("changes", [{"event": np.zeros(5)}, {"counts": np.array([0, 0, 0, 0, 1])}])
def test_refuses_no_events(changes):
    rows = {**rows_of("five_rows"), **changes}
    if "counts" in changes:
        rows["event"] = np.array([1, 1, 1, 1, 0])
    for function in (residuals, dfbeta, robust):
        with pytest.raises(NotEstimable, match="no events"):
            function(fit_of("five_rows"), *model(**rows))


def test_refuses_dfbeta_of_a_penalised_fit():
    rows = rows_of("forty_rows")
    fit = cox.firth(*model(**rows))
    assert np.isfinite(residuals(fit, *model(**rows)).martingale).all()
    for function in (dfbeta, robust):
        with pytest.raises(ValueError, match="without a penalty"):
            function(fit, *model(**rows))


def test_refuses_clusters_that_are_no_clusters():
    rows, fit = rows_of("five_rows"), fit_of("five_rows")
    with pytest.raises(ValueError, match="cluster has shape"):
        robust(fit, *model(**rows), cluster=np.zeros(4))
    with pytest.raises(ValueError, match="cluster has missing"):
        robust(fit, *model(**rows), cluster=np.array([1, 1, 2, np.nan, 3]))


def test_refuses_too_few_clusters():
    rows, fit = rows_of("twelve_rows"), fit_of("twelve_rows")
    robust(fit, *model(**rows), cluster=np.arange(12) % 3)
    with pytest.raises(NotEstimable, match="2 clusters are too few"):
        robust(fit, *model(**rows), cluster=np.arange(12) % 2)
    absent = np.where(np.arange(12) < 10, 1, 0)
    with pytest.raises(NotEstimable, match="2 clusters are too few"):
        robust(fit, *model(**rows, counts=absent), cluster=np.where(absent, np.arange(12) % 2, 2))
