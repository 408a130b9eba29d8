"""What a claim is about, in words."""

from recohort.audit.claims import DIAGNOSTIC, Claim, Publication, Quantity

MEASURES = {"ppv": "positive predictive value", "npv": "negative predictive value"}
ADJUSTED = {"univariable": "", "multivariable": ", adjusted"}


def what(publication: Publication, claim: Claim) -> str:
    """
    What a claim is about, in words.

    Parameters
    ----------
    publication : Publication
    claim : Claim

    Returns
    -------
    str
    """
    if claim.kind == "count":
        return f"number: {quantity(publication, claim.of)}"
    if claim.kind == "percent":
        return f"{quantity(publication, claim.part)}, in % of {quantity(publication, claim.whole)}"
    if claim.kind == "odds_ratio":
        return f"odds ratio of {_comparison(publication, claim)}{ADJUSTED[claim.model]}"
    if claim.kind == "hazard_ratio":
        population = publication.groups[claim.population].label
        term = f"{claim.term} per {claim.per}" if claim.per else claim.term
        return f"hazard ratio of {term} for {claim.endpoint}, {population}{ADJUSTED[claim.model]}"
    if claim.kind in ("confidence_low", "confidence_high"):
        side = "lower" if claim.kind == "confidence_low" else "upper"
        return f"{side} 95 % limit of the {what(publication, publication.claims[claim.of])}"
    if claim.kind == "p_value":
        if claim.of:
            return f"P of the {what(publication, publication.claims[claim.of])}"
        return f"P of {_comparison(publication, claim)}" if claim.table else "P"
    if claim.kind in DIAGNOSTIC:
        table = publication.tables[claim.table]
        test = publication.groups[table.groups[0]].label
        return f"{MEASURES.get(claim.kind, claim.kind)} of '{test}' for '{table.label}'"
    if claim.kind == "ratio":
        parts = [what(publication, publication.claims[name]) for name in (claim.numerator, claim.denominator)]
        return f"ratio of {parts[0]} to {parts[1]}"
    if claim.kind == "median":
        return f"median {claim.endpoint}, {publication.groups[claim.population].label}"
    return claim.of if claim.kind == "measurement" else "statement"


def quantity(publication: Publication, number: Quantity) -> str:
    """A number of patients in words."""
    if number.name in publication.groups:
        return publication.groups[number.name].label
    label = publication.tables[number.name].label
    text = f"not {label}" if number.without else label
    return f"{text}, {publication.groups[number.group].label}" if number.group else text


def _comparison(publication: Publication, claim: Claim) -> str:
    table = publication.tables[claim.table]
    first, second = (publication.groups[group].label for group in claim.groups or table.groups)
    return f"{table.label}, {first} against {second}"
