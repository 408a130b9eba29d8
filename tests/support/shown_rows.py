"""Rows of estimates for the tests of disclosure control."""

from recohort.analyses import estimates

# Estimates


def row(**values):
    blank = {**dict.fromkeys(estimates.COLUMNS, ""), **dict.fromkeys(estimates.NUMBERS)}
    return {**blank, **dict.fromkeys(estimates.COUNTS), "study": "s", "status": "ok", **values}


def odds(level, n_level, events_level, **values):
    shared = {
        "analysis": "sites", "kind": "logistic", "outcome": "bone=yes", "population": "all", "term": "ihc",
        "model": "univariable", "reference": "2+", "measure": "OR", "n": 367, "events": 60, "n_missing": 0,
    }  # fmt: skip
    numbers = {
        "estimate": 1.234567,
        "std_error": 0.2345,
        "ci_low": 0.98765,
        "ci_high": 1.54321,
        "p_value": 0.04321,
    }
    made = {"ci_method": "Wald", "p_method": "Wald"}
    numbers = {"estimate": 1.0} if level == "2+" else {**numbers, **made}
    return row(
        **{**shared, "level": level, "n_level": n_level, "events_level": events_level, **numbers, **values}
    )


def numbers(r):
    return [r[name] for name in ("estimate", "std_error", "ci_low", "ci_high", "p_value")]
