"""One voice for mistakes: where, what, what to do."""

import pytest

from recohort.base.errors import NotEstimable, RecohortError, nearest


def test_message_has_place_problem_and_remedy_in_this_order():
    error = RecohortError(
        "not a number", study="gim14", file="a.csv", row=7, column="age", value="5O", remedy="Correct it."
    )
    assert str(error) == "study gim14, file a.csv, row 7, column age, value '5O': not a number. Correct it."


def test_message_leaves_out_what_is_not_given():
    assert str(RecohortError("no row is left")) == "no row is left"
    assert str(RecohortError("no row is left", key="cohort.0")) == "key cohort.0: no row is left"


def test_names_with_line_ends_do_not_break_the_line():
    error = RecohortError("is no column", column="os\nmonths", remedy="Known: a\r\nb, c\u2028d.")
    assert str(error) == "column os months: is no column. Known: a b, c d."


def test_an_empty_value_is_shown():
    assert str(RecohortError("is empty", value="")) == "value '': is empty"


@pytest.mark.parametrize(
    ("word", "known", "remedy"),
    [
        ("lables", ["levels", "label"], "Did you mean 'label'?"),
        ("AGE_DX", ["sex", "age_dx"], "Did you mean 'age_dx'?"),
        ("x", ["alpha", "beta"], "Known: alpha, beta."),
        (2, [2013, 2018], "Known: 2013, 2018."),
        ("x", [], ""),
    ],
)
def test_nearest(word, known, remedy):
    assert nearest(word, known) == remedy


def test_nearest_cuts_a_long_list_short():
    known = [f"{letter}1" for letter in "abcdefghijklmnop"]
    assert nearest("?", known) == "Known: a1, b1, c1, d1, e1, f1, g1, h1, i1, j1, k1, l1 and 4 more."


def test_not_estimable_says_why_and_which_columns():
    error = NotEstimable("no events", [("ihc", "3+")])
    assert (str(error), error.reason, error.columns) == ("no events", "no events", (("ihc", "3+"),))
