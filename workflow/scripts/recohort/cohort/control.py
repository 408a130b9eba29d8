"""The flow from the rows read to the cohort, and the cells that the codebook changed."""

from typing import Any

from recohort.disclosure.rule import rounded
from recohort.disclosure.secondary_suppression import withheld


def controlled_attrition(rows: list[dict[str, Any]], rule: Any) -> list[dict[str, Any]]:
    """
    The steps of the flow as they may be shown.

    Parameters
    ----------
    rows : list of dict
        recohort.cohort.attrition.ATTRITION.
    rule : Rule or None

    Returns
    -------
    list of dict
        n, n_unknown and n_left rounded, None where withheld; the 0 of a step that removes nobody by its kind
        stays.
    """
    if rule is None:
        return rows
    counted: dict[Any, Any] = {}
    lines: list[Any] = []
    keys: list[Any] = []
    left: Any = None
    path: Any = None
    cohort: Any = None
    for r in rows:
        if r["kind"] == "read":
            # a subgroup begins with the cohort
            path = cohort or ("all",)
            left = ("left", path)
            counted[left] = r["n_left"]
        elif r["kind"] != "cohort":
            # the same criteria in the same order are the same counts; two criteria may have one name
            path = (*path, (r["step"], r["n"], r["n_unknown"]))
            before, left = left, ("left", path)
            counted |= {left: r["n_left"], ("n", path): r["n"]}
            lines.append((before, (("n", path), left)))
            if r["kind"] == "excluded":
                counted |= {("unknown", path): r["n_unknown"], ("failed", path): r["n"] - r["n_unknown"]}
                lines.append((("n", path), (("unknown", path), ("failed", path))))
        elif r["population"] == "all":
            cohort = path
        keys.append(path)
    silent = [key for key in counted if key[0] == "failed"]
    hidden = withheld(counted, lines, rule, silent=silent)

    def shown(r: dict[str, Any], name: str, key: tuple[Any, ...]) -> Any:
        if key not in counted:
            return r[name]
        return None if key in hidden else rounded(r[name], rule)

    safe = []
    for r, path in zip(rows, keys, strict=True):
        removed = r["kind"] not in ("read", "cohort")
        of_n = ("n", path) if removed else ("left", path)
        unknown = shown(r, "n_unknown", ("unknown", path)) if removed else r["n_unknown"]
        n, n_left = shown(r, "n", of_n), shown(r, "n_left", ("left", path))
        safe.append({**r, "n": n, "n_unknown": unknown, "n_left": n_left})
    return safe


def controlled_cleaning(rows: list[dict[str, Any]], rule: Any) -> list[dict[str, Any]]:
    """
    The ledger's counts as they may be shown: rows of cleaning.csv, n rounded, None where it is withheld.
    """
    return rows if rule is None else [{**r, "n": rounded(r["n"], rule)} for r in rows]
