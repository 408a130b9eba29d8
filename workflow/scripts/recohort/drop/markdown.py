"""A comparison of drops as Markdown for a pull request: a screen or two."""

import html
import re
from collections.abc import Iterable
from typing import Any

# Rows shown of each table; the page has all.
MOST_ROWS = 12
# The gravest first: what may make all below it wrong.
SHOWN = (
    "schema", "attrition", "estimates_put_back", "estimates", "verdicts", "followup", "patients", "cells",
)  # fmt: skip


def text(
    heading: str, sentences: list[str], failed: list[str], tables: Iterable[Any], files: str = ""
) -> str:
    """
    The Markdown of a comparison.

    Parameters
    ----------
    heading : str
    sentences : list of str
    failed : list of str
        A line for each thing that fails a gate.
    tables : list of Table
        From `page.tables`.
    files : str
        Markdown that says where the patients are; "" for nothing.

    Returns
    -------
    str
        Of GitHub's flavour; what stands in a cell is shown as it is and never taken for HTML or Markdown.
    """
    lines = [f"- :x: {_plain(line)}" for line in failed]
    parts = [f"### {_plain(heading)}", *map(_plain, sentences), "\n".join(lines), files]
    by_name = {table.name: table for table in tables}
    parts += [_table(by_name[name]) for name in SHOWN if name in by_name]
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(table: Any) -> str:
    names = [": ".join(filter(None, [column.spanner, column.header])) for column in table.columns]
    lines = [_line(names), _line(["--:" if c.is_number else "---" for c in table.columns], raw=True)]
    for row in table.rows[:MOST_ROWS]:
        cells = [cell.text for cell in row.cells]
        lines.append(
            _line([f"**{_plain(cells[0])}**", *cells[1:]], raw=True)
            if row.kind == "section"
            else _line(cells)
        )
    more = len(table.rows) - MOST_ROWS
    said = [f"and {more} more, in the report"] if more > 0 else []
    return "\n\n".join([f"**{_plain(table.title)}**", "\n".join(lines), *said])


def _line(cells: Iterable[str], raw: bool = False) -> str:
    return f"| {' | '.join(cells if raw else map(_plain, cells))} |"


def _plain(text: str) -> str:
    """A text that Markdown shows as it is, in one line."""
    escaped = re.sub(r"([\\`*_\[\]|~#])", r"\\\1", html.escape(" ".join(text.split()), quote=False))
    # a name after it would be told of the pull request
    return escaped.replace("@", "&#64;")
