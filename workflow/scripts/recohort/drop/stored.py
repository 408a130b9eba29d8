"""The summary of a drop as JSON, from the job that writes it to the report."""

import json
from collections.abc import Iterable
from typing import Any

from recohort.layout.table import from_json, to_json


def text(heading: str, sentences: list[str], failed: list[str], tables: Iterable[Any]) -> str:
    """
    The text of page.json.

    Parameters
    ----------
    heading : str
    sentences, failed : list of str
        What changed; a line for each thing that fails a gate.
    tables : list of Table
    """
    # one JSON, not one within another: what is searched for before a release is found in it
    parts = json.loads(to_json(tables, []))
    said = {"heading": heading, "sentences": sentences, "failed": failed, "tables": parts}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def read(content: str) -> dict[str, Any]:
    """A dict with what `text` was given, by its names."""
    said = json.loads(content)
    return {**said, "tables": from_json(json.dumps(said["tables"]))[0]}
