"""The audit of one study."""

from functools import partial

import pandas as pd

from recohort import audit, claims, estimates, protocol
from recohort.audit import choices
from recohort.files import write_csv
from recohort.progress import job


def main(source, target):
    study = protocol.read(source.protocol, check=False)
    publication = claims.read(source.published)
    found = pd.concat([estimates.read(path) for path in source.estimates])
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    refit = partial(choices.search, pd.read_parquet(source.cohort), study, rows)
    findings = audit.of_study(publication, rows, study.data, refit)
    write_csv(target.claims, pd.DataFrame(audit.table(publication, findings), columns=audit.COLUMNS))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
