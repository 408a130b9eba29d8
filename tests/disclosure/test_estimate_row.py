"""A row of the estimates under disclosure control: each number of it is cut, kept or gone."""

from recohort.analyses import estimates
from recohort.disclosure import estimate_row
from recohort.disclosure.rule import Rule

ROW = {
    **dict.fromkeys(estimates.COLUMNS, ""), **dict.fromkeys(estimates.COUNTS, 90),
    **dict.fromkeys(estimates.NUMBERS, 1.23456), "measure": "survival", "status": "ok",
    "p_value": 0.0123456, "df": 3.0, "at": 12.5, "at_unit": "months",
}  # fmt: skip


def test_a_kept_row_has_no_digit_that_is_not_printed():
    shown = estimate_row.kept(ROW, {})
    assert {name: shown[name] for name in estimates.NUMBERS} == {
        "estimate": 1.23, "std_error": 1.23, "ci_low": 1.23, "ci_high": 1.23, "p_value": 0.012,
        "statistic": None, "df": 3.0, "df_denominator": None, "at": 12.5, "fmi": None,
    }  # fmt: skip


def test_a_suppressed_row_has_no_number_but_the_time_that_it_is_for():
    shown = estimate_row.suppressed(ROW, {})
    assert {name for name in estimates.NUMBERS if shown[name] is not None} == {"at"}
    assert (shown["at_unit"], shown["status"]) == ("months", "suppressed")


def test_a_small_number_left_out_takes_the_other_one_with_it_and_0_is_shown():
    def shown(n_no_outcome, n_no_covariate):
        row = {**ROW, "n_no_outcome": n_no_outcome, "n_no_covariate": n_no_covariate}
        return tuple(estimate_row.left_out(row, Rule(7, 5)).values())

    assert shown(8, 23) == (10, 25)
    assert shown(7, 23) == shown(23, 7) == (None, None)
    assert shown(0, 7) == (0, None)
    assert shown(0, 0) == (0, 0)
    assert shown(None, None) == (None, None)


def test_a_ratio_keeps_the_digits_that_it_is_printed_with():
    near = {**ROW, "measure": "OR", "estimate": 1.00123, "ci_low": 1.00041, "ci_high": 1.00204}
    shown = estimate_row.kept(near, {})
    assert [shown[name] for name in ("estimate", "ci_low", "ci_high")] == [1.0012, 1.0004, 1.002]


def test_the_ratios_are_those_of_the_estimates():
    assert set(estimate_row.RATIOS) == set(estimates.RATIOS)


def test_a_difference_of_shares_has_two_digits_however_small():
    tiny = {**ROW, "measure": "difference", "estimate": -0.0012, "ci_low": -0.0031, "ci_high": 0.004}
    shown = estimate_row.kept(tiny, {})
    assert [shown[name] for name in ("estimate", "ci_low", "ci_high")] == [0.0, 0.0, 0.0]


def test_the_counts_of_a_row_are_rounded_each_by_itself():
    row = {**ROW, "n": 92, "events": 7, "n_missing": 3}
    shown = estimate_row.rounded_counts(row, Rule(7, 5))
    assert (shown["n"], shown["events"], shown["n_missing"], shown["n_level"]) == (90, None, None, 90)
    assert estimate_row.rounded_counts({**row, "n_missing": 0}, Rule(7, 5))["n_missing"] == 0
    assert estimate_row.rounded_counts(row, None)["events"] == 7
