"""What is shown of testing strategies of a controlled study: each rule by hand."""

from support.disclosure import RULE, SQUARE, crossed
from support.shown_rows import row

from recohort.analyses import control


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
