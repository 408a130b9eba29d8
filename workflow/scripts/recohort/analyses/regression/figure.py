"""Forest plots of logistic and Cox models: univariable and multivariable on one axis."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

from recohort.analyses.estimates import RATIOS, is_reference
from recohort.base import formats
from recohort.layout import forest, words
from recohort.layout.forest import Mark, Row

MODELS = ("univariable", "multivariable")
NOTHING = "–"


@dataclass(frozen=True)
class Family:
    """
    What the figures of logistic and Cox models do differently.

    Attributes
    ----------
    measure : {"OR", "HR"}
    weight : {"n_level", "events_level"}
        Column that the area of a square is proportional to.
    weighed : str
        That column in words.
    estimated : str
        What is estimated; "" if it is more than one thing.
    note : str
        How the models were made.
    names_outcomes : bool
        Whether a model is named by its outcome.
    """

    measure: str
    weight: str
    weighed: str
    estimated: str
    note: str
    names_outcomes: bool


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    family: Family,
) -> list[Any]:
    """
    Forest plot of one analysis in one population.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind logistic or cox.
    population : str
    rows : list of dict
        Its estimates in that population; a number that is missing is NaN.
    confidence : float
        Coverage of the intervals.
    family : Family

    Returns
    -------
    list of Figure
        Its pages.
    """
    models = [model for model in MODELS if any(row["model"] == model for row in rows)]
    notes = forest.Notes()
    lines = _lines(protocol, analysis, rows, models, family.weight, notes)
    marks = [mark for line in lines for mark in line.marks if mark]
    names = [model.capitalize() if len(models) > 1 else "" for model in models]
    return forest.plot(
        lines,
        ("", "", "Events/n"),
        [(name, (f"{family.measure} ({words.interval(confidence)})", "p")) for name in names],
        forest.ratio_axis(marks, f"{RATIOS[family.measure].capitalize()} (log scale)"),
        words.title(protocol, analysis, population),
        _subtitle(protocol, analysis, rows, family.estimated),
        protocol,
        _notes(protocol, analysis, rows, models, confidence, family),
        notes,
    )


def _lines(
    protocol: Any,
    analysis: Any,
    rows: list[dict[str, Any]],
    models: list[str],
    weight: str,
    notes: forest.Notes,
) -> list[Row]:
    codebook = protocol.codebook
    outcomes = list(dict.fromkeys(row["outcome"] for row in rows))
    lines = []
    for i, outcome in enumerate(outcomes):
        if len(outcomes) > 1:
            lines.append(_heading(words.outcome(codebook, outcome), [""] * len(models), stripe=i, bold=True))
        for j, name in enumerate(analysis.options["terms"]):
            of_term = [row for row in rows if (row["outcome"], row["term"]) == (outcome, name)]
            lines += _term(protocol, name, of_term, models, i if len(outcomes) > 1 else j, weight, notes)
    return lines


def _heading(label: str, p_values: list[str], stripe: int, bold: bool = False) -> Row:
    return Row((label, "", ""), (None,) * len(p_values), tuple(("", p) for p in p_values), stripe, bold)


def _term(
    protocol: Any,
    name: str,
    rows: list[dict[str, Any]],
    models: list[str],
    stripe: int,
    weight: str,
    notes: forest.Notes,
) -> Iterator[Row]:
    """The lines of one term: a header if it has more than two levels, then each level, also the reference."""
    entry = protocol.codebook[name]
    found = {(row["model"], row["level"], row["measure"] == "global"): row for row in rows}
    levels, label = entry.levels or ("",), words.term(entry)
    if len(levels) > 2:
        tests = [found.get((model, "", True)) for model in models]
        yield _heading(label, [formats.p_value(test["p_value"]) if test else "" for test in tests], stripe)
        label = ""
    for i, level in enumerate(levels):
        of_level = [found.get((model, level, False)) for model in models]
        first = next(filter(None, of_level))
        events = f"{words.count(first['events_level'], protocol)}/{words.count(first['n_level'], protocol)}"
        cells = (label if i == 0 else "", words.level(entry, level), events)
        marks = tuple(_mark(row, weight) for row in of_level)
        yield Row(cells, marks, tuple(_value(row, notes) for row in of_level), stripe)


def _mark(row: dict[str, Any] | None, weight: str) -> Mark | None:
    if row is None or is_reference(row) or isnan(row["estimate"]):
        return None
    return Mark(row["estimate"], row["ci_low"], row["ci_high"], row[weight])


def _value(row: dict[str, Any] | None, notes: forest.Notes) -> tuple[str, str]:
    """The text of an estimate and its p value."""
    if row is None:
        return NOTHING, ""
    if is_reference(row):
        return "1 (reference)", ""
    text = forest.value_text(row, notes)
    numbers = (row["estimate"], row["ci_low"], row["ci_high"])
    # of a number, whose ratio is for a step; a text has one mark
    if not row["level"] and row["status"] == "ok" and formats.is_far_from_its_step(*numbers):
        text += notes.mark(words.STEP)
    return text, formats.p_value(row["p_value"])


def _subtitle(protocol: Any, analysis: Any, rows: list[dict[str, Any]], estimated: str) -> str:
    """What is estimated, unless the title says it, and in how many."""
    univariable = [row for row in rows if row["model"] == MODELS[0]]
    if protocol.rule:
        # rounded numbers do not add up
        size = f"up to {_most((row['n'] for row in univariable), protocol)} {protocol.unit} in a model"
    else:
        size = f"{_most((row['n'] + row['n_missing'] for row in univariable), protocol)} {protocol.unit}"
    return size if estimated in analysis.label else f"{estimated}; {size}"


def _most(counts: Iterable[float], protocol: Any) -> str:
    return words.count(max((n for n in counts if not isnan(n)), default=nan), protocol)


def _notes(
    protocol: Any,
    analysis: Any,
    rows: list[dict[str, Any]],
    models: list[str],
    confidence: float,
    family: Family,
) -> list[str]:
    """How to read the figure and how its numbers were made."""
    notes = [
        f"Area of a square: proportional to the {family.weighed} at that level.",
        f"Line: {words.interval(confidence)}; arrowhead: the interval goes on beyond the axis.",
    ]
    plain = [
        row for row in rows if row["measure"] == family.measure and row["status"] == "ok" and row["ci_method"]
    ]
    for ci_method, p_method in dict.fromkeys((row["ci_method"], row["p_method"]) for row in plain):
        notes.append(f"Interval: {ci_method}; p: {p_method} test.")
    overall = [row["p_method"] for row in rows if row["measure"] == "global"]
    for p_method in dict.fromkeys(overall):
        notes.append(f"p beside the name of a variable: {p_method} test over all its levels.")
    notes.append(family.note)
    terms = [{row["term"] for row in rows if row["model"] == model} for model in models]
    if terms[0] != terms[-1]:
        notes.append(f"{NOTHING}: not in the multivariable model.")
    for outcome, row in {row["outcome"]: row for row in rows if row["model"] == "multivariable"}.items():
        of = f" for {words.outcome(protocol.codebook, outcome)}" if family.names_outcomes else ""
        n, events = (words.count(row[key], protocol) for key in ("n", "events"))
        lacking = words.count(row["n_no_covariate"], protocol)
        without = f"; {lacking} with the outcome, but without a term, left out" if lacking else ""
        notes.append(f"Multivariable model{of}: n = {n}, {events} events{without}.")
    for outcome, row in {row["outcome"]: row for row in rows}.items():
        if n := words.count(row["n_no_outcome"], protocol):
            lacked = words.lacked(protocol, analysis, outcome)
            notes.append(f"{n} {protocol.unit} without {lacked} left out.")
    return notes
