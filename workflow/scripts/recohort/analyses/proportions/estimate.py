"""The proportion with an outcome in each group, and tests of each pair of groups."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from recohort.analyses.crosstab.estimate import cross, estimates, left_out, result, two_columns
from recohort.statistics import contingency, proportions


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """The proportion of each level with each interval and, if asked for, the odds ratio of each pair."""
    return estimates(
        patients,
        protocol,
        analysis,
        lambda inside: _proportions(inside, protocol, analysis.options, confidence),
    )


def _proportions(
    patients: Any, protocol: Any, options: dict[str, Any], confidence: float
) -> tuple[list[dict[str, Any]], list[Any]]:
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
    if options["difference"]:
        rows += _differences(counts, shared, confidence)
    return rows, [table]


def _differences(counts: Any, shared: dict[str, Any], confidence: float) -> Iterator[dict[str, Any]]:
    """The proportion of each level less that of each level before it."""
    for reference, level in combinations(counts.index, 2):
        (yes, no), (yes_there, no_there) = counts.loc[level], counts.loc[reference]
        found = proportions.proportion_difference(yes, yes + no, yes_there, yes_there + no_there, confidence)
        pair = {"level": level, "reference": reference, "measure": "difference", "model": "pairwise"}
        yield {**shared, **pair, "n_level": int(yes + no), "events_level": int(yes), **result(found)}


def _pairs(counts: Any, shared: dict[str, Any], confidence: float) -> list[dict[str, Any]]:
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
