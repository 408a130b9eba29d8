"""What became of the columns from one drop to the next: gone, new, renamed, swapped."""

from itertools import combinations

import numpy as np
import pandas as pd

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
    then, now = before.iloc[patients.before], after.iloc[patients.after]
    gone = [name for name in before.columns if name not in after.columns]
    new = [name for name in after.columns if name not in before.columns]
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
    Agreement of two columns of text beyond chance.

    Parameters
    ----------
    one, other : ndarray of str, shape (n,)

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


def _renamed(then, now, gone, new):
    """The new name of each column that has one: the best pairs first."""
    if not len(then):
        return {}
    pairs = [(agreement(_texts(then, old), _texts(now, name)), old, name) for old in gone for name in new]
    found = {}
    for kappa, old, name in sorted(pairs, key=lambda pair: -pair[0]):
        if kappa >= RENAMED_KAPPA and old not in found and name not in found.values():
            found[old] = name
    return found


def _swapped(then, now):
    """Pairs of columns whose contents changed places in most patients in whom that can be seen."""
    common = [name for name in now.columns if name in then.columns and name != "row"]
    old, new = ({name: _texts(frame, name) for name in common} for frame in (then, now))
    changed = [name for name in common if np.any(old[name] != new[name])]
    pairs = []
    for one, other in combinations(changed, 2):
        unlike = old[one] != old[other]
        crossed = unlike & (old[one] == new[other]) & (old[other] == new[one])
        if crossed.sum() >= LEAST_SWAPPED and crossed.sum() > SWAPPED_SHARE * unlike.sum():
            pairs.append((one, other))
    return pairs


def _texts(frame, name):
    return frame[name].astype(str).str.strip().to_numpy(object)
