"""The cohort of one study."""

from recohort import cohort, extract, protocol
from recohort.files import whole, write_csv
from recohort.progress import job


def main(source, target):
    study = protocol.read(source.protocol, check=False)
    frame, refused = extract.assemble(study, source.files, next(iter(source.prepare), None))
    built = cohort.build(frame, refused, study)
    with whole(target.cohort) as part:
        built.patients.to_parquet(part, index=False)
    write_csv(target.ledger, built.ledger)
    write_csv(target.quarantine, built.quarantine)
    write_csv(target.attrition, built.attrition)
    write_csv(target.cleaning, built.cleaning)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
