"""The counts behind a publication: what its printed numbers fix, and all that they leave open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.audit.claims import Claim, Publication, Quantity, Table
from recohort.audit.printed_number import Printed, parse

# more combinations of counts than this are not tried
LIMIT = 4_000_000


@dataclass(frozen=True)
class Known:
    """
    Counts that are printed, or are sums and differences of printed ones.

    Attributes
    ----------
    values : dict of Quantity to int
    how : dict of Quantity to str
        For those that are not printed: "302 + 464".
    """

    values: dict[Quantity, Any]
    how: dict[Quantity, str]


@dataclass(frozen=True)
class Possible:
    """
    All combinations of counts that print as the publication has it.

    Attributes
    ----------
    values : dict of Quantity to int or ndarray, shape (n_combinations,)
        Sizes of groups, and how many of them have the feature of the table and how many not.
    cuts : ndarray, shape (n_combinations,)
        How many percentages must have been cut instead of rounded.
    """

    values: dict[Quantity, Any]
    cuts: NDArray[Any]

    def __len__(self) -> int:
        return len(self.cuts)

    def of(self, quantity: Quantity) -> NDArray[Any]:
        """A quantity in each combination, shape (n_combinations,)."""
        return np.broadcast_to(self.values[quantity], len(self))


@lru_cache(maxsize=128)
def known(publication: Publication, without: Claim | None = None) -> Known:
    """
    What is printed as a count, and what follows from it.

    Parameters
    ----------
    publication : Publication
    without : Claim, optional
        A count that is not to be used: is it what the others make it?

    Returns
    -------
    Known
    """
    values: dict[Quantity, int] = {}
    for claim in publication.of_kind("count"):
        if without is None or claim.of != without.of:
            values.setdefault(claim.of, int(claim.number.value))
    for table in publication.tables.values():
        for group, text in table.counts.items():
            values.setdefault(Quantity(table.name, group), int(parse(text).value))
    how, sums = {}, list(equations(publication))
    before = None
    while before != len(values):
        before = len(values)
        for found in (_missing(whole, parts, values) for whole, parts in sums):
            if found is not None:
                quantity, value, text = found
                values[quantity], how[quantity] = value, text
    return Known(values, how)


def equations(publication: Publication) -> Iterator[tuple[Quantity, list[Quantity]]]:
    """What adds up: pairs of a quantity and the quantities that together are it."""
    group: Any
    for group in publication.groups.values():
        if group.parts:
            yield Quantity(group.name), [Quantity(part) for part in group.parts]
    for table in publication.tables.values():
        for group in table.groups:
            yield Quantity(group), [Quantity(table.name, group), Quantity(table.name, group, True)]
        for without in (False, True):
            cells = [Quantity(table.name, group, without) for group in table.groups]
            yield Quantity(table.name, None, without), cells


def _missing(
    whole: Quantity, parts: Sequence[Quantity], values: dict[Quantity, int]
) -> tuple[Quantity, int, str] | None:
    """The one quantity of an equation that is not known: which, its value, and how it was computed."""
    unknown = [quantity for quantity in (whole, *parts) if quantity not in values]
    if len(unknown) != 1:
        return None
    if unknown == [whole]:
        numbers = [values[part] for part in parts]
        return whole, sum(numbers), " + ".join(f"{number:,}" for number in numbers)
    numbers = [values[whole], *(values[part] for part in parts if part in values)]
    return unknown[0], numbers[0] - sum(numbers[1:]), " - ".join(f"{number:,}" for number in numbers)


def possible(
    publication: Publication, table: Any, groups: Sequence[str] = (), without: Claim | None = None
) -> Possible | None:
    """
    All integer counts of a table that are consistent with what is printed.

    Printed counts hold exactly; each percentage holds as rounded or as cut. Percentages that no count gives,
    or that contradict the others, are left out: as few as possible.

    Parameters
    ----------
    publication : Publication
    table : str
    groups : tuple of str
        The groups that matter; default all of the table.
    without : Claim, optional
        A percentage that is not to be used.

    Returns
    -------
    Possible or None
        None if the size of a group has no bound, or there are more than LIMIT combinations.
    """
    base = known(publication)
    table = publication.tables[table]
    percents = [claim for claim in publication.of_kind("percent") if claim is not without]
    linked = Quantity(table.name) in base.values or any(_is_total(claim, table) for claim in percents)
    wanted = table.groups if linked or not groups else _leaves(publication, table, groups)
    frame: Any = None
    used: set[str] = set()
    for group in wanted:
        if group not in used:
            members, rest = _siblings(publication, group, base)
            if members is None:
                return None
            used |= set(members)
            block = _block(table, members, rest, base, percents)
            frame = block if frame is None or block is None else _beside(frame, block, table, base, used)
            if frame is None:
                return None
    return _whole(publication, table, base, frame, percents)


@dataclass(frozen=True)
class _Frame:
    """Combinations of counts of some groups: arrays by quantity, percentages that are cut, claims used."""

    values: dict[Quantity, Any]
    cuts: NDArray[Any]
    used: frozenset[str] = frozenset()

    def take(self, index: NDArray[Any]) -> "_Frame":
        return _Frame({q: v[index] for q, v in self.values.items()}, self.cuts[index], self.used)

    def beside(self, other: "_Frame", here: NDArray[Any], there: NDArray[Any]) -> "_Frame":
        """Rows `here` of this frame, each beside the row `there` of another."""
        one, two = self.take(here), other.take(there)
        return _Frame({**one.values, **two.values}, one.cuts + two.cuts, one.used | two.used)


def _is_total(claim: Claim, table: Table) -> bool:
    return any(q.name == table.name and q.group is None for q in (claim.part, claim.whole))


def _leaves(publication: Publication, table: Table, groups: Sequence[str]) -> list[str]:
    """The groups of the table that some groups are made of."""
    made_of = [(group,) if group in table.groups else publication.groups[group].parts for group in groups]
    return [leaf for leaves in made_of for leaf in leaves]


def _siblings(publication: Publication, group: str, base: Known) -> tuple[Any, Any]:
    """The groups of unknown size that share a rest with a group, and the rest; or itself and its size."""
    if Quantity(group) in base.values:
        return [group], base.values[Quantity(group)]
    for whole in publication.groups.values():
        if group in whole.parts and Quantity(whole.name) in base.values:
            unknown = [part for part in whole.parts if Quantity(part) not in base.values]
            others = sum(base.values.get(Quantity(part), 0) for part in whole.parts)
            return unknown, base.values[Quantity(whole.name)] - others
    return None, None


def _block(table: Table, members: list[str], rest: int, base: Known, percents: list[Claim]) -> _Frame | None:
    """Combinations for groups whose sizes add up to a number; None if there are too many."""
    frame = None
    for i, member in enumerate(members):
        sizes = np.array([rest]) if len(members) == 1 else np.arange(1, rest - len(members) + 2)
        rows = _rows(table, member, sizes, base, percents)
        if rows is None or frame is None:
            frame = rows
        else:
            total = sum(frame.values[Quantity(m)] for m in members[:i])
            last = rest if i == len(members) - 1 else None
            frame = _joined(frame, rows, total, rows.values[Quantity(member)], last)
        if frame is None:
            return None
    return frame


def _rows(table: Table, group: str, sizes: NDArray[Any], base: Known, percents: list[Claim]) -> _Frame | None:
    """Every size and count of one group; None if there are too many."""
    n, with_it, without_it = Quantity(group), Quantity(table.name, group), Quantity(table.name, group, True)
    if group not in table.groups:
        return _Frame({n: sizes}, np.zeros(len(sizes), int))
    if with_it in base.values:
        low = high = np.full(len(sizes), base.values[with_it])
    elif without_it in base.values:
        low = high = sizes - base.values[without_it]
    else:
        low, high = _window(sizes, n, with_it, without_it, percents)
    lengths = np.maximum(high - low + 1, 0)
    if lengths.sum() > LIMIT:
        return None
    n_rows = np.repeat(sizes, lengths)
    k = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths - low, lengths)
    frame = _Frame({n: n_rows, with_it: k, without_it: n_rows - k}, np.zeros(len(k), int))
    return _consistent(frame, percents, {})


def _window(
    sizes: NDArray[Any], n: Quantity, with_it: Quantity, without_it: Quantity, percents: list[Claim]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The lowest and highest count for each size that the group's percentages allow, generously."""
    low, high = np.zeros(len(sizes), int), sizes
    for claim in percents:
        if claim.whole == n and claim.part in (with_it, without_it):
            number = claim.number
            least = np.floor(sizes * (number.value - number.unit) / 100).astype(int)
            most = np.ceil(sizes * (number.value + number.unit) / 100).astype(int)
            if claim.part == without_it:
                least, most = sizes - most, sizes - least
            low, high = np.maximum(low, least), np.minimum(high, most)
    # percentages that exclude each other are for _consistent to judge
    return (low, high) if (low <= high).any() else (np.zeros(len(sizes), int), sizes)


def _consistent(frame: _Frame, percents: list[Claim], fixed: dict[Quantity, Any]) -> _Frame:
    """The rows that break the fewest percentages, of those that some row can keep."""
    values = {**fixed, **frame.values}
    broken, cuts, used = np.zeros(len(frame.cuts), int), frame.cuts.copy(), set(frame.used)
    for claim in percents:
        if claim.id not in used and claim.part in values and claim.whole in values:
            status = how_printed(claim.number, values[claim.part], values[claim.whole])
            if np.ndim(status) and len(status) and (status < BROKEN).any():
                used.add(claim.id)
                broken += status == BROKEN
                cuts += status == CUT
    frame = _Frame(frame.values, cuts, frozenset(used))
    return frame.take(broken == broken.min()) if len(broken) else frame


def _joined(
    left: _Frame, right: _Frame, left_sum: NDArray[Any], right_sum: NDArray[Any], total: int | None
) -> _Frame | None:
    """Every row of one frame beside every row of another; if a total is given, those whose sums make it."""
    if total is None:
        if len(left.cuts) * len(right.cuts) > LIMIT:
            return None
        here, there = np.divmod(np.arange(len(left.cuts) * len(right.cuts)), max(len(right.cuts), 1))
        return left.beside(right, here, there)
    order = np.argsort(right_sum, kind="stable")
    first = np.searchsorted(right_sum[order], total - left_sum, side="left")
    length = np.searchsorted(right_sum[order], total - left_sum, side="right") - first
    if length.sum() > LIMIT:
        return None
    here = np.repeat(np.arange(len(left.cuts)), length)
    there = order[np.arange(length.sum()) - np.repeat(np.cumsum(length) - length - first, length)]
    return left.beside(right, here, there)


def _beside(frame: _Frame, block: _Frame, table: Table, base: Known, used: set[str]) -> _Frame | None:
    """Two frames of different groups as one; the last group is what the total of the table leaves."""
    cells = [Quantity(table.name, group) for group in table.groups]
    total = base.values.get(Quantity(table.name)) if set(table.groups) <= used else None
    sums = [sum((f.values[c] for c in cells if c in f.values), np.zeros_like(f.cuts)) for f in (frame, block)]
    return _joined(frame, block, sums[0], sums[1], total)


def _whole(
    publication: Publication, table: Table, base: Known, frame: _Frame, percents: list[Claim]
) -> Possible:
    """The frame with totals and groups of groups, held against the percentages of the whole table."""
    fixed = {q: value for q, value in base.values.items() if q not in frame.values}
    values = dict(frame.values)
    for whole, parts in equations(publication):
        if all(part in values for part in parts) and whole not in values:
            values[whole] = sum(values[part] for part in parts)
    for group in publication.groups.values():
        for without in (False, True):
            cells = [Quantity(table.name, part, without) for part in group.parts]
            if cells and all(cell in values for cell in cells):
                values[Quantity(table.name, group.name, without)] = sum(values[cell] for cell in cells)
    frame = _consistent(_Frame(values, frame.cuts, frame.used), percents, fixed)
    return Possible({**fixed, **frame.values}, frame.cuts)


ROUNDED, CUT, BROKEN = 0, 1, 2


def how_printed(number: Printed, part: Any, whole: Any) -> NDArray[Any]:
    """
    Whether part of whole in percent prints as a number.

    Parameters
    ----------
    number : Printed
    part, whole : int or ndarray

    Returns
    -------
    ndarray of int
        ROUNDED, CUT if only cutting the decimals gives it, BROKEN if neither does.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        percent, noisy = (
            100 * np.asarray(part, dtype=float) / whole,
            np.asarray(part, dtype=float) / whole * 100,
        )
    # a program that divides first may be a bit below a tie: 46 / 160 * 100 is 28.749999999999996
    rounded = number.rounds(percent) | number.rounds(noisy)
    return np.where(rounded, ROUNDED, np.where(number.cuts(percent), CUT, BROKEN))
