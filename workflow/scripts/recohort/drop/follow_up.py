"""Follow-up of the patients in both drops: longer, shorter, lost; events new and undone."""

from typing import Any

import numpy as np

COLUMNS = ["endpoint", "n", "longer", "shorter", "lost", "found", "events_new", "events_undone"]


def compare(before: dict[str, Any], after: dict[str, Any], patients: Any) -> list[dict[str, Any]]:
    """
    Each endpoint of the patients in both drops.

    Parameters
    ----------
    before, after : dict of str to cohort.follow_up.FollowUp
        By endpoint, of all rows of the two drops.
    patients : Patients

    Returns
    -------
    list of dict
        COLUMNS. Of the n patients whose time is known in both: how many have a longer and a shorter one, an
        event now and none before, and none now where there was one. `lost` and `found`: patients whose time
        is known before only, and now only.
    """
    return [{"endpoint": name, **_counted(before[name], after[name], patients)} for name in after]


def _counted(before: Any, after: Any, patients: Any) -> dict[str, int]:
    old, new = before.time_days[patients.before], after.time_days[patients.after]
    had, has = before.event[patients.before], after.event[patients.after]
    was_known, is_known = ~np.isnan(old), ~np.isnan(new)
    counts = {
        "n": was_known & is_known,
        "longer": new > old,
        "shorter": new < old,
        "lost": was_known & ~is_known,
        "found": ~was_known & is_known,
        "events_new": (had == 0) & (has == 1),
        "events_undone": (had == 1) & (has == 0),
    }
    return {name: int(where.sum()) for name, where in counts.items()}
