"""Odds ratios, p values and statements of significance: evidence from all tables that print the same."""

import numpy as np

from recohort import formats
from recohort.audit import associations, comparisons, counts, exclusions
from recohort.audit.comparisons import holds, ways
from recohort.audit.finding import (
    CONTRADICTED,
    DENOMINATOR,
    METHOD,
    NO_EVIDENCE,
    NOT_CHECKABLE,
    RECOMPUTED,
    REPRODUCED,
    ROUNDING,
    Finding,
    counted,
    listed,
    needs,
    p_shown,
    shown,
)
from recohort.claims import Quantity

LEVEL = 0.05


def exclusions_of(found):
    """
    The exclusion that reconciles the most claims, for each pair of groups.

    Parameters
    ----------
    found : dict of str to Comparison
        As `comparisons.find` returns them.

    Returns
    -------
    dict of tuple to Exclusion
        By the two groups.
    """
    sharing = {}
    for comparison in {id(c): c for c in found.values()}.values():
        if len(comparison.tables) and comparison.sizes_known:
            sharing.setdefault(comparison.groups, []).append(comparison)
    return {groups: exclusions.search(members) for groups, members in sharing.items()}


def association(publication, claim, comparison, exclusion=None):
    """
    An odds ratio, its limit or its p value, from the tables of its comparison.

    In this order: the stated method on a table that prints the same, the same with decimals cut, another method, missing
    patients that reconcile the claims of all comparisons, missing patients that reconcile those of this one.

    Parameters
    ----------
    publication : Publication
    claim : Claim
    comparison : Comparison
    exclusion : Exclusion, optional
        The one of its groups.

    Returns
    -------
    Finding
    """
    tables = comparison.tables
    if not len(tables):
        reason = f"{needs(claim, 'both variables for each patient')}: the counts behind it are not printed."
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
    return (
        _as_stated(claim, comparison)
        or _cut(claim, comparison)
        or _by_method(claim, comparison)
        or _by_exclusion(publication, claim, comparison, exclusion)
        or _contradicted(claim, comparison, exclusion)
    )


def _others_hold(claim, comparison):
    """How many of the other claims each table gives, shape (n_tables,)."""
    others = [c for c in comparison.claims if c is not claim]
    return sum((holds(c, comparison.tables).astype(int) for c in others), np.zeros(len(comparison.tables), int))


def _as_stated(claim, comparison):
    held = holds(claim, comparison.tables)
    if not held.any():
        return None
    others = np.where(held, _others_hold(claim, comparison), -1)
    best = int(others.argmax())
    name, value = _value(claim, comparison.tables[best], ways(claim)[0])
    n, rounded = len(held), comparison.rounded
    what = "split of the patients" if not comparison.sizes_known else "table"
    if held[:rounded].all():
        verdict = REPRODUCED
        same = f"Each {what} that prints the same percentages gives it, such as {_words(comparison, best)}"
        start = _words(comparison, best, capital=True) if rounded == 1 else f"{same},"
        reason = f"{start} {'give' if rounded == 1 else 'with'} {_result(claim, name, value)}."
    else:
        verdict = ROUNDING
        only = f"{counted(int(held.sum()), what, what.replace(what.split()[0], what.split()[0] + 's'))} of the {n:,}"
        verb = "gives" if held.sum() == 1 else "give"
        reason = f"{only} that print the same percentages {verb} it: {_words(comparison, best)}"
        reason += f" {_result(claim, name, value)}."
    if len(comparison.claims) > 1 and others.max() < len(comparison.claims) - 1:
        against = [c.printed for c in comparison.claims if c is not claim and not holds(c, comparison.tables[[best]])[0]]
        reason = f"{reason[:-1]}, but this table does not give {listed(against)}."
    return _finding(claim, comparison, verdict, reason, best, value)


def _cut(claim, comparison):
    for name, compute in ways(claim)[0].items():
        values = compute(comparison.tables)
        cut = claim.number.cuts(values)
        if cut.any():
            best = int(cut.argmax())
            value = float(values[best])
            reason = (
                f"{_words(comparison, best, capital=True)} give {_result(claim, name, value)}, "
                f"which is {claim.printed} only if cut, not rounded."
            )
            return _finding(claim, comparison, ROUNDING, reason, best, value)
    return None


def _by_method(claim, comparison):
    others = _others_hold(claim, comparison)
    among = np.flatnonzero(others == others.max())
    for name, compute in ways(claim)[1].items():
        values = compute(comparison.tables[among])
        held = claim.number.rounds(values)
        if held.any():
            best = int(among[held.argmax()])
            value = float(values[held.argmax()])
            stated, usual = _value(claim, comparison.tables[best], ways(claim)[0])
            reason = (
                f"{_words(comparison, best, capital=True)} give {_result(claim, name, value)} by another method than "
                f"stated or usual ({_result(claim, stated, usual)})."
            )
            return _finding(claim, comparison, METHOD, reason, best, value)
    return None


def _by_exclusion(publication, claim, comparison, exclusion):
    if exclusion is None:
        return None
    search = exclusion
    if claim.id not in exclusion.reconciled:
        search = exclusions.search([comparison])
        if len(search.reconciled) < search.claims:
            return None
    best = search.best[comparison.table.name]
    table = exclusions.reduced(comparison.tables[[best]], search.missing)[0, 0, 0]
    name, value = _value(claim, table, ways(claim)[0])
    missing = _missing(publication, search)
    reason = f"With {missing} missing, {_counts(table)} give {_result(claim, name, value)}"
    if search is exclusion:
        reason += f"; this exclusion reconciles {len(search.reconciled)} of {search.claims} claims on these groups"
        broken = [c for c in comparison.claims if c.id not in search.reconciled]
        if broken:
            reason += f", though not the {listed(c.printed for c in broken)} that goes with this one"
    else:
        reason += ", but that is not the exclusion that reconciles the most claims on these groups"
    return _finding(claim, comparison, DENOMINATOR, f"{reason}.", best, value, search)


def _contradicted(claim, comparison, exclusion):
    stated = ways(claim)[0]
    values = np.array([compute(comparison.tables) for compute in stated.values()])
    distance = np.where(np.isfinite(values), np.abs(values - claim.number.value), np.inf)
    way, best = np.unravel_index(distance.argmin(), distance.shape)
    value = float(values[way, best])
    reason = f"No table that prints the same percentages gives it: {_words(comparison, int(best))} give "
    reason += _result(claim, list(stated)[way], value)
    reason += ", and neither another method nor missing patients explain it." if exclusion else "."
    return _finding(claim, comparison, CONTRADICTED, reason, int(best), value, exclusion)


def _finding(claim, comparison, verdict, reason, best, value, exclusion=None):
    return Finding(
        claim, RECOMPUTED, verdict, reason, value, robustness(claim, comparison, best), _search(comparison, exclusion)
    )


def _search(comparison, exclusion):
    text = f"all {counted(len(comparison.tables), 'table')} that print the same"
    if exclusion is None:
        return text
    first, second = exclusion.bounds
    return (
        f"{text}; up to {first} and {second} patients missing in the two groups, {exclusion.claims} claims jointly, "
        f"{exclusion.tables:,} tables in all"
    )


def robustness(claim, comparison, best):
    """What other tests and tables say: for an odds ratio its interval, for a p value all tests."""
    tables = comparison.tables[: comparison.rounded]
    if claim.kind == "odds_ratio":
        low, high = associations.wald_limits(comparison.tables[best])
        return f"95 % interval {shown(low)} to {shown(high)} (Wald)"
    if claim.kind != "p_value" or not comparison.sizes_known:
        return ""
    here = {name: float(test(comparison.tables[[best]])[0]) for name, test in associations.TESTS.items()}
    text = ", ".join(f"{name} {p_shown(p)}" for name, p in here.items())
    below = sum(p < LEVEL for p in here.values())
    text += f": below 0.05 by {below} of {len(here)} tests"
    if len(tables) > 1:
        every = np.array([test(tables) for test in associations.TESTS.values()])
        text += f" (over all {len(tables)} tables, {int((every < LEVEL).sum())} of {every.size})"
    return text


def _value(claim, table, among):
    """The first of some ways that prints the claim on a table, or the first of all, and its value."""
    values = {name: float(compute(table[None])[0]) for name, compute in among.items()}
    name = next((n for n, value in values.items() if claim.number.rounds(value)), next(iter(values)))
    return name, values[name]


def _result(claim, name, value):
    if claim.kind == "p_value":
        return f"p {p_shown(value)} ({name})"
    what = {"odds_ratio": "odds ratio", "confidence_low": "limit", "confidence_high": "limit"}[claim.kind]
    return f"{what} {shown(value, claim.number.decimals + 2)} ({name})"


def _words(comparison, index, capital=False):
    return _counts(comparison.tables[index])


def _counts(table):
    first, second = table[0], table[1]
    return (
        f"{formats.count(first[0])} of {formats.count(first.sum())} against "
        f"{formats.count(second[0])} of {formats.count(second.sum())}"
    )


def _missing(publication, exclusion):
    labels = [publication.groups[group].label for group in exclusion.groups]
    parts = [f"{counted(n, 'patient')} of {label}" for n, label in zip(exclusion.missing, labels) if n]
    return listed(parts)


def statement(publication, claim):
    """
    A statement of significance, or of none, about one or more tables.

    Parameters
    ----------
    publication : Publication
    claim : Claim
        Holds if each pair of groups of each table meets the limit by one of the stated tests.

    Returns
    -------
    Finding
    """
    parts, decisive = [], []
    for name in claim.tables:
        table = publication.tables[name]
        p, rounded = _p_values(publication, claim, table, claim.pairs or (table.groups,))
        if p is None:
            reason = f"{needs(claim, 'both variables for each patient')}: the counts behind it are not printed."
            return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, reason)
        held = claim.limit.rounds(p).all(axis=1).any(axis=0)
        among = rounded if held[rounded].any() or not held.any() else ~rounded
        parts.append((table.label, held[among]))
        decisive.append(_decisive(claim, p[..., among]))
    value = (max if "<" in claim.limit.relation else min)(decisive)
    search = "all tables that print the same: " + ", ".join(f"{len(held):,}" for _, held in parts)
    text = f"p {claim.limit.text} {_held_in(parts)}"
    if all(held.all() for _, held in parts):
        verdict, reason = REPRODUCED, f"{text}."
    elif all(held.any() for _, held in parts):
        verdict, reason = ROUNDING, f"{text}: the percentages are too coarse to say more."
    else:
        verdict, reason = CONTRADICTED, f"{text}."
    return Finding(claim, RECOMPUTED, verdict, reason, value, search=search)


def _decisive(claim, p):
    """The p value that decides: of the test that does best, in the combination that does best, the pair that does worst."""
    if "<" in claim.limit.relation:
        return float(np.nanmin(np.nanmax(p, axis=1)))
    return float(np.nanmax(np.nanmin(p, axis=1)))


def _held_in(parts):
    if len(parts) == 1 and len(parts[0][1]) == 1:
        return "holds" if parts[0][1].all() else "does not hold"
    return "holds in " + listed(
        f"{int(held.sum()):,} of the {counted(len(held), 'table')} that print the same percentages"
        + (f" ({label})" if len(parts) > 1 else "")
        for label, held in parts
    )


def _p_values(publication, claim, table, pairs):
    """
    p of each stated test, pair of groups and combination of counts, shape (n_tests, n_pairs, n_combinations).

    And which combinations need the fewest cut percentages; None if the counts are unbounded.
    """
    groups = list(dict.fromkeys(group for pair in pairs for group in pair))
    found = counts.possible(publication, table.name, groups)
    if found is None or not len(found):
        return None, None
    tables = np.array([
        associations.two_by_two(
            *[found.of(q) for group in pair for q in (Quantity(table.name, group), Quantity(group))]
        )
        for pair in pairs
    ])  # fmt: skip
    p = np.array([associations.TESTS[test](tables) for test in claim.tests])
    return p, found.cuts == found.cuts.min()
