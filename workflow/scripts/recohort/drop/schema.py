"""What became of the columns from one drop to the next: gone, new, renamed, swapped."""

from itertools import combinations

import numpy as np
import pandas as pd

from recohort.extract import text_column

# Some cells of a renamed column may be corrected too: excellent agreement beyond chance, Fleiss (1981).
RENAMED_KAPPA = 0.75
SWAPPED_SHARE = 0.5
LEAST_SWAPPED = 5

COLUMNS = ["kind", "column", "other"]


def compare(before, after, patients):
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
        COLUMNS: kind `gone`, `new`, `renamed` (`column` is called `other` now) or `swapped` (the contents of
        `column` and `other` changed places); nothing where only the order of columns changed.
    """
    then, now = _encoded((before, patients.before), (after, patients.after))
    gone = [name for name in then if name not in now]
    new = [name for name in now if name not in then]
    renamed = _renamed(then, now, gone, new)
    rows = [_row("gone", name) for name in gone if name not in renamed]
    rows += [_row("new", name) for name in new if name not in renamed.values()]
    rows += [_row("renamed", old, name) for old, name in renamed.items()]
    return rows + [_row("swapped", *pair) for pair in _swapped(then, now)]


def renamed(frame, rows):
    """The earlier drop with its columns under their present names."""
    return frame.rename(columns={r["column"]: r["other"] for r in rows if r["kind"] == "renamed"})


def agreement(one, other):
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


def _row(kind, column, other=""):
    return {"kind": kind, "column": column, "other": other}


def _encoded(*drops):
    """The cells of each column of each drop, a frame and its rows, as numbers: equal where the texts are."""
    parts = [
        text_column.strip(text_column.encode(frame[name].to_numpy(object)[rows]))[0]
        for frame, rows in drops
        for name in frame.columns
        if name != "row"
    ]
    codes = iter(text_column.concatenate(parts).codes.reshape(len(parts), -1))
    return [{name: next(codes) for name in frame.columns if name != "row"} for frame, _ in drops]


def _renamed(then, now, gone, new):
    """The new name of each column that has one: the best pairs first."""
    gone, new = ([name for name in names if _tells(drop[name])] for names, drop in ((gone, then), (new, now)))
    pairs = [
        (agreement(then[old], now[name]), old, name)
        for old in gone
        for name in new
        # agreement beyond chance is at most all of it
        if np.mean(then[old] == now[name]) >= RENAMED_KAPPA
    ]
    found = {}
    for kappa, old, name in sorted(pairs, key=lambda pair: -pair[0]):
        if kappa >= RENAMED_KAPPA and old not in found and name not in found.values():
            found[old] = name
    return found


def _tells(cells):
    """Whether a column has two texts at least: one that has not agrees by chance only."""
    return bool(np.any(cells != cells[:1]))


def _swapped(then, now):
    """Pairs of columns whose contents changed places in most patients in whom that can be seen."""
    changed = [name for name in now if name in then and np.any(then[name] != now[name])]
    pairs = []
    for one, other in combinations(changed, 2):
        unlike = then[one] != then[other]
        crossed = unlike & (then[one] == now[other]) & (then[other] == now[one])
        if crossed.sum() >= LEAST_SWAPPED and crossed.sum() > SWAPPED_SHARE * unlike.sum():
            pairs.append((one, other))
    return pairs
