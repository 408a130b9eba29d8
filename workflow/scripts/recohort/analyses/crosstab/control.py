"""Cross-tables of two variables: their cells, with every margin taken as known, and what rests on them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from recohort.disclosure.estimate_row import COUNTS, suppressed
from recohort.disclosure.rule import Rule, rounded
from recohort.disclosure.secondary_suppression import withheld

TABLE = ("analysis", "population", "row_term", "column_term")


def counts(rows: list[dict[str, Any]], rule: Rule | None) -> list[dict[str, Any]]:
    """
    The cells of cross-tables as they may be shown.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.estimates.CELLS; a missing value is the level "".
    rule : Rule or None

    Returns
    -------
    list of dict
        The cells of those whose values are both known, n rounded, None where it is withheld: together with
        other tables, how many of a level lack the other value would give cells away.
    """
    if rule is None:
        return rows
    hidden = {key: withheld_cells(cells, rule) for key, cells in tables(rows).items()}
    shown = []
    for r in rows:
        if r["row_level"] and r["column_level"]:
            is_hidden = (r["row_level"], r["column_level"]) in hidden[_table(r)]
            shown.append({**r, "n": None if is_hidden else rounded(r["n"], rule)})
    return shown


def _table(r: dict[str, Any]) -> tuple[str, ...]:
    return tuple(r[name] for name in TABLE)


def tables(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, ...], dict[tuple[str, str], int]]:
    """
    The cross-tables of rows, of those whose values are both known.

    Returns
    -------
    dict of (analysis, population, row term, column term) to dict of (row level, column level) to int
    """
    found: dict[tuple[str, ...], dict[tuple[str, str], int]] = defaultdict(dict)
    for r in rows:
        if r["row_level"] and r["column_level"]:
            found[_table(r)][r["row_level"], r["column_level"]] = r["n"]
    return found


def withheld_cells(cells: dict[tuple[str, str], int], rule: Rule) -> set[tuple[str, ...]]:
    """
    The cells of one cross-table that are withheld.

    Parameters
    ----------
    cells : dict of (row level, column level) to int
        Every pair of levels.
    rule : Rule

    Returns
    -------
    set of (row level, column level)
        The small ones, and those that would give one away with the margins, which other tables show.
    """
    counted: dict[tuple[str, ...], int] = {("cell", *key): n for key, n in cells.items()}
    lines: list[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = []
    for place, side in enumerate(("row", "column")):
        levels = dict.fromkeys(key[place] for key in cells)
        parts = {level: tuple(("cell", *key) for key in cells if key[place] == level) for level in levels}
        counted |= {(side, level): sum(counted[part] for part in parts[level]) for level in levels}
        lines += [((side, level), parts[level]) for level in levels]
        lines.append((("all",), tuple((side, level) for level in levels)))
    counted["all",] = sum(cells.values())
    margins = [key for key in counted if key[0] != "cell"]
    return {key[1:] for key in withheld(counted, lines, rule, fixed=margins) if key[0] == "cell"}


def without_table(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of estimates whose cross-table is not there: suppressed, without any count."""
    return [suppressed(r, dict.fromkeys(COUNTS)) for r in rows]


def counted_level(r: dict[str, Any]) -> str:
    """The level of its outcome that an estimate counts."""
    level: str = r["outcome"].partition("=")[2]
    return level


def group(
    cells: dict[tuple[str, str], int], hidden: set[tuple[str, ...]], level: str, event: str, rule: Rule
) -> dict[str, Any]:
    """A row of a cross-table: how many are known, and how many of these have the level that is counted."""
    of_level = {key: n for key, n in cells.items() if key[0] == level}
    is_small = bool(hidden & set(of_level))
    events = None if is_small else rounded(of_level[level, event], rule)
    return {"n": rounded(sum(of_level.values()), rule), "events": events, "is_small": is_small}


def share(r: dict[str, Any], counts: dict[str, Any], confidence: float | None) -> dict[str, Any]:
    """A proportion of rounded counts with its interval of the same kind."""
    from recohort.statistics.proportions import proportion

    shares = {"estimate": counts["events_level"] / counts["n_level"], "ci_low": None, "ci_high": None}
    if confidence is not None:
        method = r["ci_method"].lower()
        found = proportion(counts["events_level"], counts["n_level"], method, confidence)
        shares |= {"ci_low": found.ci_low, "ci_high": found.ci_high}
    return {**r, **counts, "std_error": None, **shares}
