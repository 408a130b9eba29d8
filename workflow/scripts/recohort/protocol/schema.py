"""
The schema of protocols: a part for what every study has, and one beside each kind of analysis.

    python -m recohort.protocol.schema > workflow/schemas/study.schema.yaml

puts the parts together for editors.
"""

import copy
from functools import cache
from pathlib import Path
from typing import Any

from recohort.base.errors import RecohortError, nearest
from recohort.protocol import yaml_file

PARTS = Path(__file__).parent
KINDS = PARTS.parent / "analyses"
# What a kind was called before.
FORMER = {"rates": "proportions"}


def kinds() -> tuple[str, ...]:
    """Names of the kinds of analysis, in alphabetical order: the folders of analyses/ with a schema."""
    return tuple(sorted(path.parent.name for path in KINDS.glob("*/schema.yaml")))


@cache
def kind(name: str) -> dict[str, Any]:
    """
    The schema of a kind of analysis.

    Parameters
    ----------
    name : str

    Returns
    -------
    dict
        description; stage, the stage that computes it; figure_title, the heading of its figures; without, the
        faces that it lacks, each with the reason; adjustments, of p values for their number, by the key that
        asks for it; required and properties, its keys.

    Raises
    ------
    RecohortError
        If there is no such kind.
    """
    if name in FORMER:
        raise RecohortError(f"the kind {name!r} is now {FORMER[name]!r}", remedy=f"Write {FORMER[name]!r}.")
    if name not in kinds():
        raise RecohortError(f"{name!r} is no kind of analysis", remedy=nearest(name, kinds()))
    return yaml_file.load(KINDS / name / "schema.yaml")


@cache
def study() -> dict[str, Any]:
    """The schema of what every study has, as a dict."""
    return yaml_file.load(PARTS / "schema.yaml")


def analysis(name: str) -> dict[str, Any]:
    """The JSON schema of an analysis of a kind, with the definitions that it refers to."""
    common, own = study()["$defs"]["analysis"], kind(name)
    return {
        "type": "object",
        "additionalProperties": False,
        "description": own["description"],
        "required": [*common["required"], *own["required"]],
        "properties": {**common["properties"], "kind": {"const": name}, **own["properties"]},
        "$defs": study()["$defs"],
    }


def part(name: str) -> dict[str, Any]:
    """The schema of a part of what every study has, such as variable or endpoint, with its definitions."""
    return {**study()["$defs"][name], "$defs": study()["$defs"]}


def assembled() -> dict[str, Any]:
    """The whole schema in one dict, for editors: what keys an analysis has depends on its kind."""
    whole = copy.deepcopy(study())
    choices = {"properties": {"kind": {"enum": list(kinds())}}}
    branches = []
    for name in kinds():
        of_kind = {key: rule for key, rule in analysis(name).items() if key != "$defs"}
        branches.append({"if": {"properties": {"kind": {"const": name}}}, "then": of_kind})
    whole["$defs"]["analysis"] = {"type": "object", "required": ["kind"], **choices, "allOf": branches}
    return whole


if __name__ == "__main__":
    import yaml

    print("# Assembled from the parts by `python -m recohort.protocol.schema`: edit those.")
    print(yaml.safe_dump(assembled(), sort_keys=False, allow_unicode=True, width=120), end="")
