"""The files of a study's tables: each table in three formats, all of them together, and the numbers."""

import csv
import io

import docx as word
import pandas as pd

from recohort.layout import write
from recohort.layout.table import Column, Table, from_json, row


def test_each_table_is_there_in_each_format_and_comes_back():
    tables = [
        Table(name, name, f"Table {name}", (Column("", is_number=False), Column("n")),
              (row("plain", "Age", str(n)),), (), "Synthetic data: x.")
        for name, n in (("one", 1), ("two", 2))
    ]  # fmt: skip
    numbers = pd.DataFrame({"variable": ["age"], "mean": [0.1 + 0.2]})
    endpoints = [{"label": "OS", "n": 9, "events": 3}]
    found = dict(write.files(tables, numbers, endpoints))
    assert set(found) == {
        *(f"{name}.{kind}" for name in ("one", "two") for kind in ("csv", "html", "docx")),
        "tables.json",
        "summary-numbers.csv",
    }
    for name, n in (("one", "1"), ("two", "2")):
        (line,) = csv.DictReader(io.StringIO(found[f"{name}.csv"].decode()))
        assert line["n"] == n
        assert f"Table {name}" in found[f"{name}.html"].decode()
        assert word.Document(io.BytesIO(found[f"{name}.docx"])).tables[0].rows[1].cells[1].text == n
    assert from_json(found["tables.json"].decode()) == (tables, endpoints)
    # unrounded
    assert found["summary-numbers.csv"].decode().splitlines() == ["variable,mean", "age,0.30000000000000004"]
