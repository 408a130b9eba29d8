"""Missing patients as an explanation: the smallest exclusion that reconciles the most claims of two groups."""

from dataclasses import dataclass

import numpy as np

from recohort.audit.associations import two_by_two
from recohort.audit.comparisons import holds

# ASSUME: a published odds ratio or p value may rest on up to a tenth of each group fewer patients than the group has, at most 60, and those missing are not among the patients counted as having the feature.
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
    reconciled, before : frozenset of str
        Claims that hold with these patients missing, and with none.
    broken : frozenset of str
        Claims that do not hold with these patients missing.
    tables : int
        Tables tried, of all comparisons and all numbers missing.
    alternatives : int
        Exclusions of the same size that reconcile as many.
    best : dict of str to int
        By table name, which of its tables it is that holds.
    """

    groups: tuple
    bounds: tuple
    missing: tuple
    reconciled: frozenset
    before: frozenset
    broken: frozenset
    tables: int
    alternatives: int
    best: dict

    @property
    def claims(self):
        """How many claims there are."""
        return len(self.reconciled) + len(self.broken)

    @property
    def explains(self):
        """The claims that hold with these patients missing, and not with none."""
        return self.reconciled - self.before


def bounds(comparisons):
    """Up to how many patients may be missing in each group."""
    limits = [int(min(MOST_MISSING, SHARE_MISSING * n)) for n in comparisons[0].tables[0].sum(axis=-1)]
    tables = sum(len(comparison.tables) for comparison in comparisons)
    while tables * (limits[0] + 1) * (limits[1] + 1) > MOST_TABLES and any(limits):
        limits[int(limits[1] >= limits[0])] -= 1
    return tuple(limits)


def search(comparisons):
    """
    Search all exclusions for claims that share their two groups.

    Exact and complete: every pair of numbers missing within the bounds, every table that prints the same percentages.
    The table of a comparison may be any of its tables, but it is one for all its claims.

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
    score, chosen = 0, []
    for comparison in comparisons:
        held = _held(comparison, limits)
        table = held.sum(axis=0).argmax(axis=0)
        held = np.take_along_axis(held, table[None, None], axis=1)[:, 0]
        score = score + held.sum(axis=0)
        chosen.append((comparison, held, table))
    total = np.add.outer(*[np.arange(limit + 1) for limit in limits])
    rank = np.where(score == score.max(), total, total.max() + 1)
    at = np.unravel_index(rank.argmin(), rank.shape)

    def reconciled(place):
        return frozenset(
            c.id for comparison, held, _ in chosen for c, h in zip(comparison.claims, held) if h[place]
        )

    return Exclusion(
        groups=comparisons[0].groups,
        bounds=limits,
        missing=tuple(map(int, at)),
        reconciled=reconciled(at),
        before=reconciled((0, 0)),
        claims=sum(len(comparison.claims) for comparison in comparisons),
        tables=total.size * sum(len(comparison.tables) for comparison in comparisons),
        alternatives=int((rank == rank.min()).sum()),
        best={comparison.table.name: int(table[at]) for comparison, _, table in chosen},
    )


def reduced(tables, missing):
    """Tables of shape (n, 2, 2) without some of those who do not have the feature; missing is two numbers or arrays."""
    with_feature, sizes = tables[..., 0], tables.sum(axis=-1)
    first, second = np.meshgrid(*[np.atleast_1d(m) for m in missing], indexing="ij")
    shape = (-1, 1, 1)
    return two_by_two(
        with_feature[:, 0].reshape(shape),
        sizes[:, 0].reshape(shape) - first,
        with_feature[:, 1].reshape(shape),
        sizes[:, 1].reshape(shape) - second,
    )


def _held(comparison, limits):
    """Which claims hold: shape (n_claims, n_tables, limit + 1, limit + 1)."""
    tables = reduced(comparison.tables, [np.arange(limit + 1) for limit in limits])
    return np.array([holds(claim, tables) for claim in comparison.claims])
