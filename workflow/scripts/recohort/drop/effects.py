"""What a drop did to the estimates: before and after, the change in standard errors, flips, parts."""

from collections import Counter
from collections.abc import Sequence
from math import isfinite, log
from typing import Any

from recohort.analyses.estimates import IDENTITY, RATIOS, is_reference
from recohort.statistics.distributions import normal_quantile

NUMBERS = ("n", "events", "n_level", "events_level", "estimate", "ci_low", "ci_high", "p_value")
PARTS = ("part_recoded", "part_follow_up", "part_patients")
TEXTS = ("status", "ci_method")
# The method of an interval may change, to a penalised one where a level separates the events.
KEY = [name for name in IDENTITY if name not in ("study", "ci_method")]
COLUMNS = [
    *KEY,
    *(f"{name}_{when}" for name in (*NUMBERS, *TEXTS) for when in ("before", "after")),
    *(
        "change",
        "std_error",
        "change_std_errors",
        "sign_flipped",
        "significance_flipped",
        "conclusion_flipped",
    ),
    *PARTS,
    "note",
]
ALONE = {"before": "not computed any more", "after": "new"}


def compare(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    between: list[list[dict[str, Any]]],
    confidence: float,
) -> list[dict[str, Any]]:
    """
    Each estimate of two drops.

    Parameters
    ----------
    before, after : list of dict
        Estimates of the earlier and of the newer drop.
    between : list of list of dict
        Estimates of the extracts between them, in order: recoded cells, updated follow-up; empty where they
        could not be computed.
    confidence : float
        Of the intervals; its complement is the level of significance.

    Returns
    -------
    list of dict
        COLUMNS. `change` is that of the log of a ratio, else of the estimate; `change_std_errors` divides it
        by `std_error`, the one before (the interval's width over twice its quantile where there is none).
        The parts of the change add up to it; None where an estimate between is not estimable. None for a
        flip that cannot be judged.
    """
    tables = [_by_key(rows) for rows in (before, *between, after)]
    keys = dict.fromkeys([*tables[-1], *tables[0]])
    return [_row(key, [table.get(key) for table in tables], confidence) for key in keys]


def conclusion(row: dict[str, Any] | None, alpha: float) -> Any:
    """
    What an estimate says: "" without a p value, "not significant", "significant" or, of a ratio, its side.
    """
    if row is None or row["p_value"] is None:
        return ""
    if row["p_value"] >= alpha:
        return "not significant"
    at = location(row)
    if row["measure"] not in RATIOS or at is None:
        return "significant"
    return "significant, above 1" if at > 0 else "significant, below 1"


def location(row: dict[str, Any] | None) -> Any:
    """The estimate on the scale of its standard error, None if it is not there or infinite on it."""
    return None if row is None else _scaled(row, "estimate")


def std_error(row: dict[str, Any], confidence: float) -> Any:
    """The standard error of an estimate, from its interval if it has none; None if that has no width."""
    if row["std_error"] is not None:
        return row["std_error"] or None
    low, high = _scaled(row, "ci_low"), _scaled(row, "ci_high")
    if low is None or high is None or high <= low:
        return None
    return (high - low) / (2 * normal_quantile(0.5 + confidence / 2))


def _by_key(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """
    Rows by what identifies them, without those of reference levels, which say nothing.

    The same estimate with several intervals is told apart by their order.
    """
    found = {}
    seen: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        if is_reference(row):
            continue
        key = tuple(row[name] for name in KEY)
        found[*key, seen[key]] = row
        seen[key] += 1
    return found


def _row(key: tuple[Any, ...], rows: Sequence[dict[str, Any] | None], confidence: float) -> dict[str, Any]:
    before, after = rows[0], rows[-1]
    found = dict(zip(KEY, key[:-1], strict=True))
    for name in (*NUMBERS, *TEXTS):
        found[f"{name}_before"] = before and before[name]
        found[f"{name}_after"] = after and after[name]
    if before is None or after is None:
        return {**found, "note": ALONE["after" if before is None else "before"]}
    found |= _flips(before, after, 1 - confidence)
    then, now = location(before), location(after)
    if then is None or now is None:
        return {**found, "note": after["note"] or before["note"]}
    change, error = now - then, std_error(before, confidence)
    found |= {"change": change, "std_error": error, "change_std_errors": change / error if error else None}
    steps = [location(row) for row in rows]
    if len(steps) != len(PARTS) + 1 or None in steps:
        return {**found, "note": "not estimable between the drops, so that the change has no parts"}
    return found | {name: b - a for name, a, b in zip(PARTS, steps, steps[1:], strict=False)}


def _flips(before: dict[str, Any], after: dict[str, Any], alpha: float) -> dict[str, Any]:
    said = [conclusion(row, alpha) for row in (before, after)]
    is_significant = [text.startswith("significant") for text in said]
    then, now = location(before), location(after)
    is_ratio = before["measure"] in RATIOS and then is not None and now is not None
    return {
        "sign_flipped": then * now < 0 if is_ratio else None,
        "significance_flipped": is_significant[0] != is_significant[1] if all(said) else None,
        "conclusion_flipped": said[0] != said[1] and any(is_significant),
    }


def _scaled(row: dict[str, Any], name: str) -> Any:
    value = row[name]
    if value is None or not isfinite(value):
        return None
    if row["measure"] not in RATIOS:
        return value
    return log(value) if value > 0 else None
