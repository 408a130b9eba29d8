"""The flow and the ledger as they may be shown, by hand."""

from support.disclosure import EXACT, RULE

from recohort.cohort import control


def step(population, kind, n, n_unknown, n_left, name=""):
    return {
        "population": population, "step": name or kind, "kind": kind,
        "n": n, "n_unknown": n_unknown, "n_left": n_left,
    }  # fmt: skip


FLOW = [
    step("all", "read", 100, 0, 100),
    step("all", "excluded", 3, 1, 97, "Of age"),
    step("all", "cohort", 97, 0, 97),
    step("three", "read", 97, 0, 97),
    step("three", "excluded", 40, 0, 57, "IHC 3+"),
    step("three", "cohort", 57, 0, 57),
]


def shown(rows, rule):
    return [(r["n"], r["n_unknown"], r["n_left"]) for r in control.attrition(rows, rule)]


def test_a_step_that_removes_few_is_withheld_and_the_others_are_rounded():
    assert shown(FLOW, RULE) == [
        (100, 0, 100),
        (None, None, 95),
        (95, 0, 95),
        (95, 0, 95),
        # that nobody is unknown at a step is a small count too
        (40, None, 55),
        (55, 0, 55),
    ]


def test_with_exact_counts_those_left_would_give_the_step_away():
    # 100 - 97 = 3
    assert shown(FLOW[:3], EXACT) == [(100, 0, 100), (None, None, None), (None, 0, None)]


def test_where_those_left_are_known_from_a_population_those_read_are_withheld():
    # 40 + 57 = 97 is printed of the population, so 100 is withheld
    found = shown(FLOW, EXACT)
    assert found[0] == (None, 0, None)
    assert [n_left for _, _, n_left in found[1:]] == [97, 97, 97, 57, 57]


def test_the_ledger_is_withheld_and_rounded_by_line():
    rows = [{"rule": "trimmed", "n": 7}, {"rule": "missing", "n": 13}]
    assert [r["n"] for r in control.cleaning(rows, RULE)] == [None, 15]
    assert control.cleaning(rows, None) is rows
