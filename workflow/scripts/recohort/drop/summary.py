"""A comparison of drops in words: the part of the report, and the text for a pull request."""

from typing import Any, NamedTuple

from recohort import disclosure
from recohort.base import formats
from recohort.drop import markdown, page, safe_labels, schema, stored
from recohort.drop.gate_outcome import PASSED
from recohort.layout.words import capital, data_line

ALONE = "The first drop: there is no earlier one to compare it with."
UNCHANGED = "No change: the two drops say the same."


class Said(NamedTuple):
    """page : str, of page.json (`stored`). markdown : str, for a pull request."""

    page: str
    markdown: str


def build(found: Any, gates: list[dict[str, Any]], protocol: Any, dates: list[str]) -> Said:
    """
    Say what a comparison found, with counts and estimates only.

    Parameters
    ----------
    found : recohort.drop.compare.Comparison
    gates : list of dict
        From `gates.check`.
    protocol : Protocol
    dates : list of str
        Of the newest drop, then of the earlier one, if there is one.

    Returns
    -------
    Said
    """
    if len(dates) == 1:
        heading, sentences, tables = f"Drop {dates[0]}", [ALONE], []
    else:
        heading = f"Drop {dates[0]} against {dates[1]}"
        sentences = _sentences(found, gates, protocol)
        tables = [] if found.is_unchanged else page.tables(found, gates, protocol)
    failed = [gate["line"] for gate in gates if gate["outcome"] != PASSED]
    has_files = bool(found.cells or found.of_patient)
    said = [*sentences, _files(protocol)] if has_files else sentences
    # a pull request is read away from the report, which says it on every table
    alone, files = [*sentences, data_line(protocol)], _files(protocol, "`") if has_files else ""
    return Said(
        stored.text(heading, said, failed, tables),
        markdown.text(f"{protocol.study}: {heading}", alone, failed, tables, files),
    )


def _sentences(found: Any, gates: list[dict[str, Any]], protocol: Any) -> list[str]:
    failed = {gate["gate"] for gate in gates if gate["outcome"] != PASSED}
    declared = {gate["gate"] for gate in gates}
    said = [f"Gates passed: {len(declared - failed)} of {len(declared)}."] if declared else []
    if found.is_unchanged:
        return [UNCHANGED, *said]
    if found.reason and not found.patients:
        return [f"The drops are not compared: {found.reason}.", *said]
    quarantined = [] if found.swapped_back else _quarantined(found, protocol)
    grave = [*_moved_columns(found, protocol), *_lost(found, protocol), *_gone(found), *quarantined]
    if found.reason:
        return [*grave, f"The results of the earlier drop cannot be computed: {found.reason}.", *said]
    n_withheld = page.n_withheld(found, protocol)
    withheld = [f"Not shown, as few {protocol.unit} moved them: {n_withheld}."] if n_withheld else []
    return [*grave, _moved(found), *withheld, *said]


def _moved(found: Any) -> str:
    n_moved = sum(page.is_moved(row) for row in found.estimates)
    n_flipped = sum(bool(row.get("conclusion_flipped")) for row in found.estimates)
    return (
        f"Estimates that moved: {n_moved} of {len(found.estimates)}; conclusions that changed: {n_flipped}."
    )


def _moved_columns(found: Any, protocol: Any) -> list[str]:
    """Columns whose contents changed places, and what is left when they are put back."""
    moved, back = schema.moved_in_words(found.schema), found.swapped_back
    if not moved:
        return []
    said = [f"{capital(moved)}."]
    if back is None:
        return said
    place = f"With the columns put back in the {found.put_back_in} drop"
    if back.reason:
        return [*said, f"{place} the results cannot be computed: {back.reason}."]
    n_withheld = sum(page.is_near_to(row, found, protocol.rule) for row in back.estimates)
    withheld = [f"Not shown of these, as few {protocol.unit} differ: {n_withheld}."] if n_withheld else []
    return [*said, *_quarantined(found, protocol), " ".join([f"{place}:", _moved(back), *withheld])]


def _quarantined(found: Any, protocol: Any) -> list[str]:
    """Rows quarantined, by reason, where these are others than before; and with the columns put back."""
    said = []
    for exact, shown in zip(found.attrition, found.shown_attrition, strict=True):
        if exact["kind"] == "quarantined" and exact["n_before"] != exact["n_after"]:
            then, now = (_count(shown[f"n_{when}"]) for when in ("before", "after"))
            back = _with_columns_put_back(exact, found, protocol.rule)
            said.append(f"{exact['step']}: {then} before, {now} now{back}")
    return [f"Rows quarantined, {'; '.join(said)}."] if said else []


def _with_columns_put_back(exact: Any, found: Any, rule: Any) -> str:
    """How many rows a reason quarantines in the drop whose columns are put back; "" without one."""
    back = found.swapped_back
    if back is None or back.reason:
        return ""
    name, when = ("n_before", "before ") if found.put_back_in == "earlier" else ("n_after", "")
    steps = zip(back.attrition, back.shown_attrition, strict=True)
    same = [(e[name], s[name]) for e, s in steps if (e["step"], e["kind"]) == (exact["step"], exact["kind"])]
    n, n_shown = same[0] if same else (0, 0)
    is_near = safe_labels.is_near(exact[name], n, rule)
    return f" ({_count(None if is_near else n_shown)} {when}with the columns put back)"


def _count(n: int | None) -> str:
    return disclosure.WITHHELD if n is None else formats.count(n)


def _lost(found: Any, protocol: Any) -> list[str]:
    """Columns that the earlier drop cannot give, and what is not compared for it."""
    lost = found.lost
    if not lost.columns:
        return []
    labels = [protocol.codebook[name].label for name in lost.variables]
    labels += [protocol.endpoints[name].label for name in lost.endpoints]
    labels += [f"{found.n_lost} estimates"] if found.n_lost else []
    said = f"{capital(safe_labels.unreadable(lost))}: not compared are {', '.join(labels)}."
    checks = [f"Not applied to it: {', '.join(lost.checks)}."] if lost.checks else []
    return [" ".join([said, *checks])]


def _gone(found: Any) -> list[str]:
    gone = [row["column"] for row in found.schema if row["kind"] == "gone"]
    return [f"Columns that are not there any more: {', '.join(gone)}."] if gone else []


def _files(protocol: Any, mark: str = "") -> str:
    """Where the patients and cells are, with a mark around each path."""
    folder = f"results/{protocol.study}/cohort"
    paths = " and ".join(f"{mark}{folder}/{name}{mark}" for name in ("drop_patients.csv", "drop_cells.csv"))
    return f"Which {protocol.unit} and which cells: {paths}. They are patient-level and stay where they are."
