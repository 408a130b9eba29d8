"""What is shown of survival curves of a controlled study: each rule by hand."""

import pytest
from support.disclosure import RULE
from support.shown_rows import row

from recohort.analyses import control
from recohort.analyses.curves import control as steps
from recohort.analyses.curves.control import curves

# Curves


def curve(steps_, level="a"):
    """Rows of a curve: (time, at risk, events, survival)."""
    return [
        {
            "analysis": "os", "outcome": "os", "population": "all", "term": "arm", "level": level,
            "time": time, "at_risk": n, "events": d, "censored": 0, "survival": s, "std_error": 0.0123,
            "ci_low": s - 0.1234, "ci_high": min(s + 0.1234, 1),
        }
        for time, n, d, s in steps_
    ]  # fmt: skip


# an event a month of 40 patients: survival 39/40 .. 16/40 after 24 months
MONTHLY = curve([(t, 41 - t, 1, (40 - t) / 40) for t in range(1, 25)])


def points(rows):
    return [(r["time"], r["events"], r["survival"]) for r in rows if r["events"]]


def test_a_curve_has_a_point_for_each_eight_events():
    found = curves(MONTHLY, RULE)
    assert points(found) == [(8, 10, 0.8), (16, 10, 0.6), (24, 10, 0.4)]
    assert {r["censored"] for r in found} == {None}
    assert found[0] == {**found[0], "time": 0.0, "at_risk": 40, "events": 0, "survival": 1.0}
    # 8 at a time: 40, 33, 25, 17 at risk
    assert [(r["time"], r["at_risk"]) for r in found] == [(0.0, 40), (8, 35), (16, 25), (24, 15)]


def test_what_is_left_at_the_end_goes_into_the_last_points():
    found = curves(MONTHLY[:19], RULE)
    # 19 events are two points of 10 and 9, not of 8 and 8 with 3 left over
    assert points(found) == [(10, 10, 0.75), (19, 10, 0.53)]


def test_events_at_one_time_do_not_leave_few_to_the_next_point():
    tied = curve([(1, 40, 14, 0.65), (2, 26, 2, 0.6)])
    assert points(curves(tied, RULE)) == [(2, 15, 0.6)]
    tied = curve([(1, 40, 9, 0.775), (2, 31, 7, 0.6)])
    assert points(curves(tied, RULE)) == [(2, 15, 0.6)]


def test_a_curve_ends_where_few_are_at_risk_and_few_events_are_no_curve():
    # from month 34 on 7 or fewer are at risk
    whole = curve([(t, 41 - t, 1, (40 - t) / 40) for t in range(1, 41)])
    assert max(r["time"] for r in curves(whole, RULE)) == 33
    assert curves(MONTHLY[:7], RULE) == []
    assert curves(curve([(1, 7, 7, 0.5), (2, 7, 7, 0.4)]), RULE) == []


def test_between_points_survival_is_on_a_straight_line():
    found = curves(MONTHLY, RULE)
    assert steps.at(found, 4)["survival"] == pytest.approx(0.9, rel=1e-12)
    assert steps.at(found, 100)["survival"] == 0.4
    # halfway between 0.6 at 16 and 0.4 at 24
    assert steps.when_half(found, "survival") == pytest.approx(20, rel=1e-12)
    assert steps.when_half(found[:2], "survival") is None


def survival_row(measure, n=40, events=24, **values):
    return row(**{
        "analysis": "os", "kind": "curves", "outcome": "os", "population": "all", "term": "arm", "level": "a",
        "n": n + 50, "events": events + 30, "n_missing": 0, "n_level": n, "events_level": events,
        "measure": measure, "estimate": 0.123456, "ci_method": "log", **values,
    })  # fmt: skip


OTHER = survival_row("median", n=50, events=30, n_missing=0, level="b") | {"n": 90, "events": 54}


def test_medians_and_survival_are_read_from_the_curve_that_is_shown():
    test = survival_row(
        "logrank", level="", n_level=None, events_level=None, p_value=0.123456, statistic=2.3771, df=1.0
    )
    rows = [
        survival_row("median"), survival_row("survival", at=4.0),
        survival_row("survival", at=60.0), OTHER, test,
    ]  # fmt: skip
    median, early, late, other, test = control.estimates(rows, RULE, curves=curves(MONTHLY, RULE))
    assert median["estimate"] == pytest.approx(20, rel=1e-12)
    assert (early["estimate"], early["status"]) == (0.9, "ok")
    assert (late["status"], late["note"]) == ("suppressed", "beyond the curve that may be shown")
    assert other["status"] == "suppressed"
    # its statistic is not cut as the p value is
    assert (test["p_value"], test["statistic"], test["df"]) == (0.123, None, 1.0)


def test_a_log_rank_test_of_few_events_is_suppressed():
    few = survival_row("median", events=5, level="a") | {"events": 35}
    test = survival_row("logrank", level="", n_level=None, events_level=None, p_value=0.1) | {"events": 35}
    found = control.estimates([few, {**OTHER, "events": 35}, test], RULE)
    assert [r["status"] for r in found] == ["suppressed"] * 3
    assert (found[0]["events_level"], found[0]["n_level"]) == (None, 40)
