"""Logistic models of one study."""

from typing import Any

import pandas as pd

from recohort.analyses import estimate, estimates
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source: Any, target: Any, confidence: float) -> None:
    study = protocol.read(source.protocol, check=False)
    found = estimate.of_stage(pd.read_parquet(source.cohort), study, "logistic", confidence)
    estimates.write(target.estimates, estimates.table(found.rows))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
