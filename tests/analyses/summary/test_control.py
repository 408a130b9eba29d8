"""What is shown of summaries, flow, cleaning and audit of a controlled study: each rule by hand."""

from types import SimpleNamespace

import pandas as pd
from support.disclosure import EXACT, RULE, crossed

from recohort.analyses.summary import control as summary_control
from recohort.analyses.summary import numbers as summary
from recohort.audit import control as audit_control
from recohort.cohort import control as cohort_control
from recohort.disclosure import conditions, possible_values


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
    whole, *levels = summary_control.summary(rows, RULE)
    assert [r["n"] for r in levels] == [None, 50, 45]
    assert (whole["n"], whole["n_missing"]) == (100, None)
    assert (whole["p_value"], whole["p_method"], whole["std_difference"]) == (None, "", None)
    whole, *_ = summary_control.summary(described({"bone": 12, "liver": 53}, **made), RULE)
    assert (whole["n_missing"], whole["p_value"], whole["std_difference"]) == (0, 0.032, 0.35)


def test_quartiles_of_few_are_withheld():
    made = {"median": 50.0, "q1": 40.0, "q3": 60.0}
    few, many = ([{**described({})[0], "n": n, "n_missing": 20, **made}] for n in (7, 8))
    assert summary_control.summary(few, RULE)[0]["median"] is None
    assert summary_control.summary(many, RULE)[0]["median"] == 50.0


def test_variables_of_one_summary_share_the_size_of_a_group():
    # 175 + 20 is at most 199; of the other variable 198 are known at least, so 0 or 1 were missing
    first = described({"a": 88, "b": 87}, n_missing=22)
    second = [{**r, "variable": "stage"} for r in described({"x": 100, "y": 96}, n_missing=1)]
    for r in (first[0], second[0]):
        assert r["n"] + r["n_missing"] == 197
    found = summary_control.summary(first + second, RULE)
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
    alone = summary_control.summary(rows, RULE, {"t": "score"})
    derived = {("result", "site"): {"Negative": "Negative", "Positive": "Positive"}}
    found = summary_control.summary(rows, RULE, {"t": "score"}, cells, derived)
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
    assert possible_values.exposed(["a", "b"], bounds, lines, 2) == ["a", "b"]
    assert possible_values.exposed(["a", "b"], {**bounds, "d": (0, 9)}, lines, 3) == []
    assert possible_values.exposed([], bounds, lines, 3) == []


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
    found = cohort_control.attrition(FLOW, RULE)
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
    found = cohort_control.attrition(rows, RULE)
    assert [r["n_left"] for r in found].count(None) >= 1 and found[1]["n"] is None


def test_those_who_failed_a_step_are_what_the_unknown_leave_of_it():
    # 30 unknown of 34: 4 failed
    rows = [FLOW[0], {**FLOW[2], "n": 34, "n_unknown": 30, "n_left": 979}]
    found = cohort_control.attrition(rows, EXACT)[1]
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
    alone = cohort_control.attrition([everybody, *small], RULE)
    assert cohort_control.attrition([everybody, *small, *large], RULE)[:3] == alone
    # 1,018 and 1,011 are shown as 1,020 and 1,010: 6 to 14 were removed, and at most 7
    assert (alone[2]["n"], alone[2]["n_left"]) == (None, None)


def test_changed_cells_are_counts_as_well():
    found = cohort_control.cleaning(
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
    (found,) = audit_control.claims([claim], RULE)
    assert (found["printed"], found["verdict"]) == ("686", "reproduced")
    assert (found["recomputed"], found["reason"]) == (None, "")


def test_p_values_keep_what_is_printed_of_them():
    from recohort.base.formats import p_value
    from recohort.disclosure.rule import cut_p

    for p in (1e-300, 2.34e-5, 0.00099, 0.001, 0.0456, 0.9994, 0.9996, 1.0):
        assert p_value(cut_p(p)) == p_value(p)
    assert cut_p(0.000456) == 0.0004
    assert cut_p(None) is None
