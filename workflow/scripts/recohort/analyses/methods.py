"""The methods section of a study, written from its protocol."""

from typing import Any

from recohort import disclosure
from recohort.analyses import kinds
from recohort.protocol import schema


def paragraphs(protocol: Any) -> list[str]:
    """
    What was done, in words.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of str
        A paragraph on the cohort, on the endpoints and on p values, and one for each kind of analysis.
    """
    of_kind: dict[str, list[Any]] = {}
    for analysis in protocol.analyses.values():
        of_kind.setdefault(analysis.kind, []).append(analysis)
    said = [_cohort(protocol), *_endpoints(protocol)]
    for kind, analyses in of_kind.items():
        said.append(kinds.face(kind, "methods").paragraph(protocol, analyses))
    return [*said, _p_values(protocol), *_disclosure(protocol)]


def _disclosure(protocol: Any) -> list[str]:
    """One paragraph on what is withheld of a controlled study."""
    rule = protocol.rule
    if rule is None:
        return []
    fewest = "three" if rule.threshold > 1 else "two"
    rounded = f", other counts rounded to the nearest {rule.rounding}" if rule.rounding > 1 else ""
    return [
        "Disclosure control. Everything was computed from exact numbers, of which this page shows less. "
        f"Counts of {rule.threshold} or fewer are withheld{rounded}, and further counts withheld where "
        f"the totals of a table would leave a small one fewer than {fewest} possible values. An estimate is "
        "suppressed if it rests on a withheld count, or if its population differs from that of an earlier "
        f"one of the same term by {rule.threshold} {protocol.unit} or fewer. Percentages, sensitivities and "
        "their intervals are computed from the counts shown; ratios have two decimals, p values three. "
        f"{disclosure.curve_sentence(rule)}"
    ]


def _cohort(protocol: Any) -> str:
    text = (
        "The extract was read as text and cleaned by the codebook of the protocol; each changed cell is in "
        "a ledger. Rows that could not be read or that contradict themselves were quarantined, and "
        f"identical rows with one id merged. The {protocol.unit} who met the inclusion criteria, applied in "
        "the order of the protocol, are the cohort."
    )
    populations = [p.label for name, p in protocol.populations.items() if name != "all"]
    return f"{text} Subgroups: {'; '.join(populations)}." if populations else text


def _endpoints(protocol: Any) -> list[str]:
    """One paragraph on the endpoints that the analyses use."""
    used = dict.fromkeys(a.options["endpoint"] for a in protocol.analyses.values() if "endpoint" in a.options)
    said = " ".join(_endpoint(protocol, protocol.endpoints[name]) for name in used)
    return [f"Endpoints. {said}"] if said else []


def _endpoint(protocol: Any, endpoint: Any) -> str:
    variable, level = endpoint.event
    if endpoint.time is not None:
        clock = f"time is {_quoted(protocol, endpoint.time)}"
    else:
        clock = f"time runs from {_quoted(protocol, endpoint.start)} to {_quoted(protocol, endpoint.end)}"
    if endpoint.entry is not None:
        clock += f", at risk only from {_quoted(protocol, endpoint.entry)} on (delayed entry)"
    event = f"the event is {_quoted(protocol, variable)} ({level})"
    return f"{endpoint.label}: {clock}; {event}, everything else is censored."


def _quoted(protocol: Any, name: str) -> str:
    return f"“{protocol.codebook[name].label}”"


def _p_values(protocol: Any) -> str:
    adjustments = {
        adjustment: None
        for analysis in protocol.analyses.values()
        for option, adjustment in schema.kind(analysis.kind).get("adjustments", {}).items()
        if analysis.options[option]
    }
    adjusted = f"Apart from {' and '.join(adjustments)}, they" if adjustments else "They"
    return f"p values are two-sided. {adjusted} are not adjusted for the number of tests."
