"""What is shown of models of a controlled study: each rule by hand."""

import pytest
from support.disclosure import RULE
from support.shown_rows import numbers, odds, row

from recohort.analyses import control


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
