"""Rows of estimates before and after a drop."""

from recohort.drop import effects

IDENTITY = {
    "study": "s", "analysis": "a", "kind": "cox", "outcome": "os", "population": "all",
    "model": "univariable", "term": "liver", "level": "yes", "reference": "no", "measure": "HR",
    "ci_method": "Wald", "at": None,
}  # fmt: skip


def estimate(value, p=0.5, **changes):
    numbers = dict.fromkeys(("n", "events", "n_level", "events_level"), 9)
    found = {"estimate": value, "ci_low": None, "ci_high": None, "std_error": 0.5, "p_value": p}
    return {**IDENTITY, **numbers, **found, "status": "ok", "note": "", **changes}


def effect(before, after, between=None):
    steps = [[row] for row in between] if between is not None else [[before], [before]]
    (row,) = effects.compare([before], [after], steps, 0.95)
    return row
