"""The gates of a protocol (`fail_when`): what of a new drop must not go on without a human."""

from collections.abc import Iterator
from typing import Any

from recohort import disclosure
from recohort.base import formats
from recohort.drop import safe_labels, schema
from recohort.drop.effects import location
from recohort.drop.gate_outcome import FAILED, NOT_CHECKED, PASSED

COLUMNS = ["gate", "about", "value", "limit", "outcome", "line"]
# Gates that need the results of both drops.
OF_RESULTS = ("deaths_undone", "follow_up_shorter", "estimate_moves_std_errors", "conclusion_flips")


def check(found: Any, protocol: Any) -> list[dict[str, Any]]:
    """
    Hold a comparison against the gates of its protocol.

    Parameters
    ----------
    found : recohort.drop.compare.Comparison
    protocol : Protocol

    Returns
    -------
    list of dict
        COLUMNS: a row for each thing that fails a gate, and one for a gate that nothing fails. `line` says
        it, safe to be shown.
    """
    rows = []
    for gate, limit in protocol.fail_when.items():
        rows += _rows(gate, limit, found, protocol)
    return rows


def _rows(gate: str, limit: Any, found: Any, protocol: Any) -> list[dict[str, Any]]:
    shared = {"gate": gate, "limit": "" if limit is True else limit}
    if found.reason and (gate in OF_RESULTS or not found.patients):
        return [{**shared, "outcome": NOT_CHECKED, "line": f"{gate} could not be checked: {found.reason}"}]
    failed = [
        {**shared, "about": about, "value": value, "outcome": FAILED, "line": f"{gate}: {line}"}
        for about, value, line in CHECKS[gate](found, limit, protocol)
    ]
    failed += [
        {**shared, "about": about, "outcome": NOT_CHECKED, "line": f"{gate} could not be checked: {line}"}
        for about, line in _not_compared(gate, found, protocol)
    ]
    return failed or [{**shared, "outcome": PASSED, "line": f"{gate} passed"}]


def _not_compared(gate: str, found: Any, protocol: Any) -> Iterator[Any]:
    """What a gate is about and the earlier drop cannot give, and why."""
    why = safe_labels.unreadable(found.lost)
    if gate in ("deaths_undone", "follow_up_shorter"):
        for name in found.lost.endpoints:
            yield name, f"{protocol.endpoints[name].label}, as {why}"
    if gate in ("estimate_moves_std_errors", "conclusion_flips") and found.n_lost:
        yield "estimates", f"{found.n_lost} estimates, as {why}"


def _column_swapped(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row in found.schema:
        if row["kind"] in ("swapped", "moved"):
            yield row["column"], 1, schema.moved_in_words([row])


def _column_gone(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row in found.schema:
        if row["kind"] == "gone":
            yield row["column"], 1, f"column {row['column']} is not there any more"


def _cells_changed(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row in found.columns:
        percent = 100 * row["changed"] / row["n"] if row["n"] else 0
        if row["kind"] == "column" and percent > limit:
            shown = safe_labels.percent(row["changed"], row["n"], protocol.rule)
            yield (
                row["name"],
                percent,
                f"column {row['name']} has {shown} % of its cells changed, above {limit:g}",
            )


def _deaths_undone(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row in found.followup:
        if row["events_undone"] > limit:
            n, label = row["events_undone"], protocol.endpoints[row["endpoint"]].label
            yield (
                row["endpoint"],
                n,
                f"{label} has {disclosure.shown(n, protocol.rule)} events undone, above {limit}",
            )


def _follow_up_shorter(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row in found.followup:
        n, label = row["shorter"] + row["lost"], protocol.endpoints[row["endpoint"]].label
        if n > limit:
            shown = disclosure.shown(n, protocol.rule)
            yield row["endpoint"], n, f"{label} is shorter or lost in {shown} patients, above {limit}"


def _estimate_moves(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row, shown in zip(found.estimates, found.shown_estimates, strict=True):
        label, moved = safe_labels.estimate(row, protocol), row.get("change_std_errors")
        if moved is not None and abs(moved) > limit:
            by = "" if safe_labels.is_withheld(row, found, protocol.rule) else _moved(shown)
            yield label, moved, f"{label} moves{by}, more than {limit:g} standard errors"
        elif _is_lost(row):
            yield label, None, f"{label} is not estimable any more"


def _moved(shown: dict[str, Any]) -> str:
    moved = shown.get("change_std_errors")
    return "" if moved is None else f" by {formats.number(abs(moved), 2)}"


def _is_lost(row: dict[str, Any]) -> bool:
    names = ("estimate_before", "estimate_after")
    before, after = ({"measure": row["measure"], "estimate": row[name]} for name in names)
    return location(before) is not None and location(after) is None and row["n_after"] is not None


def _conclusion_flips(found: Any, limit: Any, protocol: Any) -> Iterator[Any]:
    for row, shown in zip(found.estimates, found.shown_estimates, strict=True):
        if row.get("conclusion_flipped"):
            label = safe_labels.estimate(row, protocol)
            p = [formats.p_value(shown[f"p_value_{when}"]) or "none" for when in ("before", "after")]
            said = (
                ""
                if safe_labels.is_withheld(row, found, protocol.rule)
                else f" (p {p[0]} before, {p[1]} now)"
            )
            yield label, 1, f"the conclusion of {label} flips{said}"
    for row in found.verdicts:
        if row["before"] != row["after"]:
            line = f"the verdict on {row['what']} was {row['before']} and is {row['after']}"
            yield row["claim"], 1, line


CHECKS = {
    "column_gone": _column_gone,
    "column_swapped": _column_swapped,
    "cells_changed_percent": _cells_changed,
    "deaths_undone": _deaths_undone,
    "follow_up_shorter": _follow_up_shorter,
    "estimate_moves_std_errors": _estimate_moves,
    "conclusion_flips": _conclusion_flips,
}
