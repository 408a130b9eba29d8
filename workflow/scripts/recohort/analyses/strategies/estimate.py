"""HER2 testing strategies: tests needed, positives found and missed."""

from typing import Any

import numpy as np

from recohort.analyses.crosstab.estimate import cross, estimates
from recohort.analyses.strategies import PER_1000
from recohort.her2 import guideline


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """What each strategy needs, finds and misses, in numbers and per 1,000."""
    return estimates(
        patients,
        protocol,
        analysis,
        lambda inside: _strategies(inside, protocol, analysis.options, confidence),
    )


def _strategies(
    patients: Any, protocol: Any, options: dict[str, Any], confidence: float
) -> tuple[list[dict[str, Any]], list[Any]]:
    ((fish, positive),) = options["fish"].items()
    called = {level: call for call in guideline.RESULTS for level in options[call]}
    known = patients[patients[options["ihc"]].isin(called) & patients[fish].notna()]
    ihc = known[options["ihc"]].map(called).to_numpy(object)
    n_no_outcome = int(patients[fish].isna().sum())
    truth = np.where(known[fish] == positive, "positive", "negative")
    # ASSUME sequencing agrees with FISH as the protocol says, also where it was done: strategies are compared
    # on all specimens, and those sequenced are few
    ngs = np.full(len(known), None, dtype=object)
    counts = guideline.cross_tabulate(ihc, truth, ngs)
    found = guideline.strategies(counts, options["ngs_sensitivity"], options["ngs_specificity"])
    shared = {
        "outcome": f"{fish}={positive}",
        "term": options["ihc"],
        "n": len(known),
        "events": int((truth == "positive").sum()),
        "n_missing": len(patients) - len(known),
        "n_no_outcome": n_no_outcome,
        "n_no_covariate": len(patients) - len(known) - n_no_outcome,
    }
    rows = []
    for strategy in found:
        for suffix, s in (("", strategy), (PER_1000, strategy.per_1000())):
            for measure, value in {
                "FISH tests": s.fish_tests,
                "NGS tests": s.ngs_tests,
                "positives found": s.found,
                "positives missed": s.missed,
                "false positives": s.false_positives,
            }.items():
                rows.append(
                    {**shared, "level": strategy.name, "measure": measure + suffix, "estimate": value}
                )
    return rows, [cross(patients, options["ihc"], fish)]
