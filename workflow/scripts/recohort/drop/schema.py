"""What became of the columns from one drop to the next: swapped, moved, gone, renamed, new."""

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recohort.extract import text_column

# Some cells of a renamed column may be corrected too: excellent agreement beyond chance, Fleiss (1981).
RENAMED_KAPPA = 0.75
SWAPPED_SHARE = 0.5
LEAST_SWAPPED = 5

COLUMNS = ["kind", "column", "other"]


def compare(before: pd.DataFrame, after: pd.DataFrame, patients: Any) -> list[dict[str, Any]]:
    """
    What became of each column.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`.
    patients : Patients

    Returns
    -------
    list of dict
        COLUMNS, the gravest first: kind `swapped` (the contents of `column` and `other` changed places),
        `moved` (one of three or more that did so: the contents of `column` stand in `other` now), `gone`,
        `renamed` (`column` is called `other` now) or `new`; nothing where only the order of columns changed.
    """
    then, now = _encoded((before, patients.before), (after, patients.after))
    gone = [name for name in then if name not in now]
    new = [name for name in now if name not in then]
    found = _renamed(then, now, gone, new)
    pairs = _swapped(then, now)
    rest = {name for name in now if name not in found.values() and not any(name in pair for pair in pairs)}
    chains, circles = _moved(then, now, [name for name in gone if name not in found], rest)
    found |= {chain[0]: chain[-1] for chain in chains}
    circles += [chain[1:] for chain in chains]
    pairs += [tuple(circle) for circle in circles if len(circle) == 2]
    rows = [_row("swapped", *sorted(pair, key=list(now).index)) for pair in pairs]
    for circle in circles:
        if len(circle) > 2:
            rows += [_row("moved", *step) for step in pairwise([*circle, circle[0]])]
    rows += [_row("gone", name) for name in gone if name not in found]
    rows += [_row("renamed", old, name) for old, name in found.items()]
    return rows + [_row("new", name) for name in new if name not in found.values()]


def origins(rows: list[dict[str, Any]]) -> dict[str, str]:
    """
    Of each column whose contents moved, the column in which they were.

    Parameters
    ----------
    rows : list of dict
        From `compare`.

    Returns
    -------
    dict of str to str
    """
    found = {}
    for row in rows:
        if row["kind"] in ("swapped", "moved"):
            found[row["other"]] = row["column"]
        if row["kind"] == "swapped":
            found[row["column"]] = row["other"]
    return found


def moved_in_words(rows: list[dict[str, Any]]) -> str:
    """The columns whose contents moved, as a clause; "" if there are none."""
    said = [
        f"the columns {row['column']} and {row['other']} changed places"
        for row in rows
        if row["kind"] == "swapped"
    ]
    steps = [f"{row['column']} in {row['other']}" for row in rows if row["kind"] == "moved"]
    if steps:
        said.append(f"the contents of columns moved ({', '.join(steps)})")
    return "; ".join(said)


def renamed(frame: pd.DataFrame, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The earlier drop with its columns under their present names."""
    return frame.rename(columns={r["column"]: r["other"] for r in rows if r["kind"] == "renamed"})


def agreement(one: NDArray[Any], other: NDArray[Any]) -> float:
    """
    Agreement of two columns beyond chance.

    Parameters
    ----------
    one, other : ndarray of str or int, shape (n,)

    Returns
    -------
    float
        Cohen's kappa; 0 where both have one and the same text only, as this says nothing.
    """
    codes, texts = pd.factorize(np.concatenate([one, other]))
    shares = [np.bincount(part, minlength=len(texts)) / len(one) for part in np.split(codes, 2)]
    chance = float(shares[0] @ shares[1])
    observed = float(np.mean(one == other))
    return (observed - chance) / (1 - chance) if chance < 1 else 0.0


def _row(kind: str, column: str, other: str = "") -> dict[str, str]:
    return {"kind": kind, "column": column, "other": other}


def _encoded(*drops: pd.DataFrame) -> list[dict[str, NDArray[Any]]]:
    """The cells of each column of each drop, a frame and its rows, as numbers: equal where the texts are."""
    parts = [
        text_column.strip(text_column.encode(frame[name].to_numpy(object)[rows]))[0]
        for frame, rows in drops
        for name in frame.columns
        if name != "row"
    ]
    codes = iter(text_column.concatenate(parts).codes.reshape(len(parts), -1))
    return [{name: next(codes) for name in frame.columns if name != "row"} for frame, _ in drops]


def _renamed(then: dict[str, Any], now: dict[str, Any], gone: list[str], new: list[str]) -> Any:
    """The new name of each column that has one: the best pairs first."""
    gone, new = ([name for name in names if _tells(drop[name])] for names, drop in ((gone, then), (new, now)))
    pairs = [
        (agreement(then[old], now[name]), old, name)
        for old in gone
        for name in new
        # agreement beyond chance is at most all of it
        if np.mean(then[old] == now[name]) >= RENAMED_KAPPA
    ]
    found: dict[str, str] = {}
    for kappa, old, name in sorted(pairs, key=lambda pair: -pair[0]):
        if kappa >= RENAMED_KAPPA and old not in found and name not in found.values():
            found[old] = name
    return found


def _tells(cells: NDArray[Any]) -> bool:
    """Whether a column has two texts at least: with a single one, two columns agree by chance."""
    return bool(np.any(cells != cells[:1]))


def _swapped(then: dict[str, Any], now: dict[str, Any]) -> list[Any]:
    """Pairs of columns whose contents changed places in most patients in whom that can be seen."""
    pairs = []
    for one, other in combinations(_changed(then, now), 2):
        unlike = then[one] != then[other]
        crossed = unlike & (then[one] == now[other]) & (then[other] == now[one])
        if _is_most(crossed, unlike):
            pairs.append((one, other))
    return pairs


def _changed(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [name for name in now if name in then and np.any(then[name] != now[name])]


def _is_most(found: NDArray[Any], among: NDArray[Any]) -> Any:
    return found.sum() >= LEAST_SWAPPED and found.sum() > SWAPPED_SHARE * among.sum()


def _moved(
    then: dict[str, Any], now: dict[str, Any], gone: list[str], rest: set[str]
) -> tuple[list[list[str]], list[list[str]]]:
    """
    Columns whose contents went round, each to the next one.

    Parameters
    ----------
    then, now : dict of str to ndarray of int
        Cells by column.
    gone : list of str
        Columns of the earlier drop that have no new name yet.
    rest : set of str
        Columns of the newest drop among which to look.

    Returns
    -------
    chains : list of list of str
        From a column that is gone, over others, to a new one: its name now. Renamed, and moved too.
    circles : list of list of str
    """
    changed = [name for name in _changed(then, now) if name in rest]
    new = [name for name in now if name in rest and name not in then and _tells(now[name])]
    sources = [*changed, *filter(lambda name: _tells(then[name]), gone)]
    came_from = {}
    for name in [*changed, *new]:
        shares: Any = {source: _share_moved(then, now, source, name) for source in sources if source != name}
        best = max(shares, key=shares.get, default=None)
        if best is not None and shares[best] > 0:
            came_from[name] = best
    paths = [_path(name, came_from) for name in [*new, *changed]]
    chains = [path for path in paths if path[0] in gone and path[-1] in new and len(path) > 2]
    circles = {frozenset(path): path[1:] for path in paths if path[0] == path[-1] and len(path) > 2}
    return chains, list(circles.values())


def _share_moved(then: dict[str, Any], now: dict[str, Any], source: str, name: str) -> float:
    """In which share of the patients, where it can be seen, a column has what another had; 0 if in few."""
    if name not in then:
        share = agreement(then[source], now[name])
        return share if share >= RENAMED_KAPPA else 0
    unlike = then[source] != then[name]
    came = unlike & (now[name] == then[source])
    return came.sum() / unlike.sum() if _is_most(came, unlike) else 0


def _path(name: str, came_from: dict[str, str]) -> list[str]:
    """The columns that contents came through, in order; a circle has one column at both ends."""
    path = [name]
    while path[0] in came_from:
        path.insert(0, came_from[path[0]])
        if path[0] in path[1:]:
            break
    return path
