"""
Extracts between two drops, so that a change of an estimate can be parted by what caused it.

    earlier drop -> recoded cells -> updated follow-up -> gone and new patients = newer drop
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from recohort.drop import cells
from recohort.drop.patients import ids_of
from recohort.drop.unreadable import source_columns


def between(before: pd.DataFrame, after: pd.DataFrame, protocol: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    The two extracts between the drops.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`; the columns of the earlier drop under their present names.
    protocol : Protocol

    Returns
    -------
    recoded : DataFrame
        The patients of the earlier drop; those that are in both with the cells of the newer one but in the
        columns of the follow-up. The rows of a patient with several are taken in their order.
    updated : DataFrame
        The same with the follow-up of the newer drop too.
    """
    was, is_now = (ids_of(frame, protocol.extract) for frame in (before, after))
    gone, shared = before[~was.isin(is_now)], after[is_now.isin(was)]
    as_before, partners = shared.copy(), _partners(was, is_now[is_now.isin(was)])
    for name in follow_up_columns(protocol):
        if name in before.columns:
            as_before[name] = before[name].to_numpy(object)[partners]
    return _joined(as_before, gone, after), _joined(shared, gone, after)


def n_changed(
    before: Mapping[str, Any], after: Mapping[str, Any], patients: Any, members: set[str], protocol: Any
) -> dict[str, int]:
    """
    How many patients of the cohort, of either drop, each step between the drops changes.

    Parameters
    ----------
    before, after : dict of str to Values
        `codebook.clean(...).columns` of the two drops.
    patients : Patients
    members : set of str
        The ids of those in the cohort of either drop.
    protocol : Protocol

    Returns
    -------
    dict of str to int
        `recoded`: in a variable outside the follow-up; `follow_up`: in one of it; `patients`: gone and new;
        `any`: all of these, each patient once.
    """
    recoded, updated = (np.zeros(len(patients.ids), dtype=bool) for _ in range(2))
    ends = follow_up_columns(protocol)
    for name in protocol.codebook:
        differs = updated if source_columns(name, protocol.codebook) & ends else recoded
        differs |= cells.differs(before[name], after[name], patients)
    is_member = np.array([id_ in members for id_ in patients.ids], dtype=bool)
    n_others = len(members.intersection([*patients.gone, *patients.new]))
    return {
        "recoded": int((recoded & is_member).sum()),
        "follow_up": int((updated & is_member).sum()),
        "patients": n_others,
        "any": int(((recoded | updated) & is_member).sum()) + n_others,
    }


def follow_up_columns(protocol: Any) -> set[str]:
    """
    The columns of the extract that the time or the event of an endpoint comes from.

    The start of the clock is no follow-up: a date of diagnosis that is corrected is a recoded cell.
    """
    ends = [
        name for e in protocol.endpoints.values() for name in (e.end, e.time, e.event[0]) if name is not None
    ]
    return set().union(*(source_columns(name, protocol.codebook) for name in ends))


def _partners(was: pd.DataFrame, is_now: pd.DataFrame) -> Any:
    """For each row now the position of the patient's row before: the first for the first, and so on."""
    codes, _ = pd.factorize(pd.concat([was, is_now]))
    then, now = np.split(codes, [len(was)])
    n_rows, nth = np.bincount(then), pd.Series(now).groupby(now).cumcount().to_numpy()
    start = np.cumsum(n_rows) - n_rows
    # of more rows than before the others have the last
    return np.argsort(then, kind="stable")[start[now] + np.minimum(nth, n_rows[now] - 1)]


def _joined(shared: pd.DataFrame, gone: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    frame = pd.concat([shared, gone], ignore_index=True).reindex(columns=after.columns)
    return frame.fillna("").assign(row=np.arange(1, len(frame) + 1))
