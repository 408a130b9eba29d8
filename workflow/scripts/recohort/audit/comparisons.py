"""Two groups compared on a feature: the claims about it, and the 2 x 2 tables it may rest on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.audit import associations, counts
from recohort.audit.claims import Claim, Publication, Quantity


@dataclass(frozen=True)
class Comparison:
    """
    One feature compared between two groups.

    Attributes
    ----------
    table : Table
    groups : tuple of str, length 2
    claims : tuple of Claim
        Odds ratio, its limits, p values.
    tables : ndarray, shape (n_tables, 2, 2)
        The distinct tables that print the same, those with fewer cut percentages first; empty if unbounded.
    cuts : ndarray, shape (n_tables,)
        Percentages that must have been cut.
    """

    table: Any
    groups: tuple[str, ...]
    claims: tuple[Claim, ...]
    tables: NDArray[Any]
    cuts: NDArray[Any]

    @property
    def rounded(self) -> int:
        """How many of the tables need the fewest cut percentages: they come first."""
        return int((self.cuts == self.cuts.min()).sum()) if len(self.cuts) else 0

    @property
    def sizes_known(self) -> bool:
        """Whether all tables have the same group sizes."""
        return len(np.unique(self.tables.sum(axis=-1), axis=0)) == 1


def find(publication: Publication) -> dict[str, Comparison]:
    """
    All comparisons that odds ratios and p values of a publication are about.

    Parameters
    ----------
    publication : Publication

    Returns
    -------
    dict of str to Comparison
        By the id of each claim; claims on one comparison share it.
    """
    members: dict[Any, list[Claim]] = {}
    for claim in publication.of_kind("odds_ratio", "p_value", "confidence_low", "confidence_high"):
        about = publication.claims[claim.of] if claim.of else claim
        if about.kind == "hazard_ratio" or about.table is None or about.model == "multivariable":
            continue
        key = about.table, about.groups or publication.tables[about.table].groups
        members.setdefault(key, []).append(claim)
    found: dict[str, Comparison] = {}
    for (table, groups), claims in members.items():
        comparison = between(publication, table, groups, tuple(claims))
        found |= dict.fromkeys((claim.id for claim in claims), comparison)
    return found


def between(
    publication: Publication, table: Any, groups: tuple[str, ...], claims: tuple[Claim, ...] = ()
) -> Comparison:
    """The comparison of two groups of a table."""
    possible = counts.possible(publication, table, groups)
    table = publication.tables[table]
    if possible is None or not len(possible):
        return Comparison(table, groups, claims, np.zeros((0, 2, 2)), np.zeros(0, int))
    cells = [possible.of(Quantity(table.name, g, without)) for g in groups for without in (False, True)]
    rows = np.column_stack([possible.cuts, *cells])
    distinct = np.unique(rows, axis=0)
    _, first = np.unique(distinct[:, 1:], axis=0, return_index=True)
    distinct = distinct[np.sort(first)]
    distinct = distinct[(distinct >= 0).all(axis=1)]
    tables = distinct[:, 1:].reshape(-1, 2, 2).astype(float)
    return Comparison(table, groups, claims, tables, distinct[:, 0])


def ways(
    claim: Claim,
) -> tuple[dict[str, Callable[[NDArray[Any]], Any]], dict[str, Callable[[NDArray[Any]], Any]]]:
    """
    The ways to compute the number of a claim.

    Returns
    -------
    stated : dict of str to callable
        Those that the publication states, or the usual one.
    others : dict of str to callable
        tables of shape (..., 2, 2) -> values of shape (...).
    """
    known: Mapping[str, Callable[[NDArray[Any]], Any]]
    names: tuple[str, ...]
    if claim.kind == "odds_ratio":
        known, names = associations.ODDS_RATIOS, ("sample",)
    elif claim.kind == "p_value":
        known, names = associations.TESTS, claim.tests
    else:
        side = 0 if claim.kind == "confidence_low" else 1
        known = {name: _side(limits, side) for name, limits in associations.LIMITS.items()}
        names = ("Wald",)
    return {n: known[n] for n in names}, {n: f for n, f in known.items() if n not in names}


def _side(limits: Callable[[NDArray[Any]], Any], side: int) -> Callable[[NDArray[Any]], Any]:
    return lambda tables: limits(tables)[..., side]


def holds(
    claim: Claim, tables: NDArray[Any], among: dict[str, Callable[[NDArray[Any]], Any]] | None = None
) -> Any:
    """Whether tables print a claim in one of some ways, by default the stated ones; shape (...)."""
    among = ways(claim)[0] if among is None else among
    return np.any([claim.number.rounds(compute(tables)) for compute in among.values()], axis=0)
