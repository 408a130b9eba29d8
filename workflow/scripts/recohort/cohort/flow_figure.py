"""The flow of a study: from the rows of the extract to the cohort and its subgroups."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recohort.layout import sheet as style
from recohort.layout import words

BOX_MM = 58  # width of a box
SPINE_MM = 30  # arrow from box to box
BRANCH_MM = 4  # line from the cohort to its subgroups
INDENT_MM = 8  # of the box of a subgroup
LIST_MM = 66  # left edge of the lists of what was removed
COUNTS_MM = (141, 160, 175)  # right ends of the counts in a list
GAP_MM = 4
PAD_MM = 1.6
INK = {"color": "black", "linewidth": 0.8}


@dataclass(frozen=True)
class Stop:
    """
    A box of the flow with what is removed on the way: after it, or, for a subgroup, before it.

    Attributes
    ----------
    text : str
    n : str
        As printed.
    heading : str
        Of the list of what is removed.
    removed : tuple of (str, (str, str, str))
        What; how many, of these how many because a value is unknown (criteria only), and how many are left.
    """

    text: str
    n: str
    heading: str = ""
    removed: tuple[tuple[str, tuple[str, str, str]], ...] = ()


def figure(protocol: Any, attrition: list[dict[str, Any]]) -> Any:
    """
    Flow diagram of a study.

    Parameters
    ----------
    protocol : Protocol
    attrition : list of dict
        Rows of cohort/attrition.csv: population, step, kind, n, n_unknown, n_left.

    Returns
    -------
    Figure
    """
    main, subgroups = stops(protocol, attrition)
    tops: list[float] = []
    y: float = 0
    for stop in main:
        tops.append(y)
        y += _box_height(stop, BOX_MM) + GAP_MM + (_list_height(stop) + GAP_MM if stop.removed else 0)
    for stop in subgroups:
        tops.append(y)
        y += max(_box_height(stop, BOX_MM - INDENT_MM), _list_height(stop)) + GAP_MM
    subtitle = f"From the extract to the cohort{' and its subgroups' if subgroups else ''}"
    sheet = style.sheet(y, protocol.title, subtitle, protocol, [
        "Criteria are applied in the order shown; each row leaves at the first that it does not meet.",
        "Unknown: a value that the criterion needs is missing.",
    ])  # fmt: skip
    for i, stop in enumerate(main):
        is_cohort = i == len(main) - 1
        _stop(sheet, stop, tops[i], None if is_cohort else tops[i + 1])
    for stop, top in zip(subgroups, tops[len(main) :], strict=True):
        _subgroup(sheet, stop, top, tops[len(main) - 1] + _box_height(main[-1], BOX_MM))
    return sheet.figure


def stops(protocol: Any, attrition: list[dict[str, Any]]) -> tuple[list[Stop], list[Stop]]:
    """
    The boxes of the flow.

    Returns
    -------
    main : list of Stop
        Rows read, units that were assessed if rows were quarantined or merged, and last the cohort.
    subgroups : list of Stop
    """
    everybody = [row for row in attrition if row["population"] == "all"]
    early = [row for row in everybody if row["kind"] in ("quarantined", "merged")]
    criteria = _removed(protocol, (row for row in everybody if row["kind"] == "excluded"))
    excluded = "Excluded: criterion not met"
    unit = protocol.unit.capitalize()
    read, cohort = (words.count(everybody[i]["n_left"], protocol) for i in (0, -1))
    main = [Stop("Rows read", read, excluded, criteria)]
    if early:
        assessed = words.count(early[-1]["n_left"], protocol)
        main = [
            Stop("Rows read", read, "Removed before the criteria", _removed(protocol, early)),
            Stop(f"{unit} assessed", assessed, excluded, criteria),
        ]
    main.append(Stop(f"{unit} in the cohort", cohort))
    subgroups = []
    for name in dict.fromkeys(row["population"] for row in attrition if row["population"] != "all"):
        rows = [row for row in attrition if row["population"] == name]
        steps = _removed(protocol, (row for row in rows if row["kind"] == "excluded"))
        left = words.count(rows[-1]["n_left"], protocol)
        subgroups.append(Stop(protocol.populations[name].label, left, excluded, steps))
    return main, subgroups


def _removed(protocol: Any, rows: Iterable[dict[str, Any]]) -> tuple[tuple[str, tuple[str, str, str]], ...]:
    lines = []
    for row in rows:
        n, unknown, left = (words.count(row[key], protocol) for key in ("n", "n_unknown", "n_left"))
        if row["kind"] == "excluded":
            lines.append((row["step"], (n, unknown, left)))
        else:
            lines.append((f"{row['kind'].capitalize()}: {row['step']}", (n, "", left)))
    return tuple(lines)


def _box_lines(stop: Stop, width: float) -> list[str]:
    return [*style.wrap(stop.text, width - 2 * PAD_MM, bold=True), f"n = {stop.n}"]


def _box_height(stop: Stop, width: float) -> float:
    return style.LINE_MM * len(_box_lines(stop, width)) + 2 * PAD_MM


def _list_lines(stop: Stop) -> list[list[str]]:
    """Each thing that is removed, broken into lines."""
    return [style.wrap(what, COUNTS_MM[0] - 12 - LIST_MM - PAD_MM) for what, _ in stop.removed]


def _list_height(stop: Stop) -> float:
    lines = 1 + sum(map(len, _list_lines(stop)))
    return style.LINE_MM * lines + 0.8 * len(stop.removed) + 2 * PAD_MM if stop.removed else 0


def _stop(sheet: Any, stop: Stop, top: float, next_top: float | None) -> None:
    height = _box_height(stop, BOX_MM)
    _box(sheet, stop, SPINE_MM - BOX_MM / 2, top, BOX_MM, height, heavy=next_top is None)
    if next_top is not None:
        _arrow(sheet, (SPINE_MM, top + height), (SPINE_MM, next_top))
    if stop.removed:
        list_top = top + height + GAP_MM
        _list(sheet, stop, list_top)
        middle = list_top + _list_height(stop) / 2
        _arrow(sheet, (SPINE_MM, middle), (LIST_MM, middle))


def _subgroup(sheet: Any, stop: Stop, top: float, cohort_bottom: float) -> None:
    left = SPINE_MM - BOX_MM / 2 + INDENT_MM
    height = _box_height(stop, BOX_MM - INDENT_MM)
    middle = top + max(height, _list_height(stop)) / 2
    _box(sheet, stop, left, middle - height / 2, BOX_MM - INDENT_MM, height)
    sheet.line([BRANCH_MM, BRANCH_MM], [cohort_bottom, middle], **INK)
    _arrow(sheet, (BRANCH_MM, middle), (left, middle))
    if stop.removed:
        sheet.line([left + BOX_MM - INDENT_MM, LIST_MM], [middle, middle], linestyle=(0, (2, 2)), **INK)
        _list(sheet, stop, middle - _list_height(stop) / 2)


def _box(
    sheet: Any, stop: Stop, left: float, top: float, width: float, height: float, heavy: bool = False
) -> None:
    linewidth = 1.6 if heavy else 0.8
    sheet.rectangle(left, top, width, height, facecolor="white", edgecolor="black", linewidth=linewidth)
    for i, line in enumerate(_box_lines(stop, width)):
        y = top + PAD_MM + style.LINE_MM * (i + 0.5)
        sheet.text(left + width / 2, y, line, align="center", bold=True)


def _list(sheet: Any, stop: Stop, top: float) -> None:
    right = style.WIDTH_MM - style.MARGIN_MM
    sheet.rectangle(LIST_MM, top, right - LIST_MM, _list_height(stop), facecolor=style.STRIPE, linewidth=0)
    y = top + PAD_MM + style.LINE_MM / 2
    sheet.text(LIST_MM + PAD_MM, y, stop.heading, bold=True)
    unknown = "unknown" if any(counts[1] for _, counts in stop.removed) else ""
    for x, header in zip(COUNTS_MM, ("n", unknown, "left"), strict=True):
        sheet.text(x, y, header, align="right", bold=True)
    for (_, counts), lines in zip(stop.removed, _list_lines(stop), strict=True):
        y += style.LINE_MM + 0.8
        for x, count in zip(COUNTS_MM, counts, strict=True):
            sheet.text(x, y, count, align="right")
        for i, line in enumerate(lines):
            sheet.text(LIST_MM + PAD_MM, y + style.LINE_MM * i, line)
        y += style.LINE_MM * (len(lines) - 1)


def _arrow(sheet: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    (x0, y0), (x1, y1) = start, end
    head = ">" if y0 == y1 else "v"
    # the head ends at the box, so its centre is half a head before
    back = 0.7
    x1, y1 = (x1 - back, y1) if y0 == y1 else (x1, y1 - back)
    sheet.line([x0, x1], [y0, y1], marker=head, markevery=[1], markersize=4, markeredgewidth=0, **INK)
