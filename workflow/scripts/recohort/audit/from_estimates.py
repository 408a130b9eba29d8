"""Printed numbers beside our estimates: a check of the pipeline if data are synthetic, evidence if real."""

import math
from collections.abc import Callable
from typing import Any

from recohort.audit.claims import DIAGNOSTIC, Claim, Publication
from recohort.audit.finding import (
    CONTRADICTED,
    METHOD,
    NOT_CHECKABLE,
    PATIENT_LEVEL,
    REPRODUCED,
    ROUNDING,
    SYNTHETIC,
    Finding,
    listed,
    p_shown,
    plain,
    shown,
)
from recohort.base.errors import RecohortError, nearest

COLUMN_OF_KIND = {
    "p_value": "p_value",
    "confidence_low": "ci_low",
    "confidence_high": "ci_high",
    "count": "n",
}
IN_PERCENT = ("percent", *DIAGNOSTIC)


def compare(
    publication: Publication, rows: list[dict[str, Any]], data: str, choices: Callable[..., Any] | None = None
) -> list[Finding]:
    """
    Every claim that names an estimate, beside it.

    Parameters
    ----------
    publication : Publication
    rows : list of dict
        Rows of the estimates table.
    data : {"synthetic", "published-counts", "patient-level"}
        What the estimates rest on, as the protocol says. Only patient-level data are evidence.
    choices : callable, optional
        (claim, row) -> Choice or None: the smallest set of other choices that gives the printed number.

    Returns
    -------
    list of Finding

    Raises
    ------
    RecohortError
        If a claim names an estimate that cannot exist, or more than one.
    """
    found = []
    for claim in publication.claims.values():
        if claim.estimate:
            row: Any = _row(publication, claim, rows)
            value = _value(claim, row) if row is not None else math.nan
            if data != PATIENT_LEVEL:
                found.append(_beside(claim, value))
            else:
                found.append(_evidence(claim, row, value, choices))
    return found


def _row(publication: Publication, claim: Claim, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    identity = {name: text for name, text in claim.estimate.items() if name != "value"}
    among = rows
    for name, text in identity.items():
        known = sorted({str(row[name]) for row in among})
        if text not in {row[name] for row in rows}:
            raise RecohortError(
                f"no estimate has the {name} {text!r}",
                file=publication.file,
                key=f"claims.{claim.id}.estimate.{name}",
                remedy=nearest(str(text), known),
            )
        among = [row for row in among if row[name] == text]
    if len(among) > 1:
        raise RecohortError(
            f"is the identity of {len(among)} estimates",
            file=publication.file,
            key=f"claims.{claim.id}.estimate",
            remedy=f"Name more of {', '.join(_differing(among))}.",
        )
    return among[0] if among else None


def _differing(rows: list[dict[str, Any]]) -> list[str]:
    names = ("outcome", "population", "model", "term", "level", "reference", "measure", "ci_method", "at")
    return [name for name in names if len({row[name] for row in rows}) > 1]


def column_of(claim: Claim) -> str:
    """The column of the estimates table that holds the number of a claim."""
    return claim.estimate.get("value") or COLUMN_OF_KIND.get(claim.kind, "estimate")


def _value(claim: Claim, row: dict[str, Any]) -> float:
    value = row[column_of(claim)]
    # an estimate that does not exist is missing in the table
    if value is None or value != value:
        return math.nan
    return 100 * float(value) if claim.kind in IN_PERCENT else float(value)


def _said(claim: Claim, value: float) -> str:
    return p_shown(value) if claim.kind == "p_value" else shown(value, claim.number.decimals + 2)


def _beside(claim: Claim, value: float) -> Finding:
    if math.isnan(value):
        reason = "Check of the pipeline: the synthetic extract has no such estimate."
        return Finding(claim, SYNTHETIC, NOT_CHECKABLE, reason)
    given = f"Check of the pipeline: the synthetic extract gives {_said(claim, value)}"
    if claim.number.rounds(value):
        reason = f"{given}, as printed: equal by construction, which is no evidence about the publication."
    else:
        reason = f"{given}, not {plain(claim)}, which is no evidence about the publication."
    return Finding(claim, SYNTHETIC, NOT_CHECKABLE, reason, value)


def _evidence(claim: Claim, row: dict[str, Any], value: float, choices: Callable[..., Any] | None) -> Finding:
    if math.isnan(value):
        reason = "The data have no such estimate."
        return Finding(claim, PATIENT_LEVEL, NOT_CHECKABLE, reason)
    said = f"The data give {_said(claim, value)}"
    if claim.number.rounds(value):
        return Finding(claim, PATIENT_LEVEL, REPRODUCED, f"{said}.", value)
    if claim.number.cuts(value):
        return Finding(claim, PATIENT_LEVEL, ROUNDING, f"{said}, which is {plain(claim)} only if cut.", value)
    other = choices(claim, row) if choices else None
    if other is not None and other.changes:
        reason = f"{said}; with {listed(other.changes)} {_said(claim, other.value)}."
        return Finding(claim, PATIENT_LEVEL, METHOD, reason, other.value, search=other.search)
    search = other.search if other is not None else ""
    tried = ", and no other choice within the search gives it" if search else ""
    return Finding(
        claim, PATIENT_LEVEL, CONTRADICTED, f"{said}, not {plain(claim)}{tried}.", value, search=search
    )
