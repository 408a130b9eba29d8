"""The tests of Table 1: whether variables differ between groups."""

from typing import Any

import numpy as np

from recohort.analyses.estimates import Estimated
from recohort.analyses.summary.groups import cross_table, members, samples
from recohort.statistics import contingency, rank_tests


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Estimated:
    """
    Test each variable of a summary over its groups; nothing of a summary without groups.

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
        Per population and variable that is no date or text a row, of those with a known group and value.
    """
    rows = []
    by = protocol.codebook.get(analysis.options.get("by"))
    for population in analysis.populations if by else ():
        inside = patients[patients[f"in_{population}"]]
        grouped = inside[inside[by.name].notna()]
        groups = list(members(grouped, by).values())
        for name in analysis.options["variables"]:
            n = int(grouped[name].notna().sum())
            shared = {
                "study": protocol.study,
                "analysis": analysis.name,
                "kind": analysis.kind,
                "outcome": by.name,
                "population": population,
                "term": name,
                "measure": "association",
                "n": n,
                "n_missing": len(inside) - n,
            }
            if test := compare(protocol.codebook[name], grouped[name], groups):
                rows.append({**shared, **test})
    return Estimated(rows)


def compare(variable: Any, column: Any, groups: Any) -> dict[str, Any] | None:
    """
    The test of a variable over groups.

    Parameters
    ----------
    variable : Variable
    column : Series
    groups : list of ndarray of bool
        Who is in each.

    Returns
    -------
    dict or None
        Part of a row of the estimates; None of a date or text, which are not compared.

    References
    ----------
    Agrees with R, tests/analyses/summary.
    """
    if variable.is_factor:
        table = cross_table(variable, column, groups)
        test = contingency.association(table) if min(table.shape) > 1 else None
    elif variable.type == "number":
        test = _compare_numbers(samples(column, groups))
    else:
        return None
    if test is None:
        return {"status": "not-estimable", "note": "fewer than two groups or levels occur"}
    status = "not-estimable" if np.isnan(test.p_value) else "ok"
    return {"p_value": test.p_value, "p_method": test.p_method, "note": test.note, "status": status}


def _compare_numbers(samples: list[Any]) -> Any:
    if len(samples) < 2:
        return None
    if len(samples) == 2:
        return rank_tests.rank_sum(*samples)
    groups = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
    return rank_tests.kruskal_wallis(np.concatenate(samples), groups)
