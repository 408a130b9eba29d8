"""Rows that make no Cox model, and levels or numbers that leave its likelihood without a maximum."""

import numpy as np
import pytest
from support.reference_cases import model

from recohort.base.errors import NotEstimable, RecohortError
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.survival_rows import SurvivalRows


# --- refusals --------------------------------------------------------------------------------------------
def toy(**changes):
    rows = {"time": np.array([1.0, 2, 3, 4, 5, 6]), "event": np.array([1, 0, 1, 0, 1, 0])}
    return encode([Term("x", np.array([0.0, 1, 1, 0, 0, 1]))]), {**rows, **changes}


@pytest.mark.parametrize("method", [cox.fit, cox.firth])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"time": np.ones(5)}, "event has shape"),
        ({"time": np.ones(5), "event": np.ones(5)}, "patterns are of 6 rows, follow-up of 5"),
        ({"time": np.array([1, 2, 3, 4, 5, np.nan])}, "time has missing"),
        ({"event": np.array([1, 0, 2, 0, 1, 0])}, "event is not 0 or 1"),
        ({"entry": np.array([0, 0, 3, 0, 0, 0])}, "row 2, entry 3, time 3'?: entry is not before time"),
        ({"weights": np.array([1, 1, 0, 1, 1, 1])}, "weights are not positive"),
        ({"counts": np.array([1, 1, 0.5, 1, 1, 1])}, "counts are not whole"),
        ({"counts": np.array([1, 1, -1, 1, 1, 1])}, "counts are not whole"),
        ({"offset": np.full(6, np.inf)}, "offset has missing or infinite"),
        ({"strata": np.zeros(2)}, "strata has shape"),
        ({"ties": "exact"}, "ties is 'exact'"),
    ],
)
def test_refuses_rows_that_make_no_model(method, changes, reason):
    changes = dict(changes)
    ties = changes.pop("ties", "efron")
    patterns, rows = toy(**changes)
    with pytest.raises((ValueError, RecohortError), match=reason):
        method(*model(patterns, **rows), ties)


@pytest.mark.parametrize("method", [cox.fit, cox.firth])
@pytest.mark.parametrize("changes", [{"event": np.zeros(6)}, {"counts": np.array([0, 1, 0, 1, 0, 1])}])
def test_refuses_no_events(method, changes):
    patterns, rows = toy(**changes)
    with pytest.raises(NotEstimable, match="no events"):
        method(*model(patterns, **rows))


def refused_columns(terms, time, event, **options):
    with pytest.raises(NotEstimable) as refusal:
        cox.fit(encode(terms), SurvivalRows(time, event, **options))
    return refusal.value


def test_names_a_level_without_events():
    grade = Term("grade", np.array([0, 1, 2, 0, 1, 2]), ("I", "II", "III"))
    refusal = refused_columns([grade], [1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1])
    assert refusal.columns == (Column("grade", "II"),) and refusal.reason == "no event has grade II"


def test_names_a_level_with_every_event():
    flag = Term("flag", np.array([0, 1, 0, 1, 0, 1]), ("no", "yes"))
    refusal = refused_columns([flag], [1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1])
    assert refusal.columns == (Column("flag", "yes"),) and refusal.reason == "every event has flag yes"


def test_names_the_levels_when_the_reference_has_no_events():
    grade = Term("grade", np.array([0, 1, 2, 0, 1, 2, 1, 2]), ("I", "II", "III"))
    u = Term("u", np.array([0.3, -1, 0.5, 2, 0.1, -0.7, 1.5, 0.9]))
    refusal = refused_columns([u, grade], [3, 2, 4, 6, 5, 1, 7, 8], [0, 1, 1, 0, 1, 1, 1, 1])
    assert refusal.columns == (Column("grade", "II"), Column("grade", "III"))


def test_names_a_number_that_orders_the_events():
    # whoever has the event first has the highest x of all still at risk, yet events have high and low x
    x = Term("x", np.array([9.0, 7.0, 8.0, 5.0, 1.0, 4.0]))
    refusal = refused_columns([x], [1, 3, 2, 4, 6, 5], [1, 1, 1, 1, 1, 1])
    assert refusal.columns == (Column("x"),) and "no finite maximum in x" in refusal.reason


def test_names_a_number_at_its_extreme_in_every_event():
    x = np.array([2.0, 5.0, 2.0, 3.0, 4.0])
    refusal = refused_columns([Term("x", x)], [1, 2, 3, 4, 5], [1, 0, 1, 0, 0])
    assert refusal.reason == "every event has the lowest x"
    refusal = refused_columns([Term("x", -x)], [1, 2, 3, 4, 5], [1, 0, 1, 0, 0])
    assert refusal.reason == "every event has the highest x"


def test_delayed_entry_can_make_the_likelihood_monotone():
    x, time, event = np.array([1.0, 0, 0, 1, 1]), [1, 2, 3, 4, 5], [1, 1, 1, 0, 0]
    cox.fit(encode([Term("x", x)]), SurvivalRows(time, event))
    # the last two come after the events of the two rows with the lower x, which are then alone at risk
    refusal = refused_columns([Term("x", x)], time, event, entry=np.array([0, 0, 0, 3, 3]))
    assert refusal.columns == (Column("x"),)


def test_a_rare_event_is_no_separation():
    # one event among the 400 with a, against 200: the log hazard ratio is about -6, and finite
    a = np.repeat([0.0, 1.0], [400, 400])
    event = np.r_[np.tile([0, 1], 200), np.zeros(399), 1]
    time = np.r_[np.arange(1.0, 401), np.arange(1.0, 401)]
    fit = cox.fit(encode([Term("a", a)]), SurvivalRows(time, event))
    assert -8 < fit.coefficients[0] < -4 and fit.std_error[0] < 1.1
