"""The counts behind a publication: what its printed numbers fix, and all integers that they leave possible."""

from dataclasses import dataclass
from math import prod

import numpy as np

from recohort.claims import Quantity
from recohort.printed import parse

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

    values: dict
    how: dict


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

    values: dict
    cuts: np.ndarray

    def __len__(self):
        return len(self.cuts)

    def of(self, quantity):
        """A quantity in each combination, shape (n_combinations,)."""
        return np.broadcast_to(self.values[quantity], len(self))


def known(publication, without=None):
    """
    What is printed as a count, and what follows from it.

    Parameters
    ----------
    publication : Publication
    without : Claim, optional
        A claim that is not to be used: is it what the others make it?

    Returns
    -------
    Known
    """
    values = {}
    for claim in publication.of_kind("count"):
        if claim is not without and not (without and without.kind == "count" and claim.of == without.of):
            values.setdefault(claim.of, int(claim.number.value))
    for table in publication.tables.values():
        for group, text in table.counts.items():
            values.setdefault(Quantity(table.name, group), int(parse(text).value))
    how = {}
    sums = list(equations(publication))
    while found := next((f for whole, parts in sums if (f := _missing(whole, parts, values))), None):
        quantity, value, text = found
        values[quantity], how[quantity] = value, text
    return Known(values, how)


def equations(publication):
    """What adds up: pairs of a quantity and the quantities that together are it."""
    for group in publication.groups.values():
        if group.parts:
            yield Quantity(group.name), [Quantity(part) for part in group.parts]
    for table in publication.tables.values():
        for group in table.groups:
            yield Quantity(group), [Quantity(table.name, group), Quantity(table.name, group, True)]
        for without in (False, True):
            yield Quantity(table.name, None, without), [Quantity(table.name, g, without) for g in table.groups]


def _missing(whole, parts, values):
    """The one quantity of an equation that is not known: which, its value, and how it was computed."""
    unknown = [quantity for quantity in (whole, *parts) if quantity not in values]
    if len(unknown) != 1:
        return None
    if unknown == [whole]:
        numbers = [values[part] for part in parts]
        return whole, sum(numbers), " + ".join(f"{number:,}" for number in numbers)
    others = [values[part] for part in parts if part in values]
    return unknown[0], values[whole] - sum(others), " - ".join(f"{number:,}" for number in (values[whole], *others))


def possible(publication, table, groups=(), without=None):
    """
    All integer counts of a table that are consistent with what is printed.

    Printed counts hold exactly; each percentage holds as rounded or as cut. Percentages that no count gives, or that
    contradict the others, are left out: as few as possible.

    Parameters
    ----------
    publication : Publication
    table : str
    groups : tuple of str
        The groups that matter; default all of the table.
    without : Claim, optional
        A claim that is not to be used.

    Returns
    -------
    Possible or None
        None if the size of a group has no bound, or there are more than LIMIT combinations.
    """
    base = known(publication, without)
    table = publication.tables[table]
    percents = [claim for claim in publication.of_kind("percent") if claim is not without]
    linked = Quantity(table.name) in base.values or any(_is_total(claim, table) for claim in percents)
    wanted = table.groups if linked or not groups else _leaves(publication, groups)
    blocks, used = [], set()
    for group in wanted:
        if group in used:
            continue
        members, total = _siblings(publication, group, base)
        if members is None:
            return None
        used |= set(members)
        rows = [_rows(table, member, total - len(members) + 1, base, percents) for member in members]
        block = _compose(rows, total)
        if block is None:
            return None
        blocks.append(block)
    if prod(len(block["cuts"]) for block in blocks) > LIMIT:
        return None
    return _finish(publication, table, used, base, _cross(blocks), percents)


def _is_total(claim, table):
    return any(q.name == table.name and q.group is None for q in (claim.part, claim.whole))


def _leaves(publication, groups):
    return [leaf for group in groups for leaf in (publication.groups[group].parts or (group,))]


def _siblings(publication, group, base):
    """The groups of unknown size that share a known rest with a group, and that rest; itself if its size is known."""
    if Quantity(group) in base.values:
        return [group], base.values[Quantity(group)]
    for whole in publication.groups.values():
        if group in whole.parts and Quantity(whole.name) in base.values:
            unknown = [part for part in whole.parts if Quantity(part) not in base.values]
            rest = base.values[Quantity(whole.name)] - sum(base.values.get(Quantity(p), 0) for p in whole.parts)
            return unknown, rest
    return None, None
