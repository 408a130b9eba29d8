"""What is shown of any estimates of a controlled study: each rule by hand."""

from support.disclosure import RULE
from support.shown_rows import numbers, odds

from recohort.analyses import control


def test_an_estimate_is_shown_with_the_digits_that_are_printed():
    _, found = control.estimates([odds("2+", 229, 40), odds("3+", 138, 20)], RULE)
    assert numbers(found) == [1.23, 0.23, 0.99, 1.54, 0.043]
    assert [found[name] for name in ("n", "events", "n_level", "events_level")] == [365, 60, 140, 20]
    assert (found["status"], found["ci_method"]) == ("ok", "Wald")


def test_the_later_of_two_populations_that_differ_by_few_is_suppressed():
    def of(population, n):
        shared = {"population": population, "n": n, "events": 60}
        return [odds("2+", n - 138, 40, **shared), odds("3+", 138, 20, **shared)]

    rows = [*of("all", 367), *of("followed", 366), *of("early", 300)]
    assert [r["status"] for r in control.estimates(rows, RULE)] == ["ok"] * 3 + ["suppressed"] + ["ok"] * 2
