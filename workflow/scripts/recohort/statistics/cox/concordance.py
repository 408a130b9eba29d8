"""Harrell's concordance of a Cox model with what happened, and its standard error."""

from dataclasses import dataclass

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats, Given, Integers
from recohort.statistics.cox.fit import CoxFit
from recohort.statistics.cox.rows import SortedRows, sort_rows
from recohort.statistics.design import Patterns, row_vector
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True)
class Concordance:
    """
    The share of comparable pairs in which the one with the earlier event has the higher linear predictor.

    A pair is comparable if one has an event while the other is at risk, has none at that time, and is of the
    same stratum. Pairs weigh the product of their case weights.

    Parameters
    ----------
    concordance : float
        Pairs with equal predictors count half.
    std_error : float
        Infinitesimal jackknife, by cluster if there are any.
    concordant, discordant, tied_x : float
        Comparable pairs, tied_x with equal predictors.
    tied_time, tied_both : float
        Pairs with events at one time, with different and with equal predictors.
    """

    concordance: float
    std_error: float
    concordant: float
    discordant: float
    tied_x: float
    tied_time: float
    tied_both: float


def concordance(
    fit: CoxFit, patterns: Patterns, rows: SurvivalRows, cluster: Given | None = None
) -> Concordance:
    """
    Concordance of a Cox model.

    Parameters
    ----------
    fit : CoxFit
    patterns : Patterns
    rows : SurvivalRows
        Those that were fitted.
    cluster : ndarray, shape (n,), optional
        As for `recohort.statistics.cox.residuals.robust`.

    Returns
    -------
    Concordance
        The same bits in any order of the rows.

    Raises
    ------
    ValueError
        As for `statistics.cox.residuals.residuals`, or if cluster has another length or a missing value.
    NotEstimable
        If there are no events, or no comparable pairs.

    References
    ----------
    Harrell, Lee and Mark (1996), Stat. Med. 15:361. Therneau and Watson (2015), The concordance statistic and
    the Cox model, Mayo Clinic technical report 85. Agrees with R `survival::concordance`,
    tests/statistics/cox/test_concordance.py.
    """
    ordered = sort_rows(fit, patterns, rows)
    rank, weight = np.unique(ordered.eta, return_inverse=True)[1], ordered.count * ordered.weight
    higher, equal, lower = _events_before(ordered, rank, weight)
    # not matrix products, whose last bits depend on the number of threads
    concordant, tied_x, discordant = (np.sum(weight * others) for others in (higher, equal, lower))
    pairs = concordant + discordant + tied_x
    if not pairs:
        raise NotEstimable("no comparable pairs")
    somers_d = (concordant - discordant) / pairs

    # the derivative by the weight of a row sums over the pairs in which it is the later and the earlier
    after_higher, after_equal, after_lower = _at_risk_after(ordered, rank, weight)
    agree, tied, differ = higher + after_lower, equal + after_equal, lower + after_higher
    influence = ordered.weight * ((agree - differ) - somers_d * (agree + differ + tied)) / (2 * pairs)
    if cluster is None:
        variance = np.sum(ordered.count * influence**2)
    else:
        code = np.unique(row_vector("cluster", cluster, len(rows)), return_inverse=True)[1]
        variance = np.sum(np.bincount(code[ordered.given], ordered.count * influence) ** 2)
    tied_time, tied_both = _tied_events(ordered, rank)
    return Concordance(
        concordance=(somers_d + 1) / 2,
        std_error=np.sqrt(variance),
        concordant=concordant,
        discordant=discordant,
        tied_x=tied_x,
        tied_time=tied_time - tied_both,
        tied_both=tied_both,
    )


def _events_before(rows: SortedRows, rank: Integers, weight: Floats) -> Floats:
    """For each row, the weight of the events while it stays at risk, of higher, equal and lower rank."""
    e, end = rows.event, rows.end[rows.event]
    first = np.searchsorted(end, rows.begin)
    # of two events at one time neither is before the other
    stop = np.where(e, np.searchsorted(end, rows.end), np.searchsorted(end, rows.end, side="right"))
    return _by_rank(rank[e], weight[e], first, stop, rank)


def _at_risk_after(rows: SortedRows, rank: Integers, weight: Floats) -> Floats:
    """For each row with an event, the weight of those who stay at risk, of higher, equal and lower rank."""
    e, leaves = rows.event, 2 * rows.end + ~rows.event
    after = np.zeros((3, len(rank)))
    stop = np.searchsorted(rows.stratum, rows.stratum[e], side="right")
    after[:, e] = _by_rank(rank, weight, np.searchsorted(leaves, leaves[e], side="right"), stop, rank[e])
    # less those who enter later still
    late = np.flatnonzero(rows.begin > rows.start)
    late = late[np.argsort(rows.begin[late], kind="stable")]
    enters = np.searchsorted(rows.begin[late], rows.end[e], side="right")
    stop = np.searchsorted(rows.stratum[late], rows.stratum[e], side="right")
    after[:, e] -= _by_rank(rank[late], weight[late], enters, stop, rank[e])
    return after


def _by_rank(rank: Integers, weight: Floats, first: Integers, stop: Integers, than: Integers) -> Floats:
    """
    Sums of weights at positions first .. stop - 1 whose rank is higher, equal to and lower than another.

    A wavelet matrix: from the highest bit of the ranks to the lowest, positions are parted by the bit, and a
    range of positions becomes a range in each part. No sum over an empty range is anything but exactly 0.

    Parameters
    ----------
    rank : ndarray of int, shape (m,), >= 0
    weight : ndarray, shape (m,)
    first, stop, than : ndarray of int, shape (q,)

    Returns
    -------
    ndarray, shape (3, q)
        In O((m + q) log(highest rank)).

    References
    ----------
    Claude, Navarro and Ordonez (2015), Inf. Syst. 47:15.
    """
    higher, lower = np.zeros(len(than)), np.zeros(len(than))
    for bit in reversed(range(int(max(rank.max(initial=0), than.max())).bit_length())):
        one, up = (rank >> bit & 1).astype(bool), (than >> bit & 1).astype(bool)
        ones, weight_one, weight_zero = (_before(v) for v in (one, weight * one, weight * ~one))
        higher += np.where(up, 0, weight_one[stop] - weight_one[first])
        lower += np.where(up, weight_zero[stop] - weight_zero[first], 0)
        zeros = len(rank) - ones[-1]
        first, stop = (np.where(up, zeros + ones[at], at - ones[at]) for at in (first, stop))
        order = np.concatenate([np.flatnonzero(~one), np.flatnonzero(one)])
        rank, weight = rank[order], weight[order]
    weight = _before(weight)
    return np.stack([higher, weight[stop] - weight[first], lower])


def _before(values: Floats | Integers | Booleans) -> Floats:
    """Sums of the values before each position, and of all."""
    return np.concatenate([[0], np.cumsum(values)])


def _tied_events(rows: SortedRows, rank: Integers) -> tuple[float, float]:
    """Pairs of events at one time, and of those the pairs with equal predictors."""
    time, rank = rows.end[rows.event], rank[rows.event]
    weight, count = rows.weight[rows.event], rows.count[rows.event]
    return _pairs(time, weight, count), _pairs(time * (rank.max() + 1) + rank, weight, count)


def _pairs(code: Integers, weight: Floats, count: Floats) -> float:
    """The weight of the pairs of equal code, each row there as often as it counts."""
    group = np.unique(code, return_inverse=True)[1]
    whole, alone = np.bincount(group, count * weight), np.bincount(group, count * weight**2)
    return float(np.sum(whole**2 - alone) / 2)
