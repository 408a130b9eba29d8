"""The gates of a protocol: each provoked, each passed, and how a run ends."""

from dataclasses import replace

import pytest
from support.disclosure import RULE
from support.drop_estimates import estimate
from support.drop_gates import ROWS, changed, fatal_liver
from support.drops import HEADER, compared, survival_study, table

from recohort.base.errors import RecohortError
from recohort.drop import effects, gate_outcome, gates
from recohort.drop.compare import Comparison
from recohort.protocol import schema


@pytest.fixture
def check(study, tmp_path):
    """The rows of the gates of a study between ROWS and other rows."""

    def run(after, rule=None, header=HEADER, before=ROWS, header_before=HEADER, **fail_when):
        extract = {"files": {"registry": {"path": "{drop}.csv"}}}
        protocol = replace(survival_study(study, extract=extract, fail_when=fail_when), rule=rule)
        texts = table(before, header_before), table(after, header)
        return gates.check(compared(protocol, tmp_path, *texts), protocol)

    return run


def said(rows):
    return [(row["outcome"], row["line"]) for row in rows]


EVERY = {
    "column_gone": True,
    "column_swapped": True,
    "cells_changed_percent": 5,
    "deaths_undone": 0,
    "follow_up_shorter": 0,
    "estimate_moves_std_errors": 2,
    "conclusion_flips": True,
}


def test_an_unchanged_drop_passes_every_gate(check):
    assert said(check(ROWS, **EVERY)) == [("passed", f"{gate} passed") for gate in EVERY]


def test_the_gates_are_those_of_the_schema():
    known = schema.study()["properties"]["fail_when"]["properties"]
    assert set(gates.CHECKS) == set(known) == set(EVERY)


def test_a_column_that_is_gone(check):
    before = [[*row, i] for i, row in enumerate(ROWS)]
    rows = check(ROWS, before=before, header_before=f"{HEADER},site", column_gone=True)
    assert said(rows) == [("failed", "column_gone: column site is not there any more")]
    assert (rows[0]["about"], rows[0]["value"]) == ("site", 1)


def test_a_column_that_is_renamed_is_not_gone(check):
    assert said(check(ROWS, header_before=HEADER.replace("age", "years"), column_gone=True)) == [
        ("passed", "column_gone passed")
    ]


def test_cells_of_a_column_above_a_percentage(check):
    after = changed("age", lambda age, i: age + (i < 4))
    rows = check(after, cells_changed_percent=9.9)
    assert said(rows) == [
        ("failed", "cells_changed_percent: column age has 10.0 % of its cells changed, above 9.9")
    ]
    assert (rows[0]["about"], rows[0]["value"], rows[0]["limit"]) == ("age", 10.0, 9.9)
    assert check(after, cells_changed_percent=10)[0]["outcome"] == "passed"


def test_deaths_undone(check):
    # P01, P02, P04 and P05 had died
    after = changed("died", lambda died, i: "no" if i < 6 else died)
    (row,) = check(after, deaths_undone=3)
    assert row["line"] == "deaths_undone: Overall survival has 4 events undone, above 3"
    assert (row["about"], row["value"], row["limit"], row["outcome"]) == ("os", 4, 3, "failed")
    assert check(after, deaths_undone=4)[0]["outcome"] == "passed"


def test_follow_up_shorter_or_lost(check):
    after = changed("days", lambda days, i: "" if i == 1 else days - (i < 3))
    (row,) = check(after, follow_up_shorter=2)
    assert row["line"] == "follow_up_shorter: Overall survival is shorter or lost in 3 patients, above 2"
    assert check(after, follow_up_shorter=3)[0]["outcome"] == "passed"
    longer = changed("days", lambda days, i: days + 1)
    assert check(longer, follow_up_shorter=0)[0]["outcome"] == "passed"


def test_an_estimate_that_moves(check):
    rows = check(changed("days", fatal_liver), estimate_moves_std_errors=2)
    lines = [line for _, line in said(rows)]
    assert {row["outcome"] for row in rows} == {"failed"}
    expected = "estimate_moves_std_errors: os: Overall survival, Liver yes, HR moves by "
    assert any(line.startswith(expected) and line.endswith(", more than 2 standard errors") for line in lines)
    assert all(abs(row["value"]) > 2 for row in rows)
    assert check(changed("days", fatal_liver), estimate_moves_std_errors=1000)[0]["outcome"] == "passed"


def test_an_estimate_that_is_not_estimable_any_more(check):
    rows = check(changed("died", lambda died, i: "no"), estimate_moves_std_errors=1000)
    lost = "estimate_moves_std_errors: os: Overall survival, Liver yes, HR is not estimable any more"
    assert lost in [row["line"] for row in rows]


def test_an_estimate_that_is_not_computed_any_more_has_not_moved(study):
    # a term that the joint model, chosen by univariable p values, has no more
    extract = {"files": {"registry": {"path": "{drop}.csv"}}}
    protocol = survival_study(study, extract=extract, fail_when={"estimate_moves_std_errors": 0})
    rows = effects.compare([estimate(2.0)], [], [], 0.95)
    found = Comparison(patients=[{"what": "read", "n": 1}], estimates=rows, shown_estimates=rows)
    assert said(gates.check(found, protocol)) == [("passed", "estimate_moves_std_errors passed")]


def test_a_conclusion_that_flips(check):
    rows = check(changed("days", fatal_liver), conclusion_flips=True)
    (line,) = [row["line"] for row in rows if "Liver yes, HR flips" in row["line"]]
    assert line.startswith(
        "conclusion_flips: the conclusion of os: Overall survival, Liver yes, HR flips (p 0."
    )
    assert line.endswith(" before, <0.001 now)")


def test_a_verdict_that_changes_is_a_conclusion(study):
    protocol = survival_study(
        study, extract={"files": {"registry": {"path": "{drop}.csv"}}}, fail_when={"conclusion_flips": True}
    )
    verdict = {"claim": "hr", "what": "HR of liver", "printed": "2.0"}
    found = Comparison(
        patients=[{"what": "read", "n": 1}],
        verdicts=[
            {**verdict, "before": "reproduced", "after": "contradicted"},
            {**verdict, "before": "rounding", "after": "rounding"},
        ],
    )
    (row,) = gates.check(found, protocol)
    assert row["line"] == ("conclusion_flips: the verdict on HR of liver was reproduced and is contradicted")
    assert (row["about"], row["outcome"]) == ("hr", "failed")


def test_a_gate_that_cannot_be_checked_does_not_pass(check):
    header = HEADER.replace(",liver", "")
    before = [[*row[:2], *row[3:]] for row in ROWS]
    rows = check(ROWS, before=before, header_before=header, **EVERY)
    # the follow-up needs no column that is not there
    assert [row["outcome"] for row in rows] == [*["passed"] * 5, "not checked", "not checked"]
    assert rows[5]["line"] == (
        "estimate_moves_std_errors could not be checked: 6 estimates, as column liver of the earlier drop is"
        " not there"
    )


def test_gates_of_an_endpoint_that_the_earlier_drop_cannot_give(check):
    before = changed("days", lambda days, i: "long")
    rows = check(ROWS, before=before, deaths_undone=0, follow_up_shorter=0, column_gone=True)
    why = "Overall survival, as column days of the earlier drop cannot be read in most of its cells"
    assert said(rows) == [
        ("not checked", f"deaths_undone could not be checked: {why}"),
        ("not checked", f"follow_up_shorter could not be checked: {why}"),
        ("passed", "column_gone passed"),
    ]


def test_columns_that_changed_places(check):
    header = f"{HEADER},a,b,c"
    before = [[*row, f"x{i % 7}", f"y{i % 5}", f"z{i % 9}"] for i, row in enumerate(ROWS)]
    pair = [[*row[:5], row[6], row[5], row[7]] for row in before]
    rows = check(pair, before=before, header=header, header_before=header, column_swapped=True)
    assert said(rows) == [("failed", "column_swapped: the columns a and b changed places")]
    circle = [[*row[:5], row[7], row[5], row[6]] for row in before]
    rows = check(circle, before=before, header=header, header_before=header, column_swapped=True)
    assert {row["line"] for row in rows} == {
        "column_swapped: the contents of columns moved (a in b)",
        "column_swapped: the contents of columns moved (b in c)",
        "column_swapped: the contents of columns moved (c in a)",
    }


def test_a_drop_that_cannot_be_read_passes_no_gate(study):
    protocol = survival_study(study, extract={"files": {"registry": {"path": "{drop}.csv"}}}, fail_when=EVERY)
    rows = gates.check(Comparison(reason="is empty"), protocol)
    assert {row["outcome"] for row in rows} == {"not checked"} and len(rows) == len(EVERY)


def test_the_lines_of_a_controlled_study_withhold_small_counts(check):
    rule = RULE
    after = changed("died", lambda died, i: "no" if i < 6 else died)
    (row,) = check(after, rule, deaths_undone=3)
    assert (row["value"], row["line"]) == (4, "deaths_undone: Overall survival has <8 events undone, above 3")
    cells = changed("age", lambda age, i: age + (i < 4))
    (row,) = check(cells, rule, cells_changed_percent=5)
    assert row["line"] == "cells_changed_percent: column age has <20.0 % of its cells changed, above 5"
    moved = check(cells, rule, estimate_moves_std_errors=0)
    assert all(" moves, more than 0 standard errors" in row["line"] for row in moved)


DATES = {"a": ["2026-02-01", "2026-01-01"], "b": ["2026-03-01", "2026-01-01"]}


def test_the_run_ends_with_a_line_for_each_failed_gate():
    rows = [{"outcome": "passed", "line": "x passed"}, {"outcome": "failed", "line": "y: is so"}]
    unchecked = [{"outcome": "not checked", "line": "z could not be\nchecked: no"}]
    with pytest.raises(RecohortError) as caught:
        gate_outcome.check({"a": rows, "b": unchecked}, DATES, "results/report.html")
    assert str(caught.value).splitlines() == [
        "a data drop does not pass; the results are written, see results/report.html",
        "       GATE  study a, drop 2026-02-01 against 2026-01-01: y: is so",
        "       GATE  study b, drop 2026-03-01 against 2026-01-01: z could not be checked: no",
    ]


def test_gates_that_pass_are_counted():
    passed = {"a": [{"outcome": "passed", "line": "x passed"}] * 2, "b": []}
    gate_outcome.check(passed, DATES, "results/report.html")
    assert gate_outcome.passed(passed) == "a: 2 gates passed\nb: 0 gates passed\n"
