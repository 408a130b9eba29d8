"""The proportion with an outcome in each group, and tests of each pair of groups."""

from itertools import combinations

from recohort.analyses.crosstab.estimate import cross, estimates, left_out, result, two_columns
from recohort.statistics import contingency, proportions


def estimate(patients, protocol, analysis, confidence=0.95):
    """The proportion of each level with each interval and, if asked for, the odds ratio of each pair."""
    return estimates(
        patients,
        protocol,
        analysis,
        lambda inside: _proportions(inside, protocol, analysis.options, confidence),
    )


def _proportions(patients, protocol, options, confidence):
    by = protocol.codebook[options["by"]]
    ((outcome, counted),) = options["outcome"].items()
    table = cross(patients, by.name, outcome)
    counts = two_columns(table, counted)
    n_known = int(counts.to_numpy().sum())
    shared = {
        "outcome": f"{outcome}={counted}",
        "term": by.name,
        "n": n_known,
        "events": int(counts["yes"].sum()),
        **left_out(table),
    }
    rows = []
    for level, (yes, no) in counts.iterrows():
        for interval in proportions.PROPORTION_INTERVALS:
            found = proportions.proportion(yes, yes + no, interval, confidence)
            rows.append(
                {
                    **shared,
                    "level": level,
                    "n_level": int(yes + no),
                    "events_level": int(yes),
                    "measure": "proportion",
                    **result(found),
                }
            )
    if options["pairwise"]:
        rows += _pairs(counts, shared, confidence)
    return rows, [table]


def _pairs(counts, shared, confidence):
    """Each pair of levels: sample odds ratio, the test that the counts allow, and its p after Holm."""
    pairs = list(combinations(counts.index, 2))
    tables = {pair: counts.loc[list(pair[::-1])].to_numpy() for pair in pairs}
    tests = {pair: contingency.association(table) for pair, table in tables.items()}
    adjusted = contingency.holm([tests[pair].p_value for pair in pairs])
    rows = []
    for (reference, level), holm in zip(pairs, adjusted, strict=True):
        test, ratio = tests[reference, level], contingency.odds_ratio(tables[reference, level], confidence)
        pair = {
            **shared,
            "level": level,
            "reference": reference,
            "n_level": int(counts.loc[level].sum()),
            "events_level": int(counts.loc[level, "yes"]),
            "measure": "OR",
        }
        for model, p, p_method in (
            ("pairwise", test.p_value, test.p_method),
            ("pairwise, Holm", holm, f"{test.p_method}, Holm over {len(pairs)} pairs"),
        ):
            row = {**pair, **result(ratio), "model": model, "p_value": p, "p_method": p_method}
            row["note"] = "; ".join(filter(None, [ratio.note, test.note]))
            rows.append(row)
    return rows
