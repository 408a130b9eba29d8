"""The faces of the kinds of analysis, found by name: analyses/<kind>/<face>.py."""

from importlib import import_module
from typing import Any

from recohort.protocol import schema


def face(kind: str, name: str) -> Any:
    """
    A module of a kind of analysis.

    Parameters
    ----------
    kind : str
    name : str
        check, estimate, control, table, figure or methods; written out where it is called, because the rules
        of the workflow read from there which modules a stage runs.

    Returns
    -------
    module or None
        None where the schema of the kind says that it is without this face.

    Raises
    ------
    RecohortError
        If there is no such kind.
    ModuleNotFoundError
        If the kind lacks a face and its schema does not say so.
    """
    if name in schema.kind(kind).get("without", ()):
        return None
    return import_module(f"recohort.analyses.{kind}.{name}")
