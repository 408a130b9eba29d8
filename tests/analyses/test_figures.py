"""What the figures show: positions, sizes and words, never pixels."""

import subprocess
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path
from numpy.testing import assert_allclose
from support import protocols
from support.disclosure import RULE

from recohort.analyses import estimates
from recohort.analyses import figures as build
from recohort.analyses.crosstab import figure as agreement
from recohort.analyses.curves import figure as survival
from recohort.analyses.regression import figure as regression
from recohort.cohort import flow_figure
from recohort.layout import forest, sheet
from recohort.layout.forest import Mark

# A position goes through the transforms of matplotlib and back, or a width through the font's hinting
RTOL = 1e-6

CODEBOOK = [
    protocols.variable("age", "number", "Age", unit="years", per=10),
    protocols.variable("cns", "flag", "Metastases", levels=("no", "yes")),
    protocols.variable("pleura", "flag", "Metastases", levels=("no", "yes")),
    protocols.variable("grade", "category", "Grade", levels=("G1", "G2", "G3")),
    protocols.variable("ihc", "category", "HER2 IHC", levels=("2+", "3+")),
    protocols.variable("fish", "category", "FISH", levels=("negative", "positive")),
    protocols.variable("entry", "number", "Time to sequencing", unit="months"),
    protocols.variable("vital", "category", "Vital status", levels=("alive", "dead")),
]


def protocol(data="synthetic", unit="patients", more=()):
    return protocols.protocol(
        study="invented", title="An invented study", data=data, description="",
        source={"citation": "Nobody N. An invented paper. J Invent 2024;1:1"}, extract={}, unit=unit,
        codebook={v.name: v for v in [*CODEBOOK, *more]}, checks={},
        endpoints={
            "os": protocols.endpoint("os", "Overall survival", ("vital", "dead"), "months"),
            "late": protocols.endpoint(
                "late", "Survival", ("vital", "dead"), "months", time="age", entry="entry"
            ),
        },
        cohort=(),
        populations={
            name: protocols.population(name, label) for name, label in (("all", "All"), ("ihc_3", "IHC 3+"))
        },
        analyses={}, assumptions=(),
    )  # fmt: skip


def cox(*terms, **options):
    options = {"endpoint": "os", "terms": terms, "multivariable": "none", **options}
    return protocols.analysis("risk", "cox", "Risk of death", ("all",), options)


def row(term, level="yes", reference="no", **values):
    """A row of the estimates of a Cox model."""
    return {
        "analysis": "risk", "kind": "cox", "outcome": "os", "population": "all", "model": "univariable",
        "term": term, "level": level, "reference": reference, "measure": "HR", "n": 200, "events": 90,
        "n_level": 50, "events_level": 20, "n_missing": 0, "estimate": 1.5, "ci_low": 1.1, "ci_high": 2.01,
        "ci_method": "Wald", "p_value": 0.0312, "p_method": "Wald", **values,
    }  # fmt: skip


def reference_row(term, level="no", **values):
    blank = {"ci_low": None, "ci_high": None, "ci_method": "", "p_value": None, "p_method": ""}
    return row(term, level, level, estimate=1, **blank, **{"n_level": 150, "events_level": 70, **values})


def not_estimable(term, note, **values):
    blank = dict.fromkeys(["estimate", "ci_low", "ci_high", "p_value"])
    return row(term, **blank, ci_method="", p_method="", status="not-estimable", note=note, **values)


def records(rows):
    return estimates.table(rows).astype(dict.fromkeys(estimates.COUNTS, float)).to_dict("records")


def draw(rows, *terms, **options):
    return regression.figure(protocol(), cox(*terms, **options), "all", records(rows), 0.95)


def lines(figure):
    (writing,) = figure.findobj(sheet.Writing)
    return writing.lines


def texts(figure):
    return [line.text for line in lines(figure)]


def line_of(figure, text):
    (line,) = (line for line in lines(figure) if line.text == text)
    return line


def squares(figure):
    """Positions and areas of the squares of each series."""
    return [
        (np.asarray(found.get_offsets()), found.get_sizes())
        for found in figure.axes[0].collections
        if isinstance(found, PathCollection)
    ]


def intervals(figure):
    """Ends of the lines of each series, shape (n, 2)."""
    found = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    return [np.array([segment[:, 0] for segment in c.get_segments()]) for c in found]


def arrowheads(figure):
    """How many intervals end in an arrowhead at the left, at the right."""
    drawn = {line.get_marker(): len(line.get_xdata()) for line in figure.axes[0].lines}
    return drawn["<"], drawn[">"]


def overlaps(figure):
    """Pairs of texts that are printed over each other."""
    boxes = [
        (line, line.x, line.x + sheet.text_mm(line.text, line.size, line.bold)) for line in lines(figure)
    ]
    return [
        (one.text, other.text)
        for (one, left, right), (other, other_left, other_right) in combinations(boxes, 2)
        if abs(one.y - other.y) < 2 and left < other_right and other_left < right
    ]


def outside(figure):
    """Texts that leave the page."""
    ends = [
        (line.text, line.x, line.x + sheet.text_mm(line.text, line.size, line.bold)) for line in lines(figure)
    ]
    return [text for text, left, right in ends if left < 0 or right > sheet.WIDTH_MM]


# forest plots


def test_squares_are_at_the_estimates_on_a_log_axis_each_in_its_own_row():
    figure = draw(
        [reference_row("cns"), row("cns"), row("age", "", "", estimate=0.8, ci_low=0.7)], "cns", "age"
    )
    (positions, _), *more = squares(figure)
    assert not more
    assert figure.axes[0].get_xscale() == "log"
    assert_allclose(positions[:, 0], [1.5, 0.8])
    # rows are in millimetres of the page, as the text beside them
    assert_allclose(positions[:, 1], [line_of(figure, "Yes").y, line_of(figure, "Age, per 10 years").y])


def test_area_of_a_square_is_proportional_to_the_events_of_the_level_for_a_hazard_ratio():
    grades = [
        row("grade", "G2", "G1", events_level=40, n_level=7),
        row("grade", "G3", "G1", events_level=10, n_level=9),
    ]
    (_, areas), *_ = squares(draw([reference_row("grade", "G1"), *grades], "grade"))
    assert_allclose(areas[0] / areas[1], 40 / 10)


def test_area_of_a_square_is_proportional_to_the_patients_at_the_level_for_an_odds_ratio():
    grades = [
        row("grade", "G2", "G1", events_level=7, n_level=60),
        row("grade", "G3", "G1", events_level=9, n_level=20),
    ]
    found = [{**r, "kind": "logistic", "measure": "OR", "outcome": "cns=yes"} for r in grades]
    analysis = protocols.analysis(
        "odds", "logistic", "Odds", ("all",), {"outcome": {"cns": "yes"}, "terms": ["grade"]}
    )
    reference = {**reference_row("grade", "G1"), "kind": "logistic", "measure": "OR", "outcome": "cns=yes"}
    figure = regression.figure(protocol(), analysis, "all", records([reference, *found]), 0.95)
    (_, areas), *_ = squares(figure)
    assert_allclose(areas[0] / areas[1], 60 / 20)
    assert "Odds of Metastases; 200 patients" in texts(figure)
    assert any("proportional to the number of patients at that level" in text for text in texts(figure))


def test_a_reference_row_is_in_words_without_a_square():
    figure = draw([reference_row("cns"), row("cns")], "cns")
    assert "1 (reference)" in texts(figure)
    assert line_of(figure, "1 (reference)").y < line_of(figure, "1.50 (1.10 to 2.01)").y
    (positions, _), *_ = squares(figure)
    assert len(positions) == 1


def test_counts_estimate_and_p_of_a_row_stand_on_one_line():
    figure = draw([reference_row("cns"), row("cns")], "cns")
    found = [line_of(figure, text) for text in ("Yes", "20/50", "1.50 (1.10 to 2.01)", "0.031")]
    assert len({line.y for line in found}) == 1
    assert [line.x for line in found] == sorted(line.x for line in found)
    assert {"Events/n", "HR (95% CI)", "p", "Metastases", "No", "70/150"} <= set(texts(figure))


def test_another_coverage_is_named():
    figure = regression.figure(
        protocol(), cox("cns"), "all", records([reference_row("cns"), row("cns")]), 0.9
    )
    assert "HR (90% CI)" in texts(figure)


def test_a_clipped_interval_ends_in_an_arrowhead_and_is_printed_whole():
    wide = row("pleura", estimate=1.2, ci_low=0.01, ci_high=150)
    figure = draw([reference_row("cns"), row("cns"), reference_row("pleura"), wide], "cns", "pleura")
    assert arrowheads(figure) == (1, 1)
    low, high = figure.axes[0].get_xlim()
    (ends,) = intervals(figure)
    assert_allclose(ends, [[1.1, 2.01], [low, high]])
    assert 0.01 < low < high < 150
    assert "1.20 (0.01 to 150.00)" in texts(figure)


def test_an_interval_inside_the_axis_has_no_arrowhead():
    assert arrowheads(draw([reference_row("cns"), row("cns")], "cns")) == (0, 0)


def test_what_cannot_be_estimated_is_said_in_words_with_the_reason_below():
    figure = draw([reference_row("cns"), not_estimable("cns", "no events")], "cns")
    assert "not estimable*" in texts(figure)
    assert any("* No events." in text for text in texts(figure))
    (positions, _), *_ = squares(figure)
    assert len(positions) == 0


def test_one_reason_has_one_mark_and_another_reason_another():
    rows = [
        not_estimable("cns", "no events"),
        not_estimable("pleura", "no events"),
        not_estimable("grade", "no patients", level="G2"),
    ]
    rows += [
        reference_row("cns"),
        reference_row("pleura"),
        reference_row("grade", "G1"),
        row("grade", "G3", "G1"),
    ]
    found = texts(draw(rows, "cns", "pleura", "grade"))
    assert found.count("not estimable*") == 2
    assert found.count("not estimable†") == 1


def test_more_reasons_than_marks_double_the_marks():
    notes = forest.Notes()
    assert [notes.mark(str(i)) for i in range(8)] == ["*", "†", "‡", "§", "¶", "‖", "**", "††"]


def test_a_penalised_estimate_is_marked_and_its_methods_named():
    firth = {
        "status": "penalised",
        "note": "separated",
        "ci_method": "profile penalised likelihood",
        "p_method": "LR",
    }
    figure = draw([reference_row("cns"), row("cns", **firth)], "cns")
    assert "1.50 (1.10 to 2.01)*" in texts(figure)
    assert "* Separated; interval: profile penalised likelihood; p: LR test." in " ".join(texts(figure))


def test_two_variables_with_one_label_both_appear():
    rows = [
        reference_row("cns"),
        row("cns"),
        reference_row("pleura"),
        row("pleura", estimate=0.7, ci_low=0.4),
    ]
    figure = draw(rows, "cns", "pleura")
    assert texts(figure).count("Metastases") == 2
    (positions, _), *_ = squares(figure)
    assert_allclose(positions[:, 0], [1.5, 0.7])
    assert positions[0, 1] < positions[1, 1]


def test_more_than_two_levels_get_a_header_with_the_p_over_all_of_them():
    overall = row("grade", "", "G1", measure="global", estimate=None, ci_low=None, ci_high=None, ci_method="",
                  p_value=0.0004, p_method="likelihood ratio, 2 df")  # fmt: skip
    rows = [reference_row("grade", "G1"), row("grade", "G2", "G1"), row("grade", "G3", "G1"), overall]
    figure = draw(rows, "grade")
    assert line_of(figure, "Grade").y == line_of(figure, "<0.001").y
    assert (
        line_of(figure, "Grade").y
        < line_of(figure, "G1").y
        < line_of(figure, "G2").y
        < line_of(figure, "G3").y
    )
    assert "likelihood ratio test over all its levels" in " ".join(texts(figure))


def both_models():
    rows = [
        reference_row("cns"),
        row("cns"),
        reference_row("pleura"),
        row("pleura", estimate=0.7, ci_low=0.4),
    ]
    adjusted = {"model": "multivariable", "n": 180, "events": 81}
    return [*rows, reference_row("cns", **adjusted), row("cns", estimate=1.3, events_level=10, **adjusted)]


def test_univariable_and_multivariable_share_the_row_and_differ_in_colour_and_dash():
    figure = draw(both_models(), "cns", "pleura")
    (crude, crude_areas), (adjusted, adjusted_areas) = squares(figure)
    assert_allclose(crude[:, 0], [1.5, 0.7])
    assert_allclose(adjusted[:, 0], [1.3])
    assert_allclose(crude_areas[0] / adjusted_areas[0], 20 / 10)
    row_y = line_of(figure, "1.50 (1.10 to 2.01)").y
    assert_allclose((crude[0, 1] + adjusted[0, 1]) / 2, row_y)
    assert crude[0, 1] < row_y < adjusted[0, 1]
    one, other = (c for c in figure.axes[0].collections if isinstance(c, LineCollection))
    assert one.get_linestyle() != other.get_linestyle()
    assert tuple(one.get_color()[0]) != tuple(other.get_color()[0])


def test_a_term_that_is_not_in_the_multivariable_model_says_so():
    figure = draw(both_models(), "cns", "pleura")
    assert texts(figure).count("–") == 2
    note = " ".join(texts(figure))
    assert "–: not in the multivariable model." in note
    assert "Multivariable model: n = 180, 81 events." in note
    assert {"Univariable", "Multivariable"} <= set(texts(figure))


def test_several_outcomes_are_sections_of_one_figure():
    outcomes = {"cns": "yes", "fish": "positive"}
    rows = [
        {**r, "kind": "logistic", "measure": "OR", "outcome": f"{name}={level}"}
        for name, level in outcomes.items()
        for r in (reference_row("ihc", "2+"), row("ihc", "3+", "2+"))
    ]
    analysis = protocols.analysis(
        "odds", "logistic", "Odds", ("all",), {"outcome": outcomes, "terms": ["ihc"]}
    )
    figure = regression.figure(protocol(), analysis, "all", records(rows), 0.95)
    assert line_of(figure, "Metastases").y < line_of(figure, "FISH positive").y
    assert line_of(figure, "Metastases").bold
    (positions, _), *_ = squares(figure)
    assert len(positions) == 2


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.9, 1.1, (0.5, 1, 2)),
        (0.3, 4.5, (0.5, 1, 2, 4)),
        (0.11, 9, (0.125, 0.25, 0.5, 1, 2, 4, 8)),
        (0.8, 90, (0.5, 1, 2, 5, 10, 20, 50)),
        (0.002, 900, (0.01, 0.1, 1, 10, 100)),
    ],
)
def test_ticks_of_a_ratio_double_or_are_1_2_5_or_powers_of_ten(low, high, ticks):
    # both estimates at their ends, so that nothing is clipped
    axis = forest.ratio_axis([Mark(low, low, low, 1), Mark(high, high, high, 1)], "")
    assert axis.ticks == ticks
    assert axis.low < min(low, 0.5)
    assert axis.high > max(high, 2)


def test_the_axis_goes_on_to_a_multiple_of_the_outermost_estimate():
    axis = forest.ratio_axis([Mark(1.5, 0.01, 1000, 1)], "")
    assert_allclose([axis.low * 1.05, axis.high / 1.05], [1.5 / forest.REACH, 1.5 * forest.REACH])


def test_the_line_of_no_difference_is_solid_and_at_one():
    (line, *_) = draw([reference_row("cns"), row("cns")], "cns").axes[0].lines
    assert list(line.get_xdata()) == [1, 1]
    assert line.get_linestyle() == "-"


def test_long_labels_are_broken_so_that_the_axis_stays_wide_enough():
    label = "A label that goes on for longer than any column of a figure has room"
    levels = ("a level that is long as well", "another level that is even longer")
    long = protocols.variable("long", "category", label, levels=levels)
    first, second = long.levels
    rows = [
        r
        for model in regression.MODELS
        for r in (reference_row("long", first, model=model), row("long", second, first, model=model))
    ]
    figure = regression.figure(protocol(more=[long]), cox("long"), "all", records(rows), 0.95)
    assert figure.axes[0].get_position().width * sheet.WIDTH_MM > 30
    assert not overlaps(figure)
    assert not outside(figure)
    assert long.label not in texts(figure)
    assert long.label in " ".join(texts(figure))


def test_delayed_entry_and_strata_are_named_in_the_footnotes():
    found = " ".join(
        texts(draw([reference_row("cns"), row("cns")], "cns", endpoint="late", strata=["grade"]))
    )
    assert "ties: Efron; baseline hazards by Grade; delayed entry: Time to sequencing." in found


# survival curves

CURVES = protocols.analysis("km", "curves", "Survival by IHC", ("all",), {"endpoint": "os", "by": "ihc"})
STEPS = pd.DataFrame(
    [
        ("2+", 3.0, 5, 1, 0, 0.8, 0.5, 1.0),
        ("2+", 12.0, 4, 0, 1, 0.8, 0.5, 1.0),
        ("2+", 20.0, 3, 1, 1, 0.8 * 2 / 3, 0.2, 0.9),
        ("2+", 31.0, 1, 1, 0, 0.0, np.nan, np.nan),
        ("3+", 14.0, 2, 0, 2, 1.0, 1.0, 1.0),
    ],
    columns=["level", "time", "at_risk", "events", "censored", "survival", "ci_low", "ci_high"],
).assign(analysis="km", outcome="os", population="all", term="ihc", std_error=0.1)


def curve_rows(**test):
    shared = {"analysis": "km", "kind": "curves", "outcome": "os", "population": "all", "term": "ihc", "n": 7,
              "events": 3, "n_missing": 0}  # fmt: skip
    median = {**shared, "measure": "median", "ci_method": "log"}
    return [
        {**median, "level": "2+", "n_level": 5, "events_level": 3, "estimate": 31.0, "ci_low": 3.0},
        {**median, "level": "3+", "n_level": 2, "events_level": 0, "note": "not reached"},
        {**shared, "measure": "logrank", "p_value": 0.0449, "p_method": "log-rank, 1 df", **test},
    ]


def curves(analysis=CURVES, steps=STEPS, **test):
    return survival.figure(
        protocol(), analysis, "all", records(curve_rows(**test)), 0.95, estimates.records(steps)
    )


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


def assert_below(figure, expected):
    """One line of the page has these texts, each centred below a tick of the time axis."""
    by_height = {}
    for line in lines(figure):
        by_height.setdefault(round(line.y, 6), []).append(line)
    (row,) = (found[1:] for found in by_height.values() if [line.text for line in found[1:]] == expected)
    middles = [line.x + sheet.text_mm(line.text) / 2 for line in row]
    (panel,) = figure.axes
    pixels = panel.transData.transform([(tick, 0) for tick in panel.get_xticks()])
    ticks = figure.transFigure.inverted().transform(pixels)[:, 0] * sheet.WIDTH_MM
    assert_allclose(middles, ticks, rtol=RTOL)


def drawn(figure):
    """Of each group: the curve, and the marks of those censored."""
    found = figure.axes[0].lines
    return [line for line in found if line.get_marker() != "|"], [
        line for line in found if line.get_marker() == "|"
    ]


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


def figure_band(figure):
    return np.vstack([path.vertices for path in figure.axes[0].collections[0].get_paths()])


def test_the_key_has_events_median_and_log_rank_p():
    found = texts(curves())
    assert {"HER2 IHC", "3/5", "31.0 (3.0 to not reached)", "0/2", "not reached", "Log-rank p: 0.045"} <= set(
        found
    )
    assert {
        "Median, months (95% CI)",
        "Overall survival (%)",
        "Time (months)",
        "7 patients, 3 events",
    } <= set(found)


def test_a_log_rank_test_that_cannot_be_done_says_why():
    found = texts(curves(p_value=None, status="not-estimable", note="no events"))
    assert "Log-rank test not estimable: no events" in found


def test_a_group_without_patients_is_in_the_key_without_a_curve():
    rows = records(curve_rows())
    rows[1] |= {"status": "not-estimable", "note": "no patients in this group"}
    only = estimates.records(STEPS[STEPS["level"] == "2+"])
    figure = survival.figure(protocol(), CURVES, "all", rows, 0.95, only)
    assert "not estimable: no patients in this group" in texts(figure)
    assert len(drawn(figure)[0]) == 1


def test_one_curve_without_groups_has_neither_key_label_nor_test():
    analysis = protocols.analysis("km", "curves", "Survival", ("all",), {"endpoint": "late"})
    rows = [{**r, "level": "", "term": ""} for r in records(curve_rows())[:1]]
    steps = estimates.records(STEPS[:4].assign(level=""))
    figure = survival.figure(protocol(), analysis, "all", rows, 0.95, steps)
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


# Under disclosure control


def controlled():
    return replace(protocol("patient-level"), rule=RULE)


def test_a_model_of_whose_sizes_none_may_be_shown_is_drawn_all_the_same():
    hidden = {**dict.fromkeys(estimates.COUNTS, np.nan), "status": "suppressed", "note": "rests on a count"}
    rows = [r | hidden for r in records([reference_row("cns"), not_estimable("cns", "")])]
    found = texts(regression.figure(controlled(), cox("cns"), "all", rows, 0.95))
    assert "up to [c] patients in a model" in " ".join(found)
    assert {"[c]/[c]", "suppressed*"} <= set(found)


def test_a_controlled_curve_is_straight_between_its_points_and_its_risks_end_with_it():
    points = [(0.0, 40, 0, 1.0, 1.0, 1.0), (10.0, 30, 0, 0.9, 0.8, 1.0), (20.0, 20, 10, 0.8, 0.6, 1.0)]
    names = ["time", "at_risk", "events", "survival", "ci_low", "ci_high"]
    more = {"level": "2+", "censored": None, "std_error": None}
    steps = [{**dict(zip(names, point, strict=True)), **more} for point in points]
    rows = records(curve_rows())
    rows[1] |= {"status": "suppressed", "note": "too few events"}
    figure = survival.figure(controlled(), CURVES, "all", rows, 0.95, steps)
    line, marks = figure.axes[0].lines
    assert line.get_drawstyle() == "default"
    assert_allclose(line.get_xydata(), [(0, 100), (10, 90), (20, 80)])
    assert_allclose(marks.get_xydata(), [(20, 80)])
    assert_below(figure, ["40", "30", "30", "30", "20", "20", "20"])
    assert "Suppressed: too few events." in " ".join(texts(figure))


def test_nobody_knows_how_many_are_at_risk_beyond_a_controlled_curve():
    group = {"time": np.array([0.0, 20.0]), "at_risk": np.array([40.0, 20.0]), "censored": np.full(2, np.nan)}
    assert_allclose(survival.at_risk(group, [20, 21])[0], [20, np.nan])


# flow

ATTRITION = pd.DataFrame(
    [
        ("all", "read", "read", 1013, 0, 1013),
        ("all", "a cell cannot be read", "quarantined", 10, 0, 1003),
        ("all", "identical duplicate", "merged", 3, 0, 1000),
        ("all", "Metastatic", "excluded", 34, 5, 966),
        ("all", "HER2-positive", "excluded", 200, 12, 766),
        ("all", "cohort", "cohort", 766, 0, 766),
        ("ihc_3", "read", "read", 766, 0, 766),
        ("ihc_3", "Scored 3+", "excluded", 302, 0, 464),
        ("ihc_3", "cohort", "cohort", 464, 0, 464),
    ],
    columns=["population", "step", "kind", "n", "n_unknown", "n_left"],
)


def test_the_flow_has_a_box_for_each_state_and_the_reasons_between_them():
    main, subgroups = flow_figure.stops(protocol(), ATTRITION.to_dict("records"))
    assert [(stop.text, stop.n) for stop in main] == [
        ("Rows read", "1,013"), ("Patients assessed", "1,000"), ("Patients in the cohort", "766"),
    ]  # fmt: skip
    assert main[0].removed == (
        ("Quarantined: a cell cannot be read", ("10", "", "1,003")),
        ("Merged: identical duplicate", ("3", "", "1,000")),
    )
    assert main[1].removed == (("Metastatic", ("34", "5", "966")), ("HER2-positive", ("200", "12", "766")))
    assert main[2].removed == ()
    assert [(stop.text, stop.n, stop.removed) for stop in subgroups] == [
        ("IHC 3+", "464", (("Scored 3+", ("302", "0", "464")),))
    ]


def test_without_quarantine_the_criteria_follow_the_rows_read():
    kept = ATTRITION[~ATTRITION["kind"].isin(["quarantined", "merged"])]
    main, _ = flow_figure.stops(protocol(), kept.to_dict("records"))
    assert [stop.text for stop in main] == ["Rows read", "Patients in the cohort"]
    assert [what for what, _ in main[0].removed] == ["Metastatic", "HER2-positive"]


def test_the_flow_is_drawn_from_top_to_bottom():
    figure = flow_figure.figure(protocol(), ATTRITION.to_dict("records"))
    order = ["n = 1,013", "Merged: identical duplicate", "n = 1,000", "Metastatic", "n = 766", "n = 464"]
    heights = [line_of(figure, text).y for text in order]
    assert heights == sorted(heights)
    assert line_of(figure, "12").y == line_of(figure, "HER2-positive").y


def boxes(figure):
    return [a for a in figure.get_children() if isinstance(a, Rectangle) and a is not figure.patch]


def test_the_text_of_a_box_is_inside_it():
    figure = flow_figure.figure(protocol(), ATTRITION.to_dict("records"))
    around = [
        (b.get_x(), b.get_y(), b.get_x() + b.get_width(), b.get_y() + b.get_height()) for b in boxes(figure)
    ]
    for text in ("n = 1,013", "Merged: identical duplicate", "n = 464"):
        line = line_of(figure, text)
        right = line.x + sheet.text_mm(text, bold=line.bold)
        assert any(x0 < line.x and right < x1 and y0 < line.y < y1 for x0, y0, x1, y1 in around)


def test_each_arrow_ends_at_a_box_or_a_list():
    figure = flow_figure.figure(protocol(), ATTRITION.to_dict("records"))
    arrows = [a for a in figure.get_children() if isinstance(a, Line2D) and a.get_marker() in (">", "v")]
    # down to the second and the third box, and to the subgroup; to the right to two lists
    assert sorted(a.get_marker() for a in arrows) == [">", ">", ">", "v", "v"]
    lefts, tops = ({round(edge(b), 6) for b in boxes(figure)} for edge in (Rectangle.get_x, Rectangle.get_y))
    for arrow in arrows:
        x, y = arrow.get_xydata()[-1]
        # half a head before the edge
        assert round(x + 0.7, 6) in lefts if arrow.get_marker() == ">" else round(y + 0.7, 6) in tops


# agreement

RATES = protocols.analysis(
    "rates", "proportions", "FISH by IHC", ("all",), {"outcome": {"fish": "positive"}, "by": "ihc"}
)


def rate(level, events, n, **values):
    return {
        "analysis": "rates", "kind": "proportions", "outcome": "fish=positive", "population": "all",
        "term": "ihc", "level": level, "n": 150, "events": 84, "n_level": n, "events_level": events,
        "n_missing": 0, "measure": "proportion", "ci_method": "Wilson", **values,
    }  # fmt: skip


def rates(*rows):
    return agreement.proportions(protocol(), RATES, "all", records(rows), 0.95)


def test_proportions_are_percent_with_wilson_intervals_and_counts():
    wilson = rate("2+", 21, 100, estimate=0.21, ci_low=0.1417, ci_high=0.2998)
    exact = {**wilson, "ci_method": "Clopper-Pearson", "ci_low": 0.13, "ci_high": 0.31}
    figure = rates(wilson, exact, rate("3+", 20, 50, estimate=0.4, ci_low=0.2761, ci_high=0.5382))
    (positions, areas), *_ = squares(figure)
    assert_allclose(positions[:, 0], [21, 40])
    assert_allclose(areas[0] / areas[1], 100 / 50)
    assert_allclose(intervals(figure)[0], [[14.17, 29.98], [27.61, 53.82]])
    assert figure.axes[0].get_xlim() == (0, 100)
    assert {"21/100", "21.0 (14.2 to 30.0)", "20/50", "FISH positive (%)", "% (95% CI)"} <= set(texts(figure))
    assert "FISH positive by HER2 IHC; 150 patients" in texts(figure)
    assert "Line: 95% CI (Wilson)." in " ".join(texts(figure))


def test_a_group_of_nobody_has_no_proportion():
    nobody = rate("2+", 0, 0, status="not-estimable", note="nobody to count")
    figure = rates(nobody, rate("3+", 20, 50, estimate=0.4, ci_low=0.28, ci_high=0.54))
    assert "not estimable*" in texts(figure)
    assert "* Nobody to count." in " ".join(texts(figure))


def fisher(*rows):
    analysis = protocols.analysis(
        "exact", "fisher", "Sites", ("all",), {"outcomes": {"cns": "yes"}, "by": "ihc"}
    )
    shared = {
        "analysis": "exact", "kind": "fisher", "population": "all", "term": "ihc", "level": "3+",
        "reference": "2+", "n": 98, "events": 45, "n_level": 21, "events_level": 16, "n_missing": 0,
        "measure": "OR", "ci_method": "exact conditional", "p_method": "Fisher exact", "status": "exact",
    }  # fmt: skip
    return agreement.fisher(protocol(), analysis, "all", records([{**shared, **r} for r in rows]), 0.95)


def test_fisher_shows_the_counts_of_both_groups_beside_the_ratio():
    few = {"outcome": "cns=yes", "estimate": 5.2, "ci_low": 1.61, "ci_high": 20.15, "p_value": 0.003}
    figure = fisher(few, {**few, "outcome": "pleura=yes", "events": 15, "events_level": 5})
    found = [line_of(figure, text) for text in ("16/21", "29/77")]
    assert found[0].y == found[1].y
    assert {"3+", "2+", "5.20 (1.61 to 20.15)", "0.003", "5/21", "10/77"} <= set(texts(figure))
    assert "Odds ratio, 3+ against 2+ (log scale)" in texts(figure)
    (positions, areas), *_ = squares(figure)
    assert_allclose(positions[:, 0], [5.2, 5.2])
    assert_allclose(areas[0] / areas[1], 45 / 15)


def test_an_odds_ratio_of_zero_is_an_arrow_without_a_square():
    none = {"outcome": "cns=yes", "estimate": 0.0, "ci_low": 0.0, "ci_high": 0.9, "p_value": 0.04}
    figure = fisher(none, {**none, "outcome": "pleura=yes", "estimate": 1.2, "ci_low": 0.8, "ci_high": 1.8})
    (positions, _), *_ = squares(figure)
    assert_allclose(positions[:, 0], [1.2])
    assert arrowheads(figure) == (1, 0)
    assert "0.00 (0.00 to 0.90)" in texts(figure)


def test_an_odds_ratio_without_a_value_says_why():
    endless = {"outcome": "cns=yes", "p_value": 0.04, "note": "nobody without the outcome"}
    figure = fisher(
        endless, {"outcome": "pleura=yes", "estimate": 1.2, "ci_low": 0.8, "ci_high": 1.8, "p_value": 0.3}
    )
    assert "not estimable*" in texts(figure)
    assert "0.040" in texts(figure)
    assert "* Nobody without the outcome." in " ".join(texts(figure))


STRATEGIES = protocols.analysis("workup", "strategies", "Testing strategies", ("all",), {})


def strategy(name, *per_1000):
    measures = ("FISH tests", "NGS tests", "positives missed", "false positives")
    shared = {"analysis": "workup", "kind": "strategies", "outcome": "fish=positive", "population": "all",
              "level": name, "n": 400}  # fmt: skip
    per = [
        {**shared, "measure": f"{m} per 1,000", "estimate": x}
        for m, x in zip(measures, per_1000, strict=True)
    ]
    return per + [
        {**shared, "measure": m, "estimate": 0.4 * x} for m, x in zip(measures, per_1000, strict=True)
    ]


def strategies():
    rows = [*strategy("FISH for all", 1000, 0, 0, 0), *strategy("IHC first", 750, 250, 10.4, 2.6)]
    return agreement.strategies(protocol(unit="specimens"), STRATEGIES, "all", records(rows), 0.95)


def test_bars_of_strategies_are_proportional_to_tests_and_to_errors():
    # the first rectangle is the frame around the kind of data
    lengths = [box.get_width() for box in boxes(strategies())[1:]]
    tests, errors = np.array(lengths[:4]), np.array(lengths[4:])
    assert_allclose(tests / tests[0], [1, 0.75, 0, 0.25])
    assert_allclose(errors / errors[1], [0, 1, 0, 2.6 / 10.4])
    found = texts(strategies())
    assert {"1,000", "750", "250", "10.4", "2.6", "FISH tests", "Positives missed", "IHC first"} <= set(found)
    assert "Per 1,000 specimens, from 400 with IHC and FISH" in found


# all figures

FIGURES = {
    "regression": lambda: draw(both_models(), "cns", "pleura"),
    "survival": curves,
    "flow": lambda: flow_figure.figure(protocol(), ATTRITION.to_dict("records")),
    "rates": lambda: rates(rate("2+", 21, 100, estimate=0.21, ci_low=0.14, ci_high=0.3)),
    "fisher": lambda: fisher(
        {"outcome": "cns=yes", "estimate": 5.2, "ci_low": 1.6, "ci_high": 20, "p_value": 0.003}
    ),
    "strategies": strategies,
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_printed_over_another_or_off_the_page(name):
    figure = FIGURES[name]()
    assert len(lines(figure)) > 5
    assert overlaps(figure) == []
    assert outside(figure) == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_the_width_of_a_journal_and_type_of_at_least_7_points(name):
    figure = FIGURES[name]()
    assert_allclose(figure.get_size_inches()[0] * 25.4, 180)
    assert min(line.size for line in lines(figure)) >= 7
    assert all(label.get_fontsize() >= 7 for axes in figure.axes for label in axes.get_xticklabels())


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_says_that_its_data_are_synthetic(name):
    figure = FIGURES[name]()
    assert "Synthetic data" in texts(figure)
    assert any(text.startswith("Synthetic data: made by a program") for text in texts(figure))


@pytest.mark.parametrize(
    ("data", "tag", "note"),
    [
        ("synthetic", "Synthetic data", "Synthetic data: made by a program"),
        ("published-counts", "Published counts", "Nobody N. An invented paper. J Invent 2024;1:1."),
        (
            "patient-level",
            "Patient-level data",
            "Patient-level data: Nobody N. An invented paper. J Invent 2024;1:1.",
        ),
    ],
)
def test_every_saved_file_says_what_data_it_rests_on(data, tag, note, tmp_path):
    figure = flow_figure.figure(protocol(data), ATTRITION.to_dict("records"))
    sheet.save(figure, tmp_path, "flow")
    svg = (tmp_path / "flow.svg").read_text(encoding="utf-8")
    assert f"<title>An invented study. {tag}</title>" in svg
    assert f">{tag}</text>" in svg
    assert note in svg
    assert f"An invented study. {tag}".encode() in (tmp_path / "flow.pdf").read_bytes()
    assert f"An invented study. {tag}".encode() in (tmp_path / "flow.png").read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_gives_the_same_bytes(name, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        sheet.save(FIGURES[name](), tmp_path / folder, name)
    for suffix in ("svg", "pdf", "png"):
        one, two = ((tmp_path / folder / f"{name}.{suffix}").read_bytes() for folder in ("one", "two"))
        assert len(one) > 1000
        assert one == two


def test_a_bitmap_has_each_line_of_text_where_it_belongs(tmp_path):
    figure = FIGURES["flow"]()
    sheet.save(figure, tmp_path, "flow")
    darkness = 1 - imread(tmp_path / "flow.png")[:, :, :3].mean(axis=2)
    # the first line of the title has its middle here
    above = sheet.MARGIN_MM + 2 - line_of(figure, "An invented study").y
    for line in lines(figure):
        width = sheet.text_mm(line.text, line.size, line.bold)
        half = 0.365 * line.size * sheet.POINT_MM
        rows, columns = (
            slice(*(round(mm / 25.4 * sheet.BITMAP_DPI) for mm in ends))
            for ends in ((line.y + above - half, line.y + above + half), (line.x, line.x + width))
        )
        assert darkness[rows, columns].max() > 0.5


def test_files_carry_no_date(tmp_path):
    sheet.save(FIGURES["rates"](), tmp_path, "rates")
    assert "<dc:date>" not in (tmp_path / "rates.svg").read_text(encoding="utf-8")
    assert b"CreationDate" not in (tmp_path / "rates.pdf").read_bytes()
    assert b"Software" not in (tmp_path / "rates.png").read_bytes()


def test_dollar_signs_and_angle_brackets_in_a_label_are_letters(tmp_path):
    odd = protocols.variable("odd", "flag", "Costs $x_1$ <b>", levels=("no", "yes"))
    rows = records([reference_row("odd"), row("odd")])
    sheet.save(regression.figure(protocol(more=[odd]), cox("odd"), "all", rows, 0.95), tmp_path, "odd")
    assert ">Costs $x_1$ &lt;b&gt;</text>" in (tmp_path / "odd.svg").read_text(encoding="utf-8")


def test_text_is_as_wide_as_matplotlib_measures_it():
    for text, size, bold in [("1.49 (1.10 to 2.01)", 7, False), ("Multivariable", 9, True)]:
        font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
        points = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
        # matplotlib rounds to 1/64 of a pixel of a font of 100 pixels, and measures ink
        assert_allclose(sheet.text_mm(text, size, bold), points * 25.4 / 72, rtol=0.01)


def test_wrapped_lines_fit_and_lose_no_word():
    text = "one two three four five six seven eight nine ten"
    found = sheet.wrap(text, 20)
    assert len(found) > 2
    assert " ".join(found) == text
    assert all(sheet.text_mm(line) <= 20.01 for line in found)
    # no line could have taken the first word of the next
    assert all(
        sheet.text_mm(f"{line} {after.split()[0]}") > 20
        for line, after in zip(found, found[1:], strict=False)
    )


def test_a_word_that_is_too_long_has_a_line_of_its_own():
    assert sheet.wrap("a pneumonoultramicroscopic b", 5) == ["a", "pneumonoultramicroscopic", "b"]
    assert sheet.wrap("", 5) == [""]


# from the results of a study to a folder


def test_a_study_has_its_flow_and_a_figure_for_each_analysis_and_population():
    rows = estimates.records(estimates.table([*both_models(), *(
        {**r, "population": "ihc_3"} for r in both_models()
    ), *curve_rows(), rate("2+", 21, 100, estimate=0.21, ci_low=0.14, ci_high=0.3)]))  # fmt: skip
    study = protocol()
    analyses = [
        protocols.analysis("table1", "summary", "Table 1", ("all",), {"variables": ["age"]}),
        protocols.analysis("risk", "cox", "Risk", ("all", "ihc_3"), cox("cns", "pleura").options),
        CURVES,
        RATES,
    ]
    study.analyses.update({analysis.name: analysis for analysis in analyses})
    found = dict(build.figures(study, ATTRITION.to_dict("records"), rows, estimates.records(STEPS), 0.95))
    assert list(found) == ["flow", "risk", "risk-ihc_3", "km", "rates"]
    assert "Risk: IHC 3+" in texts(found["risk-ihc_3"])
    assert "31.0 (3.0 to not reached)" in texts(found["km"])


def test_pandas_is_not_imported_for_figures():
    code = "import sys; import recohort.analyses.figures; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
