"""Tables of Cox models."""

from typing import Any

from recohort.analyses.regression import table as regression


def tables(protocol: Any, analysis: Any, results: Any) -> list[Any]:
    """One table per population."""
    return regression.tables(protocol, analysis, results, "HR", "Events", _survival(protocol, analysis))


def _survival(protocol: Any, analysis: Any) -> str:
    endpoint = protocol.endpoints[analysis.options["endpoint"]]
    parts = [endpoint.label, f"ties: {analysis.options['ties'].capitalize()}"]
    strata = [protocol.codebook[name].label for name in analysis.options["strata"]]
    if cluster := analysis.options.get("cluster"):
        parts.append(f"standard errors robust to clusters of {protocol.codebook[cluster].label}")
    if strata:
        parts.append(f"baseline hazards by {', '.join(strata)}")
    if endpoint.entry:
        parts.append(f"under observation from {protocol.codebook[endpoint.entry].label} (delayed entry)")
    return f"{'; '.join(parts)}."
