"""Which estimates may be shown, by the function of each kind, and the counts and curves beside them."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from recohort.analyses import kinds
from recohort.analyses.crosstab import control as crosstab
from recohort.analyses.estimates import is_reference
from recohort.disclosure.estimate_row import SUPPRESSED, suppressed

TERM = ("analysis", "kind", "outcome", "model", "term", "level", "reference", "measure", "ci_method", "at")
DIFFERENCE = "differs by too few patients from another population"


def estimates(
    rows: list[dict[str, Any]],
    rule: Any,
    counts: Iterable[dict[str, Any]] = (),
    curves: Iterable[dict[str, Any]] = (),
    confidence: float | None = None,
) -> list[dict[str, Any]]:
    """
    The estimates as they may be shown.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.estimates.COLUMNS.
    rule : Rule or None
    counts : list of dict
        The exact cross-tables behind them, analyses.estimates.CELLS: what should be in one and is not is
        suppressed.
    curves : list of dict
        The curves as they may be shown: medians and survival at a time are read from these.
    confidence : float, optional
        Coverage of the intervals of proportions, which are computed from rounded counts; without it they
        have none.

    Returns
    -------
    list of dict
        Rows of the same columns in the same order. An estimate that rests on a withheld count has status
        `suppressed`, no numbers, and the reason as its note; so has one whose population differs from that of
        an earlier one of the same term by no more than the threshold. The others have the digits that are
        printed.
    """
    if rule is None:
        return rows
    crossed, shown_curves = crosstab.tables(counts), _by_curve(curves)
    safe: dict[int, dict[str, Any]] = {}
    for block in _blocks(rows):
        of_block = [rows[i] for i in block]
        written = _of_block(of_block, rule, crossed, shown_curves, confidence)
        safe |= zip(block, written, strict=True)
    return _without_differences(rows, [safe[i] for i in range(len(rows))], rule)


def results(
    rows: list[dict[str, Any]],
    counts: list[dict[str, Any]],
    curves: list[dict[str, Any]],
    rule: Any,
    confidence: float,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """
    What the stages of a study computed, as it may be shown.

    Parameters
    ----------
    rows, counts, curves : list of dict
        All rows of its estimates.csv, counts.csv and curves.csv, exact.
    rule : Rule or None
    confidence : float

    Returns
    -------
    estimates, counts, curves : list of dict
    """
    shown_curves = _shown_curves(curves, rows, rule)
    shown = estimates(rows, rule, counts, shown_curves, confidence)
    return shown, crosstab.counts(counts, rule), shown_curves


def _blocks(rows: list[dict[str, Any]]) -> Iterable[list[int]]:
    """Positions of the rows of one model, cross-table or set of curves."""
    found = defaultdict(list)
    for i, r in enumerate(rows):
        # a univariable model has one term
        term = r["term"] if r["model"] == "univariable" else ""
        found[r["analysis"], r["outcome"], r["population"], r["model"], term].append(i)
    return found.values()


def _of_block(
    rows: list[dict[str, Any]],
    rule: Any,
    crossed: dict[tuple[str, ...], dict[tuple[str, str], int]],
    shown_curves: Any,
    confidence: float | None,
) -> list[dict[str, Any]]:
    first = rows[0]
    place = first["analysis"], first["population"]
    cells = crossed.get((*place, first["term"], first["outcome"].partition("=")[0]))
    face = kinds.face(first["kind"], "control")
    shown: list[dict[str, Any]] = face.control(rows, rule, cells, shown_curves[place], confidence)
    return shown


def _shown_curves(
    curves: list[dict[str, Any]], rows: list[dict[str, Any]], rule: Any
) -> list[dict[str, Any]]:
    """The curves, each controlled as its kind of analysis says."""
    if rule is None:
        return curves
    kind = {r["analysis"]: r["kind"] for r in rows}
    shown = []
    for analysis, steps in groupby(curves, key=lambda r: r["analysis"]):
        shown += kinds.face(kind[analysis], "control").curves(list(steps), rule)
    return shown


def _by_curve(curves: Iterable[dict[str, Any]]) -> Any:
    found: defaultdict[tuple[str, str], defaultdict[str, list[dict[str, Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for r in curves:
        found[r["analysis"], r["population"]][r["level"]].append(r)
    return found


def _without_differences(
    rows: list[dict[str, Any]], shown: list[dict[str, Any]], rule: Any
) -> list[dict[str, Any]]:
    """The rows, without estimates that tell those of a few patients from an earlier one of the same term."""
    earlier: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    safe = []
    for exact, r in zip(rows, shown, strict=True):
        sizes = earlier[tuple(exact[name] for name in TERM)]
        near = any(0 < abs(exact["n"] - n) <= rule.threshold for n in sizes)
        if r["status"] != SUPPRESSED:
            if near and not is_reference(exact):
                r = suppressed(r, {}, DIFFERENCE)
            else:
                sizes.append(exact["n"])
        safe.append(r)
    return safe
