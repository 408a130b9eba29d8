"""The report over all studies."""

from pathlib import Path
from typing import Any

from recohort.base.files import write_text
from recohort.base.log import job
from recohort.certificate import compare as certificate
from recohort.report import page as report


def main(
    source: Any, target: Any, skipped: dict[str, str], is_certified: bool, control: dict[str, Any]
) -> None:
    parts = zip(
        source.protocols, source.attrition, source.cleaning, source.tables, source.figures, strict=True
    )
    # only some studies have a publication to check, or dated drops
    claims, drops = (
        {path.parents[1].name: path for path in map(Path, paths)} for paths in (source.claims, source.drops)
    )
    names = [Path(path).parent.name for path in source.protocols]
    studies = [
        report.load(*map(Path, paths), control, claims.get(name), drops.get(name))  # type: ignore[call-arg, arg-type]
        for name, paths in zip(names, parts, strict=True)
    ]
    confirmed = certificate.sentence(certificate.read(source.certificates))
    said = confirmed if is_certified else certificate.SWITCHED_OFF
    write_text(target.report, report.render(studies, skipped, report.versions(), said))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        params = snakemake.params
        main(source, target, params.skipped, params.certificate, params.disclosure)
