"""The cohort of one study."""

from recohort.base.files import whole, write_csv, write_parts
from recohort.base.log import job, say
from recohort.cohort import build as cohort
from recohort.cohort import ledger
from recohort.extract import read as extract
from recohort.protocol import average_time
from recohort.protocol import model as protocol


def main(source, target):
    study = protocol.read(source.protocol, check=False)
    for note in average_time.notes(study):
        say(f"{study.study}: {note}")
    prepare = next(iter(source.prepare), None)
    frame, refused = extract.assemble(study, source.files, prepare, cohort.wanted(study))
    built = cohort.build(frame, refused, study)
    n_alike = built.cleaning.loc[built.cleaning["rule"] == cohort.RESEMBLES, "n"].sum()
    if n_alike:
        say(f"{study.study}: {n_alike} rows {cohort.RESEMBLES}; ledger.csv has them")
    with whole(target.cohort) as part:
        built.patients.to_parquet(part, index=False)
    write_parts(target.ledger, ledger.as_csv(built.ledger))
    write_csv(target.quarantine, built.quarantine)
    write_csv(target.attrition, built.attrition)
    write_csv(target.cleaning, built.cleaning)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
