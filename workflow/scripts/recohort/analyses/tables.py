"""From the estimates and the cohort of a study to its tables."""

from itertools import islice

from recohort.analyses.crosstab import table as agreement
from recohort.analyses.curves import table as survival
from recohort.analyses.estimates import records
from recohort.analyses.regression import table as regression
from recohort.analyses.summary import control as summary_control
from recohort.analyses.summary import estimate as summary
from recohort.analyses.summary import table as baseline
from recohort.disclosure import rounded
from recohort.layout.table import Results

BUILDERS = {
    "logistic": regression.tables,
    "cox": regression.tables,
    "curves": survival.tables,
    "fisher": agreement.fisher,
    "proportions": agreement.proportions,
    "agreement": agreement.accuracy,
    "strategies": agreement.strategies,
}


def summaries(protocol, cohort, counts):
    """
    The numbers of the summaries and of the data dictionary as they may be shown.

    Parameters
    ----------
    protocol : Protocol
        Its rule is how they are shown.
    cohort : DataFrame
        One row per unit; only counts and quantiles of it come out.
    counts : list of dict
        Rows of contingency/counts.csv, exact: what the summaries may show depends on them.

    Returns
    -------
    shown : dict of str to list of dict
        analyses.summary.estimate.COLUMNS, unrounded unless controlled: of each analysis, and under "" those
        of every variable of the codebook for the dictionary.
    sizes : dict of (str, str, str) to int or None
        How many are in each (analysis, population, group); None where it is withheld.
    """
    analyses = [analysis for analysis in protocol.analyses.values() if analysis.kind == "summary"]
    variables = list(protocol.codebook.values())
    exact = {a.name: records(baseline.numbers(protocol, a, cohort)) for a in analyses}
    exact[""] = records(summary.summarise(cohort, variables))
    sizes = {
        (name, r["population"], r["group"]): rounded(r["n"] + r["n_missing"], protocol.rule)
        for name, rows in exact.items()
        for r in rows
        if name and not r["level"]
    }
    if protocol.rule is None:
        return exact, sizes
    by = {a.name: a.options["by"] for a in analyses if "by" in a.options}
    derived = summary.derived(cohort, variables)
    every = [r for rows in exact.values() for r in rows]
    controlled = iter(summary_control.summary(every, protocol.rule, by, counts, derived))
    return {name: list(islice(controlled, len(rows))) for name, rows in exact.items()}, sizes


def tables(protocol, shown, sizes, estimates, counts, confidence):
    """
    All tables of the analyses of a study.

    Parameters
    ----------
    protocol : Protocol
    shown, sizes : dict
        As `summaries` gives them.
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
        if analysis.kind == "summary":
            built += baseline.tables(protocol, analysis, shown[analysis.name], sizes)
        else:
            of_rows = [r for r in estimates if r["analysis"] == analysis.name]
            of_cells = [c for c in counts if c["analysis"] == analysis.name]
            built += BUILDERS[analysis.kind](protocol, analysis, Results(of_rows, of_cells, confidence))
    return built


def endpoints(protocol, cohort):
    """
    How much each endpoint rests on.

    Counted in the population that it is analysed in, the first if they are several: a row of the cohort may
    be a sample, and a patient's death would count once a sample.

    Returns
    -------
    list of dict
        label, n with a known time, and events, as they may be shown: None where a count is withheld.
    """
    analysed = {}
    for analysis in protocol.of_stage("survival"):
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
