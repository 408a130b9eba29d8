"""Tables of one study."""

import pandas as pd

from recohort import dictionary, disclosure, estimates, protocol, summary
from recohort.files import read_rows, whole
from recohort.progress import job
from recohort.tables import build, write


def main(source, target, confidence, control):
    study = disclosure.controlled(protocol.read(source.protocol, check=False), control)
    cohort = pd.read_parquet(source.cohort)
    found = [row for path in source.estimates for row in estimates.read(path)]
    counts = [row for path in source.counts for row in read_rows(path, {"n": int})]
    curves = [row for path in source.curves for row in read_rows(path, disclosure.CURVE_TYPES)]
    shown, sizes = build.summaries(study, cohort, counts)
    found, counts, _ = disclosure.results(found, counts, curves, study.rule, confidence)
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
