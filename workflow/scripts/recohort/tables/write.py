"""The files of a study's tables."""

import json

from recohort.tables import csv, docx, html
from recohort.tables.model import from_dict, to_dict

# Names with a hyphen or in this list are not those of an analysis alone, so no table is overwritten.
ALL_TABLES = "tables.json"
NUMBERS = "summary-numbers.csv"


def files(tables, numbers, endpoints):
    """
    Everything that the stage writes.

    Parameters
    ----------
    tables : list of Table
    numbers : DataFrame
        recohort.summary.COLUMNS, unrounded.
    endpoints : list of dict
        What each endpoint rests on, for the report.

    Yields
    ------
    (str, bytes)
        File name and content: each table as CSV, HTML and DOCX, all of them as JSON, and the numbers.
    """
    for table, page in html.pages(tables):
        yield f"{table.name}.csv", csv.text(table).encode()
        yield f"{table.name}.html", page.encode()
        yield f"{table.name}.docx", docx.document(table)
    content = {"tables": [to_dict(table) for table in tables], "endpoints": endpoints}
    yield ALL_TABLES, json.dumps(content, ensure_ascii=False, indent=1).encode()
    yield NUMBERS, numbers.to_csv(index=False, lineterminator="\n").encode()


def read(text):
    """The tables and endpoints in the text of tables.json."""
    content = json.loads(text)
    return [from_dict(table) for table in content["tables"]], content["endpoints"]
