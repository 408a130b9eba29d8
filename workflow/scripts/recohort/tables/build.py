"""From the estimates and the cohort of a study to its tables."""

import pandas as pd

from recohort import summary
from recohort.estimates import records
from recohort.tables import agreement, baseline, regression, survival
from recohort.tables.model import Results

BUILDERS = {
    "logistic": regression.tables,
    "cox": regression.tables,
    "curves": survival.tables,
    "fisher": agreement.fisher,
    "rates": agreement.rates,
    "agreement": agreement.accuracy,
    "strategies": agreement.strategies,
}


def tables(protocol, cohort, estimates, counts, confidence):
    """
    All tables of a study.

    Parameters
    ----------
    protocol : Protocol
    cohort : DataFrame
        One row per unit; only counts, shares and quantiles of it come out.
    estimates : list of dict
        Rows of the estimates of all stages, as `recohort.estimates.read` gives them.
    counts : list of dict
        Rows of agreement/counts.csv, the cross-tables; none if that stage did not run.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    tables : list of Table
        In the protocol's order.
    numbers : DataFrame
        recohort.summary.COLUMNS: the unrounded numbers of the summaries.
    """
    built, numbers = [], []
    for analysis in protocol.analyses.values():
        if analysis.kind == "summary":
            numbers.append(baseline.numbers(protocol, analysis, cohort))
            built += baseline.tables(protocol, analysis, records(numbers[-1]))
        else:
            of_rows = [r for r in estimates if r["analysis"] == analysis.name]
            of_cells = [c for c in counts if c["analysis"] == analysis.name]
            built += BUILDERS[analysis.kind](protocol, analysis, Results(of_rows, of_cells, confidence))
    return built, pd.concat(numbers or [pd.DataFrame(columns=summary.COLUMNS)], ignore_index=True)


def endpoints(protocol, cohort):
    """
    How much each endpoint rests on.

    Counted in the population that it is analysed in, the first if they are several: a row of the cohort may
    be a sample, and a patient's death would count once a sample.

    Returns
    -------
    list of dict
        label, n with a known time, and events.
    """
    analysed = {}
    for analysis in protocol.of_stage("survival"):
        analysed.setdefault(analysis.options["endpoint"], analysis.populations[0])
    counted = []
    for endpoint in protocol.endpoints.values():
        population = protocol.populations[analysed.get(endpoint.name, "all")]
        inside = cohort[cohort[f"in_{population.name}"]]
        counted.append(
            {
                "label": endpoint.label + ("" if population.name == "all" else f" ({population.label})"),
                "n": int(inside[f"{endpoint.name}_time_days"].notna().sum()),
                "events": int(inside[f"{endpoint.name}_event"].sum()),
            }
        )
    return counted
