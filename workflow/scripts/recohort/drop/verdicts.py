"""The verdicts on published claims beside the estimates of two drops."""

from typing import Any

COLUMNS = ["claim", "what", "printed", "before", "after"]


def compare(
    publication: Any, before: list[dict[str, Any]], after: list[dict[str, Any]], data: str
) -> list[dict[str, Any]]:
    """
    The verdict on each claim that names an estimate, from each drop, without a search for other choices.

    Parameters
    ----------
    publication : recohort.audit.claims.Publication
    before, after : list of dict
        Estimates of the two drops.
    data : str
        What they rest on, as the protocol says.

    Returns
    -------
    list of dict
        COLUMNS.
    """
    # only some studies have a publication
    from recohort.audit import from_estimates, words

    then, now = (from_estimates.compare(publication, rows, data) for rows in (before, after))
    return [
        {
            "claim": new.claim.id,
            "what": words.what(publication, new.claim),
            "printed": new.claim.printed,
            "before": old.verdict,
            "after": new.verdict,
        }
        for old, new in zip(then, now, strict=True)
    ]
