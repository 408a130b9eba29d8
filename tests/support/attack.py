"""
An attacker who wants the withheld counts of a released study back. Shares nothing with recohort.disclosure.

Every count is the size of a set of patients. What a release shows is a bound on it: a rounded count, a
withheld one. Sets that add up are lines, and few tables give a proportion or an odds ratio and its standard
error. Integer programming then says which values each withheld count can still have.

The attacker may be told more than a release says: which withheld counts are small.
"""

import itertools
import re

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from support.released import MISSING, Plan, is_set, read, rows, words

FEWEST_VALUES = 3
# The attacker whom all files of a release together withstand; the goal is one who is told, and three values.
HOLDS = {"fewest": 2, "is_told": False}
# more than any count here
MANY = 10**6
# objectives in random directions show most counts to be free before any is attacked by itself
DIRECTIONS = 12
PRINTED = re.compile(r"\bn = ([\d,]+)|(?<![\d.])([\d,]+)/([\d,]+)(?![\d.])|(?<![\d.,])([\d,]+) \(\d+\.\d\)")


def leaks(released, exact, protocol, threshold=7, rounding=5, fewest=FEWEST_VALUES, is_told=True):
    """
    The small counts of a study that a release gives away.

    Parameters
    ----------
    released, exact : Path
        The study's folder in a release and in the results.
    protocol : Path
    threshold, rounding : int
        Of the release.
    fewest : int
        A withheld count with fewer possible values is a leak.
    is_told : bool
        Whether the attacker knows which withheld counts are small, and which are withheld for their sake.

    Returns
    -------
    list of str
        A line each: the set of patients, and the values that are left.

    Raises
    ------
    AssertionError
        If the bounds exclude the true counts: the release says something untrue, or the attack is wrong.
    """
    plan = Plan(protocol)
    shown, truth = read(released, plan), read(exact, plan).counts
    truth = {key: n for key, n in truth.items() if n is not None}
    bounds = {
        key: _bounds(n, truth[key] if is_told else None, threshold, rounding)
        for key, n in shown.counts.items()
        if key in truth
    }
    lines = [*shown.lines, *_partitions([*bounds, *_mentioned(shown)], plan)]
    for key in {key for total, parts in lines for key in (total, *parts)}:
        bounds.setdefault(key, (0, MANY))
    said = {key: n for key, n in shown.counts.items() if n is not None}
    for _ in range(2):
        _narrow(bounds, lines)
        for function, keys, value in shown.ratios:
            _solve(function, keys, value, bounds, said)
    _narrow(bounds, lines)
    for key, n in truth.items():
        low, high = bounds.get(key, (n, n))
        assert low <= n <= high, f"{words(key)} is {n}, and not {low} to {high}"
    small = {key for key, n in truth.items() if n <= threshold}
    # that nothing is missing may be said
    open_ = [key for key in small if shown.counts.get(key) and shown.counts[key] <= threshold]
    secret = [key for key, n in shown.counts.items() if n is None and key in small]
    return [f"{words(key)}: is shown" for key in open_] + [
        f"{words(key)}: {low} to {high}, in truth {truth[key]}"
        for key, (low, high) in _possible(secret, bounds, lines, shown.nested, fewest).items()
        if high - low + 1 < fewest
    ]


def steps(released, threshold=7, rounding=5):
    """
    Steps of survival curves that tell of few deaths.

    A drop of survival times the number at risk before it is the most deaths that it can stand for: later ones
    are among fewer.

    Parameters
    ----------
    released : Path
        The study's folder in a release.
    threshold, rounding : int

    Returns
    -------
    list of str
        A line each, as for a number of events or at risk up to the threshold.
    """
    found, before = [], None
    for r in rows(released / "survival" / "curves.csv"):
        place = f"{r['analysis']} {r['population']} {r['level']} at {r['time']}"
        at_risk, events = float(r["at_risk"] or 0), float(r["events"] or 0)
        survival, digits = float(r["survival"]), len(r["survival"].partition(".")[2])
        if 0 < at_risk <= threshold or 0 < events <= threshold:
            found.append(f"{place}: {at_risk:g} at risk, {events:g} events")
        slack = 0.5 * 10.0**-digits if digits < 12 else 0
        if before is None or before[0] != place.rpartition(" at ")[0]:
            before = place.rpartition(" at ")[0], at_risk, 1.0
        elif before[1] < at_risk:
            # some come under observation late
            before = before[0], at_risk, before[2]
        # rounded, and not shown where it moves by no more than the threshold
        most_at_risk = before[1] + rounding // 2 + threshold
        most = (1 - (survival - slack) / (before[2] + slack)) * most_at_risk
        if events and most < threshold + 1:
            found.append(f"{place}: at most {most:.1f} deaths")
        if events:
            before = before[0], at_risk - events, survival
    return found


def printed(text, threshold=7, rounding=5):
    """
    Counts in a text that are small or not rounded: `n = 12`, `12/34` and `12 (35.3)`, as tables and figures
    print them.
    """
    found = [n for groups in PRINTED.findall(re.sub(r"<[^>]*>", " ", text)) for n in groups if n]
    counts = [int(n.replace(",", "")) for n in found]
    return sorted({n for n in counts if n and (n <= threshold or n % rounding)})


def _bounds(shown, true, threshold, rounding):
    """What is known of a count as shown; of a withheld one whether it is small, unless `true` is None."""
    if shown is None and true is None:
        return 0, MANY
    if shown is None:
        return (0, threshold) if true <= threshold else (threshold + 1, MANY)
    if shown <= threshold:
        # that nothing is missing is said, and other small counts by a careless release
        return shown, shown
    low = shown - rounding // 2
    return max(low, threshold + 1), low + rounding - 1


def _mentioned(shown):
    """Every key of a ratio, a line or a pair."""
    groups = [keys for _, keys, _ in shown.ratios] + [(total, *parts) for total, parts in shown.lines]
    return list(itertools.chain(*groups, *shown.nested))


def _partitions(keys, plan):
    """The lines by which sets of patients add up: over the levels of each variable, and those missing."""
    lines, seen, queue = {}, set(), [key for key in keys if is_set(key)]
    while queue:
        key = queue.pop()
        if key in seen:
            continue
        seen.add(key)
        population, conditions = key
        for name, levels in conditions:
            rest = conditions - {(name, levels)}
            atoms = {
                level: (population, rest | {(name, frozenset({level}))})
                for level in (*plan.levels[name], MISSING)
            }
            parent = (population, rest)
            lines[parent, name] = (parent, list(atoms.values()))
            if len(levels) != 1:
                lines[key, name] = (key, [atoms[level] for level in sorted(levels)])
            queue += [parent, *atoms.values()]
    return list(lines.values())


def _narrow(bounds, lines):
    """Bounds after each line has been used until nothing moves."""
    moved = True
    while moved:
        moved = False
        for total, parts in lines:
            lows, highs = ([bounds[part][end] for part in parts] for end in (0, 1))
            low, high = sum(lows), sum(highs)
            new = {total: (max(bounds[total][0], low), min(bounds[total][1], high))}
            for part in parts:
                new[part] = (
                    max(bounds[part][0], bounds[total][0] - high + bounds[part][1]),
                    min(bounds[part][1], bounds[total][1] - low + bounds[part][0]),
                )
            for key, found in new.items():
                assert found[0] <= found[1], f"the release contradicts itself about {words(key)}: {found}"
                if found != bounds[key]:
                    bounds[key], moved = found, True


def _solve(function, keys, value, bounds, said):
    """Bounds of counts from a number that is a function of them: all counts within bounds are tried."""
    if value in ("", None) or any(bounds[key][1] >= MANY for key in keys):
        return
    ranges = [np.arange(bounds[key][0], bounds[key][1] + 1) for key in keys]
    if np.prod([float(len(values)) for values in ranges]) > 5e6:
        return
    # half a unit of the last digit
    digits = len(value.partition("e")[0].partition(".")[2])
    tolerance = 0.5 * 10.0**-digits if digits < 12 else 1e-9 * abs(float(value))
    with np.errstate(all="ignore"):
        if all(key in said for key in keys):
            of_rounded = function(*(np.float64(said[key]) for key in keys))
            if abs(of_rounded - float(value)) <= tolerance:
                # computed from the rounded counts: it says nothing else
                return
        grid = np.meshgrid(*ranges, indexing="ij")
        fits = abs(function(*grid) - float(value)) <= tolerance * (1 + 1e-6)
    if fits.any():
        for key, values in zip(keys, grid, strict=True):
            bounds[key] = int(values[fits].min()), int(values[fits].max())


def _possible(secret, bounds, lines, nested, fewest):
    """The least and the greatest value of each secret, over all tables of whole numbers that fit."""
    place = {key: i for i, key in enumerate(bounds)}
    sums = [(total, parts, 0) for total, parts in lines]
    sums += [(inner, [outer], -np.inf) for inner, outer in nested]
    rows, columns, values = [], [], []
    for i, (total, parts, _) in enumerate(sums):
        rows += [i] * (1 + len(parts))
        columns += [place[total], *(place[part] for part in parts)]
        values += [1, *[-1] * len(parts)]
    matrix = csr_array((values, (rows, columns)), shape=(len(sums), len(place)))
    constraint = LinearConstraint(matrix, [low for *_, low in sums], np.zeros(len(sums)))
    limits = Bounds(*map(list, zip(*bounds.values(), strict=True)))
    where = np.array([place[key] for key in secret], dtype=int)
    least, most = np.full(len(secret), np.inf), np.full(len(secret), -np.inf)

    def solve(objective):
        found = milp(objective, constraints=constraint, bounds=limits, integrality=np.ones(len(place)))
        assert found.status == 0, found.message
        seen = np.round(found.x[where])
        np.minimum(least, seen, out=least)
        np.maximum(most, seen, out=most)

    random = np.random.default_rng(1)
    if secret:
        for _ in range(DIRECTIONS):
            objective = np.zeros(len(place))
            objective[where] = random.normal(size=len(where))
            solve(objective)
    for i in range(len(secret)):
        for sign in (1, -1):
            if most[i] - least[i] + 1 < fewest:
                objective = np.zeros(len(place))
                objective[where[i]] = sign
                solve(objective)
    return {key: (int(least[i]), int(most[i])) for i, key in enumerate(secret)}
