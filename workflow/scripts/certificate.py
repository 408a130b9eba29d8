"""The certificate of all studies, in one job: an import of the second engines takes as long as a study."""

from typing import Any

import pandas as pd

from recohort.analyses import estimates
from recohort.base.files import write_rows
from recohort.base.log import job
from recohort.certificate import compare as certificate
from recohort.protocol import model as protocol


def main(source: Any, target: Any) -> None:
    found = [row for path in source.estimates for row in estimates.read(path)]
    certified = []
    for plan, cohort in zip(source.protocols, source.cohorts, strict=True):
        study = protocol.read(plan, check=False)
        patients = pd.read_parquet(cohort, columns=certificate.columns(study))
        of_study = [row for row in found if row["study"] == study.study]
        certified.append(certificate.certify(patients, study, of_study))
    certificate.check([row for rows in certified for row in rows])
    for path, rows in zip(target, certified, strict=True):
        write_rows(path, certificate.COLUMNS, rows)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
