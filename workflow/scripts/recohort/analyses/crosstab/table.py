"""Fisher tests, proportions, agreement of two tests and testing strategies."""

from recohort import disclosure
from recohort.analyses.crosstab.control_kinds import PER_1000
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import NOTHING, Column, Notes, Table, row

SHARES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "PPV": "Positive predictive value",
    "NPV": "Negative predictive value",
    "accuracy": "Accuracy",
}


def fisher(protocol, analysis, results):
    """One table per population: each outcome in both groups, odds ratio and p of Fisher's exact test."""
    return [_fisher(protocol, analysis, results, population) for population in analysis.populations]


def _fisher(protocol, analysis, results, population):
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    rows = results.of(population)
    level, reference = words.level(by, rows[0]["level"]), words.level(by, rows[0]["reference"])
    columns = (
        Column("", is_number=False),
        Column(f"{level}, n/N (%)", by.label),
        Column(f"{reference}, n/N (%)", by.label),
        Column(f"OR ({words.interval(results.confidence)})"),
        Column("p"),
    )
    body = []
    for r in rows:
        others = [_rest(r[whole], r[part]) for whole, part in (("events", "events_level"), ("n", "n_level"))]
        shares = _share(r["events_level"], r["n_level"], protocol), _share(*others, protocol)
        label = words.outcome(protocol.codebook, r["outcome"])
        body.append(row("plain", label, *shares, _ratio(r, notes), _p(r)))
    notes.add(
        f"N, those with a known value. OR, odds ratio of {level} against {reference} (conditional maximum "
        "likelihood); CI, exact confidence interval; p, Fisher's exact test."
    )
    return _table(protocol, analysis, population, columns, body, notes)


def proportions(protocol, analysis, results):
    """Per population a table of the proportion at each level and, if asked for, one of the pairs."""
    tables = []
    for population in analysis.populations:
        tables.append(_proportions(protocol, analysis, results, population))
        if analysis.options.get("pairwise"):
            tables.append(_pairs(protocol, analysis, results, population))
    return tables


def _proportions(protocol, analysis, results, population):
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    rows = [r for r in results.of(population) if r["measure"] == "proportion"]
    found = {(r["level"], r["ci_method"]): r for r in rows}
    methods = list(dict.fromkeys(r["ci_method"] for r in rows))
    outcome = words.outcome(protocol.codebook, rows[0]["outcome"])
    ci = words.interval(results.confidence)
    columns = (
        Column(by.label, is_number=False),
        Column(f"{outcome}, n/N (%)"),
        *(Column(f"{ci}, % ({method})") for method in methods),
    )
    body = []
    for level in by.levels:
        of_level = [found[level, method] for method in methods]
        share = _share(of_level[0]["events_level"], of_level[0]["n_level"], protocol)
        intervals = [_percent_interval(r, notes) for r in of_level]
        body.append(row("plain", words.level(by, level), share, *intervals))
    notes.add("N, those with a known value; CI, confidence interval; Clopper-Pearson is exact.")
    return _table(protocol, analysis, population, columns, body, notes)


def _pairs(protocol, analysis, results, population):
    notes = Notes()
    by = protocol.codebook[analysis.options["by"]]
    rows = [r for r in results.of(population) if r["measure"] == "OR"]
    adjusted = {(r["level"], r["reference"]): r for r in rows if r["model"] == "pairwise, Holm"}
    columns = (
        Column(by.label, is_number=False),
        Column(f"OR ({words.interval(results.confidence)})"),
        Column("p"),
        Column("p (Holm)"),
        Column("Test", is_number=False),
    )
    body = []
    for r in rows:
        if r["model"] == "pairwise":
            pair = f"{words.level(by, r['level'])} against {words.level(by, r['reference'])}"
            holm = _p(adjusted[r["level"], r["reference"]])
            body.append(row("plain", pair, _ratio(r, notes), _p(r), holm, r["p_method"]))
    notes.add(
        "OR, sample odds ratio; CI, confidence interval (Woolf). p, the test of its row; p (Holm), adjusted "
        f"for the number of comparisons in the table ({len(body)})."
    )
    return _table(protocol, analysis, population, columns, body, notes, "pairs")


def accuracy(protocol, analysis, results):
    """Per population the cross-table of test and reference, and the measures of how they agree."""
    tables = []
    for population in analysis.populations:
        tables.append(_cross_table(protocol, analysis, results, population))
        tables.append(_measures(protocol, analysis, results, population))
    return tables


def _cross_table(protocol, analysis, results, population):
    test, reference = (
        protocol.codebook[next(iter(analysis.options[role]))] for role in ("test", "reference")
    )
    cells = {
        (c["row_level"], c["column_level"]): c["n"] for c in results.counts if c["population"] == population
    }
    across = _levels(reference, {column for _, column in cells})
    columns = (
        Column(test.label, is_number=False),
        *(Column(_level(reference, level), reference.label) for level in across),
        Column("Total"),
    )
    lines = {
        _level(test, level): [cells.get((level, other), 0) for other in across]
        for level in _levels(test, {line for line, _ in cells})
    }
    lines["Total"] = [_sum(column) for column in zip(*lines.values(), strict=True)]
    body = [
        row("plain", label, *(words.count(n, protocol) for n in [*counts, _sum(counts)]))
        for label, counts in lines.items()
    ]
    notes = Notes()
    if protocol.rule:
        notes.add("Totals are sums of the counts shown.")
    return _table(protocol, analysis, population, columns, body, notes, "counts")


def _sum(counts):
    """None if one of them is withheld."""
    return None if None in counts else sum(counts)


def _rest(whole, part):
    return None if whole is None or part is None else whole - part


def _levels(variable, found):
    """The levels in the codebook's order and, last, those whose value is missing, if there are any."""
    return [level for level in (*variable.levels, "") if level in found]


def _level(variable, level):
    return words.level(variable, level) if level else "Missing"


def _measures(protocol, analysis, results, population):
    notes = Notes()
    rows = results.of(population)
    columns = (
        Column("", is_number=False),
        Column("n/N"),
        Column(f"Estimate ({words.interval(results.confidence)})"),
        Column("p"),
    )
    body = [_measure(r, notes, protocol) for r in rows]
    test, reference = (
        words.outcome(protocol.codebook, _outcome(analysis, role)) for role in ("test", "reference")
    )
    notes.add(
        f"Positive: {test}, against {reference}. The first five in percent with exact (Clopper-Pearson) "
        "confidence intervals (CI), kappa as it is. The predictive values hold at the prevalence of this "
        "table only."
    )
    if (left_out := rows[0]["n_missing"]) != 0:
        notes.add(f"{words.count(left_out, protocol)} {protocol.unit} are not evaluable by both tests.")
    return _table(protocol, analysis, population, columns, body, notes)


def _outcome(analysis, role):
    name, level = next(iter(analysis.options[role].items()))
    return f"{name}={level}"


def _measure(r, notes, protocol):
    if r["measure"] in SHARES:
        n = f"{words.count(r['events_level'], protocol)}/{words.count(r['n_level'], protocol)}"
        if words.is_refused(r):
            return row("plain", SHARES[r["measure"]], n, words.refused(r, notes), "")
        estimate = formats.estimate_interval(*(100 * x for x in words.numbers(r)), 1)
        return row("plain", SHARES[r["measure"]], n, estimate, "")
    if r["measure"] == "kappa":
        return row("plain", "Cohen's kappa", "", _ratio(r, notes), _p(r))
    p = words.refused(r, notes) if r["status"] == disclosure.SUPPRESSED else _p(r)
    return row("plain", "McNemar's exact test", "", "", p)


def strategies(protocol, analysis, results):
    """One table per population: what each strategy needs, finds and misses, in numbers and per 1,000."""
    return [_strategies(protocol, analysis, results, population) for population in analysis.populations]


def _strategies(protocol, analysis, results, population):
    rows = results.of(population)
    found = {(r["level"], r["measure"]): r["estimate"] for r in rows}
    measures = list(dict.fromkeys(r["measure"].removesuffix(PER_1000) for r in rows))
    of_all = f"Of {words.count(rows[0]['n'], protocol)} {protocol.unit}"
    columns = (
        Column("Strategy", is_number=False),
        *(Column(words.capital(measure), of_all) for measure in measures),
        *(Column(words.capital(measure), f"Per 1,000 {protocol.unit}") for measure in measures),
    )
    body = [
        row(
            "plain",
            strategy,
            *(words.count(found[strategy, measure], protocol) for measure in measures),
            *(formats.half_up(found[strategy, measure + PER_1000], 1) or NOTHING for measure in measures),
        )
        for strategy in dict.fromkeys(r["level"] for r in rows)
    ]
    notes = Notes()
    chosen = {name: analysis.options.get(f"ngs_{name}", 1) for name in ("sensitivity", "specificity")}
    notes.add(
        f"Truth: {words.outcome(protocol.codebook, rows[0]['outcome'])}. Sequencing is taken to have a "
        f"sensitivity of {chosen['sensitivity']:g} and a specificity of {chosen['specificity']:g}."
    )
    return _table(protocol, analysis, population, columns, body, notes)


def _table(protocol, analysis, population, columns, body, notes, part=""):
    title = words.title(protocol, analysis, population)
    return Table(
        name=words.file_name(analysis, population, part),
        analysis=analysis.name,
        title=f"{title} ({part})" if part else title,
        columns=tuple(columns),
        rows=tuple(body),
        footnotes=notes.footnotes(),
        data=words.data_line(protocol),
    )


def _share(part, whole, protocol):
    percent = f" ({formats.percent(part, whole)})" if whole and part is not None else ""
    return f"{words.count(part, protocol)}/{words.count(whole, protocol)}{percent}"


def _ratio(r, notes):
    if r["estimate"] is None:
        return words.refused({**r, "note": r["note"] or "a cell of the table is 0"}, notes)
    return formats.estimate_interval(*words.numbers(r))


def _percent_interval(r, notes):
    if r["status"] == disclosure.SUPPRESSED:
        return words.refused(r, notes)
    return formats.interval(*(100 * x for x in words.numbers(r)[1:]), 1) or NOTHING


def _p(r):
    return "" if r["p_value"] is None else formats.p_value(r["p_value"])
