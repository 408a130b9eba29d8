"""Logistic models of one study."""

import pandas as pd

from recohort.analyses import estimates
from recohort.analyses.regression import estimate as models
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    patients = pd.read_parquet(source.cohort)
    rows = []
    for analysis in study.of_stage("logistic"):
        rows += models.estimates(patients, study, analysis, confidence)
    estimates.write(target.estimates, estimates.table(rows))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
