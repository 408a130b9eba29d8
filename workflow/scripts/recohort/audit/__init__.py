"""
The audit of a publication: every claim, the evidence on it, a verdict and the reason.

    python -m recohort.audit published.yaml

checks a file of claims without running a study.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from recohort.audit import claims, comparisons, from_counts, from_estimates, from_tables, hazards, implied
from recohort.audit.claims import DIAGNOSTIC
from recohort.audit.finding import (
    NO_EVIDENCE,
    NOT_CHECKABLE,
    PATIENT_LEVEL,
    Finding,
    decided,
    summed,
)
from recohort.audit.words import what

COLUMNS = [
    "study", "claim", "kind", "where", "what", "evidence", "printed", "recomputed", "verdict", "reason",
    "robustness", "search",
]  # fmt: skip


def check(path: str | Path) -> list[Finding]:
    """
    Check a publication against itself: what is printed as counts, and what the printed numbers imply.

    Parameters
    ----------
    path : str or Path
        published.yaml; workflow/schemas/published.schema.yaml documents its keys.

    Returns
    -------
    list of Finding
        One for each claim, in the order of the file.

    Raises
    ------
    RecohortError
        If the file is wrong: with the file, the claim and the key.

    Examples
    --------
    >>> from recohort import audit
    >>> [f.claim.id for f in audit.check("data/cher2/published.yaml") if f.verdict == "rounding"]
    ['few_low_percent']
    """
    return findings(claims.read(path))


def findings(publication: claims.Publication) -> list[Finding]:
    """
    As `check`, of a publication that was read.

    Parameters
    ----------
    publication : Publication

    Returns
    -------
    list of Finding
    """
    compared = comparisons.find(publication)
    exclusions = from_tables.exclusions_of(compared)
    results = hazards.results(publication)
    conflicts = hazards.conflicts(publication, results)

    def finding(claim: claims.Claim) -> Finding:
        about = (
            publication.claims[claim.of]
            if isinstance(claim.of, str) and claim.kind != "measurement"
            else claim
        )
        if claim.kind in DIAGNOSTIC:
            return from_counts.accuracy(publication, claim)
        if claim.kind in ("count", "percent", "ratio", "measurement"):
            by_kind: Finding = getattr(from_counts, claim.kind)(publication, claim)
            return by_kind
        if claim.id in compared:
            comparison = compared[claim.id]
            return from_tables.association(publication, claim, comparison, exclusions.get(comparison.groups))
        if claim.kind == "statement" and claim.tables:
            return from_tables.statement(publication, claim)
        if claim.kind == "statement" and claim.of:
            return implied.printed_p_values(publication, claim)
        if claim.kind in ("confidence_low", "confidence_high"):
            return implied.interval(publication, claim)
        if about.kind == "hazard_ratio":
            return hazards.hazard(publication, claim, results, *conflicts)
        if about.kind == "odds_ratio":
            groups = about.groups or publication.tables[about.table].groups
            comparison = comparisons.between(publication, about.table, groups)
            return implied.adjusted_odds_ratio(publication, claim, comparison)
        need = claim.needs or "the data behind it"
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"Needs patient-level data ({need}).")

    return [finding(claim) for claim in publication.claims.values()]


def of_study(
    publication: claims.Publication,
    rows: list[dict[str, Any]],
    data: str,
    choices: Callable[..., Any] | None = None,
) -> list[Finding]:
    """
    As `findings`, and each claim beside our estimate of it.

    Parameters
    ----------
    publication : Publication
    rows : list of dict
        The estimates of the study.
    data : {"synthetic", "published-counts", "patient-level"}
    choices : callable, optional
        As for `from_estimates.compare`.

    Returns
    -------
    list of Finding
        One or two for each claim; that patient-level data are needed is not said where they are there.
    """
    beside = {f.claim.id: f for f in from_estimates.compare(publication, rows, data, choices)}
    found = []
    for finding in findings(publication):
        other = beside.get(finding.claim.id)
        if other is None or other.evidence != PATIENT_LEVEL or finding.verdict != NOT_CHECKABLE:
            found.append(finding)
        if other is not None:
            found.append(other)
    return found


def verdicts(found: list[Finding]) -> dict[str, str]:
    """
    One verdict for each claim, as `finding.decided` has it.

    Parameters
    ----------
    found : list of Finding

    Returns
    -------
    dict of str to str
        By the id of the claim.
    """
    return decided((finding.claim.id, finding.verdict) for finding in found)


def counts_of(found: list[Finding]) -> str:
    """How many claims have each verdict, as text: "71 claims: 27 reproduced, 5 rounding, ..."."""
    return summed(verdicts(found).values())


def table(publication: claims.Publication, found: list[Finding]) -> list[dict[str, Any]]:
    """
    The findings as rows of claims.csv.

    Parameters
    ----------
    publication : Publication
    found : list of Finding

    Returns
    -------
    list of dict
        With COLUMNS; recomputed is unrounded, None if there is no value.
    """
    return [
        {
            "study": publication.study,
            "claim": finding.claim.id,
            "kind": finding.claim.kind,
            "where": finding.claim.where,
            "what": what(publication, finding.claim),
            "evidence": finding.evidence,
            "printed": finding.claim.printed,
            "recomputed": None if finding.recomputed is None else float(finding.recomputed),
            "verdict": finding.verdict,
            "reason": finding.reason,
            "robustness": finding.robustness,
            "search": finding.search,
        }
        for finding in found
    ]
