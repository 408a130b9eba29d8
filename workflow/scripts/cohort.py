"""The cohort of one study."""

from recohort import average_time, cohort, extract, ledger, protocol
from recohort.files import whole, write_csv, write_parts
from recohort.progress import job, say


def main(source, target):
    study = protocol.read(source.protocol, check=False)
    for note in average_time.notes(study):
        say(f"{study.study}: {note}")
    prepare = next(iter(source.prepare), None)
    frame, refused = extract.assemble(study, source.files, prepare, cohort.wanted(study))
    built = cohort.build(frame, refused, study)
    with whole(target.cohort) as part:
        built.patients.to_parquet(part, index=False)
    write_parts(target.ledger, ledger.as_csv(built.ledger))
    write_csv(target.quarantine, built.quarantine)
    write_csv(target.attrition, built.attrition)
    write_csv(target.cleaning, built.cleaning)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
