"""
The audit of a publication: every claim, the evidence on it, a verdict and the reason.

    python -m recohort.audit published.yaml

checks a file of claims without running a study.
"""

from recohort import claims
from recohort.audit import comparisons, from_counts, from_tables, implied
from recohort.audit.finding import (
    CONTRADICTED,
    IMPLIED,
    METHOD,
    NO_EVIDENCE,
    NOT_CHECKABLE,
    PATIENT_LEVEL,
    RECOMPUTED,
    SYNTHETIC,
    VERDICTS,
    Finding,
)
from recohort.claims import DIAGNOSTIC

COLUMNS = [
    "study", "claim", "kind", "where", "what", "evidence", "printed", "recomputed", "verdict", "reason", "robustness",
    "search",
]  # fmt: skip


def check(path):
    """
    Check a publication against itself.

    Parameters
    ----------
    path : str or Path
        published.yaml; workflow/schemas/published.schema.yaml documents it.

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
    >>> findings = check("data/gim14/published.yaml")
    >>> [f.claim.id for f in findings if f.verdict == "rounding"]
    """
    return findings(claims.read(path))


def findings(publication):
    """The findings of a publication that was read; as `check`."""
    found = comparisons.find(publication)
    exclusions = from_tables.exclusions_of(found)
    results = implied.results(publication)
    contradictions, strains = implied.conflicts(publication, results)

    def finding(claim):
        if claim.kind in DIAGNOSTIC:
            return from_counts.accuracy(publication, claim)
        if claim.kind in ("count", "percent", "ratio", "measurement"):
            return getattr(from_counts, claim.kind)(publication, claim)
        if claim.id in found:
            comparison = found[claim.id]
            return from_tables.association(publication, claim, comparison, exclusions.get(comparison.groups))
        about = publication.claims[claim.of] if isinstance(claim.of, str) else claim
        if claim.kind == "statement" and claim.tables:
            return from_tables.statement(publication, claim)
        if claim.kind == "statement" and claim.of:
            return implied.printed_p_values(publication, claim)
        if claim.kind in ("hazard_ratio", "p_value") and about.kind == "hazard_ratio":
            return implied.hazard(publication, claim, results, contradictions, strains)
        if about.kind == "odds_ratio" and claim.kind in ("odds_ratio", "p_value"):
            groups = about.groups or publication.tables[about.table].groups
            return implied.adjusted_odds_ratio(publication, claim, comparisons.between(publication, about.table, groups))
        if claim.kind in ("confidence_low", "confidence_high"):
            return implied.interval(publication, claim)
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"Needs patient-level data ({claim.needs}).")

    return [finding(claim) for claim in publication.claims.values()]
