"""Estimates: which may be shown, and the counts beside them."""

from collections import defaultdict

from recohort.analyses.crosstab import control as crosstables
from recohort.analyses.crosstab import control_kinds as agreements
from recohort.analyses.curves import control as steps
from recohort.analyses.regression import control as models
from recohort.disclosure.estimate_row import COUNTS, SUPPRESSED, suppressed

TABLES = {
    "fisher": agreements.fisher,
    "proportions": agreements.proportions,
    "agreement": agreements.agreement,
    "strategies": agreements.strategies,
}
TERM = ("analysis", "kind", "outcome", "model", "term", "level", "reference", "measure", "ci_method", "at")
DIFFERENCE = "differs by too few patients from another population"


def estimates(rows, rule, counts=(), curves=(), confidence=None):
    """
    The estimates as they may be shown.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.estimates.COLUMNS.
    rule : Rule or None
    counts : list of dict
        The exact cross-tables behind them, analyses.crosstab.estimate.COUNTS: what is not in one is
        suppressed.
    curves : list of dict
        The curves as `curves_control.curves` gave them: medians and survival at a time are read from these.
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
    crossed, shown_curves = crosstables.tables(counts), _by_curve(curves)
    safe = {}
    for block in _blocks(rows):
        of_block = [rows[i] for i in block]
        written = _of_block(of_block, rule, crossed, shown_curves, confidence)
        safe |= zip(block, written, strict=True)
    return _without_differences(rows, [safe[i] for i in range(len(rows))], rule)


def results(rows, counts, curves, rule, confidence):
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
    shown_curves = steps.curves(curves, rule)
    shown = estimates(rows, rule, counts, shown_curves, confidence)
    return shown, crosstables.counts(counts, rule), shown_curves


def _blocks(rows):
    """Positions of the rows of one model, cross-table or set of curves."""
    found = defaultdict(list)
    for i, r in enumerate(rows):
        # a univariable model has one term
        term = r["term"] if r["model"] == "univariable" else ""
        found[r["analysis"], r["outcome"], r["population"], r["model"], term].append(i)
    return found.values()


def _of_block(rows, rule, crossed, shown_curves, confidence):
    first = rows[0]
    place = first["analysis"], first["population"]
    if first["kind"] in ("logistic", "cox"):
        return models.regression(rows, rule)
    if first["kind"] == "curves":
        return models.curves(rows, rule, shown_curves[place])
    cells = crossed.get((*place, first["term"], first["outcome"].partition("=")[0]))
    if cells is None:
        return [suppressed(r, dict.fromkeys(COUNTS)) for r in rows]
    return TABLES[first["kind"]](rows, rule, cells, confidence)


def _by_curve(curves):
    found = defaultdict(lambda: defaultdict(list))
    for r in curves:
        analysis, population, level = (r[name] for name in steps.CURVE)
        found[analysis, population][level].append(r)
    return found


def _without_differences(rows, shown, rule):
    """The rows, without estimates that tell those of a few patients from an earlier one of the same term."""
    earlier, safe = defaultdict(list), []
    for exact, r in zip(rows, shown, strict=True):
        sizes = earlier[tuple(exact[name] for name in TERM)]
        is_reference = exact["level"] and exact["level"] == exact["reference"]
        near = any(0 < abs(exact["n"] - n) <= rule.threshold for n in sizes)
        if r["status"] != SUPPRESSED:
            if near and not is_reference:
                r = suppressed(r, {}, DIFFERENCE)
            else:
                sizes.append(exact["n"])
        safe.append(r)
    return safe


def claims(rows, rule):
    """
    The audit as it may be shown: rows of claims.csv, of a controlled study what is printed and the verdict.

    Recomputed values are exact, and the reasons quote them.
    """
    hidden = {"recomputed": None, "reason": "", "robustness": "", "search": ""}
    return rows if rule is None else [{**r, **hidden} for r in rows]
