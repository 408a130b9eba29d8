"""The curves of a protocol: Kaplan-Meier by group, medians, survival at given times, log-rank tests."""

from typing import Any

import numpy as np
import pandas as pd

from recohort.analyses.estimates import CURVES, Estimated, records
from recohort.protocol.model import DAYS
from recohort.statistics import kaplan_meier
from recohort.statistics.survival_rows import SurvivalRows


def estimate(patients: pd.DataFrame, protocol: Any, analysis: Any, confidence: float = 0.95) -> Estimated:
    """
    Every curve of an analysis of kind curves.

    Parameters
    ----------
    patients : DataFrame
        The cohort, one row per patient.
    protocol : Protocol
    analysis : Analysis
    confidence : float

    Returns
    -------
    Estimated
        Rows: per group the median, and the survival at times, which `at` holds; per comparison the
        log-rank test. Curves: a row per curve and distinct time, in the endpoint's unit.
    """
    endpoint = protocol.endpoints[analysis.options["endpoint"]]
    by = analysis.options.get("by")
    rows, steps = [], []
    for population in analysis.populations:
        shared = {
            "study": protocol.study,
            "analysis": analysis.name,
            "kind": analysis.kind,
            "outcome": endpoint.name,
            "population": population,
            "term": by or "",
        }
        among = patients[patients[f"in_{population}"]]
        followed = among[among[f"{endpoint.name}_time_days"].notna()]
        shared["n_no_outcome"] = len(among) - len(followed)
        if by:
            followed = followed[followed[by].notna()]
        shared["n_missing"] = len(among) - len(followed)
        shared["n_no_covariate"] = shared["n_missing"] - shared["n_no_outcome"]
        shared |= {"n": len(followed), "events": int(followed[f"{endpoint.name}_event"].sum())}
        survival = _survival(followed, endpoint)
        for level in protocol.codebook[by].levels if by else [""]:
            group = survival.of((followed[by] == level).to_numpy()) if by else survival
            group_rows, curve = _group(group, endpoint, analysis.options, confidence)
            rows += [{**shared, "level": level, **row} for row in group_rows]
            if curve is not None:
                steps.append(curve.assign(**{k: shared[k] for k in CURVES[:4]}, level=level))
        if by:
            rows.append({**shared, "measure": "logrank", **_logrank(survival, followed[by])})
    return Estimated(rows, curves=[step for curve in steps for step in records(curve[CURVES])])


def _survival(followed: pd.DataFrame, endpoint: Any) -> SurvivalRows:
    """The follow-up of patients in the endpoint's printed unit."""
    unit = DAYS[endpoint.unit]
    column = f"{endpoint.name}_entry_days"
    return SurvivalRows(
        followed[f"{endpoint.name}_time_days"].to_numpy() / unit,
        followed[f"{endpoint.name}_event"].to_numpy(),
        followed[column].to_numpy() / unit if column in followed else None,
    )


def _group(
    group: SurvivalRows, endpoint: Any, options: dict[str, Any], confidence: float
) -> tuple[list[dict[str, Any]], pd.DataFrame | None]:
    counts = {"n_level": len(group), "events_level": int(group.event.sum())}
    if not len(group):
        refused = {"status": "not-estimable", "note": "no patients in this group"}
        return [{**counts, "measure": "median", **refused}], None
    interval = options["interval"]
    curve = kaplan_meier.kaplan_meier(group, interval, confidence)
    median, low, high = kaplan_meier.median(curve)
    notes = [] if np.isfinite(median) else ["not reached"]
    notes += [curve.note] if curve.note else []
    rows = [
        {
            **counts,
            "measure": "median",
            "estimate": median,
            "ci_low": low,
            "ci_high": high,
            "ci_method": interval,
            "note": "; ".join(notes),
        }
    ]
    at = options["times"]
    for t, survival, error, low, high in zip(at, *kaplan_meier.at_times(curve, at), strict=True):
        beyond = (
            {} if np.isfinite(survival) else {"status": "not-estimable", "note": "beyond the last follow-up"}
        )
        rows.append(
            {
                **counts,
                "measure": "survival",
                "at": t,
                "at_unit": endpoint.unit,
                "estimate": survival,
                "std_error": error,
                "ci_low": low,
                "ci_high": high,
                "ci_method": interval,
                **beyond,
            }
        )
    steps = pd.DataFrame({name: getattr(curve, name) for name in CURVES[5:]})
    return rows, steps


def _logrank(survival: SurvivalRows, groups: pd.Series) -> dict[str, Any]:
    if groups.nunique() < 2 or not survival.event.any():
        return {"status": "not-estimable", "note": "fewer than two groups, or no events"}
    test = kaplan_meier.logrank(survival, groups.cat.codes.to_numpy())
    return {
        "p_value": test.p_value,
        "p_method": "log-rank",
        "statistic": test.statistic,
        "df": test.df,
    }
