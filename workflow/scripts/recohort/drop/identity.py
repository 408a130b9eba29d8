"""Whether the id of a study names the same patient in two drops: not where a row's position makes it."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from recohort.drop.schema import agreement

# Fewer rows that stand under another id may be patients who look alike, or ids that were corrected.
LEAST_MOVED = 5
# Under an id that names other patients the columns agree as by chance.
SAME_PATIENT_KAPPA = 0.5


def follows_order(frame: pd.DataFrame, backwards: pd.DataFrame, column: str) -> bool:
    """
    Whether prepare.py gives a row another id when the rows of the files come in another order.

    Parameters
    ----------
    frame, backwards : DataFrame
        From `extract.read.assemble` and from the same `backwards`; `row` in both is the line of the file.
    column : str
        The id.

    Returns
    -------
    bool
    """
    first, second = (of.groupby("row")[column].agg(set) for of in (frame, backwards))
    shared = first.index.intersection(second.index)
    return bool((first[shared] != second[shared]).any())


def names_others(before: pd.DataFrame, after: pd.DataFrame, column: str, changing: set[str]) -> bool:
    """
    Whether an id names other patients in two drops: rows without a change are found under other ids.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`.
    column : str
        The id.
    changing : set of str
        Columns in which patients change from drop to drop, as follow-up does.

    Returns
    -------
    bool
        True where most rows can be recognised by their contents under another id, or, of ids that count the
        rows of both files, some can; and the rows of these ids agree as by chance.
    """
    names = [
        name for name in after.columns if name in before.columns and name not in {"row", column, *changing}
    ]
    names = [name for name in names if after[name].nunique() > 1]
    if len(names) < 2:
        # one column may change in all patients, as their age does
        return False
    then, now = (_recognisable(frame, column, names) for frame in (before, after))
    found = then.join(now, lsuffix="_then", rsuffix="_now", how="inner")
    moved = found[found.iloc[:, 0] != found.iloc[:, 1]]
    if len(moved) < LEAST_MOVED:
        return False
    n_same, n_rows = len(found) - len(moved), min(len(before), len(after))
    is_most = len(moved) > max(n_same, n_rows / 2)
    ids = moved.iloc[:, 0]
    shared = ids[ids.isin(set(before[column].str.strip()) & set(after[column].str.strip()))]
    if len(shared) < LEAST_MOVED:
        # the same rows have new ids; a few that agree could be other patients
        return is_most
    is_counted = _counts_rows(before[column]) and _counts_rows(after[column])
    return (is_most or is_counted) and _agree_by_chance(before, after, column, names, shared)


def candidates(before: pd.DataFrame, after: pd.DataFrame, column: str, changing: set[str]) -> list[str]:
    """
    Columns that could identify a patient in place of an id.

    Parameters
    ----------
    before, after, column, changing
        As of `names_others`.

    Returns
    -------
    list of str
        Of the columns that both drops have those with a text in every row and none twice, of which the drops
        share half or more.
    """
    found = []
    for name in after.columns:
        if name in {"row", column, *changing} or name not in before.columns:
            continue
        then, now = (frame[name].str.strip() for frame in (before, after))
        is_unique = all(texts.is_unique and (texts != "").all() for texts in (then, now))
        is_shared = 2 * now.isin(then).sum() >= min(len(then), len(now))
        if is_unique and is_shared and not names_others(before, after, name, {column, *changing}):
            found.append(name)
    return found


def refusal(before: pd.DataFrame, after: pd.DataFrame, column: str, changing: set[str]) -> str:
    """Why drops with such an id are not compared, and which columns could serve, without a full stop."""
    why = "is made from the position of a row, or anew for each extract"
    said = f"the id {column} {why}, and names other patients in each"
    could = candidates(before, after, column, changing)
    if could:
        return f"{said}; different in every row of both drops, and could serve: {', '.join(could)}"
    return f"{said}; no column is different in every row of both drops: ask for an extract with an identifier"


def _recognisable(frame: pd.DataFrame, column: str, names: Collection[str]) -> pd.DataFrame:
    """The id of each row whose contents no other row has, by these contents."""
    contents = pd.MultiIndex.from_frame(frame[names])
    ids = pd.Series(frame[column].str.strip().to_numpy(object), index=contents)
    return ids[~contents.duplicated(keep=False)].to_frame("id")


def _counts_rows(ids: Any) -> bool:
    """Whether ids are numbers that go up by one from row to row, whatever is written before them."""
    digits = ids.str.strip().str.extract(r"(\d{1,15})$", expand=False)
    return len(ids) > 1 and digits.notna().all() and bool((digits.astype("int64").diff()[1:] == 1).all())


def _agree_by_chance(
    before: pd.DataFrame, after: pd.DataFrame, column: str, names: Collection[str], ids: Any
) -> bool:
    """Whether the rows of some ids are alike in the two drops by chance only, in most columns."""
    then, now = (
        frame.assign(id=frame[column].str.strip()).drop_duplicates("id").set_index("id")
        for frame in (before, after)
    )
    pairs = [(then.loc[ids, name].to_numpy(object), now.loc[ids, name].to_numpy(object)) for name in names]
    kappas = [agreement(*pair) for pair in pairs if len(set(pair[0])) > 1 or len(set(pair[1])) > 1]
    return not kappas or float(np.median(kappas)) < SAME_PATIENT_KAPPA
