"""Fisher tests, proportions, agreement of tests and testing strategies of one study."""

import pandas as pd

from recohort.analyses import estimates
from recohort.analyses.crosstab import estimate as agreement
from recohort.base.files import write_csv
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    patients = pd.read_parquet(source.cohort)
    rows, counts = [], []
    for analysis in study.of_stage("contingency"):
        found, cells = agreement.estimates(patients, study, analysis, confidence)
        rows += found
        counts += cells
    estimates.write(target.estimates, estimates.table(rows))
    write_csv(target.counts, pd.DataFrame(counts, columns=agreement.COUNTS))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
