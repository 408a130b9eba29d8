"""Tables of one study."""

import pandas as pd

from recohort import estimates, protocol
from recohort.files import whole
from recohort.progress import job
from recohort.tables import build, write


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    cohort = pd.read_parquet(source.cohort)
    found = pd.concat([estimates.read(path) for path in source.estimates] or [estimates.table([])])
    tables, numbers = build.tables(study, cohort, found, build.cross_tables(source.counts), confidence)
    with whole(target.tables) as folder:
        folder.mkdir()
        for name, content in write.files(tables, numbers, build.endpoints(study, cohort)):
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
