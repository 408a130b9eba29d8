"""Cross-tables of one study and what rests on them, and the tests of its summaries."""

from typing import Any

import pandas as pd

from recohort.analyses import estimate, estimates
from recohort.base.files import write_csv
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source: Any, target: Any, confidence: float) -> None:
    study = protocol.read(source.protocol, check=False)
    found = estimate.of_stage(pd.read_parquet(source.cohort), study, "contingency", confidence)
    estimates.write(target.estimates, estimates.table(found.rows))
    write_csv(target.counts, pd.DataFrame(found.counts, columns=estimates.CELLS))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
