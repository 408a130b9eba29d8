"""Survival curves as drawn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from support import protocols
from support.figures import (
    CURVES,
    STEPS,
    assert_below,
    controlled,
    curve_rows,
    curves,
    drawn,
    figure_band,
    protocol,
    records,
    texts,
)

from recohort.analyses import estimates
from recohort.analyses.curves import figure as survival


def test_numbers_at_risk_are_those_of_the_curve():
    group = {name: STEPS.loc[STEPS["level"] == "2+", name].to_numpy() for name in survival.NUMBERS}
    remaining, censored = survival.at_risk(group, [0, 3, 3.1, 12, 20, 30, 31, 32])
    assert list(remaining) == [5, 5, 4, 4, 3, 1, 1, 0]
    assert list(censored) == [0, 0, 0, 0, 1, 2, 2, 2]


def test_numbers_at_risk_stand_below_their_ticks():
    figure = curves()
    (panel,) = figure.axes
    assert list(panel.get_xticks()) == [0, 6, 12, 18, 24, 30]
    assert_below(
        figure, [f"{n} ({lost})" for n, lost in zip((5, 4, 4, 3, 1, 1), (0, 0, 0, 1, 2, 2), strict=True)]
    )
    assert_below(
        figure, [f"{n} ({lost})" for n, lost in zip((2, 2, 2, 0, 0, 0), (0, 0, 0, 2, 2, 2), strict=True)]
    )


def test_a_curve_falls_in_steps_from_1_at_time_0():
    steps, _ = drawn(curves())
    assert [line.get_drawstyle() for line in steps] == ["steps-post"] * 2
    assert_allclose(steps[0].get_xydata(), [(0, 100), (3, 80), (12, 80), (20, 160 / 3), (31, 0)])
    assert_allclose(steps[1].get_xydata(), [(0, 100), (14, 100)])


def test_the_whole_curve_is_inside_the_axes():
    assert curves().axes[0].get_xlim()[1] >= 31


def test_marks_are_where_somebody_was_censored():
    _, marks = drawn(curves())
    assert_allclose(marks[0].get_xydata(), [(12, 80), (20, 160 / 3)])
    assert_allclose(marks[1].get_xydata(), [(14, 100)])


def test_groups_differ_in_colour_and_dash():
    (one, other), _ = drawn(curves())
    assert one.get_color() != other.get_color()
    assert one.get_linestyle() != other.get_linestyle()


def test_more_groups_than_colours_still_differ():
    assert len({survival.look(i) for i in range(49)}) == 49


def test_the_band_ends_at_the_limits_of_the_curve():
    band = figure_band(curves())
    heights = {x: set(band[band[:, 0] == x, 1]) for x in (3, 20)}
    assert {50.0, 100.0} <= heights[3]
    assert {20.0, 90.0} <= heights[20]


def test_the_key_has_events_median_and_log_rank_p():
    found = texts(curves())
    assert {"HER2 IHC", "3/5", "31.0 (3.0 to not reached)", "0/2", "not reached", "Log-rank p: 0.045"} <= set(
        found
    )
    assert {
        "Median, months (95% CI)",
        "Overall survival (%)",
        "Time (months)",
        "7 patients, 3 events; left out: 2 without follow-up, 1 of the others without HER2 IHC",
    } <= set(found)


def test_a_log_rank_test_that_cannot_be_done_says_why():
    found = texts(curves(p_value=None, status="not-estimable", note="no events"))
    assert "Log-rank test not estimable: no events" in found


def test_a_group_without_patients_is_in_the_key_without_a_curve():
    rows = records(curve_rows())
    rows[1] |= {"status": "not-estimable", "note": "no patients in this group"}
    only = estimates.records(STEPS[STEPS["level"] == "2+"])
    (figure,) = survival.figure(protocol(), CURVES, "all", rows, 0.95, only)
    assert "not estimable: no patients in this group" in texts(figure)
    assert len(drawn(figure)[0]) == 1


def test_one_curve_without_groups_has_neither_key_label_nor_test():
    analysis = protocols.analysis("km", "curves", "Survival", ("all",), {"endpoint": "late"})
    rows = [{**r, "level": "", "term": ""} for r in records(curve_rows())[:1]]
    steps = estimates.records(STEPS[:4].assign(level=""))
    (figure,) = survival.figure(protocol(), analysis, "all", rows, 0.95, steps)
    assert "All" in texts(figure)
    assert not any(text.startswith("Log-rank") for text in texts(figure))
    assert "Delayed entry: Time to sequencing" in " ".join(texts(figure))


@pytest.mark.parametrize(
    ("last", "unit", "expected"),
    [
        (87, "months", [0, 12, 24, 36, 48, 60, 72, 84]),
        (10, "months", [0, 2, 4, 6, 8, 10]),
        (2659, "days", [0, 500, 1000, 1500, 2000, 2500]),
        (7.2, "years", [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_ticks_of_time_fit_the_unit(last, unit, expected):
    assert list(survival.time_ticks(last, unit)) == expected


def test_a_controlled_curve_is_straight_between_its_points_and_its_risks_end_with_it():
    points = [(0.0, 40, 0, 1.0, 1.0, 1.0), (10.0, 30, 0, 0.9, 0.8, 1.0), (20.0, 20, 10, 0.8, 0.6, 1.0)]
    names = ["time", "at_risk", "events", "survival", "ci_low", "ci_high"]
    more = {"level": "2+", "censored": None, "std_error": None}
    steps = [{**dict(zip(names, point, strict=True)), **more} for point in points]
    rows = records(curve_rows())
    rows[1] |= {"status": "suppressed", "note": "too few events"}
    (figure,) = survival.figure(controlled(), CURVES, "all", rows, 0.95, steps)
    line, marks = figure.axes[0].lines
    assert line.get_drawstyle() == "default"
    assert_allclose(line.get_xydata(), [(0, 100), (10, 90), (20, 80)])
    assert_allclose(marks.get_xydata(), [(20, 80)])
    assert_below(figure, ["40", "30", "30", "30", "20", "20", "20"])
    assert "Suppressed: too few events." in " ".join(texts(figure))


def test_nobody_knows_how_many_are_at_risk_beyond_a_controlled_curve():
    group = {"time": np.array([0.0, 20.0]), "at_risk": np.array([40.0, 20.0]), "censored": np.full(2, np.nan)}
    assert_allclose(survival.at_risk(group, [20, 21])[0], [20, np.nan])
