"""Cells stand for the rows: as many at risk and with an event, of each pattern, on each day."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from recohort.base.errors import NotEstimable
from recohort.statistics.cox.risk_cells import risk_cells
from recohort.statistics.survival_rows import SurvivalRows


def test_cells_of_a_few_rows():
    # days: the events at 2 and 5; censored at 1 is at risk on neither, at 3 on the first; entry at 2 is late
    survival = SurvivalRows(
        time=[1, 2, 2, 3, 5, 7, 7], event=[0, 1, 1, 0, 1, 0, 0], entry=[0, 0, 0, 0, 2, 1, 1]
    )
    cells = risk_cells(np.array([0, 1, 1, 1, 0, 0, 1]), 2, survival)
    assert_array_equal(cells.pattern, [1, 0, 1, 0, 1])
    assert_array_equal(cells.first, [0, 1, 0, 0, 0])
    assert_array_equal(cells.last, [0, 1, 0, 1, 1])
    assert_array_equal(cells.count, [2, 1, 1, 1, 1])
    assert_array_equal(cells.late, [1])
    assert (cells.event, cells.other, cells.strata) == (slice(2), slice(2, None), (slice(0, 2),))


def rows(n=400):
    rng = np.random.default_rng(8)
    time = rng.integers(2, 40, n)
    return {
        "pattern": rng.integers(0, 3, n),
        "time": time / 4,
        "event": rng.integers(0, 2, n),
        "entry": np.floor(rng.random(n) * time) / 4,
        "strata": rng.choice([-1, 4, 9], n),
        "weights": rng.choice([0.5, 1.25, 3.0], n),
        "counts": rng.integers(0, 3, n),
    }


def of_three(r):
    return risk_cells(r["pattern"], 3, SurvivalRows(**{k: v for k, v in r.items() if k != "pattern"}))


def test_cells_are_at_risk_when_their_rows_are():
    r = rows()
    cells = of_three(r)
    weight = r["weights"] * r["counts"]
    day = 0
    for stratum in np.unique(r["strata"]):
        inside = (r["strata"] == stratum) & (r["counts"] > 0)
        for time in np.unique(r["time"][inside & (r["event"] == 1)]):
            at_risk = inside & (r["entry"] < time) & (time <= r["time"])
            with_event = inside & (r["event"] == 1) & (r["time"] == time)
            cells_at_risk = (cells.first <= day) & (day <= cells.last)
            for pattern in range(3):
                of_pattern = cells_at_risk & (cells.pattern == pattern)
                ends = np.flatnonzero(of_pattern[cells.event] & (cells.last[cells.event] == day))
                rows_of_pattern = r["pattern"] == pattern
                assert cells.count[of_pattern].sum() == r["counts"][at_risk & rows_of_pattern].sum()
                assert cells.weight[of_pattern].sum() == weight[at_risk & rows_of_pattern].sum()
                assert cells.count[ends].sum() == r["counts"][with_event & rows_of_pattern].sum()
            day += 1
    assert day == cells.n_days and len(cells.strata) == 3
    assert (cells.first <= cells.last).all() and len(cells.pattern) < len(r["time"])


def test_cells_do_not_depend_on_the_order_of_rows():
    r = rows()
    order = np.random.default_rng(9).permutation(len(r["time"]))
    straight, shuffled = (
        of_three(r),
        of_three({k: v[order] for k, v in r.items()}),
    )
    for name in ("pattern", "first", "last", "count", "weight", "offset", "late"):
        assert_array_equal(getattr(shuffled, name), getattr(straight, name))


@pytest.mark.parametrize("changes", [{"event": np.zeros(3)}, {"counts": np.array([0, 1, 1])}])
def test_refuses_no_events(changes):
    arguments = {"time": np.array([1, 2, 3]), "event": np.array([1, 0, 0]), **changes}
    with pytest.raises(NotEstimable, match="no events"):
        risk_cells(np.zeros(3, dtype=int), 1, SurvivalRows(**arguments))
