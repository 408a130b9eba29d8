"""What the audit says about a claim, and how it says numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from recohort.base import formats

REPRODUCED = "reproduced"
ROUNDING = "rounding"
METHOD = "method"
DENOMINATOR = "denominator"
CONTRADICTED = "contradicted"
NOT_CHECKABLE = "not checkable"
VERDICTS = (REPRODUCED, ROUNDING, METHOD, DENOMINATOR, CONTRADICTED, NOT_CHECKABLE)

RECOMPUTED = "recomputed"
IMPLIED = "implied"
SYNTHETIC = "synthetic"
PATIENT_LEVEL = "patient-level"
NO_EVIDENCE = "none"


def decided(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """
    One verdict for each claim: contradicted if any evidence contradicts it, else what the first one says.

    Parameters
    ----------
    said : iterable of (str, str)
        Id of a claim and a verdict on it, in the order of the evidence.

    Returns
    -------
    dict of str to str
        By the id of the claim.
    """
    found: dict[str, str] = {}
    for claim, verdict in said:
        if found.get(claim, NOT_CHECKABLE) == NOT_CHECKABLE or verdict == CONTRADICTED:
            found[claim] = verdict
    return found


def summed(verdicts: Iterable[str]) -> str:
    """How many claims have each verdict: "71 claims: 27 reproduced, 5 rounding, ..."."""
    number = Counter(verdicts)
    parts = [f"{number[verdict]} {verdict}" for verdict in VERDICTS if number[verdict]]
    return f"{counted(number.total(), 'claim')}: {', '.join(parts)}"


@dataclass(frozen=True)
class Finding:
    """
    One kind of evidence on one claim.

    Attributes
    ----------
    claim : Claim
    evidence : {"recomputed", "implied", "synthetic", "patient-level", "none"}
    verdict : one of VERDICTS
    reason : str
        One sentence.
    recomputed : float or None
        The value that stands beside the printed one, unrounded.
    robustness : str
        How much the finding depends on the choice of the test.
    search : str
        What was searched.
    """

    claim: Any
    evidence: str
    verdict: str
    reason: str
    recomputed: float | None = None
    robustness: str = ""
    search: str = ""


def shown(value: float, decimals: int = 2) -> str:
    """A computed value in a sentence; what does not exist is "no value"."""
    return formats.number(value, decimals) or "no value"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 table", "2 tables"."""
    return f"{formats.count(number)} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[0].upper() + text[1:]


def p_shown(p: float) -> str:
    """A p value in a sentence: four decimals, or <0.0001 and >0.9999."""
    if p > 0.9999:
        return ">0.9999"
    return "<0.0001" if p < 0.0001 else shown(p, 4)


def plain(claim: Any) -> Any:
    """The printed number without a percent sign."""
    return claim.printed.strip().rstrip("% ")


def needs(claim: Any, default: str) -> str:
    """Which patient-level data would decide a claim."""
    return f"Needs patient-level data ({claim.needs or default})"
