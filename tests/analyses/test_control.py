"""What is shown of the estimates and curves of a controlled study: each rule by hand."""

import pytest
from support.disclosure import RULE, SQUARE, crossed

from recohort.analyses import control, estimates
from recohort.analyses.curves import control as curves_control
from recohort.analyses.curves import control as steps

# Estimates


def row(**values):
    blank = {**dict.fromkeys(estimates.COLUMNS, ""), **dict.fromkeys(estimates.NUMBERS)}
    return {**blank, **dict.fromkeys(estimates.COUNTS), "study": "s", "status": "ok", **values}


def odds(level, n_level, events_level, **values):
    shared = {
        "analysis": "sites", "kind": "logistic", "outcome": "bone=yes", "population": "all", "term": "ihc",
        "model": "univariable", "reference": "2+", "measure": "OR", "n": 367, "events": 60, "n_missing": 0,
    }  # fmt: skip
    numbers = {
        "estimate": 1.234567,
        "std_error": 0.2345,
        "ci_low": 0.98765,
        "ci_high": 1.54321,
        "p_value": 0.04321,
    }
    made = {"ci_method": "Wald", "p_method": "Wald"}
    numbers = {"estimate": 1.0} if level == "2+" else {**numbers, **made}
    return row(
        **{**shared, "level": level, "n_level": n_level, "events_level": events_level, **numbers, **values}
    )


def numbers(r):
    return [r[name] for name in ("estimate", "std_error", "ci_low", "ci_high", "p_value")]


def test_an_estimate_is_shown_with_the_digits_that_are_printed():
    _, found = control.estimates([odds("2+", 229, 40), odds("3+", 138, 20)], RULE)
    assert numbers(found) == [1.23, 0.23, 0.99, 1.54, 0.043]
    assert [found[name] for name in ("n", "events", "n_level", "events_level")] == [365, 60, 140, 20]
    assert (found["status"], found["ci_method"]) == ("ok", "Wald")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((229, 56), (138, 4)),
        ((229, 4), (138, 56)),
        ((229, 20), (43, 40)),
        ((45, 40), (138, 20)),
        ((229, 53), (7, 0)),
    ],
    ids=["events", "events of the reference", "no event", "no event in the reference", "level"],
)
def test_an_estimate_that_rests_on_a_small_count_is_suppressed(first, second):
    total = {"n": first[0] + second[0], "events": first[1] + second[1]}
    reference, found = control.estimates([odds("2+", *first, **total), odds("3+", *second, **total)], RULE)
    assert numbers(found) == [None] * 5
    assert (found["status"], found["note"]) == ("suppressed", "rests on a count that is withheld")
    assert (reference["status"], reference["estimate"]) == ("ok", 1.0)


def test_separation_and_the_test_over_all_levels_would_tell_that_a_count_is_zero():
    other = odds("yes", 100, 30, term="er", reference="no", status="penalised", note="no bone in 3+")
    base = odds("no", 267, 30, term="er", reference="no", estimate=1.0)
    rows = [odds("2+", 229, 60), odds("3+", 138, 0), base, other]
    rows = [{**r, "model": "multivariable"} for r in rows]
    found = control.estimates(rows, RULE)
    assert [r["status"] for r in found] == ["ok", "suppressed", "ok", "suppressed"]
    assert "bone" not in found[3]["note"]
    test = row(**{**odds("", None, None), "level": "", "measure": "global", "p_value": 0.2})
    assert (
        control.estimates([*rows[:2], {**test, "model": "multivariable"}], RULE)[2]["status"] == "suppressed"
    )


def test_the_later_of_two_populations_that_differ_by_few_is_suppressed():
    def of(population, n):
        shared = {"population": population, "n": n, "events": 60}
        return [odds("2+", n - 138, 40, **shared), odds("3+", 138, 20, **shared)]

    rows = [*of("all", 367), *of("followed", 366), *of("early", 300)]
    assert [r["status"] for r in control.estimates(rows, RULE)] == ["ok"] * 3 + ["suppressed"] + ["ok"] * 2


def test_proportions_are_of_the_counts_shown():
    rows = [
        row(
            analysis="x", kind="proportions", outcome="fish=Positive", population="all", term="ihc",
            level=level,
            n=401, events=63, n_missing=1517, n_level=n, events_level=yes, measure="proportion",
            ci_method="Wilson", estimate=yes / n, ci_low=0.1, ci_high=0.9,
        )
        for level, yes, n in (("no", 25, 360), ("yes", 38, 41))
    ]  # fmt: skip
    cells = crossed(SQUARE)
    no, yes = control.estimates(rows, RULE, cells, confidence=0.95)
    assert (no["events_level"], no["n_level"], no["n_missing"]) == (25, 360, 1515)
    assert no["estimate"] == 25 / 360
    # R 4.2.2: prop.test(25, 360, correct = FALSE)$conf.int
    assert (round(no["ci_low"], 6), round(no["ci_high"], 6)) == (0.047477, 0.100503)
    assert (yes["status"], yes["estimate"], yes["ci_low"]) == ("suppressed", None, None)
    # neither an interval of unknown coverage nor an estimate whose table is not there
    assert control.estimates(rows, RULE, cells)[0]["ci_low"] is None
    assert {r["status"] for r in control.estimates(rows, RULE)} == {"suppressed"}


def test_a_pair_of_rates_rests_on_the_cells_of_both_levels():
    r = row(
        analysis="x", kind="proportions", outcome="fish=Positive", population="all", term="ihc", level="yes",
        reference="no", model="pairwise", n=411, events=63, n_missing=0, n_level=51, events_level=38,
        measure="OR", ci_method="Woolf", estimate=39.16923, p_value=0.00123,
    )  # fmt: skip
    (shown,) = control.estimates([r], RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    assert (shown["estimate"], shown["p_value"], shown["status"]) == (39.17, 0.001, "ok")
    # yes and no change places: the small cell is in the reference
    (hidden,) = control.estimates(
        [{**r, "level": "no", "reference": "yes"}], RULE, crossed({"no": (335, 25, 0), "yes": (3, 38, 0)})
    )
    assert (hidden["estimate"], hidden["p_value"], hidden["status"]) == (None, None, "suppressed")


def test_agreement_rests_on_the_cells_of_its_measures():
    parts = {
        "sensitivity": (38, 63), "specificity": (335, 338), "PPV": (38, 41), "NPV": (335, 360),
        "accuracy": (373, 401), "kappa": (None, None), "McNemar": (None, None),
    }  # fmt: skip
    rows = [
        row(
            analysis="x", kind="agreement", outcome="fish=Positive", population="all", term="ihc",
            level="yes", n=401, events=63, n_missing=1517, n_level=n, events_level=part, measure=measure,
            estimate=0.5, ci_method="Clopper-Pearson",
        )
        for measure, (part, n) in parts.items()
    ]  # fmt: skip
    found = {r["measure"]: r for r in control.estimates(rows, RULE, crossed(SQUARE), confidence=0.95)}
    kept = {measure for measure, r in found.items() if r["status"] == "ok"}
    assert kept == {"sensitivity", "NPV"}
    assert found["sensitivity"]["estimate"] == 40 / 65
    assert (found["accuracy"]["events_level"], found["accuracy"]["n_level"]) == (None, None)


def test_fisher_counts_add_up_over_the_groups():
    r = row(
        analysis="x", kind="fisher", outcome="fish=Positive", population="all", term="ihc", level="yes",
        reference="no", n=401, events=63, n_missing=0, n_level=41, events_level=38, measure="OR",
        estimate=2.3456, ci_method="exact", status="exact",
    )  # fmt: skip
    (found,) = control.estimates([r], RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    assert (found["status"], found["estimate"]) == ("exact", 2.35)
    assert (found["n_level"], found["events_level"]) == (50, 40)
    # 360 and 25 in the other group
    assert (found["n"] - found["n_level"], found["events"] - found["events_level"]) == (360, 25)
    assert control.estimates([r], RULE, crossed(SQUARE))[0]["status"] == "suppressed"


def test_strategies_are_counts():
    def strategy(measure, estimate):
        return row(
            analysis="x", kind="strategies", outcome="fish=Positive", population="all", term="ihc",
            level="FISH for all", n=401, events=63, measure=measure, estimate=estimate,
        )  # fmt: skip

    rows = [
        strategy("FISH tests", 401.0), strategy("positives missed", 3.0), strategy("NGS tests", 63.0),
        strategy("FISH tests per 1,000", 1000.0), strategy("positives missed per 1,000", 1000 * 3 / 401),
        strategy("NGS tests per 1,000", 1000 * 63 / 401),
    ]  # fmt: skip
    shown = control.estimates(rows, RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    # per 1,000 is of the counts shown: 157.1 of 401 would tell that 65 is 63
    assert [r["estimate"] for r in shown] == [400, None, 65, 1000, None, 1000 * 65 / 400]
    assert [r["status"] for r in shown] == ["ok", "suppressed", "ok"] * 2
    assert {r["status"] for r in control.estimates(rows, RULE, crossed(SQUARE))} == {"suppressed"}


# Curves


def curve(steps_, level="a"):
    """Rows of a curve: (time, at risk, events, survival)."""
    return [
        {
            "analysis": "os", "outcome": "os", "population": "all", "term": "arm", "level": level,
            "time": time, "at_risk": n, "events": d, "censored": 0, "survival": s, "std_error": 0.0123,
            "ci_low": s - 0.1234, "ci_high": min(s + 0.1234, 1),
        }
        for time, n, d, s in steps_
    ]  # fmt: skip


# an event a month of 40 patients: survival 39/40 .. 16/40 after 24 months
MONTHLY = curve([(t, 41 - t, 1, (40 - t) / 40) for t in range(1, 25)])


def points(rows):
    return [(r["time"], r["events"], r["survival"]) for r in rows if r["events"]]


def test_a_curve_has_a_point_for_each_eight_events():
    found = curves_control.curves(MONTHLY, RULE)
    assert points(found) == [(8, 10, 0.8), (16, 10, 0.6), (24, 10, 0.4)]
    assert {r["censored"] for r in found} == {None}
    assert found[0] == {**found[0], "time": 0.0, "at_risk": 40, "events": 0, "survival": 1.0}
    # 8 at a time: 40, 33, 25, 17 at risk
    assert [(r["time"], r["at_risk"]) for r in found] == [(0.0, 40), (8, 35), (16, 25), (24, 15)]


def test_what_is_left_at_the_end_goes_into_the_last_points():
    found = curves_control.curves(MONTHLY[:19], RULE)
    # 19 events are two points of 10 and 9, not of 8 and 8 with 3 left over
    assert points(found) == [(10, 10, 0.75), (19, 10, 0.53)]


def test_events_at_one_time_do_not_leave_few_to_the_next_point():
    tied = curve([(1, 40, 14, 0.65), (2, 26, 2, 0.6)])
    assert points(curves_control.curves(tied, RULE)) == [(2, 15, 0.6)]
    tied = curve([(1, 40, 9, 0.775), (2, 31, 7, 0.6)])
    assert points(curves_control.curves(tied, RULE)) == [(2, 15, 0.6)]


def test_a_curve_ends_where_few_are_at_risk_and_few_events_are_no_curve():
    # from month 34 on 7 or fewer are at risk
    whole = curve([(t, 41 - t, 1, (40 - t) / 40) for t in range(1, 41)])
    assert max(r["time"] for r in curves_control.curves(whole, RULE)) == 33
    assert curves_control.curves(MONTHLY[:7], RULE) == []
    assert curves_control.curves(curve([(1, 7, 7, 0.5), (2, 7, 7, 0.4)]), RULE) == []


def test_between_points_survival_is_on_a_straight_line():
    found = curves_control.curves(MONTHLY, RULE)
    assert steps.at(found, 4)["survival"] == pytest.approx(0.9, rel=1e-12)
    assert steps.at(found, 100)["survival"] == 0.4
    # halfway between 0.6 at 16 and 0.4 at 24
    assert steps.when_half(found, "survival") == pytest.approx(20, rel=1e-12)
    assert steps.when_half(found[:2], "survival") is None


def survival_row(measure, n=40, events=24, **values):
    return row(**{
        "analysis": "os", "kind": "curves", "outcome": "os", "population": "all", "term": "arm", "level": "a",
        "n": n + 50, "events": events + 30, "n_missing": 0, "n_level": n, "events_level": events,
        "measure": measure, "estimate": 0.123456, "ci_method": "log", **values,
    })  # fmt: skip


OTHER = survival_row("median", n=50, events=30, n_missing=0, level="b") | {"n": 90, "events": 54}


def test_medians_and_survival_are_read_from_the_curve_that_is_shown():
    test = survival_row(
        "logrank", level="", n_level=None, events_level=None, p_value=0.123456, statistic=2.3771, df=1.0
    )
    rows = [
        survival_row("median"), survival_row("survival", at=4.0),
        survival_row("survival", at=60.0), OTHER, test,
    ]  # fmt: skip
    median, early, late, other, test = control.estimates(
        rows, RULE, curves=curves_control.curves(MONTHLY, RULE)
    )
    assert median["estimate"] == pytest.approx(20, rel=1e-12)
    assert (early["estimate"], early["status"]) == (0.9, "ok")
    assert (late["status"], late["note"]) == ("suppressed", "beyond the curve that may be shown")
    assert other["status"] == "suppressed"
    # its statistic is not cut as the p value is
    assert (test["p_value"], test["statistic"], test["df"]) == (0.123, None, 1.0)


def test_a_log_rank_test_of_few_events_is_suppressed():
    few = survival_row("median", events=5, level="a") | {"events": 35}
    test = survival_row("logrank", level="", n_level=None, events_level=None, p_value=0.1) | {"events": 35}
    found = control.estimates([few, {**OTHER, "events": 35}, test], RULE)
    assert [r["status"] for r in found] == ["suppressed"] * 3
    assert (found[0]["events_level"], found[0]["n_level"]) == (None, 40)
