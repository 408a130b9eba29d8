"""Testing strategies: what each needs, finds and misses."""

from typing import Any

from recohort.analyses.crosstab.table import table
from recohort.analyses.strategies import PER_1000
from recohort.analyses.strategies.left_out import left_out
from recohort.base import formats
from recohort.layout import words
from recohort.layout.table import NOTHING, Cell, Column, Notes, Results, Table, row


def tables(protocol: Any, analysis: Any, results: Results) -> list[Table]:
    """One table per population: what each strategy needs, finds and misses, in numbers and per 1,000."""
    return [_strategies(protocol, analysis, results, population) for population in analysis.populations]


def _strategies(protocol: Any, analysis: Any, results: Results, population: str) -> Table:
    rows = results.of(population)
    found = {(r["level"], r["measure"]): r["estimate"] for r in rows}
    measures = list(dict.fromkeys(r["measure"].removesuffix(PER_1000) for r in rows))
    of_all = f"Of {words.count(rows[0]['n'], protocol)} {protocol.unit}"
    columns = (
        Column("Strategy", is_number=False),
        *(Column(words.capital(measure), of_all) for measure in measures),
        *(Column(words.capital(measure), f"Per 1,000 {protocol.unit}") for measure in measures),
    )
    notes = Notes()
    lacking = notes.mark(left_out(protocol, rows[0]))
    body = [
        row(
            "plain",
            # a mark, so that a row of the CSV says it too
            Cell(strategy, lacking),
            *(words.count(found[strategy, measure], protocol) for measure in measures),
            *(formats.share(found[strategy, measure + PER_1000], 1, 1000) or NOTHING for measure in measures),
        )
        for strategy in dict.fromkeys(r["level"] for r in rows)
    ]
    chosen = {name: analysis.options[f"ngs_{name}"] for name in ("sensitivity", "specificity")}
    notes.add(
        f"Truth: {words.outcome(protocol.codebook, rows[0]['outcome'])}. Sequencing is taken to have a "
        f"sensitivity of {chosen['sensitivity']:g} and a specificity of {chosen['specificity']:g}."
    )
    return table(protocol, analysis, population, columns, body, notes)
