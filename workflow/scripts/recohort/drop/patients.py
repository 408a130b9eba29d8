"""The patients of two drops, matched by the protocol's id."""

from typing import NamedTuple

import numpy as np
import pandas as pd


class Patients(NamedTuple):
    """
    The ids of two drops; a row that repeats another, and one without an id, is no patient.

    gone, new : list of str, ids of the earlier and of the newer drop alone.
    ids : ndarray of str, shape (n,), in both drops, with one row in each.
    before, after : ndarray of int, shape (n,), the positions of these rows in the two drops.
    several : list of str, ids in both that have more than one row in either.
    several_changed : list of str, those of them whose rows differ.
    """

    gone: list
    new: list
    ids: np.ndarray
    before: np.ndarray
    after: np.ndarray
    several: list
    several_changed: list


def match(before, after, column, missing):
    """
    Match the patients of two drops.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`, as `extract.assemble` gives them.
    column : str
        That identifies a patient.
    missing : set of str
        Texts that mean missing.

    Returns
    -------
    Patients
    """
    earlier, newer = (_distinct(frame, column, missing) for frame in (before, after))
    n_before, n_after = (rows["id"].value_counts() for rows in (earlier, newer))
    gone = [id_ for id_ in n_before.index if id_ not in n_after.index]
    new = [id_ for id_ in n_after.index if id_ not in n_before.index]
    shared = n_before.index.intersection(n_after.index)
    is_single = ((n_before[shared] == 1) & (n_after[shared] == 1)).to_numpy(bool)
    ids, several = np.sort(shared[is_single].to_numpy(object)), sorted(shared[~is_single])
    places = [rows.set_index("id")["position"].loc[ids].to_numpy(int) for rows in (earlier, newer)]
    changed = _differing(before, after, earlier, newer, several)
    return Patients(sorted(gone), sorted(new), ids, *places, several, changed)


def ids_of(frame, column):
    """The id of each row of a drop, without spaces around it."""
    return frame[column].astype(str).str.strip()


def _distinct(frame, column, missing):
    """Id and position of each row that has an id and repeats no other."""
    contents = frame.drop(columns="row").assign(**{column: ids_of(frame, column)})
    is_new = ~contents.duplicated().to_numpy()
    rows = pd.DataFrame({"id": contents[column].to_numpy(object), "position": np.arange(len(frame))})
    return rows[is_new & ~rows["id"].isin({"", *missing}).to_numpy()]


def _differing(before, after, earlier, newer, several):
    columns = [name for name in after.columns if name in before.columns and name != "row"]

    def contents(frame, rows):
        rows = rows[rows["id"].isin(several)]
        texts = frame[columns].iloc[rows["position"]].itertuples(index=False, name=None)
        found = {}
        for id_, row in zip(rows["id"], texts, strict=True):
            found.setdefault(id_, set()).add(row)
        return found

    then, now = contents(before, earlier), contents(after, newer)
    return [id_ for id_ in several if then[id_] != now[id_]]
