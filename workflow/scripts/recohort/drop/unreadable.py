"""Columns that the earlier drop cannot give, and the protocol without what needs them."""

from dataclasses import replace
from typing import Any, NamedTuple

from recohort.protocol import cell, expressions

# Of a column that is a mistake of typing here and there the rows are in the quarantine; of one that is mostly
# refused the codebook describes another column.
UNREADABLE_SHARE = 0.5
NOT_THERE = "is not there"
MOSTLY_REFUSED = "cannot be read in most of its cells"


class Lost(NamedTuple):
    """
    What the earlier drop cannot give.

    columns : dict of str to str, why each column cannot be read, without a cell of it.
    variables, endpoints, checks, analyses : list of str, what needs them, by name.
    steps : list of str, inclusion steps that need them: without these there is no cohort.
    """

    columns: dict[str, str] = {}
    variables: list[str] = []
    endpoints: list[str] = []
    checks: list[str] = []
    analyses: list[str] = []
    steps: list[str] = []


def columns(frame: Any, protocol: Any) -> dict[str, str]:
    """
    The columns of a drop that cannot be read as the protocol says.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`.
    protocol : Protocol

    Returns
    -------
    dict of str to str
        Why, by column: it is not there, or most of its cells that are not missing are refused.
    """
    found = {}
    for variable in protocol.codebook.values():
        column = variable.column
        if column is None or column in found:
            continue
        if column not in frame:
            found[column] = NOT_THERE
            continue
        n_refused, n_known = refused_cells(frame, variable, protocol.missing)
        if n_refused > UNREADABLE_SHARE * n_known:
            found[column] = MOSTLY_REFUSED
    return found


def refused_cells(frame: Any, variable: Any, missing: set[str]) -> tuple[int, int]:
    """How many cells of a variable are refused, and how many are not missing."""
    counts = frame[variable.column].value_counts()
    # what is set to missing because it cannot be read is refused here too
    strict = replace(variable, unreadable="quarantine")
    readings = {text: cell.read(text, strict, missing) for text in counts.index}
    n_refused = sum(n for text, n in counts.items() if readings[text].problem)
    return n_refused, n_refused + sum(n for text, n in counts.items() if readings[text].value is not None)


def without(protocol: Any, lost_columns: dict[str, str]) -> tuple[Any, Lost]:
    """
    A protocol without what needs some columns.

    Parameters
    ----------
    protocol : Protocol
    lost_columns : dict of str to str
        From `columns`.

    Returns
    -------
    reduced : Protocol
        Its inclusion steps are as they were.
    lost : Lost
    """
    gone = {name for name in protocol.codebook if source_columns(name, protocol.codebook) & set(lost_columns)}
    endpoints = [name for name, e in protocol.endpoints.items() if gone & _of_endpoint(e)]
    checks = [entry.check for entry in protocol.checks if gone & _in_text(entry.require)]
    populations = {
        name for name, p in protocol.populations.items() if any(gone & _of_step(s) for s in p.steps)
    }
    analyses = {
        name: _reduced(analysis, gone, set(endpoints), populations)
        for name, analysis in protocol.analyses.items()
    }
    reduced = replace(
        protocol,
        codebook={name: v for name, v in protocol.codebook.items() if name not in gone},
        checks=tuple(entry for entry in protocol.checks if entry.check not in checks),
        endpoints={name: e for name, e in protocol.endpoints.items() if name not in endpoints},
        populations={name: p for name, p in protocol.populations.items() if name not in populations},
        analyses={name: analysis for name, analysis in analyses.items() if analysis is not None},
    )
    changed = [name for name, analysis in analyses.items() if analysis != protocol.analyses[name]]
    steps = [step.step for step in protocol.cohort if gone & _of_step(step)]
    ordered = [name for name in protocol.codebook if name in gone]
    return reduced, Lost(lost_columns, ordered, endpoints, checks, changed, steps)


def is_computed(row: dict[str, Any], protocol: Any, reduced: Any) -> bool:
    """Whether a row of the estimates is one that the reduced protocol computes too."""
    analysis = reduced.analyses.get(row["analysis"])
    if analysis is None or row["population"] not in analysis.populations:
        return False
    if row["model"] == "multivariable" and analysis.options.get("multivariable") == "none":
        return False
    names = {row["term"], row["outcome"].partition("=")[0]}
    return not names & (set(protocol.codebook) - set(reduced.codebook))


def source_columns(name: str, codebook: dict[str, Any]) -> set[str]:
    """The columns that a variable is read or derived from, at any depth."""
    variable = codebook[name]
    if variable.column is not None:
        return {variable.column}
    if variable.guideline is not None:
        inputs: Any = [text for role, text in variable.guideline.items() if role != "rules"]
    else:
        texts = variable.derive.values() if isinstance(variable.derive, dict) else [variable.derive]
        inputs = set().union(*map(_in_text, texts))
    return set().union(*(source_columns(text, codebook) for text in inputs if text in codebook))


def _in_text(text: str) -> set[str]:
    return set(expressions.names(expressions.parse(text)))


def _of_endpoint(endpoint: Any) -> set[str]:
    return {endpoint.start, endpoint.end, endpoint.time, endpoint.entry, endpoint.event[0]}


def _of_step(step: Any) -> set[str]:
    return {*step.first, step.per} | (_in_text(step.keep) if step.keep is not None else set())


def _reduced(analysis: Any, gone: Any, endpoints: Any, populations: Any) -> Any:
    """An analysis without the terms and outcomes that are gone; None if nothing of it is left."""
    options = dict(analysis.options)
    for key in ("terms", "outcome", "outcomes"):
        if key in options:
            options[key] = _kept(options[key], gone)
    if "multivariable" in options:
        together = options["multivariable"]
        listed = set(together if isinstance(together, list | tuple) else analysis.options["terms"])
        options["multivariable"] = "none" if listed & gone else together
    left = tuple(name for name in analysis.populations if name not in populations)
    if not left or not all(options.get(key, True) for key in ("terms", "outcome", "outcomes")):
        return None
    if gone & _names_in(options) or options.get("endpoint") in endpoints:
        return None
    return replace(analysis, options=options, populations=left)


def _kept(names: Any, gone: Any) -> Any:
    if isinstance(names, dict):
        return {name: level for name, level in names.items() if name not in gone}
    return type(names)(name for name in names if name not in gone)


def _names_in(options: Any) -> set[str]:
    """Every text among the options that could be the name of a variable."""
    found = set()
    for value in options.values():
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict | list | tuple):
            found |= {name for name in value if isinstance(name, str)}
    return found
