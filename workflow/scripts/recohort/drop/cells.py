"""Which cells of the patients in both drops changed: as they came, and as the codebook reads them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = ["kind", "name", "n", "changed", "filled", "emptied"]
CHANGES = ["id", "column", "old", "new"]


def compare(before: Any, after: Any, patients: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    Cells of the columns that both drops have; of a patient with several rows their different texts together.

    Parameters
    ----------
    before, after : DataFrame
        Text columns and `row`.
    patients : Patients

    Returns
    -------
    counts : list of dict
        COLUMNS, of kind `column`: n patients compared, in how many of them the text changed, was empty before
        (`filled`), is empty now (`emptied`).
    changes : list of dict
        CHANGES: a row per changed cell (patient-level).
    """
    counts, changes = [], []
    for name in after.columns:
        if name == "row" or name not in before.columns:
            continue
        old, new = _texts(before[name], patients, "before"), _texts(after[name], patients, "after")
        counts.append({"kind": "column", "name": name, **_counted(old != new, old != "", new != "")})
        changes += [
            {"id": patients.ids[i], "column": name, "old": old[i], "new": new[i]}
            for i in np.flatnonzero(old != new)
        ]
    return counts, changes


def compare_clean(before: Mapping[str, Any], after: Mapping[str, Any], patients: Any) -> list[dict[str, Any]]:
    """
    Values of each variable of the codebook.

    Parameters
    ----------
    before, after : dict of str to Values
        `codebook.clean(...).columns` of the two drops.
    patients : Patients

    Returns
    -------
    list of dict
        COLUMNS, of kind `variable`.
    """
    rows = []
    for name in after:
        was_known, is_known = before[name].known[patients.before], after[name].known[patients.after]
        changed = differs(before[name], after[name], patients)
        rows.append({"kind": "variable", "name": name, **_counted(changed, was_known, is_known)})
    return rows


def differs(before: Any, after: Any, patients: Any) -> Any:
    """Whether a variable's Values changed, in each patient of both drops; unknown in both is no change."""
    was_known, is_known = before.known[patients.before], after.known[patients.after]
    unlike = before.values[patients.before] != after.values[patients.after]
    return (was_known != is_known) | (was_known & is_known & unlike)


def _texts(column: Any, patients: Any, when: str) -> Any:
    """The text of each patient of both drops, of the drop `before` or `after`."""
    texts = column.to_numpy(object)
    found = texts[getattr(patients, when)]
    for several in patients.several_changed:
        found[several.place] = "; ".join(sorted(set(texts[getattr(several, when)])))
    return found


def _counted(differs: NDArray[Any], was_known: NDArray[Any], is_known: NDArray[Any]) -> dict[str, int]:
    return {
        "n": len(differs),
        "changed": int(differs.sum()),
        "filled": int((differs & ~was_known & is_known).sum()),
        "emptied": int((differs & was_known & ~is_known).sum()),
    }
