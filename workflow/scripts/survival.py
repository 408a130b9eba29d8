"""Cox models and survival curves of one study."""

from typing import Any

import pandas as pd

from recohort.analyses import estimate, estimates
from recohort.base.files import write_csv
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source: Any, target: Any, confidence: float) -> None:
    study = protocol.read(source.protocol, check=False)
    found = estimate.of_stage(pd.read_parquet(source.cohort), study, "survival", confidence)
    estimates.write(target.estimates, estimates.table(found.rows))
    write_csv(target.curves, pd.DataFrame(found.curves, columns=estimates.CURVES))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
