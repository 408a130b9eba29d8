"""Kaplan-Meier curves through few points, and what is read from them."""

from itertools import groupby, pairwise
from typing import Any

from recohort.disclosure import counts_by_level
from recohort.disclosure.estimate_row import kept, suppressed
from recohort.disclosure.rule import Rule, cut, rounded

BEYOND = "beyond the curve that may be shown"
FEW_EVENTS = "too few events for a curve that may be shown"

CURVE = ("analysis", "population", "level")
HEIGHTS = ("survival", "std_error", "ci_low", "ci_high")
START = {"survival": 1.0, "std_error": 0.0, "ci_low": 1.0, "ci_high": 1.0}


def control(
    rows: list[dict[str, Any]],
    rule: Rule,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """
    The rows of the curves of one analysis and population.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.estimates.COLUMNS.
    rule : Rule
    curves : dict of level to list of dict
        The rows of each curve that may be shown.

    Returns
    -------
    list of dict
    """
    (hidden,) = counts_by_level.by_term(rows, rule).values()
    few = any(key[0] in ("n", "events") for key in hidden)
    return [
        _of_curve(r, counts_by_level.shown_counts(r, hidden, rule), few, curves.get(r["level"], []))
        for r in rows
    ]


def _of_curve(
    r: dict[str, Any], counts: dict[str, int | None], few: bool, curve: list[dict[str, Any]]
) -> dict[str, Any]:
    if r["measure"] == "logrank":
        return suppressed(r, counts) if few or r["status"] != "ok" else kept(r, counts)
    if not curve:
        return suppressed(r, counts, FEW_EVENTS)
    if r["measure"] == "median":
        limits = {"estimate": "survival", "ci_low": "ci_low", "ci_high": "ci_high"}
        found = {name: when_half(curve, of) for name, of in limits.items()}
        return {**r, **counts, **found, "note": "" if found["estimate"] is not None else "not reached"}
    if r["at"] > curve[-1]["time"]:
        return suppressed(r, counts, BEYOND)
    survival = at(curve, r["at"])
    found = {"estimate": survival.pop("survival"), **survival}
    return {**r, **counts, **{name: cut(value, 2) for name, value in found.items()}}


def curves(rows: list[dict[str, Any]], rule: Rule | None) -> list[dict[str, Any]]:
    """
    Kaplan-Meier curves as they may be shown.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.estimates.CURVES, a row per curve and time.
    rule : Rule or None

    Returns
    -------
    list of dict
        Of each curve a row at time 0, and one wherever more events than the threshold have come together
        (then their number, rounded, is in `events`) or the number at risk has moved by more. Survival and
        interval are those at the points with events, in whole percent, and on the straight lines between
        them; censored is None. A curve ends where no more than the threshold are at risk; one without a point
        has no rows.
    """
    if rule is None:
        return rows
    safe = []
    for _, group in groupby(rows, key=lambda r: tuple(r[name] for name in CURVE)):
        safe += _coarse(list(group), rule)
    return safe


def _coarse(curve: list[dict[str, Any]], rule: Rule) -> list[dict[str, Any]]:
    last = max((i for i, r in enumerate(curve) if r["at_risk"] > rule.threshold), default=-1)
    curve = curve[: last + 1]
    points = _points(curve, rule)
    if not points:
        return []
    start: dict[str, Any] = {**curve[0], "time": 0.0, "events": 0, **START}
    heights = [start, *({**r, **{name: cut(r[name], 2) for name in HEIGHTS}} for r, _ in points)]
    of_point = {r["time"]: rounded(events, rule) for r, events in points}
    shown_risk, rows = curve[0]["at_risk"], [start]
    for r in curve:
        if r["time"] in of_point or abs(r["at_risk"] - shown_risk) > rule.threshold:
            shown_risk = r["at_risk"]
            rows.append({**r, "events": of_point.get(r["time"], 0), **at(heights, r["time"])})
    return [{**r, "at_risk": rounded(r["at_risk"], rule), "censored": None} for r in rows]


def _points(curve: list[dict[str, Any]], rule: Rule) -> list[tuple[dict[str, Any], int]]:
    """Rows at which events of about equal, large enough numbers have come together, with these numbers."""
    left = sum(r["events"] for r in curve)
    target = left / max(left // (rule.threshold + 1), 1)
    points, together = [], 0
    for r in curve:
        together, left = together + r["events"], left - r["events"]
        # what is left must be enough for a point of its own
        if together > rule.threshold and (left == 0 or together >= target and left > rule.threshold):
            points.append((r, together))
            together = 0
    return points


def at(curve: list[dict[str, Any]], time: float) -> dict[str, Any]:
    """
    Survival at a time with its error and interval, on the straight line between two points of a curve.

    Parameters
    ----------
    curve : list of dict
        Rows of one curve as `curves` gives them, the first at time 0.
    time : float
        Of the last row at most, or what the last row has is held.

    Returns
    -------
    dict
        survival, std_error, ci_low and ci_high; None where one of the points has none.
    """
    for before, after in pairwise(curve):
        if before["time"] <= time < after["time"]:
            share = (time - before["time"]) / (after["time"] - before["time"])
            return {name: _between(before[name], after[name], share) for name in HEIGHTS}
    return {name: curve[-1][name] for name in HEIGHTS}


def when_half(curve: list[dict[str, Any]], name: str) -> float | None:
    """The first time at which a column of a curve is one half on its straight lines; None if it never is."""
    for before, after in pairwise(curve):
        low, high = after[name], before[name]
        if low is not None and high is not None and low <= 0.5 < high:
            time: float = before["time"] + (after["time"] - before["time"]) * (high - 0.5) / (high - low)
            return time
    return None


def _between(first: float | None, second: float | None, share: float) -> float | None:
    return None if first is None or second is None else first + share * (second - first)
