"""Secondary suppression: what else is withheld so that no total gives a withheld count away."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from math import inf
from typing import TypeVar

from recohort.disclosure import possible_values
from recohort.disclosure.rule import Rule, rounded

Key = TypeVar("Key", bound=Hashable)
Interval = tuple[float, float]
Bounds = Mapping[Key, Interval]
# A total and its parts.
Line = tuple[Key, tuple[Key, ...]]

# A withheld count that could be only one or two numbers is as good as shown.
FEWEST_VALUES = 3


def withheld(
    counts: Mapping[Key, int],
    lines: Sequence[Line[Key]],
    rule: Rule,
    fixed: Collection[Key] = (),
    silent: Collection[Key] = (),
    open_zeros: Collection[Key] = (),
    exact: bool = False,
) -> set[Key]:
    """
    Which counts of a table are withheld.

    First those up to the threshold. Then the table is read as its reader would: a rounded count is an
    interval, a withheld one another, and each line of the table narrows them until nothing moves. Where a
    small count is left with fewer than three possible values, the smallest other count of the line that
    narrows it most is withheld as well, and all starts again. At the end those that are not needed are
    shown after all.

    Parameters
    ----------
    counts : dict of key to int
        Exact.
    lines : list of (key, tuple of key)
        Totals and their parts.
    rule : Rule
    fixed : collection of key
        Totals that are known from elsewhere: they are not withheld unless they are small.
    silent : collection of key
        Counts that are not printed, and no secret by themselves when they are large.
    open_zeros : collection of key
        Counts of missing values, whose 0 is shown: that all values are known says nothing of anybody.
    exact : bool
        Whether the possible values are, at the end, those of all tables that agree: intervals of many lines
        that share counts are too wide.

    Returns
    -------
    set of key
        Of fixed and silent counts, only small ones are among them.

    Raises
    ------
    ValueError
        If a total is not the sum of its parts.
    """
    zeros = {key for key in open_zeros if counts[key] == 0}
    small = {key for key, n in counts.items() if n <= rule.threshold} - zeros
    kept = {*fixed, *silent, *zeros} - small
    fewest = min(FEWEST_VALUES, rule.threshold + 1)

    def known(hidden: set[Key]) -> dict[Key, Interval]:
        bounds = _bounds(counts, hidden.union(silent), rule) | dict.fromkeys(zeros, (0, 0))
        return bounds | dict.fromkeys(small.intersection(open_zeros), (1, rule.threshold))

    def exposed(bounds: Bounds[Key]) -> list[Key]:
        return [key for key in counts if key in small and bounds[key][1] - bounds[key][0] + 1 < fewest]

    def exactly_exposed(bounds: Bounds[Key], given_up: set[Key]) -> list[Key]:
        sure = [key for key in counts if key in small and key not in given_up]
        return possible_values.exposed(sure, bounds, lines, fewest)

    def with_others(added: list[Key], found: Sequence[Key], bounds: Bounds[Key]) -> list[Key]:
        return [*added, _smallest_other(found[0], counts, lines, bounds, kept.union(small, added))]

    # what the totals that are kept give away by themselves cannot be helped here
    all_hidden = _narrowed(known(set(counts) - kept), lines)
    lost = set(exposed(all_hidden))
    added: list[Key] = []
    while found := set(exposed(bounds := _narrowed(known(small.union(added)), lines))) - lost:
        added = with_others(added, sorted(found, key=str), bounds)
    # greatest first, as they are the most useful: what was withheld in vain is shown again
    for key in sorted(added, key=lambda key: (-counts[key], str(key))):
        others = [other for other in added if other != key]
        if set(exposed(_narrowed(known(small.union(others)), lines))) <= lost:
            added = others
    if exact:
        lost |= set(exactly_exposed(all_hidden, lost))
        while still := exactly_exposed(bounds := _narrowed(known(small.union(added)), lines), lost):
            added = with_others(added, still, bounds)
    return small.union(added)


def _bounds(counts: Mapping[Key, int], unknown: set[Key], rule: Rule) -> dict[Key, Interval]:
    """What a reader knows of each count by itself: least and greatest value."""
    bounds: dict[Key, Interval] = {}
    for key, n in counts.items():
        if n <= rule.threshold:
            bounds[key] = (0, rule.threshold)
        elif key in unknown:
            # it is printed as a small one is
            bounds[key] = (0, inf)
        else:
            bounds[key] = _rounded_from(n, rule)
    return bounds


def _rounded_from(n: int, rule: Rule) -> Interval:
    """The least and the greatest count that are shown as n is, n above the threshold."""
    shown = rounded(n, rule)
    assert shown is not None, "a count above the threshold is shown"
    lowest = shown - rule.rounding // 2
    return max(lowest, rule.threshold + 1), lowest + rule.rounding - 1


def _narrowed(bounds: Bounds[Key], lines: Sequence[Line[Key]]) -> dict[Key, Interval]:
    """The bounds after every line has been used until nothing moves."""
    bounds = dict(bounds)
    of_key: dict[Key, list[Line[Key]]] = defaultdict(list)
    for line in lines:
        for key in (line[0], *line[1]):
            of_key[key].append(line)
    queue = dict.fromkeys(lines)
    while queue:
        line = next(iter(queue))
        del queue[line]
        for key, interval in _of_line(*line, bounds).items():
            if interval[0] > interval[1]:
                raise ValueError(f"counts contradict each other: {key}")
            if interval != bounds[key]:
                bounds[key] = interval
                queue |= dict.fromkeys(of_key[key])
    return bounds


def _of_line(total: Key, parts: tuple[Key, ...], bounds: Bounds[Key]) -> dict[Key, Interval]:
    """The intervals of a line's counts after using it once."""
    low = sum(bounds[part][0] for part in parts)
    highs = [bounds[part][1] for part in parts]
    high, endless = sum(h for h in highs if h < inf), highs.count(inf)
    whole = _cut(bounds[total], low, inf if endless else high)
    narrowed = {total: whole}
    for part in parts:
        least, most = bounds[part]
        others_high = inf if endless - (most == inf) else high - (most if most < inf else 0)
        narrowed[part] = _cut(bounds[part], whole[0] - others_high, whole[1] - (low - least))
    return narrowed


def _cut(interval: Interval, low: float, high: float) -> Interval:
    return max(interval[0], low), min(interval[1], high)


def _smallest_other(
    key: Key,
    counts: Mapping[Key, int],
    lines: Sequence[Line[Key]],
    bounds: Bounds[Key],
    kept: set[Key],
) -> Key:
    """
    The smallest count that may still be withheld in the line that narrows a count most.

    Where its own lines have none left, those of what is withheld beside it are next.
    """
    reached = {key}
    while True:
        near = [line for line in lines if reached & {line[0], *line[1]}]
        for total, parts in sorted(near, key=lambda line: _width(line[0], line[1], bounds)):
            if others := {total, *parts} - reached - kept:
                # parts before their total, which is likelier to be read elsewhere
                return min(others, key=lambda other: (other == total, counts[other], str(other)))
        reached = reached.union(*({total, *parts} for total, parts in near))


def _width(total: Key, parts: tuple[Key, ...], bounds: Bounds[Key]) -> float:
    """How loose a line is: the values that its counts can have."""
    return sum(bounds[key][1] - bounds[key][0] for key in (total, *parts))
