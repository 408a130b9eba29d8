"""The methods of Cox models in words."""

from typing import Any

from recohort.analyses.regression.methods import models


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    ties = dict.fromkeys(a.options["ties"].capitalize() for a in analyses)
    text = (
        "Hazard ratios are from Cox proportional hazards models with Wald intervals and p values; tied "
        f"times are handled by {' or '.join(ties)}'s method. "
        f"{models(analyses)}"
    )
    strata = dict.fromkeys(protocol.codebook[name].label for a in analyses for name in a.options["strata"])
    clusters = dict.fromkeys(
        protocol.codebook[a.options["cluster"]].label for a in analyses if "cluster" in a.options
    )
    if strata:
        text += f" Baseline hazards differ by {', '.join(strata)}."
    if clusters:
        text += f" Standard errors are robust to clusters of {', '.join(clusters)} (sandwich estimator)."
    return text
