"""Sums over risk sets, in each of their forms, are those of the definition."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.reference_cases import read_rows

from recohort.base.errors import NotEstimable
from recohort.statistics.cox import fit as cox
from recohort.statistics.cox import risk_sums
from recohort.statistics.cox.risk_cells import risk_cells
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows

# sums of up to 600 positive numbers; by_pattern and late entries are differences of them
RTOL, OF_LARGEST = 1e-12, 1e-13
FORMS = {"whole": (np.inf, np.inf), "gathered": (-1, np.inf), "scipy": (-1, 0)}
N = 600


@pytest.fixture(params=FORMS)
def form(request, monkeypatch):
    whole, sparse = FORMS[request.param]
    monkeypatch.setattr(risk_sums, "WHOLE", whole)
    monkeypatch.setattr(risk_sums, "SPARSE", sparse)
    return request.param


def some_rows(late, n_patterns):
    rng = np.random.default_rng(10)
    time = rng.integers(2, 30, N)
    return {
        "pattern": rng.integers(0, n_patterns, N) if n_patterns < N else rng.permutation(N),
        "time": time,
        "event": rng.integers(0, 2, N),
        "entry": np.floor(rng.random(N) * time) if late else None,
        "strata": rng.integers(0, 3, N),
        "weights": rng.choice(rng.random(20), N),
    }


def close(found, expected):
    assert_allclose(found, expected, rtol=RTOL, atol=OF_LARGEST * np.abs(expected).max())


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("n_patterns", [4, 150, N])
def test_sums_are_those_of_the_definition(form, late, n_patterns):
    rows = some_rows(late, n_patterns)
    cells = risk_cells(rows.pop("pattern"), n_patterns, SurvivalRows(**rows))
    sums = risk_sums.risk_sums(cells, cells.weight, n_patterns)
    assert type(sums).__name__ == ("WholeSums" if form == "whole" else "CellSums")
    rng = np.random.default_rng(11)
    r, x = rng.random(n_patterns), rng.normal(size=(n_patterns, 2))
    values = np.column_stack([r, r[:, None] * x])[cells.pattern] * cells.weight[:, None]
    days = np.arange(cells.n_days)
    is_event = np.arange(len(cells.pattern)) < cells.event.stop
    at_risk = (cells.first <= days[:, None]) & (days[:, None] <= cells.last)
    events = is_event & (cells.last == days[:, None])
    for found, mask in zip(sums.by_day(r, x), (at_risk, events), strict=True):
        close(found, mask.astype(float) @ values)
    if form == "whole":
        of_patterns = [at_risk[:, cells.pattern == k].any(axis=1) for k in range(n_patterns)]
        assert_array_equal(sums.at_risk > 0, np.transpose(of_patterns))
    a, b = rng.random((2, cells.n_days, 2))
    of_cell = cells.weight[:, None] * (at_risk.T.astype(float) @ a - events.T.astype(float) @ b)
    expected = np.array([of_cell[cells.pattern == k].sum(axis=0) for k in range(n_patterns)])
    close(sums.by_pattern(a, b), expected)
    close(sums.by_pattern(a[:, 0], b[:, 0]), expected[:, 0])


@pytest.mark.parametrize("continuous", [False, True])
def test_fits_do_not_depend_on_the_form(form, continuous):
    rng = np.random.default_rng(12)
    rows = some_rows(late=True, n_patterns=4)
    x = rng.normal(size=N) if continuous else rng.integers(0, 5, N)
    patterns = encode([Term("x", x), Term("flag", rng.integers(0, 2, N), ("no", "yes"))])
    fit = cox.fit(patterns, SurvivalRows(rows["time"], rows["event"], rows["entry"], rows["strata"]))
    # each event against the rows at risk, one by one
    design = patterns.design[patterns.index]
    beta, score = fit.coefficients, np.zeros(2)
    time, strata = rows["time"], rows["strata"]
    for stratum, day in {(strata[i], time[i]) for i in np.flatnonzero(rows["event"])}:
        at_risk = (strata == stratum) & (rows["entry"] < day) & (day <= time)
        tied = at_risk & (rows["event"] == 1) & (time == day)
        score += design[tied].sum(axis=0)
        for part in np.arange(tied.sum()) / tied.sum():
            weight = np.exp(design @ beta) * (at_risk - part * tied)
            score -= weight @ design / weight.sum()
    assert_allclose(score / np.sqrt(np.diag(np.linalg.inv(fit.covariance))), 0, atol=1e-11)


def test_rows_that_do_not_count_leave_no_pattern(form):
    rows = some_rows(late=True, n_patterns=4)
    counts = np.random.default_rng(13).integers(0, 2, N)
    x = np.random.default_rng(14).normal(size=N)

    def fit(kept, **options):
        data = (rows[name][kept] for name in ("time", "event", "entry"))
        return cox.fit(encode([Term("x", x[kept])]), SurvivalRows(*data, **options))

    counted, left = fit(slice(None), counts=counts), fit(counts == 1)
    assert_array_equal(counted.coefficients, left.coefficients)
    assert counted.n == left.n == counts.sum()


def test_sums_without_digits_are_not_numbers(monkeypatch):
    # when the first event happens, the row with a hazard of 1e18 is yet to come
    cells = risk_cells(np.array([0, 1, 2]), 3, SurvivalRows([1, 2, 9], [1, 1, 0], entry=[0, 0, 1]))
    r, x = np.array([1.0, 1.0, 1e18]), np.zeros((3, 1))
    whole = risk_sums.risk_sums(cells, cells.weight, 3)
    assert_array_equal(whole.by_day(r, x)[0][:, 0], [2, 1 + 1e18])
    monkeypatch.setattr(risk_sums, "WHOLE", -1)
    of_cells = risk_sums.risk_sums(cells, cells.weight, 3)
    assert_array_equal(of_cells.by_day(r, x)[0][:, 0], [np.nan, 1 + 1e18])
    assert_array_equal(of_cells.by_day(np.ones(3), x)[0][:, 0], [2, 2])


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_lost_digits_are_refused(monkeypatch, ties):
    # rows whose hazards span 1e15; whole sums find the maximum, see test_cox.py
    monkeypatch.setattr(risk_sums, "WHOLE", -1)
    rows = read_rows("cox_far.csv")
    patterns = encode([Term(name, rows[name].to_numpy()) for name in ("x", "y", "z")])
    with pytest.raises(NotEstimable, match="no maximum was found"):
        cox.fit(patterns, SurvivalRows(rows["time"], rows["event"], rows["entry"], rows["strata"]), ties)
