"""Figures to look at, and what is on them: positions, sizes and words, never pixels."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Rectangle
from numpy.testing import assert_allclose
from support import protocols
from support.disclosure import RULE

from recohort.analyses import estimates
from recohort.analyses.cox import figure as cox_figure
from recohort.analyses.curves import figure as survival
from recohort.analyses.fisher import figure as fisher_figure
from recohort.analyses.proportions import figure as proportions_figure
from recohort.analyses.strategies import figure as strategies_figure
from recohort.layout import sheet

# A position goes through the transforms of matplotlib and back, or a width through the font's hinting
RTOL = 1e-6


CODEBOOK = [
    protocols.variable("age", "number", "Age", unit="years", per=10),
    protocols.variable("cns", "flag", "Metastases", levels=("no", "yes")),
    protocols.variable("pleura", "flag", "Metastases", levels=("no", "yes")),
    protocols.variable("grade", "category", "Grade", levels=("G1", "G2", "G3")),
    protocols.variable("ihc", "category", "HER2 IHC", levels=("2+", "3+")),
    protocols.variable("fish", "category", "FISH", levels=("negative", "positive")),
    protocols.variable("entry", "number", "Time to sequencing", unit="months"),
    protocols.variable("vital", "category", "Vital status", levels=("alive", "dead")),
]


def protocol(data="synthetic", unit="patients", more=()):
    return protocols.protocol(
        study="invented", title="An invented study", data=data, description="",
        source={"citation": "Nobody N. An invented paper. J Invent 2024;1:1"}, extract={}, unit=unit,
        codebook={v.name: v for v in [*CODEBOOK, *more]}, checks={},
        endpoints={
            "os": protocols.endpoint("os", "Overall survival", ("vital", "dead"), "months"),
            "late": protocols.endpoint(
                "late", "Survival", ("vital", "dead"), "months", time="age", entry="entry"
            ),
        },
        cohort=(),
        populations={
            "all": protocols.population("all", "All"),
            "ihc_3": protocols.population("ihc_3", "IHC 3+"),
        },
        analyses={}, assumptions=(),
    )  # fmt: skip


def cox(*terms, **options):
    options = {"endpoint": "os", "terms": terms, "multivariable": "none", **options}
    return protocols.analysis("risk", "cox", "Risk of death", ("all",), options)


def row(term, level="yes", reference="no", **values):
    """A row of the estimates of a Cox model."""
    return {
        "analysis": "risk", "kind": "cox", "outcome": "os", "population": "all", "model": "univariable",
        "term": term, "level": level, "reference": reference, "measure": "HR", "n": 200, "events": 90,
        "n_level": 50, "events_level": 20, "n_missing": 0, "estimate": 1.5, "ci_low": 1.1, "ci_high": 2.01,
        "ci_method": "Wald", "p_value": 0.0312, "p_method": "Wald", 
        "n_no_outcome": 4, "n_no_covariate": 6, **values,
    }  # fmt: skip


def reference_row(term, level="no", **values):
    blank = {"ci_low": None, "ci_high": None, "ci_method": "", "p_value": None, "p_method": ""}
    return row(term, level, level, estimate=1, **blank, **{"n_level": 150, "events_level": 70, **values})


def not_estimable(term, note, **values):
    blank = dict.fromkeys(["estimate", "ci_low", "ci_high", "p_value"])
    return row(term, **blank, ci_method="", p_method="", status="not-estimable", note=note, **values)


def records(rows):
    return estimates.table(rows).astype(dict.fromkeys(estimates.COUNTS, float)).to_dict("records")


def draw(rows, *terms, **options):
    (figure,) = cox_figure.figure(protocol(), cox(*terms, **options), "all", records(rows), 0.95)
    return figure


def lines(figure):
    (writing,) = figure.findobj(sheet.Writing)
    return writing.lines


def texts(figure):
    return [line.text for line in lines(figure)]


def line_of(figure, text):
    (line,) = (line for line in lines(figure) if line.text == text)
    return line


def squares(figure):
    """Positions and areas of the squares of each series."""
    return [
        (np.asarray(found.get_offsets()), found.get_sizes())
        for found in figure.axes[0].collections
        if isinstance(found, PathCollection)
    ]


def intervals(figure):
    """Ends of the lines of each series, shape (n, 2)."""
    found = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    return [np.array([segment[:, 0] for segment in c.get_segments()]) for c in found]


def arrowheads(figure):
    """How many intervals end in an arrowhead at the left, at the right."""
    drawn = {line.get_marker(): len(line.get_xdata()) for line in figure.axes[0].lines}
    return drawn["<"], drawn[">"]


def overlaps(figure):
    """Pairs of texts that are printed over each other."""
    boxes = [
        (line, line.x, line.x + sheet.text_mm(line.text, line.size, line.bold)) for line in lines(figure)
    ]
    return [
        (one.text, other.text)
        for (one, left, right), (other, other_left, other_right) in combinations(boxes, 2)
        if abs(one.y - other.y) < 2 and left < other_right and other_left < right
    ]


def outside(figure):
    """Texts that leave the page."""
    ends = [
        (line.text, line.x, line.x + sheet.text_mm(line.text, line.size, line.bold)) for line in lines(figure)
    ]
    return [text for text, left, right in ends if left < 0 or right > sheet.WIDTH_MM]


def both_models():
    rows = [
        reference_row("cns"),
        row("cns"),
        reference_row("pleura"),
        row("pleura", estimate=0.7, ci_low=0.4),
    ]
    adjusted = {"model": "multivariable", "n": 180, "events": 81}
    return [*rows, reference_row("cns", **adjusted), row("cns", estimate=1.3, events_level=10, **adjusted)]


# survival curves

CURVES = protocols.analysis("km", "curves", "Survival by IHC", ("all",), {"endpoint": "os", "by": "ihc"})


STEPS = pd.DataFrame(
    [
        ("2+", 3.0, 5, 1, 0, 0.8, 0.5, 1.0),
        ("2+", 12.0, 4, 0, 1, 0.8, 0.5, 1.0),
        ("2+", 20.0, 3, 1, 1, 0.8 * 2 / 3, 0.2, 0.9),
        ("2+", 31.0, 1, 1, 0, 0.0, np.nan, np.nan),
        ("3+", 14.0, 2, 0, 2, 1.0, 1.0, 1.0),
    ],
    columns=["level", "time", "at_risk", "events", "censored", "survival", "ci_low", "ci_high"],
).assign(analysis="km", outcome="os", population="all", term="ihc", std_error=0.1)


def curve_rows(**test):
    shared = {"analysis": "km", "kind": "curves", "outcome": "os", "population": "all", "term": "ihc", "n": 7,
              "events": 3, "n_missing": 3, "n_no_outcome": 2, "n_no_covariate": 1}  # fmt: skip
    median = {**shared, "measure": "median", "ci_method": "log"}
    return [
        {**median, "level": "2+", "n_level": 5, "events_level": 3, "estimate": 31.0, "ci_low": 3.0},
        {**median, "level": "3+", "n_level": 2, "events_level": 0, "note": "not reached"},
        {**shared, "measure": "logrank", "p_value": 0.0449, "p_method": "log-rank", "df": 1.0, **test},
    ]


def curves(analysis=CURVES, steps=STEPS, **test):
    (figure,) = survival.figure(
        protocol(), analysis, "all", records(curve_rows(**test)), 0.95, estimates.records(steps)
    )
    return figure


def assert_below(figure, expected):
    """One line of the page has these texts, each centred below a tick of the time axis."""
    by_height = {}
    for line in lines(figure):
        by_height.setdefault(round(line.y, 6), []).append(line)
    (row,) = (found[1:] for found in by_height.values() if [line.text for line in found[1:]] == expected)
    middles = [line.x + sheet.text_mm(line.text) / 2 for line in row]
    (panel,) = figure.axes
    pixels = panel.transData.transform([(tick, 0) for tick in panel.get_xticks()])
    ticks = figure.transFigure.inverted().transform(pixels)[:, 0] * sheet.WIDTH_MM
    assert_allclose(middles, ticks, rtol=RTOL)


def drawn(figure):
    """Of each group: the curve, and the marks of those censored."""
    found = figure.axes[0].lines
    return [line for line in found if line.get_marker() != "|"], [
        line for line in found if line.get_marker() == "|"
    ]


def figure_band(figure):
    return np.vstack([path.vertices for path in figure.axes[0].collections[0].get_paths()])


# Under disclosure control


def controlled():
    return replace(protocol("patient-level"), rule=RULE)


# flow

ATTRITION = pd.DataFrame(
    [
        ("all", "read", "read", 1013, 0, 1013),
        ("all", "a cell cannot be read", "quarantined", 10, 0, 1003),
        ("all", "identical duplicate", "merged", 3, 0, 1000),
        ("all", "Metastatic", "excluded", 34, 5, 966),
        ("all", "HER2-positive", "excluded", 200, 12, 766),
        ("all", "cohort", "cohort", 766, 0, 766),
        ("ihc_3", "read", "read", 766, 0, 766),
        ("ihc_3", "Scored 3+", "excluded", 302, 0, 464),
        ("ihc_3", "cohort", "cohort", 464, 0, 464),
    ],
    columns=["population", "step", "kind", "n", "n_unknown", "n_left"],
)


def boxes(figure):
    return [a for a in figure.get_children() if isinstance(a, Rectangle) and a is not figure.patch]


# agreement

RATES = protocols.analysis(
    "rates", "proportions", "FISH by IHC", ("all",), {"outcome": {"fish": "positive"}, "by": "ihc"}
)


def rate(level, events, n, **values):
    return {
        "analysis": "rates", "kind": "proportions", "outcome": "fish=positive", "population": "all",
        "term": "ihc", "level": level, "n": 150, "events": 84, "n_level": n, "events_level": events,
        "n_missing": 0, "measure": "proportion", "ci_method": "Wilson", **values,
    }  # fmt: skip


def rates(*rows):
    (figure,) = proportions_figure.figure(protocol(), RATES, "all", records(rows), 0.95)
    return figure


def fisher(*rows):
    analysis = protocols.analysis(
        "exact", "fisher", "Sites", ("all",), {"outcomes": {"cns": "yes"}, "by": "ihc"}
    )
    shared = {
        "analysis": "exact", "kind": "fisher", "population": "all", "term": "ihc", "level": "3+",
        "reference": "2+", "n": 98, "events": 45, "n_level": 21, "events_level": 16, "n_missing": 0,
        "measure": "OR", "ci_method": "exact conditional", "p_method": "Fisher exact", "status": "exact",
    }  # fmt: skip
    found = records([{**shared, **r} for r in rows])
    (figure,) = fisher_figure.figure(protocol(), analysis, "all", found, 0.95)
    return figure


STRATEGIES = protocols.analysis("workup", "strategies", "Testing strategies", ("all",), {})


def strategy(name, *per_1000):
    measures = ("FISH tests", "NGS tests", "positives missed", "false positives")
    shared = {"analysis": "workup", "kind": "strategies", "outcome": "fish=positive", "population": "all",
              "term": "ihc", "level": name, "n": 400}  # fmt: skip
    per = [
        {**shared, "measure": f"{m} per 1,000", "estimate": x}
        for m, x in zip(measures, per_1000, strict=True)
    ]
    return per + [
        {**shared, "measure": m, "estimate": 0.4 * x} for m, x in zip(measures, per_1000, strict=True)
    ]


def strategies():
    rows = [*strategy("FISH for all", 1000, 0, 0, 0), *strategy("IHC first", 750, 250, 10.4, 2.6)]
    (figure,) = strategies_figure.figure(protocol(unit="specimens"), STRATEGIES, "all", records(rows), 0.95)
    return figure
