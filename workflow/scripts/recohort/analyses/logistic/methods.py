"""The methods of logistic models in words."""

from typing import Any

from recohort.analyses.regression.methods import models


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    methods = {
        "wald": "Wald intervals and p values",
        "profile": "profile-likelihood intervals and likelihood-ratio p values",
    }
    used = dict.fromkeys(methods[a.options["interval"]] for a in analyses)
    return f"Odds ratios are from logistic regression, with {' or '.join(used)}. {models(analyses)}"
