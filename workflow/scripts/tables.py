"""Tables of one study."""

from typing import Any

import pandas as pd

from recohort import disclosure
from recohort.analyses import control, estimates
from recohort.analyses import tables as build
from recohort.analyses.summary import dictionary
from recohort.analyses.summary import numbers as summary
from recohort.base import result_files
from recohort.base.files import whole
from recohort.base.log import job
from recohort.layout import write
from recohort.protocol import model as protocol


def main(source: Any, target: Any, confidence: float, disclosed: Any) -> None:
    study = disclosure.controlled(protocol.read(source.protocol, check=False), disclosed)
    cohort = pd.read_parquet(source.cohort)
    found = [row for path in source.estimates for row in estimates.read(path)]
    counts = result_files.COUNTS.read(*source.counts)
    curves = result_files.CURVES.read(*source.curves)
    shown, sizes = summary.summaries(study, cohort, counts, found)
    found, counts, _ = control.results(found, counts, curves, study.rule, confidence)
    tables = build.tables(study, shown, sizes, found, counts, confidence)
    tables.append(dictionary.table(study, len(cohort), shown.pop("")))
    numbers = summary.frame([row for rows in shown.values() for row in rows])
    with whole(target.tables) as folder:
        folder.mkdir()
        for name, content in write.files(tables, numbers, build.endpoints(study, cohort)):
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence, snakemake.params.disclosure)
