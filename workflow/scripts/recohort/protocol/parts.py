"""What of a protocol a stage depends on: an edit of a word that is only printed computes nothing again."""

import hashlib
import json
from collections.abc import Callable, Container
from typing import Any

from recohort.protocol import schema

# Sections of named entries, each with a label that is printed.
LABELLED = ("codebook", "endpoints", "populations", "analyses")
# What only pages, tables, figures and gates have.
PRINTED = ("title", "description", "source", "fail_when")


def digest(content: dict[str, Any], stage: str) -> str:
    """
    A hash of what a stage depends on.

    Parameters
    ----------
    content : dict
        A protocol as it is written, `yaml_file.read` of it.
    stage : str
        cohort, logistic, survival, contingency, certificate, audit or figures; other stages depend on all of
        it.

    Returns
    -------
    str
    """
    needed = _of_stage(content, stage)
    # the order of keys is the order of variables and analyses
    return hashlib.sha256(json.dumps(needed, default=str).encode()).hexdigest()


def _of_stage(content: dict[str, Any], stage: str) -> dict[str, Any]:
    if stage == "cohort":
        # the reasons of quarantined rows name labels
        return _without(content, (*PRINTED, "analyses"))
    if stage in ("certificate", "audit"):
        return _without_labels(_without(content, PRINTED))
    if stage == "figures":
        return {
            **content,
            "analyses": _analyses(content, lambda rules: "figure" not in rules.get("without", ())),
        }
    own = _analyses(content, lambda rules: rules["stage"] == stage)
    return _without_labels({**_without(content, PRINTED), "analyses": own})


def _without(content: dict[str, Any], keys: Container[str]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in keys}


def _analyses(content: dict[str, Any], wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The analyses whose kind is wanted, by the schema of the kind."""
    return {name: entry for name, entry in content["analyses"].items() if wanted(schema.kind(entry["kind"]))}


def _without_labels(content: dict[str, Any]) -> dict[str, Any]:
    labelled = {section: content.get(section, {}) for section in LABELLED}
    bare = {
        section: {name: _without(entry, ("label",)) for name, entry in entries.items()}
        for section, entries in labelled.items()
    }
    return {**content, **bare}
