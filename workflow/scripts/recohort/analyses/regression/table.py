"""Univariable beside multivariable: the tables of logistic and Cox models."""

from collections.abc import Iterator
from typing import Any

from recohort.analyses.estimates import RATIOS, is_reference
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import NOTHING, Cell, Column, Notes, Results, Row, Table, row, section

MODELS = ("univariable", "multivariable")


def tables(
    protocol: Any, analysis: Any, results: Results, measure: str, events: str, note: str = ""
) -> list[Table]:
    """
    One table per population.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
        Of kind logistic or cox.
    results : Results
    measure : {"OR", "HR"}
    events : str
        What is counted beside n.
    note : str, optional
        How the models were made.

    Returns
    -------
    list of Table
    """
    return [
        _table(
            protocol, analysis, population, results.of(population), results.confidence, measure, events, note
        )
        for population in analysis.populations
    ]


def _table(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    measure: str,
    events: str,
    note: str,
) -> Table:
    notes = Notes()
    models = [model for model in MODELS if any(r["model"] == model for r in rows)]
    outcomes = list(dict.fromkeys(r["outcome"] for r in rows))
    columns = _columns(events, models, f"{measure} ({words.interval(confidence)})")
    body = []
    for outcome in outcomes:
        if len(outcomes) > 1:
            body.append(section(words.outcome(protocol.codebook, outcome), len(columns)))
        for name in analysis.options["terms"]:
            of_term = [r for r in rows if (r["outcome"], r["term"]) == (outcome, name)]
            body += _term(protocol, name, of_term, models, notes)
        body += _who(protocol, analysis, [r for r in rows if r["outcome"] == outcome], len(columns))
    _describe(protocol, analysis, rows, models, outcomes, measure, note, notes)
    return Table(
        name=words.file_name(analysis, population),
        analysis=analysis.name,
        title=f"{words.title(protocol, analysis, population)} ({RATIOS[measure]}s)",
        columns=columns,
        rows=tuple(body),
        footnotes=notes.footnotes(),
        data=words.data_line(protocol),
    )


def _columns(events: str, models: list[str], ratio: str) -> tuple[Column, ...]:
    spanner = {model: model.capitalize() if len(models) > 1 else "" for model in models}
    estimates = [Column(header, spanner[model]) for model in models for header in (ratio, "p")]
    return (Column("", is_number=False), Column("n"), Column(f"{events}, n (%)"), *estimates)


def _term(
    protocol: Any, name: str, rows: list[dict[str, Any]], models: list[str], notes: Notes
) -> Iterator[Row]:
    """The rows of one term: its label, then its levels, then those who lack it."""
    entry = protocol.codebook[name]
    found = {(r["model"], r["level"], r["measure"] == "global"): r for r in rows}
    if entry.is_factor:
        whole = [cell for model in models for cell in ("", _p(found.get((model, "", True)), notes))]
        yield row("group", entry.label, "", "", *whole)
        for level in entry.levels:
            of_level = [found.get((model, level, False)) for model in models]
            if any(of_level):
                yield _line("level", words.level(entry, level), of_level, notes, protocol)
    else:
        of_models = [found.get((model, "", False)) for model in models]
        yield _line("plain", words.term(entry), of_models, notes, protocol)
    if missing := _missing(rows, protocol):
        yield row("level", "Missing", missing, *[""] * (1 + 2 * len(models)))


def _who(protocol: Any, analysis: Any, rows: list[dict[str, Any]], width: int) -> Iterator[Row]:
    """Who is in the multivariable model, and who in none."""
    fitted = next((r for r in rows if r["model"] == "multivariable"), None)
    if fitted is not None:
        counts = words.counts(fitted["events"], fitted["n"], protocol)
        yield row("plain", "In the multivariable model", *counts, *[""] * (width - 3))
        yield from words.left_out_rows(fitted, protocol, "", "a term or stratum of it", width - 2)
    lacked = words.lacked(protocol, analysis, rows[0]["outcome"])
    yield from words.left_out_rows(rows[0], protocol, lacked, "", width - 2)


def _missing(rows: list[dict[str, Any]], protocol: Any) -> str:
    """How many lack a term as printed; "" for none."""
    found = [r["n_missing"] for r in rows]
    if protocol.rule and None in found:
        return words.count(None, protocol)
    most = max((n or 0 for n in found), default=0)
    return formats.count(most) if most else ""


def _line(kind: str, label: str, of_models: list[dict[str, Any] | None], notes: Notes, protocol: Any) -> Row:
    first = next(filter(None, of_models))
    n, events = (
        (first["n_level"], first["events_level"]) if kind == "level" else (first["n"], first["events"])
    )
    cells = [cell for found in of_models for cell in (_estimate(found, notes), _p(found, notes))]
    return row(kind, label, *words.counts(events, n, protocol), *cells)


def _estimate(found: dict[str, Any] | None, notes: Notes) -> Cell | str:
    if found is None:
        return NOTHING
    if words.is_refused(found):
        return words.refused(found, notes)
    if is_reference(found):
        return "1 (reference)"
    text = formats.ratio_interval(*words.numbers(found))
    said = [_other_method(found)] if found["status"] != "ok" else []
    # of a number, whose ratio is for a step
    if not found["level"] and formats.is_far_from_its_step(*words.numbers(found)):
        said.append(words.STEP)
    return Cell(text, notes.mark(" ".join(said))) if said else text


def _other_method(found: dict[str, Any]) -> str:
    name = {"penalised": "Firth's penalised likelihood", "exact": "Exact"}[found["status"]]
    by = f"interval by {found['ci_method']}, p by {found['p_method']} test"
    return f"{name}; {by}. {words.sentence(found['note'])}".strip()


def _p(found: dict[str, Any] | None, notes: Notes) -> Cell | str:
    if found is None or found["p_value"] is None:
        return ""
    if found["measure"] == "global" and found["status"] == "penalised":
        return Cell(formats.p_value(found["p_value"]), notes.mark(_other_method(found)))
    return formats.p_value(found["p_value"])


def _describe(
    protocol: Any,
    analysis: Any,
    rows: list[dict[str, Any]],
    models: list[str],
    outcomes: list[str],
    measure: str,
    note: str,
    notes: Notes,
) -> None:
    """What concerns the whole table: abbreviations, methods, the multivariable model."""
    notes.add(f"{measure}, {RATIOS[measure]}; CI, confidence interval.")
    plain = [r for r in rows if r["status"] == "ok" and r["measure"] == measure and r["ci_method"]]
    for ci_method, p_method in dict.fromkeys((r["ci_method"], r["p_method"]) for r in plain):
        notes.add(f"Interval: {ci_method}; p: {p_method} test.")
    for p_method in dict.fromkeys(r["p_method"] for r in rows if r["measure"] == "global"):
        notes.add(f"p beside the name of a variable: {p_method} test over all its levels.")
    if note:
        notes.add(note)
    if analysis.options["multivariable"] != "none":
        notes.add(_multivariable(protocol, analysis, "multivariable" in models))
    for outcome in outcomes:
        fitted = next((r for r in rows if (r["model"], r["outcome"]) == ("multivariable", outcome)), None)
        of = f" for {words.outcome(protocol.codebook, outcome)}" if len(outcomes) > 1 else ""
        if fitted is not None:
            n, events = (words.count(fitted[key], protocol) for key in ("n", "events"))
            text = f"Multivariable model{of}: n = {n}, {events} events"
            notes.add(f"{text}{_concordance(rows, outcome)}.")


def _concordance(rows: list[dict[str, Any]], outcome: str) -> str:
    found = next((r for r in rows if (r["measure"], r["outcome"]) == ("concordance", outcome)), None)
    if found is None or found["estimate"] is None:
        return ""
    estimate, error = (formats.number(found[name], 3) for name in ("estimate", "std_error"))
    return f", concordance {estimate} (standard error {error})"


def _multivariable(protocol: Any, analysis: Any, is_fitted: bool) -> str:
    chosen = analysis.options["multivariable"]
    if chosen == "all":
        return "Multivariable: all terms of the table."
    if isinstance(chosen, dict):
        limit = chosen["univariable_p_below"]
        if not is_fitted:
            return f"No multivariable model: no term has a univariable p below {limit:g}."
        return f"Multivariable: terms with a univariable p below {limit:g}; {NOTHING}, not among them."
    labels = ", ".join(protocol.codebook[name].label for name in chosen)
    return f"Multivariable: {labels}; {NOTHING}, not among them."
