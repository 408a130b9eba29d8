"""What the tables of cross-tables share."""

from recohort.analyses.estimates import RATIOS
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import Table


def table(protocol, analysis, population, columns, body, notes, part=""):
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


def share(part, whole, protocol):
    """ "12/40 (30.0%)" as it may be shown."""
    percent = f" ({formats.percent(part, whole)})" if whole and part is not None else ""
    return f"{words.count(part, protocol)}/{words.count(whole, protocol)}{percent}"


def ratio(r, notes):
    """An estimate with its interval, or why there is none."""
    if r["estimate"] is None:
        return words.refused({**r, "note": r["note"] or "a cell of the table is 0"}, notes)
    printed = formats.ratio_interval if r["measure"] in RATIOS else formats.estimate_interval
    return printed(*words.numbers(r))


def p_value(r):
    """The p value of a row as printed; "" without one."""
    return "" if r["p_value"] is None else formats.p_value(r["p_value"])
