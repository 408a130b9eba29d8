"""The methods of Fisher tests in words."""

from typing import Any


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    text = (
        "Two groups are compared by Fisher's exact test; odds ratios are conditional maximum-likelihood "
        "estimates with exact intervals."
    )
    strata = dict.fromkeys(
        protocol.codebook[a.options["strata"]].label for a in analyses if "strata" in a.options
    )
    if strata:
        text += (
            f" Odds ratios common to the levels of {', '.join(strata)} are those of Mantel and Haenszel, "
            "with intervals of Robins, Breslow and Greenland."
        )
    return text
