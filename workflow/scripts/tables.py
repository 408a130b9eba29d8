"""Tables of one study."""

import pandas as pd

from recohort import dictionary, estimates, protocol
from recohort.files import read_rows, whole
from recohort.progress import job
from recohort.tables import build, write


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    cohort = pd.read_parquet(source.cohort)
    found = [row for path in source.estimates for row in estimates.read(path)]
    counts = [row for path in source.counts for row in read_rows(path, {"n": int})]
    tables, numbers = build.tables(study, cohort, found, counts, confidence)
    tables.append(dictionary.table(study, cohort))
    with whole(target.tables) as folder:
        folder.mkdir()
        for name, content in write.files(tables, numbers, build.endpoints(study, cohort)):
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
