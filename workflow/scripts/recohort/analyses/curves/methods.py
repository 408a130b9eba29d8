"""The methods of survival curves in words."""

from typing import Any


def paragraph(protocol: Any, analyses: list[Any]) -> str:
    """What was done, from the options of all analyses of this kind."""
    scales = dict.fromkeys(a.options["interval"] for a in analyses)
    text = (
        "Survival curves are Kaplan-Meier estimates with pointwise intervals on the "
        f"{' or '.join(scales)} scale."
    )
    if any("by" in a.options for a in analyses):
        text += " They are compared by the log-rank test."
    return text
