"""What is shown of proportions of a controlled study: each rule by hand."""

from support.disclosure import RULE, SQUARE, crossed
from support.shown_rows import row

from recohort.analyses import control


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


def test_a_difference_of_exact_proportions_is_never_shown():
    r = row(
        analysis="x", kind="proportions", outcome="fish=Positive", population="all", term="ihc", level="yes",
        reference="no", model="pairwise", n=411, events=63, n_missing=0, n_level=51, events_level=38,
        measure="difference", estimate=0.6757, ci_low=0.5, ci_high=0.8, ci_method="Newcombe",
    )  # fmt: skip
    cells = crossed({"no": (335, 25, 0), "yes": (13, 38, 0)})
    (found,) = control.estimates([r], RULE, cells, confidence=0.95)
    assert (found["status"], found["estimate"], found["ci_low"]) == ("suppressed", None, None)
