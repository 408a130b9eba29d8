"""The newest drop of one study against an earlier one."""

from typing import Any

import pandas as pd

from recohort import disclosure
from recohort.analyses import estimates
from recohort.audit import claims
from recohort.base import result_files
from recohort.base.errors import RecohortError
from recohort.base.files import write_rows, write_text
from recohort.base.log import job
from recohort.drop import cells, compare, effects, follow_up, gates, schema, summary, verdicts
from recohort.extract import read as extract
from recohort.protocol import model as protocol

TABLES = {
    "schema": schema.COLUMNS,
    "columns": cells.COLUMNS,
    "patients": compare.PATIENTS,
    "followup": follow_up.COLUMNS,
    "attrition": compare.ATTRITION,
    "estimates": effects.COLUMNS,
    "verdicts": verdicts.COLUMNS,
    "cells": cells.CHANGES,
    "of_patient": compare.OF_PATIENT,
}


def main(source: Any, target: Any, params: Any) -> None:
    study = disclosure.controlled(protocol.read(source.protocol, check=False), params.disclosure)
    found, held = compare.Comparison(), []
    if source.previous:
        found = _compared(source, study, params.confidence)
        if found.refusal is not None:
            # the log, which stays here, has the whole of it
            print(found.refusal)
        held = gates.check(found, study)
    for name, table in TABLES.items():
        write_rows(target[name], table, getattr(found, name))
    write_rows(target.gates, gates.COLUMNS, held)
    made = summary.build(found, held, study, params.dates)
    write_text(target.page, made.page)
    write_text(target.markdown, made.markdown)


def _compared(source: Any, study: Any, confidence: float) -> compare.Comparison:
    prepare = next(iter(source.prepare), None)
    try:
        before = compare.Extract(*extract.assemble(study, source.previous, prepare))
    except RecohortError as refusal:
        return compare.Comparison(reason=compare.reason(refusal, study.rule), refusal=refusal)
    after = compare.Extract(*extract.assemble(study, source.files, prepare))
    made = estimates.Estimated(
        [row for path in source.estimates for row in estimates.read(path)],
        result_files.COUNTS.read(*source.counts),
        result_files.CURVES.read(*source.curves),
    )
    now = compare.Now(
        result_files.ATTRITION.read(source.attrition),
        made,
        pd.read_parquet(source.cohort, columns=["id"])["id"].tolist(),
    )
    publication = claims.read(source.published[0]) if source.published else None
    backwards = None
    if prepare is not None:
        backwards = extract.assemble(study, source.files, prepare, backwards=True)[0]
    return compare.compare(before, after, now, study, confidence, publication, backwards)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params)
