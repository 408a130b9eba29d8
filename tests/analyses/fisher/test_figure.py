"""Fisher tests as drawn."""

from numpy.testing import assert_allclose
from support.figures import arrowheads, fisher, line_of, squares, texts


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
