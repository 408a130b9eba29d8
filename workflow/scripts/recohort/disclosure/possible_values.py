"""Which values a withheld count can have over all tables of whole numbers that agree with what is shown."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)

# Tables that are tried first: most counts are seen to have enough values in them.
FIRST = 12


def exposed(
    keys: Sequence[Key],
    bounds: Mapping[Key, tuple[float, float]],
    lines: Sequence[tuple[Key, tuple[Key, ...]]],
    fewest: int,
) -> list[Key]:
    """
    The counts that have fewer possible values than asked for.

    Parameters
    ----------
    keys : list of key
    bounds : dict of key to (low, high)
        What is known of each count by itself.
    lines : list of (key, tuple of key)
        Totals and their parts.
    fewest : int

    Returns
    -------
    list of key
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_array

    if not keys or not lines:
        return []
    place = {key: i for i, key in enumerate(bounds)}
    sums = lil_array((len(lines), len(place)))
    for i, (total, parts) in enumerate(lines):
        sums[i, place[total]] = 1
        for part in parts:
            sums[i, place[part]] -= 1
    constraints = LinearConstraint(sums.tocsr(), 0, 0)
    limits = Bounds(*np.array(list(bounds.values()), dtype=float).T)
    where = np.array([place[key] for key in keys])

    def table(objective: Any) -> Any:
        full = np.zeros(len(place))
        full[where] = objective
        found = milp(full, constraints=constraints, bounds=limits, integrality=np.ones(len(place)))
        return np.round(found.x[where])

    random = np.random.default_rng(1)
    tables = [table(random.normal(size=len(keys))) for _ in range(FIRST)]
    least, most = np.min(tables, axis=0), np.max(tables, axis=0)
    for i in range(len(keys)):
        for sign in (1, -1):
            if most[i] - least[i] + 1 < fewest:
                values = table(sign * np.eye(len(keys))[i])
                least, most = np.minimum(least, values), np.maximum(most, values)
    return [key for key, low, high in zip(keys, least, most, strict=True) if high - low + 1 < fewest]
