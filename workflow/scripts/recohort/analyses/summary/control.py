"""Summaries: levels by group, missing values, quartiles, and the tests between groups."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from recohort.analyses.crosstab import control as crosstab
from recohort.disclosure import conditions
from recohort.disclosure.conditions import KNOWN, MISSING, Conditions
from recohort.disclosure.estimate_row import COUNTS, suppressed
from recohort.disclosure.rule import Rule, cut, cut_p, rounded
from recohort.disclosure.secondary_suppression import withheld

QUARTILES = ("median", "q1", "q3")
IN_TABLE = "shown in the table of the summary only, if the counts that it rests on are"


def control(
    rows: list[dict[str, Any]],
    rule: Rule,
    cells: dict[tuple[str, str], int] | None,
    curves: dict[str, list[dict[str, Any]]],
    confidence: float | None,
) -> list[dict[str, Any]]:
    """The tests of a summary: suppressed, as what they rest on is known where its table is made."""
    # their counts are those of the table too, and with other tables would give small ones away
    return [suppressed(r, dict.fromkeys(COUNTS), IN_TABLE) for r in rows]


def summary(
    rows: list[dict[str, Any]],
    rule: Rule | None,
    by: dict[str, str] | None = None,
    counts: Iterable[dict[str, Any]] = (),
    derived: dict[tuple[str, str], dict[str, str]] | None = None,
) -> list[dict[str, Any]]:
    """
    The numbers of the summaries of a study as they may be shown, the cross-tables beside them given.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.summary.numbers.COLUMNS; without analysis and population those of the whole cohort.
    rule : Rule or None
    by : dict of str to str, optional
        Grouping variable of each analysis, so that the groups of one are counts of the other.
    counts : list of dict
        The exact cross-tables of the study, recohort.analyses.estimates.CELLS.
    derived : dict of (str, str) to dict, optional
        As `recohort.analyses.summary.numbers.derived` has it.

    Returns
    -------
    list of dict
        Counts rounded, None where they are withheld; that none is missing is shown. Quartiles only of more
        than the threshold; tests and differences only where no count that they rest on is withheld, with the
        digits that are printed.
    """
    if rule is None:
        return rows
    by, derived = by or {}, derived or {}
    tables = crosstab.tables(counts)
    blocks, variables = defaultdict(list), defaultdict(list)
    for r in rows:
        blocks[_population(r)].append(r)
        variables[_variable(r)].append(r)
    hidden = {}
    for population, of_population in blocks.items():
        crossed = {key[2:]: cells for key, cells in tables.items() if key[1] == population}
        hidden[population] = _withheld(of_population, crossed, rule, by, derived)
    tested = {
        key: not any(_keys(r, by)["n"] in hidden[_population(r)] for r in of_variable)
        for key, of_variable in variables.items()
    }
    return [_shown(r, _keys(r, by), hidden[_population(r)], tested[_variable(r)], rule) for r in rows]


def _population(r: dict[str, Any]) -> str:
    return r.get("population") or "all"


def _variable(r: dict[str, Any]) -> tuple[str | None, str, str]:
    return r.get("analysis"), _population(r), r["variable"]


def _keys(r: dict[str, Any], by: Mapping[Any, str]) -> dict[str, Conditions]:
    """What is counted in the columns of a row: conditions as `conditions.lines` reads them."""
    grouping = by.get(r.get("analysis")) or f"groups of {r.get('analysis')}"
    has_groups = r.get("analysis") in by or r["group"] or r["n_ungrouped"]
    inside = {(grouping, r["group"] or KNOWN)} if has_groups else set()
    return {
        "n": frozenset(inside | {(r["variable"], r["level"] or KNOWN)}),
        "n_missing": frozenset(inside | {(r["variable"], MISSING)}),
        "n_ungrouped": frozenset({(grouping, MISSING)}),
        "size": frozenset(inside),
    }


def _withheld(
    rows: list[dict[str, Any]],
    tables: dict[tuple[str, ...], dict[tuple[str, str], int]],
    rule: Rule,
    by: dict[str, str],
    derived: dict[tuple[str, str], dict[str, str]],
) -> set[Conditions]:
    """The conditions of a population whose counts are withheld."""
    counted, fixed = {}, set()
    for r in rows:
        keys = _keys(r, by)
        counted[keys["n"]] = r["n"]
        if not r["level"]:
            counted |= {keys["n_missing"]: r["n_missing"], keys["size"]: r["n"] + r["n_missing"]}
            fixed.add(keys["size"])
        if keys["size"]:
            counted[keys["n_ungrouped"]] = r["n_ungrouped"]
    silent = set()
    for (row_term, column_term), cells in tables.items():
        crossed = conditions.crossed(row_term, column_term, cells)
        kept = crosstab.withheld_cells(cells, rule)
        silent |= {conditions.cell(row_term, column_term, *key) for key in kept}
        counted |= crossed
        fixed |= set(crossed)
    missing = [key for key in counted if any(level == MISSING for _, level in key)]
    lines = conditions.lines(counted, derived)
    return withheld(counted, lines, rule, fixed=fixed, silent=silent, open_zeros=missing, exact=True)


def _shown(
    r: dict[str, Any], keys: dict[str, Conditions], hidden: set[Conditions], is_tested: bool, rule: Rule
) -> dict[str, Any]:
    def count(name: str) -> int | None:
        # a count that is 0 and not withheld is one of missing values
        return None if keys[name] in hidden else r[name] and rounded(r[name], rule)

    safe = {**r, "n": count("n"), "n_ungrouped": count("n_ungrouped")}
    if r["level"]:
        return safe
    safe["n_missing"] = count("n_missing")
    if r["n"] <= rule.threshold:
        safe |= dict.fromkeys(QUARTILES)
    if is_tested:
        return safe | {"p_value": cut_p(r["p_value"]), "std_difference": cut(r["std_difference"], 2)}
    return safe | {"p_value": None, "p_method": "", "std_difference": None}
