"""
Near-equal times are ties: as R's survival makes them, in curves, tests and models.

Rows and R's answers are made by tests/reference/near_ties.R.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.reference_cases import numeric, read_answers, read_rows

from recohort.base.errors import RecohortError
from recohort.statistics import batch
from recohort.statistics.coded_table import code_terms
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term
from recohort.statistics.kaplan_meier import kaplan_meier, logrank
from recohort.statistics.near_ties import tie
from recohort.statistics.survival_rows import SurvivalRows

ROWS, ANSWERS = read_rows("near_ties_rows.csv"), read_answers("near_ties.csv")
CASES = list(dict(ANSWERS))
# rounding in sums over 90 rows
RTOL = 1e-10


def case(name):
    rows = ROWS[ROWS["case"] == name]
    entry = rows["entry"].to_numpy() if "entry" in ANSWERS[name] else None
    return rows, entry


@pytest.mark.parametrize("name", CASES)
def test_times_and_entries_are_those_of_aeqsurv(name):
    rows, entry = case(name)
    time = rows["time"].to_numpy()
    tied = tie(time, entry)
    assert_array_equal(tied.time, ANSWERS[name]["time"])
    changed = tied.time != time
    if entry is not None:
        assert_array_equal(tied.entry, ANSWERS[name]["entry"])
        changed |= tied.entry != entry
    assert_array_equal(tied.changed, changed)
    assert changed.any() != (name == "whole")


@pytest.mark.parametrize("name", CASES)
def test_curves_and_logrank_tests_are_those_of_survival(name):
    rows, entry = case(name)
    followed, expected = SurvivalRows(rows["time"], rows["event"], entry), ANSWERS[name]
    curve = kaplan_meier(followed)
    # with delayed entry survfit may also have a line for a time at which somebody enters
    at = np.isin(expected["curve_time"], curve.time)
    assert_array_equal(curve.time, expected["curve_time"][at])
    assert_array_equal(curve.at_risk, expected["curve_n.risk"][at])
    assert_array_equal(curve.events, expected["curve_n.event"][at])
    assert_allclose(curve.survival, expected["curve_surv"][at], rtol=RTOL, atol=0)
    assert_allclose(curve.std_error, expected["curve_std.err"][at], rtol=RTOL, atol=0)
    found = logrank(followed, rows["group"])
    assert_allclose(found.statistic, expected["logrank"].item(), rtol=RTOL, atol=0)


@pytest.mark.parametrize("name", [name for name in CASES if "coefficients" in ANSWERS[name]])
def test_cox_models_are_those_of_coxph(name):
    rows, entry = case(name)
    followed, expected = SurvivalRows(rows["time"], rows["event"], entry, rows["stratum"]), ANSWERS[name]
    fit = cox.fit(numeric(rows, ["x", "group"]), followed)
    assert_allclose(fit.coefficients, expected["coefficients"], rtol=RTOL, atol=0)
    assert_allclose(fit.std_error, expected["std_error"], rtol=RTOL, atol=0)
    table = code_terms([Term(name, rows[name].to_numpy()) for name in ("x", "group")])
    together = batch.cox(table, followed).fit(["x", "group"])
    assert_allclose(together.fit.coefficients, expected["coefficients"], rtol=RTOL, atol=0)


def test_by_hand_two_times_of_three_tenths_are_one():
    # 0.5 - 0.2 and 0.4 - 0.1: all three are at risk when the second dies
    curve = kaplan_meier(SurvivalRows([0.5 - 0.2, 0.4 - 0.1, 1 - 0], [0, 1, 0]))
    assert curve.at_risk[0] == 3
    assert_allclose(curve.survival[0], 2 / 3, rtol=1e-15, atol=0)


def test_how_many_rows_were_tied_is_known_and_kept():
    rows = SurvivalRows([0.5 - 0.2, 0.4 - 0.1, 1 - 0], [0, 1, 0])
    assert rows.n_tied == 1 and rows.of(np.array([0, 2])).n_tied == 1
    assert SurvivalRows([1, 2, 3], [0, 1, 0]).n_tied == 0


def test_whole_days_stay_as_they_are():
    days = np.random.default_rng(1).integers(0, 40_000, 500) + 0.0
    tied = tie(days, np.zeros(500))
    assert tied.time is days and not tied.changed.any()


def test_nobody_has_no_ties():
    assert len(tie(np.zeros(0), np.zeros(0)).time) == 0


def test_an_entry_that_is_before_its_exit_by_rounding_only_is_refused():
    # as aeqSurv does: "an interval has effective length 0"
    with pytest.raises(
        RecohortError, match="by rounding only in 1 rows. Exclude them in a named cohort step"
    ):
        SurvivalRows([0.4 - 0.1, 1], [1, 1], entry=[0.5 - 0.2, 0])
