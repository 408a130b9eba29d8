"""The report over all studies."""

from pathlib import Path

from recohort import report
from recohort.files import write_text
from recohort.progress import job


def main(source, target, skipped):
    parts = zip(
        source.protocols, source.attrition, source.cleaning, source.tables, source.figures, strict=True
    )
    # only some studies have a publication to check
    claims = {path.parents[1].name: path for path in map(Path, source.claims)}
    studies = [
        report.load(*map(Path, paths), claims=claims.get(Path(paths[0]).parent.name)) for paths in parts
    ]
    write_text(target.report, report.render(studies, skipped, report.versions()))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.skipped)
