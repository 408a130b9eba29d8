"""Counts of those at risk and of events, by the level of a term: which are withheld."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from recohort.disclosure.estimate_row import left_out
from recohort.disclosure.rule import Rule, rounded
from recohort.disclosure.secondary_suppression import withheld

# A row of the estimates; what a count counts, and of which level.
Row = Mapping[str, Any]
Key = tuple[str, ...]
KEYS: dict[str, Key] = {"n": ("n",), "events": ("events",), "n_missing": ("missing",)}


def by_term(rows: Sequence[Row], rule: Rule) -> dict[str, set[Key]]:
    """
    Which counts of each term of a model are withheld.

    Parameters
    ----------
    rows : list of dict
        The estimates of a model, or of curves by one variable.
    rule : Rule

    Returns
    -------
    dict of term to set of key
        Keys are ("n",), ("events",), ("rest",) for those without event and ("missing",), and the first three
        with a level.
    """
    of_term: dict[str, list[Row]] = defaultdict(list)
    for r in rows:
        of_term[r["term"]].append(r)
    return {term: _withheld(of_term, rule) for term, of_term in of_term.items()}


def _withheld(rows: Sequence[Row], rule: Rule) -> set[Key]:
    """Of ("n",), ("events",), those without event ("rest",), ("missing",), and the first three by level."""
    first = rows[0]
    counted = _split((), first["n"], first["events"])
    by_level = {r["level"]: (r["n_level"], r["events_level"]) for r in rows if r["level"]}
    lines: list[tuple[Key, tuple[Key, ...]]] = [(("n",), (("events",), ("rest",)))]
    for level, (n, events) in by_level.items():
        if n is not None:
            counted |= _split((level,), n, events)
            lines.append((("n", level), (("events", level), ("rest", level))))
    if by_level:
        levels = [level for level in by_level if ("n", level) in counted]
        lines += [((key,), tuple((key, level) for level in levels)) for key in ("n", "events", "rest")]
    if first["n_missing"] is not None:
        counted["missing",] = first["n_missing"]
        if first["model"] != "multivariable":
            counted["all",] = first["n"] + first["n_missing"]
            lines.append((("all",), (("n",), ("missing",))))
    silent = [key for key in counted if key[0] == "rest"]
    fixed = [key for key in counted if len(key) == 1]
    missing: list[Key] = [("missing",)] if ("missing",) in counted else []
    return withheld(counted, lines, rule, fixed=fixed, silent=silent, open_zeros=missing)


def _split(level: Key, n: int, events: int) -> dict[Key, int]:
    return {("n", *level): n, ("events", *level): events, ("rest", *level): n - events}


def shown_counts(r: Row, hidden: set[Key], rule: Rule | None) -> dict[str, int | None]:
    """The counts of a row as they may be shown, by the withheld ones of its term."""
    level: Key = (r["level"],) if r["level"] else ()
    keys = {**KEYS, "n_level": ("n", *level), "events_level": ("events", *level)}
    # a count that is 0 and not withheld is one of missing values
    shown = {
        name: None if key in hidden else r[name] and rounded(r[name], rule) for name, key in keys.items()
    }
    return {**shown, **left_out(r, rule)}
