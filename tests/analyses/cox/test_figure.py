"""Forest plots of Cox models."""

from numpy.testing import assert_allclose
from support.figures import draw, reference_row, row, squares, texts


def test_area_of_a_square_is_proportional_to_the_events_of_the_level_for_a_hazard_ratio():
    grades = [
        row("grade", "G2", "G1", events_level=40, n_level=7),
        row("grade", "G3", "G1", events_level=10, n_level=9),
    ]
    (_, areas), *_ = squares(draw([reference_row("grade", "G1"), *grades], "grade"))
    assert_allclose(areas[0] / areas[1], 40 / 10)


def test_delayed_entry_and_strata_are_named_in_the_footnotes():
    found = " ".join(
        texts(draw([reference_row("cns"), row("cns")], "cns", endpoint="late", strata=["grade"]))
    )
    assert "ties: Efron; baseline hazards by Grade; delayed entry: Time to sequencing." in found
