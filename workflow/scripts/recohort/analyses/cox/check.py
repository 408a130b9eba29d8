"""Cox models that cannot be meant."""

from typing import Any

from recohort.analyses.regression import check as regression


def check(references: Any, key: str, options: dict[str, Any]) -> None:
    """Refuse an endpoint, a stratum, a cluster or a term that is not there."""
    references.endpoint(f"{key}.endpoint", options["endpoint"])
    for name in options["strata"]:
        references.factor(f"{key}.strata", name)
    if "cluster" in options:
        references.variable(f"{key}.cluster", options["cluster"])
    event = references.protocol.endpoints[options["endpoint"]].event[0]
    modelled = {**dict.fromkeys(options["strata"], "a stratum"), event: "the event"}
    regression.terms(references, key, options, modelled)
