"""The patients of two drops, matched by the protocol's id."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recohort.extract import identifier


class Several(NamedTuple):
    """
    A patient with several rows in either drop, whose rows are others now.

    place : int, in Patients.ids. before, after : list of int, the positions of its rows in the two drops.
    """

    place: int
    before: list[Any]
    after: list[Any]


class Patients(NamedTuple):
    """
    The ids of two drops; a row that repeats another, and one without an id, is no patient.

    gone, new : list of str, ids of the earlier and of the newer drop alone.
    ids : ndarray of str, shape (n,), in both drops.
    before, after : ndarray of int, shape (n,), the position of a row of each in the two drops: the first; the
        same one where its several rows are as they were.
    several_changed : list of Several
    """

    gone: list[str]
    new: list[str]
    ids: NDArray[Any]
    before: NDArray[Any]
    after: NDArray[Any]
    several_changed: list[Several]


def match(before: pd.DataFrame, after: pd.DataFrame, extract: dict[str, Any], missing: set[str]) -> Patients:
    """
    Match the patients of two drops.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`, as `extract.read.assemble` gives them.
    extract : dict
        The part of the protocol: which column identifies a patient, and how its texts are compared.
    missing : set of str
        Texts that mean missing.

    Returns
    -------
    Patients
    """
    earlier, newer = (_distinct(frame, extract, missing) for frame in (before, after))
    n_before, n_after = (rows["id"].value_counts() for rows in (earlier, newer))
    gone = [id_ for id_ in n_before.index if id_ not in n_after.index]
    new = [id_ for id_ in n_after.index if id_ not in n_before.index]
    shared = n_before.index.intersection(n_after.index)
    ids = np.sort(shared.to_numpy(object))
    was, is_now = (
        rows.drop_duplicates("id").set_index("id")["position"].loc[ids].to_numpy(int, copy=True)
        for rows in (earlier, newer)
    )
    columns = [name for name in after.columns if name in before.columns and name != "row"]
    several = np.flatnonzero((n_before[ids] > 1) | (n_after[ids] > 1))
    rows_of = [
        _rows_of(ids[several], rows, frame[columns]) for rows, frame in ((earlier, before), (newer, after))
    ]
    changed = []
    for place, then, now in zip(several, *rows_of, strict=True):
        if then.keys() == now.keys():
            was[place] = then[next(iter(now))]
        else:
            changed.append(Several(place, list(then.values()), list(now.values())))
    return Patients(sorted(gone), sorted(new), ids, was, is_now, changed)


def ids_of(frame: pd.DataFrame, extract: dict[str, Any]) -> Any:
    """The id of each row of a drop, in the form in which ids are compared."""
    return frame[extract["id"]].astype(str).map(identifier.form(extract))


def _distinct(frame: pd.DataFrame, extract: dict[str, Any], missing: set[str]) -> Any:
    """Id and position of each row that has an id and repeats no other."""
    column = extract["id"]
    contents = frame.drop(columns="row").assign(**{column: ids_of(frame, extract)})
    is_new = ~contents.duplicated().to_numpy()
    rows = pd.DataFrame({"id": contents[column].to_numpy(object), "position": np.arange(len(frame))})
    return rows[is_new & ~rows["id"].isin({"", *missing}).to_numpy()]


def _rows_of(ids: Any, rows: Any, frame: pd.DataFrame) -> Any:
    """Of each id the position of each of its rows, by the texts of the row."""
    rows = rows[rows["id"].isin(ids)]
    found: dict[Any, Any] = {id_: {} for id_ in ids}
    texts = frame.iloc[rows["position"]].itertuples(index=False, name=None)
    for id_, position, row in zip(rows["id"], rows["position"], texts, strict=True):
        found[id_].setdefault(row, position)
    return found.values()
