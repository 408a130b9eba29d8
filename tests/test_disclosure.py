"""Disclosure control: each rule by hand, suppression by trying every table, exact studies untouched."""

from itertools import product
from types import SimpleNamespace

import pandas as pd
import pytest

from recohort import disclosure, estimates, summary
from recohort.disclosure import Rule, conditions, integers, steps
from recohort.disclosure.lines import withheld

RULE = Rule()
EXACT = Rule(rounding=1)


def protocol(data="patient-level", public=""):
    return SimpleNamespace(data=data, public=public)


# The rule


def test_only_patients_whose_rows_are_not_public_are_controlled():
    assert disclosure.rule_of(protocol(), None) == Rule(7, 5)
    assert disclosure.rule_of(protocol(), {"threshold": 4}) == Rule(4, 5)
    assert disclosure.rule_of(protocol(public="in a package"), None) is None
    assert disclosure.rule_of(protocol("synthetic"), None) is None
    assert disclosure.rule_of(protocol("published-counts"), None) is None


@pytest.mark.parametrize("rounding", [9, 10])
def test_no_count_of_somebody_is_rounded_to_nobody(rounding):
    rule = disclosure.rule_of(protocol(), {"threshold": 1, "rounding": rounding})
    assert rule == Rule(4, rounding)
    assert [disclosure.rounded(n, rule) for n in (4, 5)] == [None, rounding]


@pytest.mark.parametrize(
    ("n", "shown"), [(0, "<8"), (7, "<8"), (8, "10"), (12, "10"), (13, "15"), (1017, "1,015"), (None, "")]
)
def test_a_count_is_withheld_or_rounded(n, shown):
    assert disclosure.shown(n, RULE) == shown
    assert disclosure.rounded(n, RULE) == (int(shown.replace(",", "")) if shown.strip("<8") else None)


def test_rounding_may_be_none_and_even():
    assert [disclosure.rounded(n, EXACT) for n in (7, 8, 9)] == [None, 8, 9]
    assert [disclosure.rounded(n, Rule(7, 10)) for n in (14, 15, 24, 25)] == [10, 20, 20, 30]


def test_without_a_rule_a_count_is_itself():
    assert (disclosure.shown(3, None), disclosure.shown(1234, None)) == ("3", "1,234")
    assert disclosure.rounded(3, None) == 3


def test_what_is_shown_exactly_is_not_touched():
    rows = [{"n": 1}]
    for control in (
        disclosure.attrition, disclosure.claims, disclosure.cleaning, disclosure.counts, disclosure.curves,
        disclosure.estimates, disclosure.summary,
    ):  # fmt: skip
        assert control(rows, None) is rows


# Secondary suppression


def possible_values(key, counts, lines, hidden, rule):
    """The values of a count in all tables of whole numbers that agree with what is shown."""
    cells = [k for k in counts if k not in {total for total, _ in lines}]
    ranges = [range(33) for _ in cells]
    found = set()
    for values in product(*ranges):
        table = dict(zip(cells, values, strict=True))
        for total, parts in lines:
            table[total] = sum(table[part] for part in parts)
        if all(shown(table[k], k, counts, hidden, rule) for k in counts):
            found.add(table[key])
    return found


def shown(n, key, counts, hidden, rule):
    if key in hidden:
        # the reader of one small count knows that it is small; of others he knows nothing
        return n <= rule.threshold if counts[key] <= rule.threshold else True
    return disclosure.rounded(n, rule) == disclosure.rounded(counts[key], rule)


LINE = [("all", ("a", "b", "c"))]


@pytest.mark.parametrize("rule", [RULE, EXACT])
@pytest.mark.parametrize("cells", list(product((0, 3, 7), (1, 7, 13, 18), (8, 12))))
def test_no_withheld_part_of_a_line_is_left_with_fewer_than_three_values(cells, rule):
    counts = dict(zip("abc", cells, strict=True)) | {"all": sum(cells)}
    hidden = withheld(counts, LINE, rule)
    for key in hidden:
        if counts[key] <= rule.threshold:
            assert len(possible_values(key, counts, LINE, hidden, rule)) >= 3


def test_an_exact_total_costs_a_second_part_and_no_more():
    # 3 = 40 - 37 would be known; the smaller other part goes with it
    counts = {"all": 60, "a": 3, "b": 20, "c": 37}
    assert withheld(counts, LINE, EXACT) == {"a", "b"}
    assert withheld(counts, LINE, RULE) == {"a"}


def test_two_roundings_that_meet_at_the_threshold_cost_a_second_part():
    # 30 - 20 is 6 to 14 of what is rounded, and at most 7 of what is withheld
    counts = {"all": 28, "a": 7, "b": 21}
    lines = [("all", ("a", "b"))]
    assert withheld(counts, lines, RULE) == {"a", "b"}
    assert withheld({"all": 25, "a": 5, "b": 20}, lines, RULE) == {"a"}


def test_a_total_known_from_elsewhere_is_not_withheld_and_what_cannot_help_is_not_either():
    counts = {"all": 28, "a": 7, "b": 21}
    lines = [("all", ("a", "b"))]
    assert withheld(counts, lines, RULE, fixed=["all"]) == {"a", "b"}
    assert withheld(counts, lines, RULE, fixed=["all", "b"]) == {"a"}


def test_that_no_value_is_missing_is_shown():
    lines = [("size", ("known", "missing"))]
    none = {"size": 40, "known": 40, "missing": 0}
    assert withheld(none, lines, RULE, open_zeros=["missing"]) == set()
    assert withheld(none, lines, RULE) == {"missing"}


def test_totals_are_the_sums_of_their_parts():
    with pytest.raises(ValueError, match="contradict each other"):
        withheld({"all": 40, "a": 12, "b": 13}, [("all", ("a", "b"))], RULE)


# Cross-tables


def crossed(table, columns=("Negative", "Positive", "")):
    return [
        {
            "analysis": "x", "population": "all", "row_term": "ihc", "row_level": row,
            "column_term": "fish", "column_level": column, "n": n,
        }
        for row, line in table.items()
        for column, n in zip(columns, line, strict=True)
    ]  # fmt: skip


SQUARE = {"no": (335, 25, 1372), "yes": (3, 38, 145)}


def test_cells_are_of_those_known_and_a_small_one_is_withheld():
    found = disclosure.counts(crossed(SQUARE), RULE)
    cells = {(c["row_level"], c["column_level"]): c["n"] for c in found}
    assert cells == {
        ("no", "Negative"): 335,
        ("no", "Positive"): 25,
        ("yes", "Negative"): None,
        ("yes", "Positive"): 40,
    }


def test_with_exact_margins_a_small_cell_takes_a_rectangle_with_it():
    found = disclosure.counts(crossed({"no": (335, 25, 0), "yes": (3, 38, 0)}), EXACT)
    assert [c["n"] for c in found] == [None] * 4


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
    _, found = disclosure.estimates([odds("2+", 229, 40), odds("3+", 138, 20)], RULE)
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
    reference, found = disclosure.estimates([odds("2+", *first, **total), odds("3+", *second, **total)], RULE)
    assert numbers(found) == [None] * 5
    assert (found["status"], found["note"]) == ("suppressed", "rests on a count that is withheld")
    assert (reference["status"], reference["estimate"]) == ("ok", 1.0)


def test_separation_and_the_test_over_all_levels_would_tell_that_a_count_is_zero():
    other = odds("yes", 100, 30, term="er", reference="no", status="penalised", note="no bone in 3+")
    base = odds("no", 267, 30, term="er", reference="no", estimate=1.0)
    rows = [odds("2+", 229, 60), odds("3+", 138, 0), base, other]
    rows = [{**r, "model": "multivariable"} for r in rows]
    found = disclosure.estimates(rows, RULE)
    assert [r["status"] for r in found] == ["ok", "suppressed", "ok", "suppressed"]
    assert "bone" not in found[3]["note"]
    test = row(**{**odds("", None, None), "level": "", "measure": "global", "p_value": 0.2})
    assert (
        disclosure.estimates([*rows[:2], {**test, "model": "multivariable"}], RULE)[2]["status"]
        == "suppressed"
    )


def test_the_later_of_two_populations_that_differ_by_few_is_suppressed():
    def of(population, n):
        shared = {"population": population, "n": n, "events": 60}
        return [odds("2+", n - 138, 40, **shared), odds("3+", 138, 20, **shared)]

    rows = [*of("all", 367), *of("followed", 366), *of("early", 300)]
    assert [r["status"] for r in disclosure.estimates(rows, RULE)] == ["ok"] * 3 + ["suppressed"] + ["ok"] * 2


def test_proportions_are_of_the_counts_shown():
    rows = [
        row(
            analysis="x", kind="rates", outcome="fish=Positive", population="all", term="ihc", level=level,
            n=401, events=63, n_missing=1517, n_level=n, events_level=yes, measure="proportion",
            ci_method="Wilson", estimate=yes / n, ci_low=0.1, ci_high=0.9,
        )
        for level, yes, n in (("no", 25, 360), ("yes", 38, 41))
    ]  # fmt: skip
    cells = crossed(SQUARE)
    no, yes = disclosure.estimates(rows, RULE, cells, confidence=0.95)
    assert (no["events_level"], no["n_level"], no["n_missing"]) == (25, 360, 1515)
    assert no["estimate"] == 25 / 360
    # R 4.2.2: prop.test(25, 360, correct = FALSE)$conf.int
    assert (round(no["ci_low"], 6), round(no["ci_high"], 6)) == (0.047477, 0.100503)
    assert (yes["status"], yes["estimate"], yes["ci_low"]) == ("suppressed", None, None)
    # neither an interval of unknown coverage nor an estimate whose table is not there
    assert disclosure.estimates(rows, RULE, cells)[0]["ci_low"] is None
    assert {r["status"] for r in disclosure.estimates(rows, RULE)} == {"suppressed"}


def test_a_pair_of_rates_rests_on_the_cells_of_both_levels():
    r = row(
        analysis="x", kind="rates", outcome="fish=Positive", population="all", term="ihc", level="yes",
        reference="no", model="pairwise", n=411, events=63, n_missing=0, n_level=51, events_level=38,
        measure="OR", ci_method="Woolf", estimate=39.16923, p_value=0.00123,
    )  # fmt: skip
    (shown,) = disclosure.estimates([r], RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    assert (shown["estimate"], shown["p_value"], shown["status"]) == (39.17, 0.001, "ok")
    # yes and no change places: the small cell is in the reference
    (hidden,) = disclosure.estimates(
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
    found = {r["measure"]: r for r in disclosure.estimates(rows, RULE, crossed(SQUARE), confidence=0.95)}
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
    (found,) = disclosure.estimates([r], RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    assert (found["status"], found["estimate"]) == ("exact", 2.35)
    assert (found["n_level"], found["events_level"]) == (50, 40)
    # 360 and 25 in the other group
    assert (found["n"] - found["n_level"], found["events"] - found["events_level"]) == (360, 25)
    assert disclosure.estimates([r], RULE, crossed(SQUARE))[0]["status"] == "suppressed"


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
    shown = disclosure.estimates(rows, RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    # per 1,000 is of the counts shown: 157.1 of 401 would tell that 65 is 63
    assert [r["estimate"] for r in shown] == [400, None, 65, 1000, None, 1000 * 65 / 400]
    assert [r["status"] for r in shown] == ["ok", "suppressed", "ok"] * 2
    assert {r["status"] for r in disclosure.estimates(rows, RULE, crossed(SQUARE))} == {"suppressed"}


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
    found = disclosure.curves(MONTHLY, RULE)
    assert points(found) == [(8, 10, 0.8), (16, 10, 0.6), (24, 10, 0.4)]
    assert {r["censored"] for r in found} == {None}
    assert found[0] == {**found[0], "time": 0.0, "at_risk": 40, "events": 0, "survival": 1.0}
    # 8 at a time: 40, 33, 25, 17 at risk
    assert [(r["time"], r["at_risk"]) for r in found] == [(0.0, 40), (8, 35), (16, 25), (24, 15)]


def test_what_is_left_at_the_end_goes_into_the_last_points():
    found = disclosure.curves(MONTHLY[:19], RULE)
    # 19 events are two points of 10 and 9, not of 8 and 8 with 3 left over
    assert points(found) == [(10, 10, 0.75), (19, 10, 0.53)]


def test_events_at_one_time_do_not_leave_few_to_the_next_point():
    tied = curve([(1, 40, 14, 0.65), (2, 26, 2, 0.6)])
    assert points(disclosure.curves(tied, RULE)) == [(2, 15, 0.6)]
    tied = curve([(1, 40, 9, 0.775), (2, 31, 7, 0.6)])
    assert points(disclosure.curves(tied, RULE)) == [(2, 15, 0.6)]


def test_a_curve_ends_where_few_are_at_risk_and_few_events_are_no_curve():
    # from month 34 on 7 or fewer are at risk
    whole = curve([(t, 41 - t, 1, (40 - t) / 40) for t in range(1, 41)])
    assert max(r["time"] for r in disclosure.curves(whole, RULE)) == 33
    assert disclosure.curves(MONTHLY[:7], RULE) == []
    assert disclosure.curves(curve([(1, 7, 7, 0.5), (2, 7, 7, 0.4)]), RULE) == []


def test_between_points_survival_is_on_a_straight_line():
    found = disclosure.curves(MONTHLY, RULE)
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
        "logrank", level="", n_level=None, events_level=None, p_value=0.123456, note="chi 2.3771"
    )
    rows = [
        survival_row("median"), survival_row("survival", reference="4"),
        survival_row("survival", reference="60"), OTHER, test,
    ]  # fmt: skip
    median, early, late, other, test = disclosure.estimates(
        rows, RULE, curves=disclosure.curves(MONTHLY, RULE)
    )
    assert median["estimate"] == pytest.approx(20, rel=1e-12)
    assert (early["estimate"], early["status"]) == (0.9, "ok")
    assert (late["status"], late["note"]) == ("suppressed", "beyond the curve that may be shown")
    assert other["status"] == "suppressed"
    assert (test["p_value"], test["note"]) == (0.123, "")


def test_a_log_rank_test_of_few_events_is_suppressed():
    few = survival_row("median", events=5, level="a") | {"events": 35}
    test = survival_row("logrank", level="", n_level=None, events_level=None, p_value=0.1) | {"events": 35}
    found = disclosure.estimates([few, {**OTHER, "events": 35}, test], RULE)
    assert [r["status"] for r in found] == ["suppressed"] * 3
    assert (found[0]["events_level"], found[0]["n_level"]) == (None, 40)


# Summaries, flow, cleaning


def described(n_by_level, n_missing=0, group="", **values):
    known = sum(n_by_level.values())
    shared = {**dict.fromkeys(summary.COLUMNS), "analysis": "t", "population": "all", "variable": "site"}
    shared |= {"group": group, "n_ungrouped": 0, "p_method": ""}
    return [
        {**shared, "level": "", "n": known, "n_missing": n_missing, **values},
        *({**shared, "level": level, "n": n} for level, n in n_by_level.items()),
    ]


def test_small_levels_missing_values_and_their_tests_are_withheld():
    made = {"p_value": 0.0321, "p_method": "Fisher's exact", "std_difference": 0.345}
    rows = described({"bone": 5, "liver": 52, "lung": 43}, n_missing=3, **made)
    whole, *levels = disclosure.summary(rows, RULE)
    assert [r["n"] for r in levels] == [None, 50, 45]
    assert (whole["n"], whole["n_missing"]) == (100, None)
    assert (whole["p_value"], whole["p_method"], whole["std_difference"]) == (None, "", None)
    whole, *_ = disclosure.summary(described({"bone": 12, "liver": 53}, **made), RULE)
    assert (whole["n_missing"], whole["p_value"], whole["std_difference"]) == (0, 0.032, 0.35)


def test_quartiles_of_few_are_withheld():
    made = {"median": 50.0, "q1": 40.0, "q3": 60.0}
    few, many = ([{**described({})[0], "n": n, "n_missing": 20, **made}] for n in (7, 8))
    assert disclosure.summary(few, RULE)[0]["median"] is None
    assert disclosure.summary(many, RULE)[0]["median"] == 50.0


def test_variables_of_one_summary_share_the_size_of_a_group():
    # 175 + 20 is at most 199; of the other variable 198 are known at least, so 0 or 1 were missing
    first = described({"a": 88, "b": 87}, n_missing=22)
    second = [{**r, "variable": "stage"} for r in described({"x": 100, "y": 96}, n_missing=1)]
    for r in (first[0], second[0]):
        assert r["n"] + r["n_missing"] == 197
    found = disclosure.summary(first + second, RULE)
    assert found[0]["n"] == 175 and found[3]["n_missing"] is None


def test_a_group_is_a_level_of_the_dictionary_and_a_cell_may_be_of_a_cross_table():
    # 18 of 18 known are negative, 43 missing of 61: 20 and 45 of 60 leave 0 or 1 for the others
    rows = [
        *described({"Negative": 18, "Equivocal": 0, "Positive": 0}, n_missing=43, group="0"),
        *described({"Negative": 80, "Equivocal": 20, "Positive": 22}, n_missing=100, group="1+"),
        *described({"Negative": 98, "Equivocal": 20, "Positive": 22}, n_missing=143),
    ]
    cells = [
        {
            **c,
            "row_term": "score",
            "column_term": "result",
            "row_level": {"no": "0", "yes": "1+"}[c["row_level"]],
        }
        for c in crossed({"no": (18, 0), "yes": (80, 22)}, ("Negative", "Positive"))
    ]
    alone = disclosure.summary(rows, RULE, {"t": "score"})
    derived = {("result", "site"): {"Negative": "Negative", "Positive": "Positive"}}
    found = disclosure.summary(rows, RULE, {"t": "score"}, cells, derived)
    missing = {r["group"]: r["n_missing"] for r in found if not r["level"]}
    assert [r["n"] for r in alone if (r["level"], r["group"]) == ("Negative", "0")] == [None]
    # the cell is shown in the cross-table, so something else has to go
    assert missing["0"] is None or found[0]["n"] is None


def test_counts_of_one_kind_are_one_count():
    counted = conditions.crossed("score", "fish", {("0", "Negative"): 18, ("0", "Positive"): 3})
    assert counted[frozenset({("score", "0"), ("fish", conditions.KNOWN)})] == 21
    one = conditions.cell("score", "fish", "0", "Negative")
    assert one == conditions.cell("fish", "score", "Negative", "0")


def test_a_variable_that_follows_from_another_is_a_sum_of_its_levels():
    keys = {level: frozenset({("fish", level)}) for level in ("Negative", "Equivocal", "Positive")}
    known = {name: frozenset({(name, conditions.KNOWN)}) for name in ("fish", "result")}
    positive, negative = (frozenset({("result", level)}) for level in ("yes", "no"))
    counted = dict.fromkeys([*keys.values(), *known.values(), positive, negative], 9)
    derived = {("result", "fish"): {"Positive": "yes", "Negative": "no"}}
    found = conditions.lines(counted, derived)
    assert (positive, (keys["Positive"],)) in found
    assert (known["fish"], (keys["Negative"], keys["Equivocal"], keys["Positive"])) in found
    # and those of which nothing follows
    assert (known["fish"], (known["result"], keys["Equivocal"])) in found


def test_which_factors_follow_from_which():
    cohort = pd.DataFrame(
        {
            "fish": pd.Categorical(["N", "E", "P", "N", None], categories=["N", "E", "P"]),
            "result": pd.Categorical(["no", None, "yes", "no", None], categories=["no", "yes"]),
        }
    )
    factors = [
        SimpleNamespace(name=n, levels=tuple(cohort[n].cat.categories), is_factor=True) for n in cohort
    ]
    assert summary.derived(cohort, factors) == {("result", "fish"): {"N": "no", "P": "yes"}}


def test_intervals_of_lines_that_share_counts_are_too_wide_and_whole_numbers_are_not():
    # a + b and a - b cannot both be even and odd: lines alone leave a wide interval
    lines = [("sum", ("a", "b")), ("a", ("b", "d"))]
    bounds = {"sum": (10, 10), "a": (0, 10), "b": (0, 10), "d": (0, 1)}
    assert integers.exposed(["a", "b"], bounds, lines, 2) == ["a", "b"]
    assert integers.exposed(["a", "b"], {**bounds, "d": (0, 9)}, lines, 3) == []
    assert integers.exposed([], bounds, lines, 3) == []


FLOW = [
    dict(zip(("population", "order", "step", "kind", "n", "n_unknown", "n_left"), line, strict=True))
    for line in [
        ("all", 1, "read", "read", 1013, 0, 1013),
        ("all", 2, "a cell cannot be read", "quarantined", 2, 0, 1011),
        ("all", 3, "Metastatic", "excluded", 34, 5, 977),
        ("all", 4, "cohort", "cohort", 977, 0, 977),
        ("old", 5, "read", "read", 977, 0, 977),
        ("old", 6, "Old", "excluded", 500, 100, 477),
        ("old", 7, "cohort", "cohort", 477, 0, 477),
    ]
]


def test_the_flow_is_rounded_and_small_steps_withheld():
    found = disclosure.attrition(FLOW, RULE)
    assert [(r["n"], r["n_unknown"], r["n_left"]) for r in found] == [
        (1015, 0, 1015), (None, 0, 1010), (35, None, 975), (975, 0, 975), (975, 0, 975), (500, 100, 475),
        (475, 0, 475),
    ]  # fmt: skip


def test_a_step_between_two_numbers_that_give_it_away_takes_one_with_it():
    # 1,018 and 1,011 are shown as 1,020 and 1,010: 6 to 14 were removed, and at most 7
    rows = [
        {**FLOW[0], "n": 1018, "n_left": 1018},
        {**FLOW[1], "n": 7},
        {**FLOW[3], "n": 1011, "n_left": 1011},
    ]
    found = disclosure.attrition(rows, RULE)
    assert [r["n_left"] for r in found].count(None) >= 1 and found[1]["n"] is None


def test_those_who_failed_a_step_are_what_the_unknown_leave_of_it():
    # 30 unknown of 34: 4 failed
    rows = [FLOW[0], {**FLOW[2], "n": 34, "n_unknown": 30, "n_left": 979}]
    found = disclosure.attrition(rows, EXACT)[1]
    assert None in (found["n"], found["n_unknown"])


def test_steps_of_one_name_in_two_subgroups_are_two_steps():
    small, large = (
        [
            {**FLOW[0], "population": population, "n": 1018, "n_left": 1018},
            {**FLOW[2], "population": population, "n": n, "n_unknown": 0, "n_left": 1018 - n},
        ]
        for population, n in (("a", 7), ("b", 418))
    )
    everybody = {**FLOW[0], "n": 1018, "n_left": 1018}
    alone = disclosure.attrition([everybody, *small], RULE)
    assert disclosure.attrition([everybody, *small, *large], RULE)[:3] == alone
    # 1,018 and 1,011 are shown as 1,020 and 1,010: 6 to 14 were removed, and at most 7
    assert (alone[2]["n"], alone[2]["n_left"]) == (None, None)


def test_changed_cells_are_counts_as_well():
    found = disclosure.cleaning(
        [{"column": "a", "rule": "r", "n": 3}, {"column": "b", "rule": "r", "n": 23}], RULE
    )
    assert [r["n"] for r in found] == [None, 25]


def test_of_the_audit_the_printed_number_and_the_verdict_are_left():
    claim = {
        "claim": "n",
        "printed": "686",
        "recomputed": 686.0,
        "verdict": "reproduced",
        "reason": "246 + 440",
    }
    (found,) = disclosure.claims([claim], RULE)
    assert (found["printed"], found["verdict"]) == ("686", "reproduced")
    assert (found["recomputed"], found["reason"]) == (None, "")


def test_p_values_keep_what_is_printed_of_them():
    from recohort.disclosure.rule import cut_p
    from recohort.formats import p_value

    for p in (1e-300, 2.34e-5, 0.00099, 0.001, 0.0456, 0.9994, 0.9996, 1.0):
        assert p_value(cut_p(p)) == p_value(p)
    assert cut_p(0.000456) == 0.0004
    assert cut_p(None) is None
