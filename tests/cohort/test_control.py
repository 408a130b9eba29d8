"""The flow and the ledger as they may be shown, by hand."""

from support.disclosure import EXACT, RULE

from recohort.cohort import control


def step(population, kind, n, n_unknown, n_left, name=""):
    return {
        "population": population, "step": name or kind, "kind": kind,
        "n": n, "n_unknown": n_unknown, "n_left": n_left,
    }  # fmt: skip


STEPS = [
    step("all", "read", 100, 0, 100),
    step("all", "excluded", 3, 1, 97, "Of age"),
    step("all", "cohort", 97, 0, 97),
    step("three", "read", 97, 0, 97),
    step("three", "excluded", 40, 0, 57, "IHC 3+"),
    step("three", "cohort", 57, 0, 57),
]


def shown(rows, rule):
    return [(r["n"], r["n_unknown"], r["n_left"]) for r in control.controlled_attrition(rows, rule)]


def test_a_step_that_removes_few_is_withheld_and_the_others_are_rounded():
    assert shown(STEPS, RULE) == [
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
    assert shown(STEPS[:3], EXACT) == [(100, 0, 100), (None, None, None), (None, 0, None)]


def test_where_those_left_are_known_from_a_population_those_read_are_withheld():
    # 40 + 57 = 97 is printed of the population, so 100 is withheld
    found = shown(STEPS, EXACT)
    assert found[0] == (None, 0, None)
    assert [n_left for _, _, n_left in found[1:]] == [97, 97, 97, 57, 57]


def test_the_ledger_is_withheld_and_rounded_by_line():
    rows = [{"rule": "trimmed", "n": 7}, {"rule": "missing", "n": 13}]
    assert [r["n"] for r in control.controlled_cleaning(rows, RULE)] == [None, 15]
    assert control.controlled_cleaning(rows, None) is rows


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
    found = control.controlled_attrition(FLOW, RULE)
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
    found = control.controlled_attrition(rows, RULE)
    assert [r["n_left"] for r in found].count(None) >= 1 and found[1]["n"] is None


def test_those_who_failed_a_step_are_what_the_unknown_leave_of_it():
    # 30 unknown of 34: 4 failed
    rows = [FLOW[0], {**FLOW[2], "n": 34, "n_unknown": 30, "n_left": 979}]
    found = control.controlled_attrition(rows, EXACT)[1]
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
    alone = control.controlled_attrition([everybody, *small], RULE)
    assert control.controlled_attrition([everybody, *small, *large], RULE)[:3] == alone
    # 1,018 and 1,011 are shown as 1,020 and 1,010: 6 to 14 were removed, and at most 7
    assert (alone[2]["n"], alone[2]["n_left"]) == (None, None)


def test_changed_cells_are_counts_as_well():
    found = control.controlled_cleaning(
        [{"column": "a", "rule": "r", "n": 3}, {"column": "b", "rule": "r", "n": 23}], RULE
    )
    assert [r["n"] for r in found] == [None, 25]
