"""The cross-tables of a protocol: Fisher tests, proportions, agreement of tests, HER2 testing strategies."""

from itertools import combinations

import numpy as np
import pandas as pd

from recohort.statistics import contingency, paired_tests, proportions
from recohort.statistics.fisher import fisher

COUNTS = ["analysis", "population", "row_term", "row_level", "column_term", "column_level", "n"]
MEASURES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "PPV",
    "npv": "NPV",
    "accuracy": "accuracy",
}


def estimates(patients, protocol, analysis, confidence=0.95):
    """
    Every estimate of an analysis of kind fisher, proportions, agreement or strategies.

    Parameters
    ----------
    patients : DataFrame
        The cohort, one row per patient or specimen.
    protocol : Protocol
    analysis : Analysis
    confidence : float

    Returns
    -------
    rows : list of dict
        Rows of the estimates table.
    counts : list of dict
        COUNTS: a row per cell of each cross-table behind them; a missing value is the level "".
    """
    kind = {
        "fisher": _fisher,
        "proportions": _proportions,
        "agreement": _agreement,
        "strategies": _strategies,
    }[analysis.kind]
    rows, counts = [], []
    for population in analysis.populations:
        inside = patients[patients[f"in_{population}"]]
        shared = {
            "study": protocol.study,
            "analysis": analysis.name,
            "kind": analysis.kind,
            "population": population,
        }
        found, tables = kind(inside, protocol, analysis.options, confidence)
        rows += [{**shared, **row} for row in found]
        counts += [
            {"analysis": analysis.name, "population": population, **cell}
            for table in tables
            for cell in _cells(table)
        ]
    return rows, counts


def _cross(patients, row, column):
    """Counts by two factors with all their levels and, last, those missing."""
    codes = [patients[name].cat.codes.to_numpy() for name in (row, column)]
    levels = [[*patients[name].cat.categories, ""] for name in (row, column)]
    table = np.zeros([len(names) for names in levels], dtype=int)
    np.add.at(table, tuple(codes), 1)  # the code of a missing value, -1, is the last place
    return pd.DataFrame(table, pd.Index(levels[0], name=row), pd.Index(levels[1], name=column))


def _cells(table):
    """A cross-table in long form without its empty margins of missing values."""
    for row_level, line in table.iterrows():
        for column_level, n in line.items():
            if n or "" not in (row_level, column_level):
                yield {
                    "row_term": table.index.name,
                    "row_level": row_level,
                    "column_term": table.columns.name,
                    "column_level": column_level,
                    "n": int(n),
                }


def _two_columns(table, level):
    """Having a level, and having another known one, per known row level: shape (rows, 2)."""
    known = table.drop(index="").drop(columns="")
    return pd.DataFrame({"yes": known[level], "no": known.sum(axis=1) - known[level]})


def _result(found, status="ok"):
    """An Estimate as part of a row; what does not exist says why."""
    row = {"note": found.note, "status": status, "p_value": found.p_value, "p_method": found.p_method}
    if hasattr(found, "estimate"):
        row |= {"ci_method": found.ci_method}
        if np.isfinite(found.estimate):
            row |= {
                "estimate": found.estimate,
                "std_error": found.std_error,
                "ci_low": found.ci_low,
                "ci_high": found.ci_high,
            }
    if np.isnan(row["p_value"]) and not np.isfinite(row.get("estimate", np.nan)):
        row["status"] = "not-estimable"
    return row


def _fisher(patients, protocol, options, confidence):
    by = protocol.codebook[options["by"]]
    reference = by.reference or by.levels[0]
    (level,) = (level for level in by.levels if level != reference)
    rows, tables = [], []
    for outcome, counted in options["outcomes"].items():
        table = _cross(patients, by.name, outcome)
        counts = _two_columns(table, counted)
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
                "n_missing": len(patients) - n_known,
                "n_level": int(counts.loc[level].sum()),
                "events_level": int(counts.loc[level, "yes"]),
                "measure": "OR",
                **_result(test, "exact"),
            }
        )
        tables.append(table)
    return rows, tables


def _proportions(patients, protocol, options, confidence):
    by = protocol.codebook[options["by"]]
    ((outcome, counted),) = options["outcome"].items()
    table = _cross(patients, by.name, outcome)
    counts = _two_columns(table, counted)
    n_known = int(counts.to_numpy().sum())
    shared = {
        "outcome": f"{outcome}={counted}",
        "term": by.name,
        "n": n_known,
        "events": int(counts["yes"].sum()),
        "n_missing": len(patients) - n_known,
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
                    **_result(found),
                }
            )
    if options.get("pairwise"):
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
            row = {**pair, **_result(ratio), "model": model, "p_value": p, "p_method": p_method}
            row["note"] = "; ".join(filter(None, [ratio.note, test.note]))
            rows.append(row)
    return rows


def _agreement(patients, protocol, options, confidence):
    ((test, positive),) = options["test"].items()
    ((reference, true),) = options["reference"].items()
    table = _cross(patients, test, reference)
    known = table.drop(index="").drop(columns="")
    (negative,), (false,) = known.index.drop(positive), known.columns.drop(true)
    square = known.loc[[positive, negative], [true, false]].to_numpy()
    (tp, fp), (fn, tn) = square
    parts = {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, square.sum()),
    }
    shared = {
        "outcome": f"{reference}={true}",
        "term": test,
        "level": positive,
        "n": int(square.sum()),
        "events": int(tp + fn),
        "n_missing": len(patients) - int(square.sum()),
    }
    rows = []
    for name, found in proportions.diagnostic_accuracy(square, confidence=confidence).items():
        yes, n = parts[name]
        rows.append(
            {
                **shared,
                "measure": MEASURES[name],
                "n_level": int(n),
                "events_level": int(yes),
                **_result(found),
            }
        )
    kappa = _result(paired_tests.kappa(square, confidence))
    if kappa.get("ci_high", 0) > 1:  # Wald's interval does not know that kappa cannot pass 1
        kappa |= {"ci_high": 1.0, "ci_method": f"{kappa['ci_method']}, cut at 1"}
    rows.append({**shared, "measure": "kappa", **kappa})
    rows.append({**shared, "measure": "McNemar", **_result(paired_tests.mcnemar(square))})
    return rows, [table]


def _strategies(patients, protocol, options, confidence):
    from recohort.her2 import guideline

    ((fish, positive),) = options["fish"].items()
    called = {level: call for call in guideline.RESULTS for level in options[call]}
    known = patients[patients[options["ihc"]].isin(called) & patients[fish].notna()]
    ihc = known[options["ihc"]].map(called).to_numpy(object)
    truth = np.where(known[fish] == positive, "positive", "negative")
    # ASSUME sequencing agrees with FISH as the protocol says, also where it was done: strategies are compared
    # on all specimens, and those sequenced are few
    ngs = np.full(len(known), None, dtype=object)
    counts = guideline.cross_tabulate(ihc, truth, ngs)
    found = guideline.strategies(counts, options.get("ngs_sensitivity", 1), options.get("ngs_specificity", 1))
    shared = {
        "outcome": f"{fish}={positive}",
        "term": options["ihc"],
        "n": len(known),
        "events": int((truth == "positive").sum()),
        "n_missing": len(patients) - len(known),
    }
    rows = []
    for strategy in found:
        for suffix, s in (("", strategy), (" per 1,000", strategy.per_1000())):
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
    return rows, [_cross(patients, options["ihc"], fish)]
