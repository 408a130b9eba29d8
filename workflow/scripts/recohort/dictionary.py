"""The data dictionary of a study: what each variable is, where it is from, and what the cohort has of it."""

from recohort import formats, summary
from recohort.estimates import records
from recohort.tables import baseline, words
from recohort.tables.model import Column, Notes, Table, row

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
SMALL = 7


def table(protocol, cohort):
    """
    The data dictionary as a table.

    Parameters
    ----------
    protocol : Protocol
    cohort : DataFrame
        One row per unit; only counts and quartiles of it come out, of a date or text how often it is known:
        the least and the greatest value are those of a single patient each.

    Returns
    -------
    Table
        A row per variable of the codebook, and one per level. Of patient-level data, counts from 1 to 7 are
        printed as `<8` and numbers known in so few are not described.
    """
    variables = list(protocol.codebook.values())
    found = {(r["variable"], r["level"]): r for r in records(summary.summarise(cohort, variables))}
    body = [line for variable in variables for line in _rows(variable, found, protocol)]
    notes = Notes()
    notes.add(f"Counted in the {formats.count(len(cohort))} {protocol.unit} of the cohort.")
    notes.add("Observed: n (%) of those known, or median (first to third quartile).")
    if protocol.data == "patient-level":
        notes.add(f"Counts from 1 to {SMALL} are printed as <{SMALL + 1}.")
    data = words.data_line(protocol)
    return Table("dictionary", "", "Data dictionary", COLUMNS, tuple(body), notes.footnotes(), data)


def shown(n, data):
    """A count as printed: `<8` for a small one of patient-level data."""
    return f"<{SMALL + 1}" if data == "patient-level" and 0 < n <= SMALL else formats.count(n)


def _rows(variable, found, protocol):
    whole = found[variable.name, ""]
    described = [_source(variable), _rules(variable, protocol)]
    counted = [shown(whole[key], protocol.data) for key in ("n", "n_missing")]
    observed = ""
    if variable.type == "number" and not counted[0].startswith("<"):
        (observed,) = baseline.medians([whole])
    kind = "group" if variable.is_factor else "plain"
    yield row(kind, words.variable(variable), variable.name, variable.type, *counted, observed, *described)
    for level in variable.levels:
        raw = ", ".join(text for text, to in variable.recode.items() if to == level)
        n = found[variable.name, level]["n"]
        share = shown(n, protocol.data)
        if not share.startswith("<"):
            share = formats.count_percent(n, whole["n"])
        rule = f"also {raw}" if raw else ""
        yield row("level", words.level(variable, level), "", "", "", "", share, "", rule)


def _source(variable):
    if variable.column is not None:
        return f"column {variable.column}"
    if variable.guideline is not None:
        inputs = ", ".join(name for role, name in variable.guideline.items() if role != "rules")
        return f"guideline {variable.guideline['rules']} of {inputs}"
    if isinstance(variable.derive, dict):
        levels = "; ".join(f"{level} if {condition}" for level, condition in variable.derive.items())
        return f"derived: {levels}"
    return f"derived: {variable.derive}"


def _rules(variable, protocol):
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
        f"yes: {', '.join(variable.positive)}" if variable.type == "flag" else "",
        f"no: {', '.join(variable.negative)}" if variable.type == "flag" else "",
        "" if variable.is_factor else ", ".join(recoded),
        f"missing: {', '.join(codes)}" if codes else "",
        "required" if variable.required else "",
        "unreadable cells are set to missing" if variable.unreadable == "missing" else "",
    ]
    return "; ".join(filter(None, said))
