"""Fisher's exact test of each outcome between two groups."""

from typing import Any

from recohort.analyses.crosstab.estimate import cross, estimates, left_out, result, two_columns
from recohort.statistics import contingency
from recohort.statistics.fisher import fisher

# The model of the rows of an odds ratio that strata have in common.
COMMON = "stratified"


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """The odds ratio and the exact test of each outcome."""
    return estimates(
        patients,
        protocol,
        analysis,
        lambda inside: _tests(inside, protocol, analysis.options, confidence),
    )


def _tests(
    patients: Any, protocol: Any, options: dict[str, Any], confidence: float
) -> tuple[list[dict[str, Any]], list[Any]]:
    by = protocol.codebook[options["by"]]
    reference = by.reference or by.levels[0]
    (level,) = (level for level in by.levels if level != reference)
    rows, tables = [], []
    for outcome, counted in options["outcomes"].items():
        table = cross(patients, by.name, outcome)
        counts = two_columns(table, counted)
        test = fisher(counts.loc[[level, reference]].to_numpy(), confidence)
        n_known = int(counts.to_numpy().sum())
        rows.append(
            {
                "outcome": f"{outcome}={counted}",
                "term": by.name,
                "level": level,
                "reference": reference,
                "n": n_known,
                "events": int(counts["yes"].sum()),
                **left_out(table),
                "n_level": int(counts.loc[level].sum()),
                "events_level": int(counts.loc[level, "yes"]),
                "measure": "OR",
                **result(test, "exact"),
            }
        )
        if "strata" in options:
            strata = protocol.codebook[options["strata"]]
            rows.append(_common(patients, strata, (outcome, counted), rows[-1], confidence))
        tables.append(table)
    return rows, tables


def _common(
    patients: Any, strata: Any, outcome: tuple[str, str], exact: dict[str, Any], confidence: float
) -> dict[str, Any]:
    """The odds ratio that the strata have in common, of those whose stratum is known too."""
    name, counted = outcome
    of_strata = [
        two_columns(cross(group, exact["term"], name), counted).loc[[exact["level"], exact["reference"]]]
        for group in (patients[patients[strata.name] == stratum] for stratum in strata.levels)
    ]
    together = sum(of_strata)
    n_known = int(together.to_numpy().sum())
    found = contingency.mantel_haenszel([counts.to_numpy() for counts in of_strata], confidence)
    shared = {key: exact[key] for key in ("outcome", "term", "level", "reference", "measure")}
    return {
        **shared,
        "model": COMMON,
        "n": n_known,
        "events": int(together["yes"].sum()),
        "n_missing": len(patients) - n_known,
        "n_no_outcome": exact["n_no_outcome"],
        "n_no_covariate": len(patients) - n_known - exact["n_no_outcome"],
        "n_level": int(together.loc[exact["level"]].sum()),
        "events_level": int(together.loc[exact["level"], "yes"]),
        **result(found),
    }
