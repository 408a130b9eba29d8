"""Forest plots of logistic models."""

from numpy.testing import assert_allclose
from support import protocols
from support.figures import line_of, protocol, records, reference_row, row, squares, texts

from recohort.analyses.logistic import figure as logistic_figure


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
    (figure,) = logistic_figure.figure(protocol(), analysis, "all", records([reference, *found]), 0.95)
    (_, areas), *_ = squares(figure)
    assert_allclose(areas[0] / areas[1], 60 / 20)
    assert "Odds of Metastases; 200 patients" in texts(figure)
    assert any("proportional to the number of patients at that level" in text for text in texts(figure))


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
    (figure,) = logistic_figure.figure(protocol(), analysis, "all", records(rows), 0.95)
    assert line_of(figure, "Metastases").y < line_of(figure, "FISH positive").y
    assert line_of(figure, "Metastases").bold
    (positions, _), *_ = squares(figure)
    assert len(positions) == 2
