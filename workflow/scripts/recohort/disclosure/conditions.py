"""
Counts by what they count: a set of conditions (variable, level), as `{("ihc", "3+"), ("fish", KNOWN)}`.

One set is one count of a population, whatever table it is printed in; how sets make up each other are lines.
"""

from collections.abc import Iterator, Mapping

# A variable and its level, or KNOWN or MISSING.
Level = str | tuple[str]
Condition = tuple[str, Level]
Conditions = frozenset[Condition]

# levels that no codebook can have
KNOWN, MISSING = ("known",), ("missing",)


def cell(row_term: str, column_term: str, row_level: Level, column_level: Level) -> Conditions:
    """The cell of a cross-table."""
    return frozenset({(row_term, row_level), (column_term, column_level)})


def crossed(row_term: str, column_term: str, cells: Mapping[tuple[str, str], int]) -> dict[Conditions, int]:
    """
    The counts of a cross-table and its margins.

    Parameters
    ----------
    row_term, column_term : str
    cells : dict of (row level, column level) to int

    Returns
    -------
    dict of conditions to int
    """
    counted: dict[Conditions, int] = {}
    for (row, column), n in cells.items():
        counted[cell(row_term, column_term, row, column)] = n
        for margin in ((row, KNOWN), (KNOWN, column), (KNOWN, KNOWN)):
            key = cell(row_term, column_term, *margin)
            counted[key] = counted.get(key, 0) + n
    return counted


def lines(
    counted: Mapping[Conditions, int], derived: Mapping[tuple[str, str], Mapping[str, str]]
) -> list[tuple[Conditions, tuple[Conditions, ...]]]:
    """
    The lines that the counts of a population make.

    Parameters
    ----------
    counted : dict of conditions to int
    derived : dict of (str, str) to dict
        For a variable that follows from another: the level of the first for each level of the second.

    Returns
    -------
    list of (conditions, tuple of conditions)
        Levels make up those known, they and those missing all; levels of a variable make up those of one that
        follows from it.
    """
    levels: dict[str, dict[Level, None]] = {}
    for key in counted:
        for variable, level in key:
            if level not in (KNOWN, MISSING):
                levels.setdefault(variable, {})[level] = None
    found: dict[tuple[Conditions, tuple[Conditions, ...]], None] = {}
    for key in counted:
        for condition in key:
            rest = key - {condition}
            for parts in _parts(*condition, levels, derived):
                found[key, tuple(rest | {part} for part in parts)] = None
            if condition[1] == KNOWN:
                missing = frozenset({(condition[0], MISSING)})
                none_is = counted.get(missing) == 0
                found[rest, (key,) if none_is else (key, rest | missing)] = None
    return [
        (total, parts) for total, parts in found
        if parts and total in counted and all(part in counted for part in parts)
    ]  # fmt: skip


def _parts(
    variable: str,
    level: Level,
    levels: Mapping[str, Mapping[Level, None]],
    derived: Mapping[tuple[str, str], Mapping[str, str]],
) -> Iterator[list[Condition]]:
    """What a condition is made up of: lists of conditions."""
    own = levels.get(variable, ())
    if level == KNOWN:
        yield [(variable, of) for of in own]
    for (follows, other), mapped in derived.items():
        if follows == variable and level not in (KNOWN, MISSING):
            yield [(other, of) for of, to in mapped.items() if to == level]
        # those known of what follows, and the levels of which nothing follows
        if other == variable and level == KNOWN:
            yield [(follows, KNOWN), *((variable, of) for of in own if of not in mapped)]
