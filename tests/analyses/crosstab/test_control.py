"""Cross-tables as they may be shown: small cells, and what would give them away."""

from support.disclosure import EXACT, RULE, SQUARE, crossed

from recohort.analyses.crosstab import control


def test_cells_are_of_those_known_and_a_small_one_is_withheld():
    found = control.counts(crossed(SQUARE), RULE)
    cells = {(c["row_level"], c["column_level"]): c["n"] for c in found}
    assert cells == {
        ("no", "Negative"): 335,
        ("no", "Positive"): 25,
        ("yes", "Negative"): None,
        ("yes", "Positive"): 40,
    }


def test_with_exact_margins_a_small_cell_takes_a_rectangle_with_it():
    found = control.counts(crossed({"no": (335, 25, 0), "yes": (3, 38, 0)}), EXACT)
    assert [c["n"] for c in found] == [None] * 4
