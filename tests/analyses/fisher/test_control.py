"""What is shown of Fisher tests of a controlled study: each rule by hand."""

from support.disclosure import RULE, SQUARE, crossed
from support.shown_rows import row

from recohort.analyses import control


def test_fisher_counts_add_up_over_the_groups():
    r = row(
        analysis="x", kind="fisher", outcome="fish=Positive", population="all", term="ihc", level="yes",
        reference="no", n=401, events=63, n_missing=0, n_level=41, events_level=38, measure="OR",
        estimate=2.3456, ci_method="exact", status="exact",
    )  # fmt: skip
    (found,) = control.estimates([r], RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    assert (found["status"], found["estimate"]) == ("exact", 2.35)
    assert (found["n_level"], found["events_level"]) == (50, 40)
    # 360 and 25 in the other group
    assert (found["n"] - found["n_level"], found["events"] - found["events_level"]) == (360, 25)
    assert control.estimates([r], RULE, crossed(SQUARE))[0]["status"] == "suppressed"


def test_an_odds_ratio_common_to_strata_is_never_shown_nor_its_counts():
    r = row(
        analysis="x", kind="fisher", outcome="fish=Positive", population="all", term="ihc", level="yes",
        reference="no", model="stratified", n=390, events=60, n_missing=11, n_level=40, events_level=37,
        measure="OR", estimate=2.3456, ci_method="Robins-Breslow-Greenland",
    )  # fmt: skip
    (found,) = control.estimates([r], RULE, crossed({"no": (335, 25, 0), "yes": (13, 38, 0)}))
    assert found["status"] == "suppressed"
    assert {found[name] for name in ("n", "events", "n_missing", "n_level", "events_level")} == {None}
