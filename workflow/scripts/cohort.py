"""The cohort of one study."""

from recohort.base.errors import RecohortError
from recohort.base.files import whole, write_csv, write_parts
from recohort.base.log import job, say
from recohort.cohort import build as cohort
from recohort.cohort import codebook, ledger
from recohort.drop import patients, schema
from recohort.extract import read as extract
from recohort.extract import text_column
from recohort.protocol import average_time
from recohort.protocol import model as protocol


def main(source, target):
    study = protocol.read(source.protocol, check=False)
    for note in average_time.notes(study):
        say(f"{study.study}: {note}")
    frame, refused = _assembled(study, source.files, source)
    may_be_empty = _levels_of_other_drops(frame, study, source)
    try:
        built = cohort.build(frame, refused, study, may_be_empty)
    except RecohortError as refusal:
        raise _with_moved_columns(refusal, frame, study, source) from None
    n_alike = built.cleaning.loc[built.cleaning["rule"] == cohort.RESEMBLES, "n"].sum()
    if n_alike:
        say(f"{study.study}: {n_alike} rows {cohort.RESEMBLES}; ledger.csv has them")
    with whole(target.cohort) as part:
        built.patients.to_parquet(part, index=False)
    write_parts(target.ledger, ledger.as_csv(built.ledger))
    write_csv(target.quarantine, built.quarantine)
    write_csv(target.attrition, built.attrition)
    write_csv(target.cleaning, built.cleaning)


def _assembled(study, paths, source):
    return extract.assemble(study, paths, next(iter(source.prepare), None), cohort.wanted(study))


def _other_drops(study, source):
    """The frame of each drop before the newest that can be read, the latest first."""
    n_files = len(source.files)
    for i in range(0, len(source.other_drops), n_files):
        try:
            yield _assembled(study, source.other_drops[i : i + n_files], source)[0]
        except RecohortError:
            # a drop that cannot be read shows nothing; the comparison with it says why
            continue


def _levels_of_other_drops(frame, study, source):
    """The levels that are absent from the newest drop and not from all: no spelling is wrong in them."""
    absent = nowhere = codebook.absent_levels(frame, study.codebook, study.missing)
    if absent:
        for other in _other_drops(study, source):
            nowhere = nowhere & codebook.absent_levels(other, study.codebook, study.missing)
    return absent - nowhere


def _with_moved_columns(refusal, frame, study, source):
    """A refusal of the newest drop, which names the columns whose contents moved since the drop before."""
    id_column, frame = study.extract["id"], text_column.plain(frame)
    for other in _other_drops(study, source):
        if id_column not in other or id_column not in frame:
            continue
        other = text_column.plain(other)
        matched = patients.match(other, frame, study.extract, study.missing)
        moved = schema.moved_in_words(schema.compare(other, frame, matched))
        if moved:
            remedy = f"Since the drop before, {moved}: ask for the extract again"
            return RecohortError(refusal.problem, **refusal.where, remedy=f"{remedy}.")
        break
    return refusal


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target)
