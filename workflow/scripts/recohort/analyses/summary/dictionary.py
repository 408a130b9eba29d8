"""The data dictionary of a study: what each variable is, where it is from, and what the cohort has of it."""

from collections.abc import Iterator
from typing import Any

from recohort import disclosure
from recohort.analyses.summary import table as baseline
from recohort.layout import words
from recohort.layout.table import Column, Notes, Table, row

COLUMNS = (
    Column("Variable", is_number=False),
    Column("Name", is_number=False),
    Column("Type", is_number=False),
    Column("Known"),
    Column("Missing"),
    Column("Observed"),
    Column("Source", is_number=False),
    Column("Rules", is_number=False),
)


def table(protocol: Any, n: int, rows: list[dict[str, Any]]) -> Table:
    """
    The data dictionary as a table.

    Parameters
    ----------
    protocol : Protocol
    n : int
        How many are in the cohort.
    rows : list of dict
        analyses.summary.numbers.COLUMNS of every variable, as they may be shown. Of a date or text there is
        only how often it is known: the least and the greatest value are those of a single patient each.

    Returns
    -------
    Table
        A row per variable of the codebook, and one per level.
    """
    variables = list(protocol.codebook.values())
    found = {(r["variable"], r["level"]): r for r in rows}
    body = [line for variable in variables for line in _rows(variable, found, protocol)]
    notes = Notes()
    counted = words.count(disclosure.rounded(n, protocol.rule), protocol)
    notes.add(f"Counted in the {counted} {protocol.unit} of the cohort.")
    notes.add("Observed: n (%) of those known, or median (first to third quartile).")
    data = words.data_line(protocol)
    return Table("dictionary", "", "Data dictionary", COLUMNS, tuple(body), notes.footnotes(), data)


def _rows(variable: Any, found: dict[tuple[str, str], dict[str, Any]], protocol: Any) -> Iterator[Any]:
    whole = found[variable.name, ""]
    described = [_source(variable), _rules(variable, protocol)]
    counted = [words.count(whole[key], protocol) for key in ("n", "n_missing")]
    (observed,) = baseline.medians([whole]) if variable.type == "number" else ("",)
    kind = "group" if variable.is_factor else "plain"
    yield row(kind, words.variable(variable), variable.name, variable.type, *counted, observed, *described)
    for level in variable.levels:
        raw = ", ".join(text for text, to in variable.recode.items() if to == level)
        share = words.counts(found[variable.name, level]["n"], whole["n"], protocol)[1]
        rule = f"also {raw}" if raw else ""
        yield row("level", words.level(variable, level), "", "", "", "", share, "", rule)


def _source(variable: Any) -> str:
    if variable.column is not None:
        return f"column {variable.column}"
    if variable.guideline is not None:
        inputs = ", ".join(name for role, name in variable.guideline.items() if role != "rules")
        return f"guideline {variable.guideline['rules']} of {inputs}"
    if isinstance(variable.derive, dict):
        levels = "; ".join(f"{level} if {condition}" for level, condition in variable.derive.items())
        return f"derived: {levels}"
    return f"derived: {variable.derive}"


def _rules(variable: Any, protocol: Any) -> str:
    """What the codebook does with the texts of a column, in words."""
    if variable.column is None:
        return ""
    lost = [text for text, to in variable.recode.items() if to is None]
    codes = sorted({*protocol.missing, *variable.missing, *lost} - {""})
    recoded = [f"{raw} is {to}" for raw, to in variable.recode.items() if to is not None]
    said = [
        f"formats {', '.join(variable.formats)}" if variable.type == "date" else "",
        f"{variable.range[0]} to {variable.range[1]}" if variable.range else "",
        {",": "decimal comma", "either": "decimal point or comma"}.get(variable.decimal, ""),
        f"{variable.thousands!r} between thousands" if variable.thousands else "",
        f"yes: {', '.join(variable.positive)}" if variable.type == "flag" else "",
        f"no: {', '.join(variable.negative)}" if variable.type == "flag" else "",
        "" if variable.is_factor else ", ".join(recoded),
        f"missing: {', '.join(codes)}" if codes else "",
        "required" if variable.required else "",
        "unreadable cells are set to missing" if variable.unreadable == "missing" else "",
    ]
    return "; ".join(filter(None, said))
