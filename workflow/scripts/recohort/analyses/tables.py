"""From the estimates and the cohort of a study to its tables, by the function of each kind."""

from typing import Any

from recohort.analyses import kinds
from recohort.disclosure import rounded
from recohort.layout.table import Results


def tables(
    protocol: Any,
    shown: dict[str, list[dict[str, Any]]],
    sizes: dict[tuple[str, str, str], int | None],
    estimates: list[dict[str, Any]],
    counts: list[dict[str, Any]],
    confidence: float,
) -> list[Any]:
    """
    All tables of the analyses of a study.

    Parameters
    ----------
    protocol : Protocol
    shown, sizes : dict
        As `summary.numbers.summaries` gives them.
    estimates : list of dict
        Rows of the estimates of all stages, as they may be shown.
    counts : list of dict
        Rows of contingency/counts.csv, the cross-tables, as they may be shown; none if the stage did not run.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    list of Table
        In the protocol's order.
    """
    built = []
    for analysis in protocol.analyses.values():
        of_rows, of_cells = (
            [r for r in rows if r["analysis"] == analysis.name] for rows in (estimates, counts)
        )
        results = Results(of_rows, of_cells, confidence, shown.get(analysis.name, []), sizes)
        built += kinds.face(analysis.kind, "table").tables(protocol, analysis, results)
    return built


def endpoints(protocol: Any, cohort: Any) -> list[dict[str, Any]]:
    """
    How much each endpoint rests on.

    Counted in the population that it is analysed in, the first if they are several: a row of the cohort may
    be a sample, and a patient's death would count once a sample.

    Returns
    -------
    list of dict
        label, n with a known time, and events, as they may be shown: None where a count is withheld.
    """
    analysed: dict[str, str] = {}
    for analysis in protocol.analyses.values():
        if "endpoint" in analysis.options:
            analysed.setdefault(analysis.options["endpoint"], analysis.populations[0])
    counted = []
    for endpoint in protocol.endpoints.values():
        population = protocol.populations[analysed.get(endpoint.name, "all")]
        inside = cohort[cohort[f"in_{population.name}"]]
        n = int(inside[f"{endpoint.name}_time_days"].notna().sum())
        events = int(inside[f"{endpoint.name}_event"].sum())
        # those without event are a count as well
        can_show = rounded(n - events, protocol.rule) is not None
        counted.append(
            {
                "label": endpoint.label + ("" if population.name == "all" else f" ({population.label})"),
                "n": rounded(n, protocol.rule),
                "events": rounded(events, protocol.rule) if can_show else None,
            }
        )
    return counted
