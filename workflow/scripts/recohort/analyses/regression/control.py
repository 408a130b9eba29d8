"""Regressions and curves: counts by level, and what rests on them."""

from collections import defaultdict

from recohort.analyses.curves import control as steps
from recohort.disclosure.estimate_row import kept, suppressed
from recohort.disclosure.rule import cut, rounded
from recohort.disclosure.secondary_suppression import withheld

RATIOS = ("OR", "HR")
BEYOND = "beyond the curve that may be shown"
FEW_EVENTS = "too few events for a curve that may be shown"
KEYS = {"n": ("n",), "events": ("events",), "n_missing": ("missing",)}


def regression(rows, rule):
    """The rows of one model: recohort.analyses.estimates.COLUMNS in and out."""
    hidden = _by_term(rows, rule)
    small = any(key[0] != "missing" for of_term in hidden.values() for key in of_term)
    # a model without a maximum says of its small cells that one of them is 0
    separated = small and any(r["status"] != "ok" for r in rows)
    safe = []
    for r in rows:
        of_term = hidden[r["term"]]
        counts = _counts(r, of_term, rule)
        if r["measure"] in RATIOS and r["level"] and r["level"] == r["reference"]:
            safe.append(kept(r, counts))
        elif separated or _rests_on(r, of_term) & of_term:
            safe.append(suppressed(r, counts))
        else:
            safe.append(kept(r, counts))
    return safe


def curves(rows, rule, shown):
    """
    The rows of the curves of one analysis and population.

    Parameters
    ----------
    rows : list of dict
        recohort.analyses.estimates.COLUMNS.
    rule : Rule
    shown : dict of level to list of dict
        The rows of each curve that may be shown.

    Returns
    -------
    list of dict
    """
    (hidden,) = _by_term(rows, rule).values()
    few = any(key[0] in ("n", "events") for key in hidden)
    return [_of_curve(r, _counts(r, hidden, rule), few, shown.get(r["level"], [])) for r in rows]


def _of_curve(r, counts, few, curve):
    if r["measure"] == "logrank":
        return suppressed(r, counts) if few or r["status"] != "ok" else kept(r, counts)
    if not curve:
        return suppressed(r, counts, FEW_EVENTS)
    if r["measure"] == "median":
        limits = {"estimate": "survival", "ci_low": "ci_low", "ci_high": "ci_high"}
        found = {name: steps.when_half(curve, of) for name, of in limits.items()}
        return {**r, **counts, **found, "note": "" if found["estimate"] is not None else "not reached"}
    time = r["at"]
    if time > curve[-1]["time"]:
        return suppressed(r, counts, BEYOND)
    survival = steps.at(curve, time)
    found = {"estimate": survival.pop("survival"), **survival}
    return {**r, **counts, **{name: cut(value, 2) for name, value in found.items()}}


def _by_term(rows, rule):
    """Withheld counts of each term of a model."""
    of_term = defaultdict(list)
    for r in rows:
        of_term[r["term"]].append(r)
    return {term: _withheld(of_term, rule) for term, of_term in of_term.items()}


def _withheld(rows, rule):
    """Of ("n",), ("events",), those without event ("rest",), ("missing",), and the first three by level."""
    first = rows[0]
    counted = _split((), first["n"], first["events"])
    by_level = {r["level"]: (r["n_level"], r["events_level"]) for r in rows if r["level"]}
    lines = [(("n",), (("events",), ("rest",)))]
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
    missing = [("missing",)] if ("missing",) in counted else []
    return withheld(counted, lines, rule, fixed=fixed, silent=silent, open_zeros=missing)


def _split(level, n, events):
    return {("n", *level): n, ("events", *level): events, ("rest", *level): n - events}


def _rests_on(r, hidden):
    """The counts of a row's level and its reference, of all levels, or of the whole model."""
    if r["measure"] == "global":
        return hidden - {KEYS["n_missing"]}
    levels = [(level,) for level in (r["level"], r["reference"]) if level] or [()]
    return {(key, *level) for key in ("n", "events", "rest") for level in levels}


def _counts(r, hidden, rule):
    level = (r["level"],) if r["level"] else ()
    keys = {**KEYS, "n_level": ("n", *level), "events_level": ("events", *level)}
    # a count that is 0 and not withheld is one of missing values
    return {name: None if key in hidden else r[name] and rounded(r[name], rule) for name, key in keys.items()}
