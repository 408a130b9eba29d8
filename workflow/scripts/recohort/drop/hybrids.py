"""
Extracts between two drops, so that a change of an estimate can be parted by what caused it.

    earlier drop -> recoded cells -> updated follow-up -> gone and new patients = newer drop
"""

import numpy as np
import pandas as pd

from recohort import expressions
from recohort.drop import cells
from recohort.drop.patients import ids_of


def between(before, after, patients, protocol):
    """
    The two extracts between the drops.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`; the columns of the earlier drop under their present names.
    patients : Patients
    protocol : Protocol

    Returns
    -------
    recoded : DataFrame
        The patients of the earlier drop; those that are in both with the cells of the newer one but in the
        columns of the follow-up. A patient with several rows is taken over whole.
    updated : DataFrame
        The same with the follow-up of the newer drop too.
    """
    id_column = protocol.extract["id"]
    gone = before[~ids_of(before, id_column).isin(ids_of(after, id_column))]
    shared = after[ids_of(after, id_column).isin(ids_of(before, id_column))]
    as_before = shared.copy()
    at = pd.Series(patients.before, index=patients.ids)
    where = ids_of(shared, id_column)
    is_single = where.isin(patients.ids).to_numpy()
    positions = at.loc[where[is_single]].to_numpy(int)
    for name in follow_up_columns(protocol):
        if name in before.columns:
            texts = as_before[name].to_numpy(object, copy=True)
            texts[is_single] = before[name].to_numpy(object)[positions]
            as_before[name] = texts
    return _joined(as_before, gone, after), _joined(shared, gone, after)


def n_changed(before, after, patients, protocol):
    """
    How many patients each step between the drops changes, as the codebook reads them.

    Parameters
    ----------
    before, after : dict of str to Values
        `codebook.clean(...).columns` of the two drops.
    patients : Patients
    protocol : Protocol

    Returns
    -------
    dict of str to int
        `recoded`: in a variable outside the follow-up; `follow_up`: in one of it; `patients`: gone and new.
    """
    recoded, updated = (np.zeros(len(patients.ids), dtype=bool) for _ in range(2))
    ends = follow_up_columns(protocol)
    for name in protocol.codebook:
        differs = updated if _sources(name, protocol.codebook) & ends else recoded
        differs |= cells.differs(before[name], after[name], patients)
    return {
        "recoded": int(recoded.sum()) + len(patients.several_changed),
        "follow_up": int(updated.sum()),
        "patients": len(patients.gone) + len(patients.new),
    }


def follow_up_columns(protocol):
    """
    The columns of the extract that the time or the event of an endpoint comes from.

    The start of the clock is no follow-up: a date of diagnosis that is corrected is a recoded cell.
    """
    ends = [
        name for e in protocol.endpoints.values() for name in (e.end, e.time, e.event[0]) if name is not None
    ]
    return set().union(*(_sources(name, protocol.codebook) for name in ends))


def _sources(name, codebook):
    """The columns that a variable is read or derived from, at any depth."""
    variable = codebook[name]
    if variable.column is not None:
        return {variable.column}
    if variable.guideline is not None:
        inputs = [text for role, text in variable.guideline.items() if role != "rules"]
    else:
        texts = variable.derive.values() if isinstance(variable.derive, dict) else [variable.derive]
        inputs = set().union(*(expressions.names(expressions.parse(text)) for text in texts))
    return set().union(*(_sources(text, codebook) for text in inputs if text in codebook))


def _joined(shared, gone, after):
    frame = pd.concat([shared, gone], ignore_index=True).reindex(columns=after.columns)
    return frame.fillna("").assign(row=np.arange(1, len(frame) + 1))
