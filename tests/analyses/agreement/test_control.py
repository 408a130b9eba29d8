"""What is shown of a test against a reference of a controlled study: each rule by hand."""

from support.disclosure import RULE, SQUARE, crossed
from support.shown_rows import row

from recohort.analyses import control


def test_agreement_rests_on_the_cells_of_its_measures():
    parts = {
        "sensitivity": (38, 63), "specificity": (335, 338), "PPV": (38, 41), "NPV": (335, 360),
        "accuracy": (373, 401), "kappa": (None, None), "McNemar": (None, None),
    }  # fmt: skip
    rows = [
        row(
            analysis="x", kind="agreement", outcome="fish=Positive", population="all", term="ihc",
            level="yes", n=401, events=63, n_missing=1517, n_level=n, events_level=part, measure=measure,
            estimate=0.5, ci_method="Clopper-Pearson",
        )
        for measure, (part, n) in parts.items()
    ]  # fmt: skip
    found = {r["measure"]: r for r in control.estimates(rows, RULE, crossed(SQUARE), confidence=0.95)}
    kept = {measure for measure, r in found.items() if r["status"] == "ok"}
    assert kept == {"sensitivity", "NPV"}
    assert found["sensitivity"]["estimate"] == 40 / 65
    assert (found["accuracy"]["events_level"], found["accuracy"]["n_level"]) == (None, None)
