"""Counts, percentages, diagnostic accuracy and ratios: evidence from the printed counts."""

import numpy as np

from recohort import formats
from recohort.audit import counts
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
from recohort.claims import Quantity


def count(publication, claim):
    """A count: is it the sum, or the difference, of others that are printed?"""
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


def percent(publication, claim):
    """A percentage: of counts that are printed, or of all that the other printed numbers leave possible."""
    known = counts.known(publication).values
    if claim.part in known and claim.whole in known:
        return _of_counts(claim, known[claim.part], known[claim.whole])
    left = _left(publication, claim, known)
    if left is None:
        reason = f"{needs(claim, 'numerator and denominator')}: neither is printed."
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
    part, whole = left
    status = how_printed(claim.number, part, whole)
    best = status == status.min()
    value = float(100 * part[best][0] / whole[best][0])
    example = f"{formats.count(part[best][0])} of {formats.count(whole[best][0])}"
    search = f"all {counted(len(status), 'count')} that the other printed numbers leave"
    if (status == ROUNDED).all():
        reason = f"The other printed numbers leave only {example}, which is {_more(claim, value)} %."
        if len(status) > 1:
            reason = f"Each count that the other printed numbers leave rounds to it, such as {example}."
        return Finding(claim, IMPLIED, REPRODUCED, reason, value, search=search)
    if status.min() == ROUNDED:
        fits = formats.count(int((status == ROUNDED).sum()))
        reason = f"{needs(claim, 'the counts')}: possible, for instance {example} ({fits} of {len(status):,} counts)."
        return Finding(claim, IMPLIED, NOT_CHECKABLE, reason, value, search=search)
    if status.min() == CUT:
        return Finding(claim, IMPLIED, ROUNDING, _cut(claim, example, value), value, search=search)
    nearest = np.argmin(np.abs(100 * part / whole - claim.number.value))
    value = float(100 * part[nearest] / whole[nearest])
    example = f"{formats.count(part[nearest])} of {formats.count(whole[nearest])}"
    reason = (
        f"No count that the other printed numbers leave gives it: the nearest is {example}, {shown(value)} %."
    )
    return Finding(claim, IMPLIED, CONTRADICTED, reason, value, search=search)


def _left(publication, claim, known):
    """Part and whole in each combination of counts that the other claims leave; None if there is no bound."""
    table = next((q.name for q in (claim.part, claim.whole) if q.name in publication.tables), None)
    if table is None:
        whole = known.get(claim.whole)
        return None if whole is None else (np.arange(whole + 1), np.full(whole + 1, whole))
    groups = [
        q.group or q.name for q in (claim.part, claim.whole) if (q.group or q.name) in publication.groups
    ]
    found = counts.possible(publication, table, groups, without=claim)
    if found is None or not len(found):
        return None
    rounded = found.cuts == found.cuts.min()
    return found.of(claim.part)[rounded], found.of(claim.whole)[rounded]


def _of_counts(claim, part, whole):
    if whole == 0:
        return Finding(claim, RECOMPUTED, CONTRADICTED, "It is a percentage of nobody.")
    value = 100 * part / whole
    example = f"{formats.count(part)} of {formats.count(whole)}"
    status = how_printed(claim.number, part, whole)
    if status == ROUNDED:
        return Finding(claim, RECOMPUTED, REPRODUCED, f"{example} is {_more(claim, value)} %.", value)
    if status == CUT:
        return Finding(claim, RECOMPUTED, ROUNDING, _cut(claim, example, value), value)
    return Finding(claim, RECOMPUTED, CONTRADICTED, _wrong(claim, example, value, whole), value)


def _more(claim, value):
    return shown(value, claim.number.decimals + 2)


def _cut(claim, example, value):
    rounded = shown(value, claim.number.decimals)
    return (
        f"{example} is {_more(claim, value)} %, which rounds to {rounded}; it is {plain(claim)} only if cut."
    )


def _wrong(claim, example, value, whole):
    rounded = shown(value, claim.number.decimals)
    text = f"{example} is {_more(claim, value)} %, which rounds to {rounded}"
    if (how_printed(claim.number, np.arange(whole + 1), whole) == BROKEN).all():
        text += f", and no count out of {formats.count(whole)} is {plain(claim)} %"
    if claim.number.rounds_twice(value):
        once = shown(value, claim.number.decimals + 1)
        text += f"; only rounding twice, first to {once}, gives {plain(claim)}"
    return f"{text}."


def accuracy(publication, claim):
    """Sensitivity, specificity, predictive values and accuracy of a table of test by reference."""
    found = counts.possible(publication, claim.table)
    if found is None or not len(found):
        reason = f"{needs(claim, 'test and reference of each specimen')}: the table cannot be built from what is printed."
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
    part, whole = _shares(publication.tables[claim.table], found)[claim.kind]
    pairs = np.unique(np.column_stack([part, whole]), axis=0)
    if len(pairs) == 1:
        return _of_counts(claim, *map(int, pairs[0]))
    status = how_printed(claim.number, pairs[:, 0], pairs[:, 1])
    value = float(100 * pairs[status.argmin(), 0] / pairs[status.argmin(), 1])
    search = f"all {counted(len(pairs), 'table')} that print the same"
    fits = int((status == ROUNDED).sum())
    if fits == len(pairs):
        reason = f"Each of the {counted(len(pairs), 'table')} that print the same percentages gives it."
        return Finding(claim, RECOMPUTED, REPRODUCED, reason, value, search=search)
    if status.min() < BROKEN:
        fits = fits or int((status == CUT).sum())
        how = "" if status.min() == ROUNDED else ", when cut and not rounded"
        reason = (
            f"{counted(fits, 'table')} of the {len(pairs)} that print the same percentages gives it{how}."
        )
        return Finding(claim, RECOMPUTED, ROUNDING, reason, value, search=search)
    reason = f"No table that prints the same percentages gives it; one gives {_more(claim, value)} %."
    return Finding(claim, RECOMPUTED, CONTRADICTED, reason, value, search=search)


def _shares(table, found):
    """Part and whole of each measure; rows are test positive and negative, the feature is reference positive."""
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


def ratio(publication, claim):
    """A ratio of two printed numbers, which may themselves be rounded."""
    above, below = (publication.claims[name].number for name in (claim.numerator, claim.denominator))
    if below.value == 0:
        return Finding(claim, IMPLIED, CONTRADICTED, f"{above.text} cannot be divided by {below.text}.")
    value = above.value / below.value
    text = f"{above.text} / {below.text} = {_more(claim, value)}"
    if claim.number.rounds(value):
        return Finding(claim, IMPLIED, REPRODUCED, f"{text}.", value)
    low, high = above.low / below.high, (above.high / below.low if below.low > 0 else np.inf)
    span = f"the two printed numbers allow {shown(low, 3)} to {shown(high, 3)}"
    if low <= claim.number.high and high >= claim.number.low:
        return Finding(claim, IMPLIED, ROUNDING, f"{text}, and {span}, as they are rounded.", value)
    return Finding(claim, IMPLIED, CONTRADICTED, f"{text}, and {span}.", value)


def measurement(publication, claim):
    """A number that nothing printed can be held against."""
    return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{needs(claim, claim.of)}.")
