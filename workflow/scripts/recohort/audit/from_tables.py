"""Odds ratios, p values and statements of significance: evidence from all tables that print the same."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.audit import associations, counts, exclusions
from recohort.audit.claims import Claim, Publication, Quantity
from recohort.audit.comparisons import Comparison, holds, ways
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
    plain,
    shown,
)
from recohort.base import formats

LEVEL = 0.05


def exclusions_of(found: dict[str, Comparison]) -> dict[tuple[str, ...], exclusions.Exclusion | None]:
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
    sharing: dict[tuple[str, ...], list[Comparison]] = {}
    for comparison in {id(c): c for c in found.values()}.values():
        if len(comparison.tables) and comparison.sizes_known:
            sharing.setdefault(comparison.groups, []).append(comparison)
    return {groups: exclusions.search(members) for groups, members in sharing.items()}


def association(
    publication: Publication,
    claim: Claim,
    comparison: Comparison,
    exclusion: exclusions.Exclusion | None = None,
) -> Finding:
    """
    An odds ratio, its limit or its p value, from the tables of its comparison.

    In this order: the stated method on a table that prints the same; the same with decimals cut; missing
    patients that explain two claims or more; another method; missing patients that explain less.

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
    found = _as_stated(claim, comparison) or _cut(claim, comparison)
    if found is None and exclusion and claim.id in exclusion.explains and len(exclusion.explains) > 1:
        found = _by_exclusion(publication, claim, comparison, exclusion)
    return (
        found
        or _by_method(claim, comparison)
        or _by_exclusion(publication, claim, comparison, exclusion)
        or _contradicted(claim, comparison, exclusion)
    )


def _others_hold(claim: Claim, comparison: Comparison) -> NDArray[Any]:
    """How many of the other claims each table gives, shape (n_tables,)."""
    others = [holds(c, comparison.tables) for c in comparison.claims if c is not claim]
    return np.sum(others, axis=0) if others else np.zeros(len(comparison.tables), int)


def _as_stated(claim: Claim, comparison: Comparison) -> Finding | None:
    held = holds(claim, comparison.tables)
    if not held.any():
        return None
    sound = held[: comparison.rounded]
    among = sound if sound.any() else held
    others = np.where(among, _others_hold(claim, comparison)[: len(among)], -1)
    table = comparison.tables[others.argmax()]
    name, value = _value(claim, table, ways(claim)[0])
    example = f"{_counts(table)} give {_result(claim, name, value)}"
    if not sound.any():
        verdict, reason = ROUNDING, f"Holds only if a percentage is cut: {example}"
    elif not sound.all():
        verdict, reason = ROUNDING, f"Holds in {sound.sum():,} of {_tables(len(sound))}: {example}"
    elif len(sound) > 1:
        verdict, reason = REPRODUCED, f"Holds in all {_tables(len(sound))}: for instance, {example}"
    else:
        verdict, reason = REPRODUCED, example
    if others.max() < len(comparison.claims) - 1:
        against = [c.printed for c in comparison.claims if c is not claim and not holds(c, table[None])[0]]
        reason += f", but this table does not give the {listed(against)} printed with it"
    return _finding(claim, comparison, verdict, f"{reason}.", table, value)


def _cut(claim: Claim, comparison: Comparison) -> Finding | None:
    for name, compute in ways(claim)[0].items():
        values = compute(comparison.tables)
        cut = claim.number.cuts(values)
        if cut.any():
            table, value = comparison.tables[cut.argmax()], float(values[cut.argmax()])
            given = f"{_counts(table)} give {_result(claim, name, value)}"
            reason = f"{given}, which is {plain(claim)} only if cut."
            return _finding(claim, comparison, ROUNDING, reason, table, value)
    return None


def _by_method(claim: Claim, comparison: Comparison) -> Finding | None:
    others = _others_hold(claim, comparison)
    among = np.flatnonzero(others == others.max())
    for name, compute in ways(claim)[1].items():
        values = compute(comparison.tables[among])
        held = claim.number.rounds(values)
        if held.any():
            table, value = comparison.tables[among[held.argmax()]], float(values[held.argmax()])
            stated, usual = _value(claim, table, ways(claim)[0])
            given = f"{_counts(table)} give {_result(claim, name, value)}"
            reason = f"{given}, but {_result(claim, stated, usual)}."
            return _finding(claim, comparison, METHOD, reason, table, value)
    return None


def _by_exclusion(
    publication: Publication, claim: Claim, comparison: Comparison, exclusion: exclusions.Exclusion | None
) -> Finding | None:
    if exclusion is None:
        return None
    search: Any = exclusion
    if claim.id not in exclusion.reconciled:
        search = exclusions.search([comparison])
        if len(search.reconciled) < search.claims:
            return None
    whole = comparison.tables[[search.best[comparison.table.name]]]
    table = exclusions.reduced(whole, search.missing)[0, 0, 0]
    name, value = _value(claim, table, ways(claim)[0])
    given = f"{_counts(table)} give {_result(claim, name, value)}"
    reason = f"With {_missing(publication, search)} missing, {given}"
    if search is exclusion:
        reconciled, broken = len(search.reconciled), [c for c in comparison.claims if c.id in search.broken]
        reason += f"; this exclusion reconciles {reconciled} of {search.claims} claims on these groups"
        if broken:
            reason += f", but not the {listed(c.printed for c in broken)} printed with this one"
    else:
        reason += ", but that is not the exclusion that reconciles the most claims on these groups"
    return _finding(claim, comparison, DENOMINATOR, f"{reason}.", table, value, search)


def _contradicted(claim: Claim, comparison: Comparison, exclusion: exclusions.Exclusion | None) -> Finding:
    stated = ways(claim)[0]
    values = np.array([compute(comparison.tables) for compute in stated.values()])
    distance = np.where(np.isfinite(values), np.abs(values - claim.number.value), np.inf)
    way, best = np.unravel_index(distance.argmin(), distance.shape)
    table, value = comparison.tables[best], float(values[way, best])
    given = f"{_counts(table)} give {_result(claim, list(stated)[way], value)}"
    searched = ", and neither another method nor missing patients explain it" if exclusion else ""
    reason = f"{given}{searched}."
    if len(comparison.tables) > 1:
        reason = f"Holds in none of {_tables(len(comparison.tables))}: {reason}"
    return _finding(claim, comparison, CONTRADICTED, reason, table, value, exclusion)


def _finding(
    claim: Claim,
    comparison: Comparison,
    verdict: str,
    reason: str,
    table: NDArray[Any],
    value: Any,
    exclusion: exclusions.Exclusion | None = None,
) -> Finding:
    value = None if np.isnan(value) else value
    said = _robustness(claim, comparison, table)
    return Finding(claim, RECOMPUTED, verdict, reason, value, said, _search(comparison, exclusion))


def _tables(number: int) -> str:
    return f"{counted(number, 'table')} that print{'s' * (number == 1)} the same percentages"


def _search(comparison: Comparison, exclusion: exclusions.Exclusion | None) -> str:
    text = f"all {_tables(len(comparison.tables))}" if len(comparison.tables) > 1 else "the one table"
    if exclusion is None:
        return text
    first, second = exclusion.bounds
    text += (
        f"; 0 to {first} and 0 to {second} patients missing in the two groups, {exclusion.tables:,} tables "
        f"in all; {len(exclusion.before)} of {counted(exclusion.claims, 'claim')} hold with nobody missing"
    )
    if not exclusion.explains:
        return f"{text}, and no exclusion reconciles more"
    broken = f", and does not reconcile {', '.join(sorted(exclusion.broken))}" if exclusion.broken else ""
    return f"{text}; the smallest exclusion reconciles {', '.join(sorted(exclusion.reconciled))}{broken}"


def _robustness(claim: Claim, comparison: Comparison, table: NDArray[Any]) -> str:
    """What other methods say: all tests of a p value, the interval of an odds ratio."""
    if claim.kind == "odds_ratio":
        conditional = float(associations.conditional_odds_ratio(table[None])[0])
        low, high = associations.wald_limits(table)
        return (
            f"conditional maximum likelihood {shown(conditional, claim.number.decimals + 2)}; "
            f"95 % interval {shown(low)} to {shown(high)} (Wald)"
        )
    if claim.kind != "p_value":
        return ""
    level = claim.number.value if "<" in claim.number.relation else LEVEL
    if comparison.sizes_known:
        values = {name: float(test(table[None])[0]) for name, test in associations.TESTS.items()}
        below: Any = sum(p < level for p in values.values())
        said = ", ".join(f"{name} {p_shown(p)}" for name, p in values.items())
        return f"{said}: below {level:g} by {below} of {len(values)} tests"
    tables = comparison.tables[: comparison.rounded]
    below = {name: int((test(tables) < level).sum()) for name, test in associations.TESTS.items()}
    said = ", ".join(f"{name} {number:,}" for name, number in below.items())
    return f"below {level:g} in so many of {_tables(len(tables))}: {said}"


def _value(claim: Claim, table: NDArray[Any], among: dict[str, Any]) -> tuple[str, float]:
    """The first of some ways that prints the claim on a table, or the first of all, and its value."""
    values = {name: float(compute(table[None])[0]) for name, compute in among.items()}
    name = next((n for n, value in values.items() if claim.number.rounds(value)), next(iter(values)))
    return name, values[name]


def _result(claim: Claim, name: str, value: float) -> str:
    if claim.kind == "p_value":
        return f"p {p_shown(value)} ({name})"
    what = {"odds_ratio": "odds ratio", "confidence_low": "limit", "confidence_high": "limit"}[claim.kind]
    return f"{what} {shown(value, claim.number.decimals + 2)} ({name})"


def _counts(table: NDArray[Any]) -> str:
    first, second = table[0], table[1]
    return (
        f"{formats.count(first[0])} of {formats.count(first.sum())} against "
        f"{formats.count(second[0])} of {formats.count(second.sum())}"
    )


def _missing(publication: Publication, exclusion: exclusions.Exclusion) -> str:
    labels = [publication.groups[group].label for group in exclusion.groups]
    pairs = zip(exclusion.missing, labels, strict=True)
    return listed(f"{counted(number, 'patient')} of {label}" for number, label in pairs if number)


def statement(publication: Publication, claim: Claim) -> Finding:
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
        pairs = claim.pairs or (table.groups,)
        found = counts.possible(publication, name, [group for pair in pairs for group in pair])
        if found is None or not len(found):
            need = needs(claim, "both variables for each patient")
            return Finding(
                claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}: the counts behind it are not printed."
            )
        p = _p_values(claim, table, pairs, found)
        held = claim.limit.rounds(p).all(axis=1).any(axis=0)
        rounded = found.cuts == found.cuts.min()
        among = rounded if held[rounded].any() or not held.any() else ~rounded
        parts.append((table.label, held[among]))
        decisive.append(_decisive(claim, p[..., among]))
    value = (max if "<" in claim.limit.relation else min)(decisive)
    search = "all tables that print the same percentages: " + listed(f"{len(held):,}" for _, held in parts)
    reason = f"p {claim.limit.text} {_held_in(parts)}"
    if all(held.all() for _, held in parts):
        verdict = REPRODUCED
    elif all(held.any() for _, held in parts):
        verdict, reason = ROUNDING, f"{reason}; the percentages are too coarse to say more"
    else:
        verdict = CONTRADICTED
    return Finding(claim, RECOMPUTED, verdict, f"{reason}.", value, search=search)


def _p_values(claim: Claim, table: Any, pairs: Any, found: counts.Possible) -> NDArray[Any]:
    """p of each stated test, pair of groups and combination, shape (n_tests, n_pairs, n_combinations)."""
    tables = []
    for pair in pairs:
        numbers = [found.of(quantity) for g in pair for quantity in (Quantity(table.name, g), Quantity(g))]
        tables.append(associations.two_by_two(*numbers))
    return np.array([associations.TESTS[test](np.array(tables)) for test in claim.tests])


def _decisive(claim: Claim, p: NDArray[Any]) -> float:
    """The p value that decides: of the pair that does worst, by the test and in the table that do best."""
    if "<" in claim.limit.relation:
        return float(np.nanmin(np.nanmax(p, axis=1)))
    return float(np.nanmax(np.nanmin(p, axis=1)))


def _held_in(parts: Sequence[Any]) -> str:
    if len(parts) == 1 and len(parts[0][1]) == 1:
        return "holds" if parts[0][1].all() else "does not hold"
    if len(parts) == 1:
        return f"holds in {int(parts[0][1].sum()):,} of {_tables(len(parts[0][1]))}"
    said = listed(f"{int(held.sum()):,} of {len(held):,} for {label}" for label, held in parts)
    return f"holds in so many of the tables that print the same percentages: {said}"
