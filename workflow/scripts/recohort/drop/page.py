"""A comparison of drops as tables for the report and the pull request: aggregates that may be shown."""

from collections.abc import Iterable
from typing import Any

from recohort import disclosure
from recohort.analyses.estimates import RATIOS
from recohort.base import formats
from recohort.drop import safe_labels
from recohort.drop.effects import KEY
from recohort.drop.gate_outcome import PASSED
from recohort.layout.table import NOTHING, Column, Notes, Table, row, section
from recohort.layout.words import capital, data_line

# The least change of an estimate that is shown, in standard errors: less is rounding of the computer.
LEAST = 1e-9
SCHEMA = {
    "gone": ("Gone", NOTHING),
    "new": ("New", NOTHING),
    "renamed": ("Renamed", "now {}"),
    "swapped": ("Swapped", "with {}"),
    "moved": ("Moved", "now in {}"),
}
MEMBERS = {
    "gone": "Gone",
    "new": "New",
    "in both": "In both drops",
    "changed": "In both, with a changed cell",
    "left the cohort": "Left the cohort",
    "entered the cohort": "Entered the cohort",
}
SIZES = {"Rows read": ("read before", "read"), "In the cohort": ("in the cohort before", "in the cohort")}
CAUSES = {"part_recoded": "Recoded", "part_follow_up": "Follow-up", "part_patients": "Patients"}
FLIPS = {
    "sign_flipped": "sign",
    "significance_flipped": "significance",
    "conclusion_flipped": "conclusion",
}


def tables(found: Any, gates: list[dict[str, Any]], protocol: Any) -> list[Table]:
    """
    The tables of a comparison, without those that have nothing to say.

    Parameters
    ----------
    found : recohort.drop.compare.Comparison
    gates : list of dict
        From `gates.check`.
    protocol : Protocol

    Returns
    -------
    list of Table
        Of these names, in this order, the gravest first: gates, schema, attrition, estimates_put_back,
        estimates, verdicts, followup, patients, cells. The estimates that moved most are first.
    """
    built = [
        _gates(gates, protocol),
        _schema(found, protocol),
        _attrition(found, protocol),
        *([] if found.swapped_back is None else [_put_back(found, protocol)]),
        _estimates(found, protocol),
        _verdicts(found, protocol),
        _follow_up(found, protocol),
        _patients(found, protocol),
        _cells(found, protocol),
    ]
    return [table for table in built if table.rows]


def _table(
    name: str, title: str, columns: Iterable[Column], rows: Iterable[Any], protocol: Any, *notes: Any
) -> Table:
    said = Notes()
    for note in notes:
        said.add(note)
    return Table(name, name, title, tuple(columns), tuple(rows), said.footnotes(), data_line(protocol))


def _text(header: str) -> Column:
    return Column(header, is_number=False)


def _gates(gates: list[dict[str, Any]], protocol: Any) -> Table:
    rows = [
        row(
            "plain",
            r["gate"],
            f"{r['limit']}" or NOTHING,
            r["outcome"],
            "" if r["outcome"] == PASSED else r["line"],
        )
        for r in gates
    ]
    return _table(
        "gates",
        "Gates of the protocol",
        map(_text, ("Gate", "Limit", "Outcome", "What failed")),
        rows,
        protocol,
    )


def _schema(found: Any, protocol: Any) -> Table:
    rows = []
    for r in found.schema:
        kind, other = SCHEMA[r["kind"]]
        rows.append(row("plain", r["column"], kind, other.format(r["other"])))
    return _table("schema", "Columns of the extract", map(_text, ("Column", "What", "")), rows, protocol)


def _patients(found: Any, protocol: Any) -> Table:
    rule = protocol.rule
    n = {r["what"]: r["n"] for r in found.patients}
    rows = [
        row(
            "plain",
            label,
            disclosure.shown(n[was], rule),
            disclosure.shown(n[is_now], rule),
            safe_labels.change(n[was], n[is_now], rule),
        )
        for label, (was, is_now) in SIZES.items()
        if was in n
    ]
    rows += [
        row("plain", label, "", disclosure.shown(n[what], rule), "")
        for what, label in MEMBERS.items()
        if what in n
    ]
    columns = (_text(""), Column("Before"), Column("Now"), Column("Change"))
    return _table("patients", capital(protocol.unit), columns, rows, protocol)


def _cells(found: Any, protocol: Any) -> Table:
    rule = protocol.rule
    columns = (
        _text(""),
        Column("Compared"),
        Column("Changed"),
        Column("%"),
        Column("Filled"),
        Column("Emptied"),
    )
    rows = []
    for kind, title in (("column", "Texts, by column"), ("variable", "Values as the codebook reads them")):
        changed = [r for r in found.columns if r["kind"] == kind and r["changed"]]
        # in the order of what is shown, as that of exact numbers would tell them
        changed.sort(key=lambda r: -(disclosure.rounded(r["changed"], rule) or 0))
        if changed:
            rows.append(section(title, len(columns)))
        for r in changed:
            label = r["name"] if kind == "column" else protocol.codebook[r["name"]].label
            counts = [disclosure.shown(r[name], rule) for name in ("n", "changed", "filled", "emptied")]
            counts.insert(2, safe_labels.percent(r["changed"], r["n"], rule))
            rows.append(row("plain", label, *counts))
    note = f"Cells of the {protocol.unit} in both drops; filled: empty before, emptied: empty now."
    return _table("cells", "Cells that changed", columns, rows, protocol, note)


def _follow_up(found: Any, protocol: Any) -> Table:
    rule = protocol.rule
    headers = {
        "n": "Compared",
        "longer": "Longer",
        "shorter": "Shorter",
        "lost": "Lost",
        "found": "Found",
        "events_new": "New events",
        "events_undone": "Events undone",
    }
    rows = [
        row(
            "plain",
            protocol.endpoints[r["endpoint"]].label,
            *(disclosure.shown(r[name], rule) for name in headers),
        )
        for r in found.followup
        if any(r[name] for name in headers if name != "n")
    ]
    columns = (_text("Endpoint"), *map(Column, headers.values()))
    note = f"{capital(protocol.unit)} in both drops; lost: time unknown now, found: time unknown before."
    return _table("followup", "Follow-up", columns, rows, protocol, note)


def _attrition(found: Any, protocol: Any) -> Table:
    rule = protocol.rule
    columns = (_text("Step"), Column("Removed before"), Column("Now"), Column("Change"))
    rows = []
    populations: dict[str, list[Any]] = {}
    for exact, r in zip(found.attrition, found.shown_attrition, strict=True):
        if exact["n_before"] != exact["n_after"] and r["kind"] not in ("read", "cohort"):
            populations.setdefault(r["population"], []).append((exact, r))
    for population, steps in populations.items():
        if population != "all":
            rows.append(section(protocol.populations[population].label, len(columns)))
        for exact, r in steps:
            counts = [r["n_before"], r["n_after"]]
            is_shown = None not in counts
            change = (
                safe_labels.change(exact["n_before"], exact["n_after"], rule)
                if is_shown
                else safe_labels.WITHHELD
            )
            cells = [disclosure.WITHHELD if n is None else formats.count(n) for n in counts]
            rows.append(row("plain", capital(r["step"]), *cells, change))
    return _table("attrition", "Steps of the flow that remove others than before", columns, rows, protocol)


def _put_back(found: Any, protocol: Any) -> Any:
    """The estimates that moved although the columns that changed places are put back."""
    back = found.swapped_back
    pairs = zip(back.estimates, back.shown_estimates, strict=True)
    safe = [pair for pair in pairs if not is_near_to(pair[0], found, protocol.rule)]
    back = back._replace(estimates=[r for r, _ in safe], shown_estimates=[r for _, r in safe])
    title = f"Estimates that moved, with the columns put back in the {found.put_back_in} drop"
    return _estimates(back, protocol, "estimates_put_back", title)


def is_near_to(r: Any, found: Any, rule: Any) -> bool:
    """Whether a row with the columns put back, beside that without, tells of few patients by a difference."""
    if safe_labels.is_near(0, found.n_put_back, rule):
        return True
    same = [other for other in found.estimates if all(other[name] == r[name] for name in KEY)]
    names = [f"{name}_{when}" for name in safe_labels.COUNTED for when in ("before", "after")]
    return any(safe_labels.is_near(r[name], other[name], rule) for other in same for name in names)


def _estimates(
    found: Any, protocol: Any, name: str = "estimates", title: str = "Estimates that moved"
) -> Table:
    rule = protocol.rule
    causes = {name: label for name, label in CAUSES.items() if name != "part_follow_up" or protocol.endpoints}
    columns = (
        *(_text("Estimate"), Column("Before"), Column("Now"), Column("Change, std errors")),
        *(Column(label, "of which") for label in causes.values()),
        _text("Flipped"),
    )
    pairs = zip(found.estimates, found.shown_estimates, strict=True)
    # in the order of released numbers, as that of exact ones would tell them
    moved = [
        shown for exact, shown in pairs if is_moved(shown) and not safe_labels.is_withheld(exact, found, rule)
    ]
    moved.sort(key=_size, reverse=True)
    is_parted = safe_labels.is_parted(found, rule)
    rows = [row("plain", safe_labels.estimate(r, protocol), *_estimate(r, causes, is_parted)) for r in moved]
    note = (
        "On the log scale for ratios, in standard errors before; where an estimate has none, its interval "
        "gives one. Parted by computing the results again on extracts between the drops: with the recoded "
        f"cells, then with the updated follow-up, last with the gone and new {protocol.unit}. The parts add "
        "up to the total."
    )
    return _table(name, title, columns, rows, protocol, note)


def is_moved(r: dict[str, Any]) -> bool:
    """Whether an estimate, a row of effects.COLUMNS, changed by more than the computer's rounding."""
    change = r.get("change_std_errors")
    if change is not None:
        return abs(change) > LEAST or bool(r["conclusion_flipped"])
    return r["estimate_before"] != r["estimate_after"] or bool(r.get("conclusion_flipped"))


def n_withheld(found: Any, protocol: Any) -> int:
    """How many estimates moved but are not shown, as few patients moved them."""
    return sum(is_moved(r) and safe_labels.is_withheld(r, found, protocol.rule) for r in found.estimates)


def _size(r: dict[str, Any]) -> tuple[bool, float]:
    """Flips first, then by the size of the change; what has no size is above all."""
    change = r.get("change_std_errors")
    return bool(r.get("conclusion_flipped")), float("inf") if change is None else abs(change)


def _estimate(r: dict[str, Any], causes: Any, is_parted: bool) -> list[str]:
    parts = [NOTHING] * len(causes)
    before, after, error = _value(r, "before"), _value(r, "after"), r.get("std_error")
    if error is None:
        return [before, after, NOTHING, *parts, _flips(r)]
    if is_parted and r.get("part_patients") is not None:
        parts = [_signed(r[name] / error) for name in causes]
    return [before, after, _signed(r["change_std_errors"]), *parts, _flips(r)]


def _value(r: dict[str, Any], when: str) -> str:
    value, low, high = (r[f"{name}_{when}"] for name in ("estimate", "ci_low", "ci_high"))
    if value is None:
        p = formats.p_value(r[f"p_value_{when}"])
        return f"p {p}" if p else r[f"status_{when}"] or NOTHING
    if r["measure"] in RATIOS:
        return formats.ratio_interval(value, low, high)
    return formats.estimate_interval(value, low, high, 3)


def _signed(value: float) -> str:
    text = formats.number(value, 2)
    return f"+{text}" if value > 0 and text != formats.number(0, 2) else text


def _flips(r: dict[str, Any]) -> str:
    return ", ".join(label for name, label in FLIPS.items() if r.get(name))


def _verdicts(found: Any, protocol: Any) -> Table:
    rows = [
        row("plain", r["what"], r["printed"], r["before"], r["after"])
        for r in found.verdicts
        if r["before"] != r["after"]
    ]
    columns = map(_text, ("Claim", "Printed", "Verdict before", "Now"))
    note = "Verdicts on our estimates, without a search for other choices of the analysis."
    return _table("verdicts", "Published claims whose verdict changed", columns, rows, protocol, note)
