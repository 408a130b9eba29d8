"""Proportions as drawn."""

from numpy.testing import assert_allclose
from support.figures import intervals, rate, rates, squares, texts


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
