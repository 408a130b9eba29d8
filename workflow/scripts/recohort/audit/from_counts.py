"""Counts, percentages, diagnostic accuracy and ratios: evidence from the printed counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.audit import counts
from recohort.audit.claims import Claim, Publication, Quantity, Table
from recohort.audit.counts import BROKEN, CUT, ROUNDED, how_printed
from recohort.audit.finding import (
    CONTRADICTED,
    IMPLIED,
    NO_EVIDENCE,
    NOT_CHECKABLE,
    RECOMPUTED,
    REPRODUCED,
    ROUNDING,
    Finding,
    counted,
    needs,
    plain,
    shown,
)
from recohort.base import formats


def count(publication: Publication, claim: Claim) -> Finding:
    """
    A count: is it the sum, or the difference, of others that are printed?

    Parameters
    ----------
    publication : Publication
    claim : Claim

    Returns
    -------
    Finding
    """
    size = _exceeded(publication, claim)
    if size is not None:
        reason = f"It is more than the {formats.count(size)} of {publication.groups[claim.of.group].label}."
        return Finding(claim, RECOMPUTED, CONTRADICTED, reason)
    others = counts.known(publication, without=claim)
    value = others.values.get(claim.of)
    if value is None:
        reason = f"{needs(claim, 'who is counted')}: nothing else that is printed adds up to it."
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
    how = others.how.get(claim.of, "the number given in words")
    if value == claim.number.value:
        return Finding(claim, RECOMPUTED, REPRODUCED, f"{how} = {formats.count(value)}.", value)
    reason = f"{how} = {formats.count(value)}, not {claim.printed}: at least one of these numbers is wrong."
    return Finding(claim, RECOMPUTED, CONTRADICTED, reason, value)


def _exceeded(publication: Publication, claim: Claim) -> Any:
    """The size of the group, if more of it are counted than it has."""
    known, of = counts.known(publication).values, claim.of
    rest = Quantity(of.name, of.group, not of.without)
    return known[Quantity(of.group)] if of.group and known.get(rest, 0) < 0 else None


def percent(publication: Publication, claim: Claim) -> Finding:
    """
    A percentage: of counts that are printed, or of all that the other printed numbers leave open.

    Parameters
    ----------
    publication : Publication
    claim : Claim

    Returns
    -------
    Finding
    """
    known = counts.known(publication).values
    if claim.part in known and claim.whole in known:
        return _of_counts(claim, known[claim.part], known[claim.whole])
    left = _left(publication, claim, known)
    if left is None:
        reason = f"{needs(claim, 'numerator and denominator')}: what is printed leaves them open."
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
    return _of_what_is_open(publication, claim, *left)


def _of_what_is_open(
    publication: Publication, claim: Claim, part: NDArray[Any], whole: NDArray[Any]
) -> Finding:
    """A percentage whose part and whole are among some pairs of counts."""
    status, values = how_printed(claim.number, part, whole), 100 * part / whole
    nearest = np.argmin(np.abs(values - claim.number.value) + 100 * (status > status.min()))
    value, example = float(values[nearest]), _fraction(part[nearest], whole[nearest])
    open_counts = f"{counted(len(status), 'count')} that the other printed numbers leave open"
    fits = int((status == ROUNDED).sum())
    if status.min() == BROKEN:
        verdict, reason = (
            CONTRADICTED,
            f"None of the {open_counts} is near: at best {example}, {shown(value)} %.",
        )
    elif status.min() == CUT:
        verdict, reason = ROUNDING, _cut(claim, example, value, _complement(publication, claim))
    elif fits < len(status) and np.ptp(values) > 2 * claim.number.unit:
        verdict, reason = (
            NOT_CHECKABLE,
            f"{needs(claim, 'the counts')}: {fits:,} of the {open_counts} would do.",
        )
    elif fits < len(status):
        verdict, reason = ROUNDING, f"Holds for {fits:,} of the {open_counts}, such as {example}."
    elif len(status) > 1:
        verdict, reason = REPRODUCED, f"Holds for all {open_counts}, such as {example}."
    else:
        verdict, reason = (
            REPRODUCED,
            f"The other printed numbers leave only {example}, {_more(claim, value)} %.",
        )
    return Finding(claim, IMPLIED, verdict, reason, value, search=f"all {open_counts}")


def _left(
    publication: Publication, claim: Claim, known: dict[Quantity, int]
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Part and whole in each combination of counts that the other claims leave open; None if unbounded."""
    table = next((q.name for q in (claim.part, claim.whole) if q.name in publication.tables), None)
    if table is None:
        whole: Any = known.get(claim.whole)
        return (np.arange(whole + 1), np.full(whole + 1, whole)) if whole else None
    names = [quantity.group or quantity.name for quantity in (claim.part, claim.whole)]
    groups = [name for name in names if name in publication.groups]
    found = counts.possible(publication, table, groups, without=claim)
    if found is None or not len(found):
        return None
    part, whole = found.of(claim.part), found.of(claim.whole)
    sound = (found.cuts == found.cuts.min()) & (part >= 0) & (part <= whole) & (whole > 0)
    return (part[sound], whole[sound]) if sound.any() else None


def _of_counts(claim: Claim, part: int, whole: int) -> Finding:
    if whole == 0:
        return Finding(claim, RECOMPUTED, CONTRADICTED, "It is a percentage of nobody.")
    value, example = 100 * part / whole, _fraction(part, whole)
    status = how_printed(claim.number, part, whole)
    if status == ROUNDED:
        return Finding(claim, RECOMPUTED, REPRODUCED, f"{example} is {_more(claim, value)} %.", value)
    if status == CUT:
        return Finding(claim, RECOMPUTED, ROUNDING, _cut(claim, example, value), value)
    reason = f"{example} is {_more(claim, value)} %, which rounds to {shown(value, claim.number.decimals)}"
    if (how_printed(claim.number, np.arange(whole + 1), whole) == BROKEN).all():
        reason += f", and no count out of {formats.count(whole)} is {plain(claim)} %"
    if claim.number.rounds_twice(value):
        once = shown(value, claim.number.decimals + 1)
        reason += f"; only rounding twice, first to {once}, gives {plain(claim)}"
    return Finding(claim, RECOMPUTED, CONTRADICTED, f"{reason}.", value)


def _fraction(part: int, whole: int) -> str:
    return f"{formats.count(part)} of {formats.count(whole)}"


def _more(claim: Claim, value: float) -> str:
    """A percentage with two decimals more than were printed."""
    return formats.share(value, claim.number.decimals + 2)


def _cut(claim: Claim, example: str, value: float, complement: Claim | None = None) -> str:
    rounded = shown(value, claim.number.decimals)
    text = (
        f"{example} is {_more(claim, value)} %, which rounds to {rounded}; it is {plain(claim)} only if cut"
    )
    return f"{text}, or as 100 - {plain(complement)}." if complement else f"{text}."


def _complement(publication: Publication, claim: Claim) -> Claim | None:
    """Another percentage of the same whole with which it adds up to 100."""
    percents = [c for c in publication.of_kind("percent") if c.whole == claim.whole and c is not claim]
    return next((c for c in percents if c.number.value + claim.number.value == 100), None)


def accuracy(publication: Publication, claim: Claim) -> Finding:
    """
    Sensitivity, specificity, a predictive value or the accuracy of a test by a reference.

    Parameters
    ----------
    publication : Publication
    claim : Claim

    Returns
    -------
    Finding
    """
    found = counts.possible(publication, claim.table)
    if found is None or not len(found):
        reason = f"{needs(claim, 'both results of each specimen')}: what is printed leaves the table open."
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
    part, whole = _shares(publication.tables[claim.table], found)[claim.kind]
    pairs = np.unique(np.column_stack([part, whole]), axis=0)
    if len(pairs) == 1:
        return _of_counts(claim, *map(int, pairs[0]))
    status = how_printed(claim.number, pairs[:, 0], pairs[:, 1])
    value = float(100 * pairs[status.argmin(), 0] / pairs[status.argmin(), 1])
    tables = f"{counted(len(pairs), 'table')} that print the same percentages"
    if status.min() == BROKEN:
        verdict, reason = CONTRADICTED, f"Holds in none of {tables}; one gives {_more(claim, value)} %."
    elif status.min() == CUT:
        verdict, reason = ROUNDING, f"Holds in {int((status == CUT).sum()):,} of {tables}, when cut."
    elif status.max() > ROUNDED:
        verdict, reason = ROUNDING, f"Holds in {int((status == ROUNDED).sum()):,} of {tables}."
    else:
        verdict, reason = REPRODUCED, f"Holds in all {tables}."
    return Finding(claim, RECOMPUTED, verdict, reason, value, search=f"all {tables}")


def _shares(table: Table, found: counts.Possible) -> Any:
    """Part and whole of each measure: groups are test positive and negative, the feature is the reference."""
    positive, negative = table.groups
    tp, fp = (found.of(Quantity(table.name, positive, without)) for without in (False, True))
    fn, tn = (found.of(Quantity(table.name, negative, without)) for without in (False, True))
    return {
        "sensitivity": (tp, tp + fn),
        "specificity": (tn, tn + fp),
        "ppv": (tp, tp + fp),
        "npv": (tn, tn + fn),
        "accuracy": (tp + tn, tp + fp + fn + tn),
    }


def ratio(publication: Publication, claim: Claim) -> Finding:
    """
    A ratio of two printed numbers, which may themselves be rounded.

    Parameters
    ----------
    publication : Publication
    claim : Claim

    Returns
    -------
    Finding
    """
    above, below = (publication.claims[name].number for name in (claim.numerator, claim.denominator))
    if below.value == 0:
        return Finding(claim, IMPLIED, CONTRADICTED, f"{above.text} cannot be divided by {below.text}.")
    value = above.value / below.value
    low, high = above.low / below.high, (above.high / below.low if below.low > 0 else np.inf)
    text = f"{above.text} / {below.text} = {shown(value, claim.number.decimals + 2)}"
    span = f"rounded as they are, the two numbers allow {shown(low, 3)} to {shown(high, 3)}"
    if claim.number.rounds(value):
        return Finding(claim, IMPLIED, REPRODUCED, f"{text}.", value)
    fits = low <= claim.number.high and high >= claim.number.low
    return Finding(claim, IMPLIED, ROUNDING if fits else CONTRADICTED, f"{text}; {span}.", value)


def measurement(publication: Publication, claim: Claim) -> Finding:
    """A number that nothing printed can be held against."""
    return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{needs(claim, claim.of)}.")
