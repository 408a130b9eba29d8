"""From the attrition, estimates and curves of a study to its figures, by the function of each kind."""

from collections.abc import Iterator
from math import nan
from typing import Any

from recohort.analyses import kinds
from recohort.cohort import flow_figure
from recohort.layout import words


def figures(
    protocol: Any,
    attrition: list[dict[str, Any]],
    estimates: list[dict[str, Any]],
    curves: list[dict[str, Any]],
    confidence: float,
) -> Iterator[tuple[str, Any]]:
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
        File name without a suffix: flow, then as the tables of the same analysis and population; from the
        second page on with its number: os, os-2.
    figure : matplotlib.figure.Figure
    """
    yield "flow", flow_figure.figure(protocol, attrition)
    yield from analyses(protocol, estimates, curves, confidence)


def analyses(
    protocol: Any, estimates: list[dict[str, Any]], curves: list[dict[str, Any]], confidence: float
) -> Iterator[tuple[str, Any]]:
    """The figures of the analyses of a study; arguments and result as of `figures`."""
    rows = [{name: nan if value is None else value for name, value in row.items()} for row in estimates]
    for analysis in protocol.analyses.values():
        face = kinds.face(analysis.kind, "figure")
        for population in analysis.populations if face else ():
            place = analysis.name, population
            found, steps = (
                [r for r in either if (r["analysis"], r["population"]) == place] for either in (rows, curves)
            )
            pages = face.figure(protocol, analysis, population, found, confidence, steps)
            yield from zip(words.page_names(analysis, population, len(pages)), pages, strict=True)
