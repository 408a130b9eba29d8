"""The files of a study's tables."""

from collections.abc import Iterator
from typing import Any

from recohort.base.files import csv_text
from recohort.layout import table_csv, table_docx, table_html
from recohort.layout.table import Table, to_json

ALL_TABLES = "tables.json"
NUMBERS = "summary-numbers.csv"


def files(tables: list[Table], numbers: Any, endpoints: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """
    Everything that the stage writes.

    Parameters
    ----------
    tables : list of Table
    numbers : DataFrame
        recohort.analyses.summary.numbers.COLUMNS, unrounded.
    endpoints : list of dict
        What each endpoint rests on, for the report.

    Yields
    ------
    (str, bytes)
        File name and content: each table as CSV, HTML and DOCX, all of them as JSON, and the numbers.
    """
    for table in tables:
        yield f"{table.name}.csv", table_csv.text(table).encode()
    for table, page in table_html.pages(tables):
        yield f"{table.name}.html", page.encode()
    for table, document in table_docx.documents(tables):
        yield f"{table.name}.docx", document
    yield ALL_TABLES, to_json(tables, endpoints).encode()
    yield NUMBERS, csv_text(numbers).encode()
