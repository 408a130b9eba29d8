"""Missing patients as an explanation: the smallest exclusion that reconciles the most claims."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.audit.associations import two_by_two
from recohort.audit.comparisons import Comparison, holds

# ASSUME: odds ratios and P values may rest on up to a tenth fewer patients of each group, at most 60.
# ASSUME: patients missing from an analysis are not among those counted as having the feature.
MOST_MISSING = 60
SHARE_MISSING = 0.1
# more tables than this are not tried: fewer patients missing are
MOST_TABLES = 100_000


@dataclass(frozen=True)
class Exclusion:
    """
    The smallest number of missing patients that reconciles the most claims.

    Attributes
    ----------
    groups : tuple of str, length 2
    bounds : tuple of int, length 2
        Up to how many missing in each group were tried: all pairs were.
    missing : tuple of int, length 2
    reconciled, broken : frozenset of str
        Claims that hold, and that do not, with these patients missing.
    before : frozenset of str
        Claims that hold with nobody missing.
    tables : int
        Tables tried, of all comparisons and all numbers missing.
    alternatives : int
        Exclusions of the same size that reconcile as many, itself included.
    best : dict of str to int
        By the name of each table, which of the 2 x 2 tables that print the same it is.
    """

    groups: tuple[str, ...]
    bounds: tuple[int, ...]
    missing: tuple[int, ...]
    reconciled: frozenset[str]
    broken: frozenset[str]
    before: frozenset[str]
    tables: int
    alternatives: int
    best: dict[str, int]

    @property
    def claims(self) -> int:
        """How many claims there are."""
        return len(self.reconciled) + len(self.broken)

    @property
    def explains(self) -> frozenset[str]:
        """The claims that hold with these patients missing, and not with nobody missing."""
        return self.reconciled - self.before


def bounds(comparisons: list[Comparison]) -> tuple[int, ...]:
    """Up to how many patients may be missing in each group."""
    limits = [int(min(MOST_MISSING, SHARE_MISSING * n)) for n in comparisons[0].tables[0].sum(axis=-1)]
    tables = sum(len(comparison.tables) for comparison in comparisons)
    while tables * (limits[0] + 1) * (limits[1] + 1) > MOST_TABLES and any(limits):
        limits[int(limits[1] >= limits[0])] -= 1
    return tuple(limits)


def search(comparisons: list[Comparison]) -> Exclusion | None:
    """
    Search all exclusions for claims that share their two groups.

    Exact and complete: every pair of numbers missing within the bounds, every table that prints the same
    percentages. Which of its tables a comparison has is free, but it is one for all its claims.

    Parameters
    ----------
    comparisons : list of Comparison
        Of the same two groups, their sizes known, with at least one table each.

    Returns
    -------
    Exclusion or None
        None if every claim holds with nobody missing.
    """
    if all(holds(claim, c.tables).any() for c in comparisons for claim in c.claims):
        return None
    limits = bounds(comparisons)
    claims: Any = [claim.id for comparison in comparisons for claim in comparison.claims]
    held: Any = []
    table_of = {}
    for comparison in comparisons:
        every = _held(comparison, limits)
        best = every.sum(axis=0).argmax(axis=0)
        held.append(np.take_along_axis(every, best[None, None], axis=1)[:, 0])
        table_of[comparison.table.name] = best
    held = np.concatenate(held)
    score = held.sum(axis=0)
    missing = np.add.outer(*[np.arange(limit + 1) for limit in limits])
    rank = np.where(score == score.max(), missing, missing.max() + 1)
    at = np.unravel_index(rank.argmin(), rank.shape)
    return Exclusion(
        groups=comparisons[0].groups,
        bounds=limits,
        missing=tuple(map(int, at)),
        reconciled=frozenset(np.compress(held[:, *at], claims).tolist()),
        broken=frozenset(np.compress(~held[:, *at], claims).tolist()),
        before=frozenset(np.compress(held[:, 0, 0], claims).tolist()),
        tables=missing.size * sum(len(comparison.tables) for comparison in comparisons),
        alternatives=int((rank == rank.min()).sum()),
        best={name: int(best[at]) for name, best in table_of.items()},
    )


def reduced(tables: NDArray[Any], missing: Sequence[Any]) -> NDArray[Any]:
    """
    Tables without some of those who do not have the feature.

    Parameters
    ----------
    tables : ndarray, shape (n, 2, 2)
    missing : two int or ndarrays
        How many are missing in each group.

    Returns
    -------
    ndarray, shape (n, n_missing_first, n_missing_second, 2, 2)
    """
    (with_1, with_2), (size_1, size_2) = tables[..., 0].T, tables.sum(axis=-1).T
    missing_1, missing_2 = np.meshgrid(*[np.atleast_1d(number) for number in missing], indexing="ij")
    beside = (slice(None), None, None)
    return two_by_two(with_1[beside], size_1[beside] - missing_1, with_2[beside], size_2[beside] - missing_2)


def _held(comparison: Comparison, limits: tuple[int, ...]) -> NDArray[Any]:
    """Which claims hold: shape (n_claims, n_tables, limit + 1, limit + 1)."""
    tables = reduced(comparison.tables, [np.arange(limit + 1) for limit in limits])
    return np.array([holds(claim, tables) for claim in comparison.claims])
