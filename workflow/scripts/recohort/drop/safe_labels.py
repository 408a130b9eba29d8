"""How a comparison of drops is said: labels, and numbers that give no patient away."""

from typing import Any

from recohort import disclosure
from recohort.base import formats
from recohort.layout import words

WITHHELD = "withheld"
COUNTED = ("n", "events", "n_level", "events_level")


def estimate(row: dict[str, Any], protocol: Any) -> str:
    """
    What an estimate is, in words: analysis, outcome, term and level, measure, model, population.

    Parameters
    ----------
    row : dict
        With the identity of an estimate.
    protocol : Protocol

    Returns
    -------
    str
    """
    parts = [_outcome(row["outcome"], protocol), _term(row, protocol), _measure(row, protocol)]
    if row["model"] == "multivariable":
        parts.append("multivariable")
    if row["population"] != "all":
        parts.append(protocol.populations[row["population"]].label)
    return f"{row['analysis']}: {', '.join(filter(None, parts))}"


def unreadable(lost: Any) -> str:
    """Which columns of the earlier drop cannot be read, and why, as a clause without a cell of them."""
    return "; ".join(f"column {name} of the earlier drop {why}" for name, why in lost.columns.items())


def is_near(before: int | None, after: int | None, rule: disclosure.Rule | None) -> bool:
    """Whether two counts differ by so few patients that their difference is withheld."""
    if rule is None or before is None or after is None:
        return False
    return 0 < abs(after - before) <= rule.threshold


def change(before: int, after: int, rule: disclosure.Rule | None) -> str:
    """The difference of two counts as it may be shown."""
    if is_near(before, after, rule):
        return WITHHELD
    then, now = disclosure.rounded(before, rule), disclosure.rounded(after, rule)
    if then is None or now is None:
        return ""
    return f"{'+' if now > then else ''}{formats.count(now - then)}" if now != then else "0"


def percent(part: int, whole: int, rule: disclosure.Rule | None) -> str:
    """A percentage as it may be shown: of rounded counts, or below that of the smallest count shown."""
    if rule is None:
        return formats.percent(part, whole)
    known: Any = disclosure.rounded(whole, rule)
    if not known:
        return disclosure.WITHHELD
    if part <= rule.threshold:
        # of a whole of many thousands, the smallest count shown is "<0.1" itself
        return f"<{formats.percent(rule.threshold + 1, known).removeprefix('<')}"
    shown: Any = disclosure.rounded(part, rule)
    return formats.percent(shown, known)


def is_withheld(row: dict[str, Any], found: Any, rule: disclosure.Rule | None) -> bool:
    """Whether the change of an estimate, in exact numbers, is withheld: too few patients made it."""
    counts = [(row[f"{name}_before"], row[f"{name}_after"]) for name in COUNTED]
    is_close = any(is_near(*pair, rule) for pair in counts)
    return is_close or is_near(0, found.n_changed["any"], rule)


def is_parted(found: Any, rule: disclosure.Rule | None) -> bool:
    """Whether the parts of the changes may be shown: no step between the drops changes few patients."""
    return not any(is_near(0, n, rule) for n in found.n_changed.values())


def _outcome(text: str, protocol: Any) -> Any:
    if text in protocol.endpoints:
        return protocol.endpoints[text].label
    if text in protocol.codebook:
        return protocol.codebook[text].label
    variable = text.partition("=")[0]
    return words.outcome(protocol.codebook, text) if "=" in text and variable in protocol.codebook else text


def _term(row: dict[str, Any], protocol: Any) -> Any:
    variable = protocol.codebook.get(row["term"])
    if variable is None:
        return " ".join(filter(None, [row["term"], row["level"]]))
    if not row["level"]:
        return words.term(variable)
    return f"{variable.label} {row['level']}"


def _measure(row: dict[str, Any], protocol: Any) -> Any:
    if row["measure"] == "survival":
        return f"survival at {row['at']:g} {protocol.endpoints[row['outcome']].unit}"
    return row["measure"]
