"""Fisher's exact test of each outcome between two groups."""

from recohort.analyses.crosstab.estimate import cross, estimates, left_out, result, two_columns
from recohort.statistics.fisher import fisher


def estimate(patients, protocol, analysis, confidence=0.95):
    """The odds ratio and the exact test of each outcome."""
    return estimates(
        patients,
        protocol,
        analysis,
        lambda inside: _tests(inside, protocol, analysis.options, confidence),
    )


def _tests(patients, protocol, options, confidence):
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
        tables.append(table)
    return rows, tables
