"""What is shown of summaries, flow, cleaning and audit of a controlled study: each rule by hand."""

from types import SimpleNamespace

import pandas as pd
from support.disclosure import RULE, crossed

from recohort.analyses.summary import numbers
from recohort.analyses.summary.control import summary
from recohort.disclosure import conditions


def described(n_by_level, n_missing=0, group="", **values):
    known = sum(n_by_level.values())
    shared = {**dict.fromkeys(numbers.COLUMNS), "analysis": "t", "population": "all", "variable": "site"}
    shared |= {"group": group, "n_ungrouped": 0, "p_method": ""}
    return [
        {**shared, "level": "", "n": known, "n_missing": n_missing, **values},
        *({**shared, "level": level, "n": n} for level, n in n_by_level.items()),
    ]


def test_small_levels_missing_values_and_their_tests_are_withheld():
    made = {"p_value": 0.0321, "p_method": "Fisher's exact", "std_difference": 0.345}
    rows = described({"bone": 5, "liver": 52, "lung": 43}, n_missing=3, **made)
    whole, *levels = summary(rows, RULE)
    assert [r["n"] for r in levels] == [None, 50, 45]
    assert (whole["n"], whole["n_missing"]) == (100, None)
    assert (whole["p_value"], whole["p_method"], whole["std_difference"]) == (None, "", None)
    whole, *_ = summary(described({"bone": 12, "liver": 53}, **made), RULE)
    assert (whole["n_missing"], whole["p_value"], whole["std_difference"]) == (0, 0.032, 0.35)


def test_quartiles_of_few_are_withheld():
    made = {"median": 50.0, "q1": 40.0, "q3": 60.0}
    few, many = ([{**described({})[0], "n": n, "n_missing": 20, **made}] for n in (7, 8))
    assert summary(few, RULE)[0]["median"] is None
    assert summary(many, RULE)[0]["median"] == 50.0


def test_variables_of_one_summary_share_the_size_of_a_group():
    # 175 + 20 is at most 199; of the other variable 198 are known at least, so 0 or 1 were missing
    first = described({"a": 88, "b": 87}, n_missing=22)
    second = [{**r, "variable": "stage"} for r in described({"x": 100, "y": 96}, n_missing=1)]
    for r in (first[0], second[0]):
        assert r["n"] + r["n_missing"] == 197
    found = summary(first + second, RULE)
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
    alone = summary(rows, RULE, {"t": "score"})
    derived = {("result", "site"): {"Negative": "Negative", "Positive": "Positive"}}
    found = summary(rows, RULE, {"t": "score"}, cells, derived)
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
    assert numbers.derived(cohort, factors) == {("result", "fish"): {"N": "no", "P": "yes"}}
