"""The audit of one study."""

from functools import cache
from typing import Any

from recohort import audit
from recohort.analyses import estimates
from recohort.audit import choices, claims
from recohort.base.files import write_rows
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source: Any, target: Any) -> None:
    study = protocol.read(source.protocol, check=False)
    publication = claims.read(source.published)
    rows = [row for path in source.estimates for row in estimates.read(path)]

    @cache
    def patients() -> Any:
        # few audits need them, and importing pandas takes longer than an audit
        import pandas as pd

        return pd.read_parquet(source.cohort)

    def refit(claim: Any, row: dict[str, Any]) -> Any:
        return choices.search(patients(), study, rows, claim, row)

    findings = audit.of_study(publication, rows, study.data, refit)
    write_rows(target.claims, audit.COLUMNS, audit.table(publication, findings))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
