"""Forest plots of models: positions, sizes and words, never pixels."""

import numpy as np
from matplotlib.collections import LineCollection
from numpy.testing import assert_allclose
from support import protocols
from support.figures import (
    arrowheads,
    both_models,
    controlled,
    cox,
    draw,
    intervals,
    line_of,
    not_estimable,
    outside,
    overlaps,
    protocol,
    records,
    reference_row,
    row,
    squares,
    texts,
)

from recohort.analyses import estimates
from recohort.analyses.cox import figure as cox_figure
from recohort.analyses.regression import figure as regression
from recohort.layout import forest, sheet

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
    (figure,) = cox_figure.figure(
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
                  p_value=0.0004, p_method="likelihood ratio", df=2.0)  # fmt: skip
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
    assert "Multivariable model: n = 180, 81 events;" in note
    assert {"Univariable", "Multivariable"} <= set(texts(figure))


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
    (figure,) = cox_figure.figure(protocol(more=[long]), cox("long"), "all", records(rows), 0.95)
    assert figure.axes[0].get_position().width * sheet.WIDTH_MM > 30
    assert not overlaps(figure)
    assert not outside(figure)
    assert long.label not in texts(figure)
    assert long.label in " ".join(texts(figure))


def test_a_model_of_whose_sizes_none_may_be_shown_is_drawn_all_the_same():
    hidden = {**dict.fromkeys(estimates.COUNTS, np.nan), "status": "suppressed", "note": "rests on a count"}
    rows = [r | hidden for r in records([reference_row("cns"), not_estimable("cns", "")])]
    (figure,) = cox_figure.figure(controlled(), cox("cns"), "all", rows, 0.95)
    found = texts(figure)
    assert "up to [c] patients in a model" in " ".join(found)
    assert {"[c]/[c]", "suppressed*"} <= set(found)


def test_those_left_out_are_counted_below_the_figure():
    found = " ".join(texts(draw(both_models(), "cns", "pleura")))
    assert "4 patients without Overall survival left out." in found
    assert "n = 180, 81 events; 6 with the outcome, but without a term, left out." in found


def test_a_ratio_of_too_small_a_step_has_a_hint():
    near = row("age", "", "", estimate=1.0012, ci_low=1.0004, ci_high=1.002)
    found = texts(draw([near], "age"))
    assert "1.0012 (1.0004 to 1.0020)*" in found
    assert any("per: in the codebook" in text for text in found)
