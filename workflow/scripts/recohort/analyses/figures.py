"""From the attrition, estimates and curves of a study to its figures."""

from math import nan

from recohort.analyses.crosstab import figure as agreement
from recohort.analyses.curves import figure as survival
from recohort.analyses.regression import figure as regression
from recohort.cohort import flow_figure
from recohort.layout import words

# a summary is a table, the agreement of two tests a cross-table
BUILDERS = {
    "logistic": regression.figure,
    "cox": regression.figure,
    "curves": survival.figure,
    "fisher": agreement.fisher,
    "proportions": agreement.proportions,
    "strategies": agreement.strategies,
}


def figures(protocol, attrition, estimates, curves, confidence):
    """
    All figures of a study.

    Parameters
    ----------
    protocol : Protocol
    attrition : list of dict
        Rows of cohort/attrition.csv.
    estimates : list of dict
        Rows of the estimates of all stages, as `recohort.analyses.estimates.read` gives them.
    curves : list of dict
        Rows of survival/curves.csv, if the study has survival curves.
    confidence : float
        Coverage of the intervals.

    Yields
    ------
    name : str
        File name without a suffix: flow, then as the tables of the same analysis and population.
    figure : matplotlib.figure.Figure
    """
    yield "flow", flow_figure.figure(protocol, attrition)
    rows = [{name: nan if value is None else value for name, value in row.items()} for row in estimates]
    for analysis in protocol.analyses.values():
        for population in analysis.populations if analysis.kind in BUILDERS else ():
            found = [r for r in rows if (r["analysis"], r["population"]) == (analysis.name, population)]
            more = {}
            if analysis.kind == "curves":
                more["curves"] = [
                    c for c in curves if (c["analysis"], c["population"]) == (analysis.name, population)
                ]
            figure = BUILDERS[analysis.kind](protocol, analysis, population, found, confidence, **more)
            yield words.file_name(analysis, population), figure
