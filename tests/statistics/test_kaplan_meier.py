"""Kaplan-Meier and log-rank against R survival (tests/reference/curves.R), and what must not matter."""

from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.paths import REFERENCE

from recohort.base.errors import RecohortError
from recohort.statistics.kaplan_meier import at_times, kaplan_meier, logrank, median, numbers_at_risk
from recohort.statistics.survival_rows import SurvivalRows

# A product over some 300 steps and one exponential: rounding only
RTOL = 1e-12
# Sums over the events and the inverse of a 3 x 3 matrix; R and NumPy invert it differently
RTOL_TEST = 1e-10

INTERVALS = ["log", "log-log", "plain"]


@pytest.fixture(scope="module")
def reference():
    path = REFERENCE / "curves.csv"
    rows = pd.read_csv(path, comment="#", float_precision="round_trip")
    return {case: dict(list(r.groupby("quantity")["value"])) for case, r in rows.groupby("case")}


@pytest.fixture(scope="module")
def gbsg2():
    return pd.read_csv(Path(lifelines.__file__).parent / "datasets" / "gbsg2.csv")


@pytest.fixture(scope="module")
def follow_up(reference, gbsg2):
    """The follow-up of each case of the R script."""
    treated = gbsg2[gbsg2["horTh"] == "yes"]
    ties, delayed = reference["ties"], reference["delayed"]
    cases = {
        "gbsg2": (gbsg2["time"], gbsg2["cens"], None),
        "gbsg2 hormone therapy": (treated["time"], treated["cens"], None),
        "ties": (ties["time"], ties["event"], None),
        "delayed": (delayed["time"], delayed["event"], delayed["entry"]),
        "half": ([1, 2, 3, 4], [1, 1, 1, 1], None),
        "half to the end": ([1, 2, 3, 4], [1, 1, 0, 0], None),
        "half after rounding": ([*range(1, 11)], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1], None),
        "never below half": ([1, 2, 3, 4], [0, 1, 0, 0], None),
        "no event": ([1, 2, 3], [0, 0, 0], None),
    }
    return {name: SurvivalRows(*parts) for name, parts in cases.items()}


CASES = [
    "gbsg2",
    "gbsg2 hormone therapy",
    "ties",
    "delayed",
    "half",
    "half to the end",
    "half after rounding",
    "never below half",
    "no event",
]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("case", CASES)
def test_curve_is_that_of_survfit(reference, follow_up, case, interval):
    curve = kaplan_meier(follow_up[case], interval)
    expected = reference[f"{case} {interval}"]
    step = np.searchsorted(curve.time, expected["time"])
    for column in ["time", "at_risk", "events", "censored"]:
        assert_array_equal(getattr(curve, column)[step], expected[column], err_msg=column)
    for column in ["survival", "std_error", "ci_low", "ci_high"]:
        assert_allclose(getattr(curve, column)[step], expected[column], rtol=RTOL, atol=0, err_msg=column)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("case", CASES)
def test_median_is_that_of_survfit(reference, follow_up, case, interval):
    found = median(kaplan_meier(follow_up[case], interval))
    assert_array_equal(found, reference[f"{case} {interval}"]["median"])


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("case", CASES)
def test_survival_at_times_is_that_of_summary(reference, follow_up, case, interval):
    rows, expected = follow_up[case], reference[f"{case} {interval}"]
    survival, _, ci_low, ci_high = at_times(kaplan_meier(rows, interval), expected["at"])
    assert_allclose(survival, expected["at_survival"], rtol=RTOL, atol=0)
    assert_allclose(ci_low, expected["at_ci_low"], rtol=RTOL, atol=0)
    assert_allclose(ci_high, expected["at_ci_high"], rtol=RTOL, atol=0)
    assert_array_equal(numbers_at_risk(rows, expected["at"]), expected["at_risk_at"])


def test_survival_is_known_before_the_first_and_not_after_the_last_time():
    curve = kaplan_meier(SurvivalRows([2, 3], [1, 0]))
    assert_array_equal(np.transpose(at_times(curve, [0, 1.9, 3.1])), [[1, 0, 1, 1]] * 2 + [[np.nan] * 4])
    assert at_times(kaplan_meier(SurvivalRows([2, 3], [1, 1])), [3.1])[0] == 0


def test_numbers_at_risk_count_who_is_under_observation():
    always, late = SurvivalRows([2, 5, 5], [1, 1, 1]), SurvivalRows([2, 5, 5], [1, 1, 1], entry=[0, 0, 2])
    assert_array_equal(numbers_at_risk(always, [0, 2, 2.5, 5, 6]), [3, 3, 2, 2, 0])
    assert_array_equal(numbers_at_risk(late, [0, 2, 2.5, 5, 6]), [0, 2, 2, 2, 0])


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_confidence_widens_the_interval_on_the_log_scale(confidence):
    wide = kaplan_meier(SurvivalRows([1, 2, 3], [1, 0, 0]), confidence=confidence)
    z = {0.9: 1.6448536269514722, 0.99: 2.5758293035489004}[confidence]
    assert_allclose(np.log(wide.survival / wide.ci_low), z * wide.std_error, rtol=RTOL, atol=0)


LOGRANK = {
    "gbsg2 by horTh": ("gbsg2", "horTh", None),
    "gbsg2 by tgrade": ("gbsg2", "tgrade", None),
    "gbsg2 by horTh within tgrade": ("gbsg2", "horTh", "tgrade"),
    "ties by group": ("ties", "group", None),
    "ties by group within strata": ("ties", "group", "strata"),
    "delayed by group": ("delayed", "group", None),
    "delayed by group within strata": ("delayed", "group", "strata"),
}


@pytest.mark.parametrize("case", LOGRANK)
def test_logrank_is_that_of_survdiff(reference, follow_up, gbsg2, case):
    data, group, strata = LOGRANK[case]
    columns = gbsg2 if data == "gbsg2" else reference[data]
    of = pd.factorize(columns[strata])[0] if strata else None
    found = logrank(SurvivalRows(**follow_up[data].given(), strata=of), columns[group])
    expected = reference[case]
    assert found.df == expected["df"].item()
    assert_allclose(found.statistic, expected["statistic"].item(), rtol=RTOL_TEST, atol=0)
    assert_allclose(found.p_value, expected["p_value"].item(), rtol=RTOL_TEST, atol=0)
    if "observed" in expected:
        assert_array_equal(found.observed, expected["observed"])
        assert_allclose(found.expected, expected["expected"], rtol=RTOL_TEST, atol=0)


def test_logrank_depends_on_neither_row_order_nor_unit_nor_labels(follow_up, reference):
    rows = follow_up["delayed"]
    group = reference["delayed"]["group"].to_numpy(int)
    shuffled = np.random.default_rng(7).permutation(len(rows))
    names = np.array(["c", "b", "a"])[group - 1]
    straight, moved = logrank(rows, group), rows.of(shuffled)
    other = logrank(SurvivalRows(30 * moved.time, moved.event, 30 * moved.entry), names[shuffled])
    assert other.levels.tolist() == ["a", "b", "c"]
    assert_array_equal(other.observed, straight.observed[::-1])
    assert_allclose(other.statistic, straight.statistic, rtol=RTOL, atol=0)


def test_persons_cut_in_two_intervals_change_nothing(gbsg2):
    time, event = gbsg2["time"].to_numpy(), gbsg2["cens"].to_numpy()
    group = gbsg2["horTh"].to_numpy()
    long = time > 500
    cut = {
        "time": np.concatenate([np.where(long, 500, time), time[long]]),
        "event": np.concatenate([np.where(long, 0, event), event[long]]),
        "entry": np.concatenate([np.zeros(len(time)), np.full(long.sum(), 500)]),
    }
    whole, parts = SurvivalRows(time, event), SurvivalRows(**cut)
    straight, halves = logrank(whole, group), logrank(parts, np.append(group, group[long]))
    assert_allclose(halves.statistic, straight.statistic, rtol=RTOL, atol=0)
    at = np.unique(time)
    expected = at_times(kaplan_meier(whole), at)
    assert_allclose(at_times(kaplan_meier(parts), at), expected, rtol=RTOL, atol=0)


@pytest.mark.parametrize(
    "group, strata",
    [(["a", "a", "a"], None), (["a", "b", "c"], [1, 2, 3])],
    ids=["one group", "never at risk together"],
)
def test_logrank_without_a_comparison_is_nan(group, strata):
    found = logrank(SurvivalRows([1, 2, 3], [1, 1, 1], strata=strata), group)
    assert np.isnan(found.statistic) and np.isnan(found.p_value) and found.df == 0


def test_a_group_that_is_never_at_risk_at_an_event_costs_no_degree_of_freedom():
    """The group of the person who leaves first, before any event, as survdiff drops it."""
    time, event, group = [2, 3, 4, 5], [1, 1, 0, 1], ["a", "b", "b", "a"]
    alone = logrank(SurvivalRows(time, event), group)
    with_empty = logrank(SurvivalRows([1, *time], [0, *event]), ["c", *group])
    assert with_empty.df == alone.df == 1
    assert_allclose(with_empty.statistic, alone.statistic, rtol=RTOL, atol=0)


def test_unknown_interval_is_refused_with_the_nearest():
    with pytest.raises(RecohortError, match="Did you mean 'log-log'"):
        kaplan_meier(SurvivalRows([1, 2], [1, 1]), interval="loglog")


def test_a_curve_that_falls_to_0_while_others_are_still_to_enter_says_so():
    # of two under observation one is censored, then the other dies: S = 0, though a third lives until 9
    curve = kaplan_meier(SurvivalRows([1, 2, 9], [0, 1, 0], entry=[0, 0, 3]))
    assert_array_equal(curve.survival, [1, 0, 0])
    assert curve.note == "all then under observation had the event before others entered: 0 from then on"
    # all three die in the end: that needs no note
    assert kaplan_meier(SurvivalRows([1, 2, 9], [0, 1, 1], entry=[0, 0, 1])).note == ""
    assert kaplan_meier(SurvivalRows([1, 2], [1, 1])).note == ""


def test_a_curve_over_a_time_without_anybody_says_so():
    curve = kaplan_meier(SurvivalRows([1, 2, 9, 8], [1, 0, 1, 0], entry=[0, 0, 3, 2.5]))
    assert curve.note == "for some time nobody was under observation before others entered"
    assert kaplan_meier(SurvivalRows([1, 2, 9], [1, 0, 1], entry=[0, 0, 1])).note == ""
