"""Fisher tests, proportions, agreement and strategies: what rests on the cells of a cross-table."""

from recohort.analyses.crosstab.control import withheld_cells
from recohort.disclosure.estimate_row import kept, rounded_counts, suppressed
from recohort.disclosure.rule import rounded

# The cells that a measure is a share of, by whether the test and the reference are positive.
SQUARE = [(True, True), (True, False), (False, True), (False, False)]
SHARES = {
    "sensitivity": [(True, True), (False, True)],
    "specificity": [(False, False), (True, False)],
    "PPV": [(True, True), (True, False)],
    "NPV": [(False, False), (False, True)],
    "accuracy": SQUARE,
}
# How the measures of strategies end that are not of all specimens.
PER_1000 = " per 1,000"


def fisher(rows, rule, cells, confidence):
    """Odds ratios of two groups; n and events are sums over the groups as shown, so that they add up."""
    hidden, safe = withheld_cells(cells, rule), []
    for r in rows:
        groups = [_group(cells, hidden, level, _counted(r), rule) for level in (r["level"], r["reference"])]
        n, events = (_sum(group[name] for group in groups) for name in ("n", "events"))
        of_level = {"n_level": groups[0]["n"], "events_level": groups[0]["events"]}
        counts = {**rounded_counts(r, rule), **of_level, "n": n, "events": events}
        write = suppressed if any(group["is_small"] for group in groups) else kept
        safe.append(write(r, counts))
    return safe


def proportions(rows, rule, cells, confidence):
    """Proportions by level, from rounded counts, and odds ratios of pairs of levels."""
    hidden, safe = withheld_cells(cells, rule), []
    for r in rows:
        levels = [level for level in (r["level"], r["reference"]) if level]
        groups = [_group(cells, hidden, level, _counted(r), rule) for level in levels]
        of_level = {"n_level": groups[0]["n"], "events_level": groups[0]["events"]}
        counts = {**rounded_counts(r, rule), **of_level}
        if any(group["is_small"] for group in groups):
            safe.append(suppressed(r, counts))
        else:
            safe.append(_share(r, counts, confidence) if r["measure"] == "proportion" else kept(r, counts))
    return safe


def agreement(rows, rule, cells, confidence):
    """Sensitivity and its like from rounded counts; kappa and McNemar's test, if all four cells are shown."""
    hidden, safe = withheld_cells(cells, rule), []
    positive, true = rows[0]["level"], _counted(rows[0])
    small = {(row == positive, column == true) for row, column in hidden}
    for r in rows:
        counts = rounded_counts(r, rule)
        if small & set(SHARES.get(r["measure"], SQUARE)):
            # sums of a withheld cell are lines that the table itself does not have
            safe.append(suppressed(r, {**counts, "n_level": None, "events_level": None}))
        else:
            safe.append(_share(r, counts, confidence) if r["measure"] in SHARES else kept(r, counts))
    return safe


def strategies(rows, rule, cells, confidence):
    """Counts of tests and errors, rounded, and per 1,000 from these, if all cells are shown."""
    is_hidden = bool(withheld_cells(cells, rule))
    safe = []
    for r in rows:
        counts = rounded_counts(r, rule)
        found = None if is_hidden else _of_strategy(r, counts["n"], rule)
        safe.append(suppressed(r, counts) if found is None else {**r, **counts, "estimate": found})
    return safe


def _of_strategy(r, n, rule):
    """A count, or that count of n specimens as shown per 1,000: per 1,000 by itself would tell it exactly."""
    if not r["measure"].endswith(PER_1000):
        return rounded(round(r["estimate"]), rule)
    count = rounded(round(r["estimate"] * r["n"] / 1000), rule)
    return None if count is None else 1000 * count / n


def _counted(r):
    return r["outcome"].partition("=")[2]


def _group(cells, hidden, level, counted, rule):
    """A row of a cross-table: how many are known, and how many of these have the level that is counted."""
    of_level = {key: n for key, n in cells.items() if key[0] == level}
    is_small = bool(hidden & set(of_level))
    events = None if is_small else rounded(of_level[level, counted], rule)
    return {"n": rounded(sum(of_level.values()), rule), "events": events, "is_small": is_small}


def _sum(values):
    values = list(values)
    return None if None in values else sum(values)


def _share(r, counts, confidence):
    """A proportion of rounded counts with its interval of the same kind."""
    from recohort.statistics.proportions import proportion

    share = {"estimate": counts["events_level"] / counts["n_level"], "ci_low": None, "ci_high": None}
    if confidence is not None:
        method = r["ci_method"].lower()
        found = proportion(counts["events_level"], counts["n_level"], method, confidence)
        share |= {"ci_low": found.ci_low, "ci_high": found.ci_high}
    return {**r, **counts, "std_error": None, **share}
