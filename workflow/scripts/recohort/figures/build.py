"""From the attrition, estimates and curves of a study to its figures."""

from recohort.estimates import COUNTS
from recohort.figures import agreement, flow, regression, survival
from recohort.tables import words

# a summary is a table, the agreement of two tests a cross-table
BUILDERS = {
    "logistic": regression.figure,
    "cox": regression.figure,
    "curves": survival.figure,
    "fisher": agreement.fisher,
    "rates": agreement.rates,
    "strategies": agreement.strategies,
}


def figures(protocol, attrition, estimates, curves, confidence):
    """
    All figures of a study.

    Parameters
    ----------
    protocol : Protocol
    attrition : DataFrame
        population, step, kind, n, n_unknown, n_left.
    estimates : DataFrame
        recohort.estimates.COLUMNS, of all stages.
    curves : DataFrame or None
        recohort.survival.CURVES, if the study has survival curves.
    confidence : float
        Coverage of the intervals.

    Yields
    ------
    name : str
        File name without a suffix: flow, then as the tables of the same analysis and population.
    figure : matplotlib.figure.Figure
    """
    yield "flow", flow.figure(protocol, attrition.to_dict("records"))
    # a missing count is NaN, like every other missing number
    rows = estimates.astype(dict.fromkeys(COUNTS, float)).to_dict("records")
    for analysis in protocol.analyses.values():
        for population in analysis.populations if analysis.kind in BUILDERS else ():
            found = [r for r in rows if (r["analysis"], r["population"]) == (analysis.name, population)]
            more = {}
            if analysis.kind == "curves":
                mine = (curves["analysis"] == analysis.name) & (curves["population"] == population)
                more["curves"] = curves[mine]
            figure = BUILDERS[analysis.kind](protocol, analysis, population, found, confidence, **more)
            yield words.file_name(analysis, population), figure
