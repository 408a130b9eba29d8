"""Forest plots of Cox models."""

from collections.abc import Iterable
from typing import Any

from recohort.analyses.regression import figure as regression


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    curves: Iterable[dict[str, Any]] = (),
) -> list[Any]:
    """Forest plot of one analysis in one population; arguments as of `analyses.regression.figure`."""
    family = regression.Family(
        measure="HR",
        weight="events_level",
        weighed="number of events",
        estimated=protocol.endpoints[analysis.options["endpoint"]].label,
        note=_note(protocol, analysis.options),
        names_outcomes=False,
    )
    return regression.figure(protocol, analysis, population, rows, confidence, family)


def _note(protocol: Any, options: dict[str, Any]) -> str:
    parts = [f"Cox proportional hazards models, ties: {options['ties'].capitalize()}"]
    if options["strata"]:
        strata = ", ".join(protocol.codebook[name].label for name in options["strata"])
        parts.append(f"baseline hazards by {strata}")
    entry = protocol.endpoints[options["endpoint"]].entry
    if entry:
        parts.append(f"delayed entry: {protocol.codebook[entry].label}")
    return f"{'; '.join(parts)}."
