"""The report over all studies."""

from pathlib import Path

from recohort import certificate, report
from recohort.files import write_text
from recohort.progress import job


def main(source, target, skipped, is_certified):
    parts = zip(
        source.protocols, source.attrition, source.cleaning, source.tables, source.figures, strict=True
    )
    # only some studies have a publication to check
    claims = {path.parents[1].name: path for path in map(Path, source.claims)}
    studies = [
        report.load(*map(Path, paths), claims=claims.get(Path(paths[0]).parent.name)) for paths in parts
    ]
    confirmed = certificate.sentence(certificate.read(source.certificates))
    said = confirmed if is_certified else certificate.SWITCHED_OFF
    write_text(target.report, report.render(studies, skipped, report.versions(), said))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.skipped, snakemake.params.certificate)
