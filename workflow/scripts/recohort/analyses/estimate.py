"""The estimates of a cohort, by the function of each kind of analysis."""

from collections.abc import Collection
from typing import Any

from recohort.analyses import kinds
from recohort.analyses.estimates import joined, records, table


def estimate(patients: Any, protocol: Any, analysis: Any, confidence: float = 0.95) -> Any:
    """
    What an analysis estimates.

    Parameters
    ----------
    patients : DataFrame
        The cohort, one row per patient or specimen.
    protocol : Protocol
    analysis : Analysis
    confidence : float

    Returns
    -------
    Estimated
    """
    return kinds.face(analysis.kind, "estimate").estimate(patients, protocol, analysis, confidence)


def of_stage(patients: Any, protocol: Any, stage: str, confidence: float) -> Any:
    """What the analyses of a stage estimate; arguments and result as of `estimate`."""
    return joined(estimate(patients, protocol, a, confidence) for a in protocol.of_stage(stage))


def of_extract(
    frame: Any,
    refused: list[Any],
    protocol: Any,
    confidence: float,
    may_be_empty: Collection[tuple[str, str]] = frozenset(),
) -> tuple[Any, Any]:
    """
    The cohort of an extract and what all stages estimate of it.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`.
    refused : list of extract.delimited.Refused
    protocol : Protocol
    confidence : float
    may_be_empty : set of (str, str)
        As of `cohort.codebook.clean`.

    Returns
    -------
    built : recohort.cohort.build.Cohort
    estimated : Estimated
        As they are read again after they were written.

    Raises
    ------
    RecohortError
        As `cohort.build`.
    """
    from recohort.cohort import build as cohort

    built = cohort.build(frame, refused, protocol, may_be_empty)
    found = joined(of_stage(built.patients, protocol, stage, confidence) for stage in protocol.stages)
    return built, found._replace(rows=records(table(found.rows)))
