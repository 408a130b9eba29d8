"""What the tables of cross-tables share."""

from collections.abc import Iterable
from typing import Any

from recohort.analyses.estimates import RATIOS
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import Cell, Column, Notes, Row, Table


def table(
    protocol: Any,
    analysis: Any,
    population: str,
    columns: Iterable[Column],
    body: Iterable[Row],
    notes: Notes,
    part: str = "",
) -> Table:
    """A table of one analysis and population; a part of it has a name of its own."""
    title = words.title(protocol, analysis, population)
    return Table(
        name=words.file_name(analysis, population, part),
        analysis=analysis.name,
        title=f"{title} ({part})" if part else title,
        columns=tuple(columns),
        rows=tuple(body),
        footnotes=notes.footnotes(),
        data=words.data_line(protocol),
    )


def share(part: int | None, whole: int | None, protocol: Any) -> str:
    """ "12/40 (30.0%)" as it may be shown."""
    percent = f" ({formats.percent(part, whole)})" if whole and part is not None else ""
    return f"{words.count(part, protocol)}/{words.count(whole, protocol)}{percent}"


def ratio(r: dict[str, Any], notes: Notes) -> Cell | str:
    """An estimate with its interval, or why there is none."""
    if r["estimate"] is None:
        return words.refused({**r, "note": r["note"] or "a cell of the table is 0"}, notes)
    printed = formats.ratio_interval if r["measure"] in RATIOS else formats.estimate_interval
    return printed(*words.numbers(r))


def p_value(r: dict[str, Any]) -> str:
    """The p value of a row as printed; "" without one."""
    return "" if r["p_value"] is None else formats.p_value(r["p_value"])
