"""Fisher tests, rates, agreement of two tests and testing strategies."""

from recohort import formats
from recohort.tables import words
from recohort.tables.model import NOTHING, Cell, Column, Notes, Table, row

# Measures of a test against a reference, in the order of a reader.
ACCURACY = ("sensitivity", "specificity", "PPV", "NPV", "accuracy")
NAMES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "PPV": "Positive predictive value",
    "NPV": "Negative predictive value",
    "accuracy": "Accuracy",
    "kappa": "Cohen's kappa",
    "McNemar": "McNemar's test",
}


def fisher(protocol, analysis, results):
    """One table per population: each outcome in both groups, odds ratio and p of Fisher's exact test."""
    return [_fisher(protocol, analysis, results, population) for population in analysis.populations]


def _fisher(protocol, analysis, results, population):
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    found = {r["outcome"]: r for r in results.of(population)}
    reference = next(iter(found.values()))["reference"]
    groups = [reference, next(level for level in by.levels if level != reference)]
    columns = (
        Column("", is_number=False),
        *(Column(f"{words.level(by, group)}, n/N (%)", by.label) for group in groups),
        Column(f"OR ({words.interval(results.confidence)})"),
        Column("p"),
    )
    body = []
    for name, level in analysis.options["outcomes"].items():
        outcome = f"{name}={level}"
        cells = _cross(results, population, by.name, name)
        shares = [_share(cells, group, level) for group in groups]
        odds = _ratio(found[outcome], notes)
        body.append(
            row("plain", words.outcome(protocol.codebook, outcome), *shares, odds, _p(found[outcome]))
        )
    notes.add(
        f"OR, odds ratio of {words.level(by, groups[1])} against {words.level(by, reference)} (conditional "
        "maximum likelihood); CI, exact confidence interval; p, Fisher's exact test."
    )
    return _table(protocol, analysis, population, "", columns, body, notes)


def rates(protocol, analysis, results):
    """Per population a table of the proportion at each level and, if asked for, one of the pairs."""
    tables = []
    for population in analysis.populations:
        tables.append(_rates(protocol, analysis, results, population))
        if any(r["model"].startswith("pairwise") for r in results.of(population)):
            tables.append(_pairs(protocol, analysis, results, population))
    return tables


def _rates(protocol, analysis, results, population):
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    name, level = next(iter(analysis.options["outcome"].items()))
    rows = [r for r in results.of(population) if r["measure"] == "proportion"]
    found = {(r["level"], r["ci_method"]): r for r in rows}
    methods = list(dict.fromkeys(r["ci_method"] for r in rows if r["ci_method"]))
    ci = words.interval(results.confidence)
    columns = (
        Column(by.label, is_number=False),
        Column(f"{words.outcome(protocol.codebook, f'{name}={level}')}, n/N"),
        Column("%"),
        *(Column(f"{method} {ci}") for method in methods),
    )
    body = []
    for group in by.levels:
        of_group = [found.get((group, method)) for method in methods]
        first = next(filter(None, of_group), None)
        if first is None or not first["n_level"]:
            body.append(row("plain", words.level(by, group), "0/0", *[NOTHING] * (1 + len(methods))))
            continue
        share = f"{formats.count(first['events_level'])}/{formats.count(first['n_level'])}"
        percent = formats.percent(first["events_level"], first["n_level"])
        body.append(
            row("plain", words.level(by, group), share, percent, *[_percent_interval(r) for r in of_group])
        )
    notes.add("CI, confidence interval, in percent.")
    return _table(protocol, analysis, population, "", columns, body, notes)


def _pairs(protocol, analysis, results, population):
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    rows = [r for r in results.of(population) if r["model"].startswith("pairwise")]
    adjusted = {(r["level"], r["reference"]): r for r in rows if r["model"] != "pairwise"}
    columns = (
        Column(by.label, is_number=False),
        Column("p"),
        Column("p (Holm)"),
        Column("Test", is_number=False),
    )
    body = []
    for r in rows:
        if r["model"] == "pairwise":
            pair = f"{words.level(by, r['level'])} against {words.level(by, r['reference'])}"
            holm = adjusted[r["level"], r["reference"]]
            p = words.refused(r, notes) if r["status"] == "not-estimable" else _p(r)
            body.append(row("plain", pair, p, _p(holm), words.sentence(r["p_method"]).rstrip(".")))
    notes.add(f"p (Holm), adjusted for the {len(body)} comparisons of this table.")
    return _table(protocol, analysis, population, "pairs", columns, body, notes, ": pairs")


def accuracy(protocol, analysis, results):
    """Per population the cross-table of test and reference, and the measures of how they agree."""
    return [
        table
        for population in analysis.populations
        for table in (
            _cross_table(protocol, analysis, results, population),
            _measures(protocol, analysis, results, population),
        )
    ]


def _cross_table(protocol, analysis, results, population):
    test = protocol.codebook[next(iter(analysis.options["test"]))]
    reference = protocol.codebook[next(iter(analysis.options["reference"]))]
    cells = _cross(results, population, test.name, reference.name)
    across = _levels(reference, [column for _, column in cells])
    columns = (
        Column(test.label, is_number=False),
        *(Column(_level(reference, level), reference.label) for level in across),
        Column("Total"),
    )
    body = []
    for level in _levels(test, [line for line, _ in cells]):
        n = [cells.get((level, other), 0) for other in across]
        body.append(row("plain", _level(test, level), *map(formats.count, n), formats.count(sum(n))))
    totals = [sum(n for (_, column), n in cells.items() if column == other) for other in across]
    body.append(row("plain", "Total", *map(formats.count, totals), formats.count(sum(totals))))
    return _table(protocol, analysis, population, "counts", columns, body, Notes(), ": counts")


def _levels(variable, found):
    """Levels that occur, in the codebook's order; what is missing comes last."""
    known = [level for level in variable.levels if level in found]
    return known + [level for level in dict.fromkeys(found) if level not in variable.levels]


def _level(variable, level):
    return words.level(variable, level) if level in variable.levels else level or "Missing"


def _measures(protocol, analysis, results, population):
    notes = Notes()
    found = {r["measure"]: r for r in results.of(population)}
    ci = words.interval(results.confidence)
    columns = (Column("", is_number=False), Column("n/N"), Column(f"Estimate ({ci})"), Column("p"))
    body = []
    for measure in [*ACCURACY, "kappa", "McNemar"]:
        if measure in found:
            body.append(_measure(found[measure], measure in ACCURACY, notes))
    methods = dict.fromkeys(
        r["ci_method"] for r in found.values() if r["measure"] in ACCURACY and r["ci_method"]
    )
    notes.add(f"Estimates in percent, kappa as it is; CI, confidence interval ({', '.join(methods)}).")
    return _table(protocol, analysis, population, "", columns, body, notes)


def _measure(found, is_share, notes):
    label = NAMES[found["measure"]]
    if found["status"] == "not-estimable":
        return row("plain", label, "", words.refused(found, notes), "")
    if not is_share:
        estimate = "" if found["estimate"] is None else formats.estimate_interval(*words.numbers(found))
        return row("plain", label, "", estimate, _p(found, notes))
    share = f"{formats.count(found['events_level'])}/{formats.count(found['n_level'])}"
    return row(
        "plain", label, share, formats.estimate_interval(*(100 * x for x in words.numbers(found)), 1), ""
    )


def strategies(protocol, analysis, results):
    """One table per population: what each strategy needs, finds and misses."""
    return [_strategies(protocol, analysis, results, population) for population in analysis.populations]


def _strategies(protocol, analysis, results, population):
    rows = results.of(population)
    notes = Notes()
    measures = list(dict.fromkeys(r["measure"] for r in rows))
    found = {(r["level"], r["measure"]): r for r in rows}
    columns = (
        Column("Strategy", is_number=False),
        *(Column(words.sentence(m).rstrip(".")) for m in measures),
    )
    body = []
    for strategy in dict.fromkeys(r["level"] for r in rows):
        cells = [_number(found.get((strategy, measure)), notes) for measure in measures]
        body.append(row("plain", words.sentence(strategy).rstrip("."), *cells))
    return _table(protocol, analysis, population, "", columns, body, notes)


def _number(found, notes):
    if found is None:
        return NOTHING
    if found["status"] == "not-estimable":
        return words.refused(found, notes)
    whole = found["estimate"] == int(found["estimate"])
    text = formats.count(found["estimate"]) if whole else formats.half_up(found["estimate"], 1)
    return Cell(text, notes.mark(words.sentence(found["note"]))) if found["note"] else text


def _table(protocol, analysis, population, part, columns, body, notes, suffix=""):
    return Table(
        name=words.file_name(analysis, population, part),
        analysis=analysis.name,
        title=f"{words.title(protocol, analysis, population)}{suffix}",
        columns=tuple(columns),
        rows=tuple(body),
        footnotes=notes.footnotes(),
        data=words.data_line(protocol),
    )


def _cross(results, population, row_term, column_term):
    """Counts by (level of the row term, level of the column term)."""
    return {
        (c["row_level"], c["column_level"]): c["n"]
        for c in results.counts
        if (c["population"], c["row_term"], c["column_term"]) == (population, row_term, column_term)
    }


def _share(cells, group, level):
    whole = sum(n for (line, _), n in cells.items() if line == group)
    part = cells.get((group, level), 0)
    return f"{formats.count(part)}/{formats.count(whole)} ({formats.percent(part, whole)})"


def _ratio(found, notes):
    if found["status"] == "not-estimable":
        return words.refused(found, notes)
    return formats.estimate_interval(*words.numbers(found))


def _percent_interval(found):
    return formats.interval(*(100 * x for x in words.numbers(found)[1:]), 1)


def _p(found, notes=None):
    p = formats.p_value(found["p_value"]) if found["p_value"] is not None else ""
    return Cell(p, notes.mark(f"{found['p_method']}.")) if p and notes else p
