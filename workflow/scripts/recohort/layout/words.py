"""The words of the tables: labels, units, titles and the line that says what the numbers rest on."""

from collections.abc import Iterator
from typing import Any

from recohort import disclosure
from recohort.base import formats
from recohort.layout.table import Cell, Notes, Row, row

STEP = "The step of this ratio is small or large for its variable; per: in the codebook sets another one."
# The columns of the estimates for those without an outcome, and those without a covariate.
LEFT_OUT = ("n_no_outcome", "n_no_covariate")
# Statuses that are printed instead of a number.
NOT_PRINTED = ("failed", "disputed", disclosure.SUPPRESSED)


def data_line(protocol: Any) -> str:
    """What the numbers of a study rest on, as every table says it."""
    citation = (protocol.source["citation"] or protocol.title).rstrip(".")
    made = "made by a program, no row is a patient; agreement with published numbers is by construction"
    if protocol.rule:
        # a CSV has no more than what is before the colon
        shown = "small counts withheld" + (", others rounded" if protocol.rule.rounding > 1 else "")
        return f"Patient-level data, {shown}: {citation}. {disclosure.sentence(protocol.rule)}"
    return {
        "synthetic": f"Synthetic data: {made}.",
        "published-counts": f"Recomputed from published counts: {citation}.",
        "patient-level": f"Patient-level data: {citation}.",
    }[protocol.data]


def variable(entry: Any) -> str:
    """Label of a variable with its unit."""
    return f"{entry.label}, {entry.unit}" if entry.unit else entry.label


def term(entry: Any) -> str:
    """Label of a model term: a number with the step that its ratio is printed for."""
    label: str = entry.label
    if entry.is_factor:
        return label
    step = f"{entry.per:g}" if entry.per != 1 else ""
    return f"{label}, per {' '.join(filter(None, [step, entry.unit or ('unit' if not step else '')]))}"


def level(entry: Any, name: str) -> str:
    """A level as printed; levels of a flag begin with a capital."""
    return name.capitalize() if entry.type == "flag" else name


def interval(confidence: float) -> str:
    """ "95% CI"."""
    return f"{100 * confidence:g}% CI"


def outcome(codebook: Any, text: str) -> str:
    """
    "Liver metastases", "HER2 IHC 3+" for the outcomes "liver=yes", "ihc=3+" of the estimates.
    """
    name, _, value = text.partition("=")
    entry = codebook[name]
    if entry.type == "flag":
        return entry.label if value == "yes" else f"{entry.label}: {value}"
    return f"{entry.label} {value}"


def label(protocol: Any, text: str) -> str:
    """ "HER2 IHC" for the outcome "ihc=3+" of the estimates: what is not known of those without one."""
    found: str = protocol.codebook[text.partition("=")[0]].label
    return found


def lacked(protocol: Any, analysis: Any, outcome: str) -> str:
    """What those lack who are left out of each model of an outcome."""
    endpoint = analysis.options.get("endpoint")
    return protocol.endpoints[endpoint].label if endpoint else label(protocol, outcome)


def title(protocol: Any, analysis: Any, population: str) -> str:
    """Title of a table: the analysis, and the population unless it is the cohort."""
    label = analysis.label
    return label if population == "all" else f"{label}: {protocol.populations[population].label}"


def file_name(analysis: Any, population: str, part: str = "") -> str:
    """`os`, `os-ihc_3`, `accuracy-counts`: no two tables of a study share one, as names have no hyphen."""
    return "-".join(filter(None, [analysis.name, "" if population == "all" else population, part]))


def page_names(analysis: Any, population: str, n_pages: int) -> list[str]:
    """`os`, `os-2`: no population or part has a number as its name."""
    first = file_name(analysis, population)
    return [first, *(f"{first}-{i}" for i in range(2, n_pages + 1))]


def left_out(found: dict[str, Any], protocol: Any, outcome: str, covariate: str) -> str:
    """
    Who was left out, as figures say it: "left out: 4 without Grade, 8 of the others without HER2 IHC".

    Parameters
    ----------
    found : dict
        A row of the estimates.
    protocol : Protocol
    outcome, covariate : str
        What they lack; "" for a covariate that there is not.
    """
    n_no_outcome, n_no_covariate = (found[name] for name in LEFT_OUT)
    if n_no_outcome == 0 and (n_no_covariate == 0 or not covariate):
        return "none left out"
    parts = [f"{count(n_no_outcome, protocol)} without {outcome}"]
    if covariate:
        parts.append(f"{count(n_no_covariate, protocol)} of the others without {covariate}")
    return f"left out: {', '.join(parts)}"


def left_out_rows(
    found: dict[str, Any], protocol: Any, outcome: str, covariate: str, n_blank: int
) -> Iterator[Row]:
    """The same as two rows of a table, whose count is in its first column of numbers; none if not known."""
    for name, what in zip(LEFT_OUT, (outcome, covariate), strict=True):
        if what and (found[name] is not None or protocol.rule):
            yield row("plain", f"Left out: {what} not known", count(found[name], protocol), *[""] * n_blank)


def sentence(text: str) -> str:
    """A note as a sentence: a capital and a full stop."""
    return f"{capital(text).rstrip('.')}." if text else ""


def capital(text: str) -> str:
    """A text with a capital at its start and nothing else changed."""
    return text[:1].upper() + text[1:]


def count(value: float | None, protocol: Any) -> str:
    """A count as printed: `[c]` for one that is withheld, "" for one that is not known."""
    is_missing = value is None or value != value
    return disclosure.WITHHELD if is_missing and protocol.rule else formats.count(value)


def counts(part: int | None, whole: int | None, protocol: Any) -> tuple[str, str]:
    """The cells n and "n (%)" of a row, without the percentage where a count is withheld or not known."""
    if part is None or whole is None:
        return count(whole, protocol), count(part, protocol)
    return formats.count(whole), formats.count_percent(part, whole)


def is_refused(found: dict[str, Any]) -> bool:
    """Whether an estimate has no number to print."""
    return found["status"] in ("not-estimable", *NOT_PRINTED)


def no_estimate(found: dict[str, Any]) -> str:
    """What is printed for an estimate without a number."""
    return found["status"] if found["status"] in NOT_PRINTED else formats.NOT_ESTIMABLE


def refused(found: dict[str, Any], notes: Notes) -> Cell:
    """The cell of an estimate that there is not, with its reason below the table."""
    return Cell(no_estimate(found), notes.mark(sentence(found["note"])))


def numbers(found: dict[str, Any]) -> list[float]:
    """Estimate and interval of a row, NaN where there is none."""
    return [float("nan") if found[key] is None else found[key] for key in ("estimate", "ci_low", "ci_high")]
