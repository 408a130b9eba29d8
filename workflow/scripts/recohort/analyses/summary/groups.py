"""What a variable is in each group of a summary."""

from collections.abc import Iterable
from typing import Any

import numpy as np


def members(rows: Any, by: Any) -> dict[str, Any]:
    """Who is in each group: a ndarray of bool by level of the grouping variable."""
    return {level: (rows[by.name] == level).to_numpy(bool) for level in by.levels}


def cross_table(variable: Any, column: Any, groups: Iterable[Any]) -> Any:
    """
    Counts of a factor by level and group.

    Parameters
    ----------
    variable : Variable
    column : Series
    groups : iterable of ndarray of bool

    Returns
    -------
    ndarray, shape (n_levels, n_groups)
        A level or a group that does not occur takes no part.
    """
    of_level = [(column == level).to_numpy(bool) for level in variable.levels]
    table = np.array([[(inside & level).sum() for inside in groups] for level in of_level], dtype=float)
    return table[table.any(axis=1)][:, table.any(axis=0)]


def samples(column: Any, groups: Iterable[Any]) -> list[Any]:
    """The known numbers of each group that has any: list of ndarray."""
    known, values = column.notna().to_numpy(), column.to_numpy(float)
    return [sample for inside in groups if len(sample := values[inside & known])]
