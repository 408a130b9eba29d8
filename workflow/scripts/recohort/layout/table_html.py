"""A table as a page of HTML, and what the report shares with it: templates, escaping, style."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).resolve().with_name("templates")


def environment() -> Environment:
    """Templates that escape every value and refuse a name they do not know."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def pages(tables: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """
    Each table as a page of its own.

    Parameters
    ----------
    tables : iterable of Table

    Yields
    ------
    (Table, str)
    """
    page = environment().get_template("table_page.html.j2")
    for table in tables:
        yield table, page.render(table=table)
