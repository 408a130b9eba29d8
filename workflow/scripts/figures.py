"""Figures of one study."""

from typing import Any

from recohort import disclosure
from recohort.analyses import control, estimates
from recohort.analyses import figures as build
from recohort.base import result_files
from recohort.base.files import whole
from recohort.base.log import job
from recohort.cohort.control import controlled_attrition
from recohort.layout import sheet
from recohort.protocol import model as protocol


def main(source: Any, target: Any, confidence: float, disclosed: Any) -> None:
    study = disclosure.controlled(protocol.read(source.protocol, check=False), disclosed)
    attrition = result_files.ATTRITION.read(source.attrition)
    found = [row for path in source.estimates for row in estimates.read(path)]
    counts = result_files.COUNTS.read(*source.counts)
    curves = result_files.CURVES.read(*source.curves)
    found, _, curves = control.results(found, counts, curves, study.rule, confidence)
    attrition = controlled_attrition(attrition, study.rule)
    with whole(target.figures) as folder:
        folder.mkdir()
        for name, figure in build.figures(study, attrition, found, curves, confidence):
            sheet.save(figure, folder, name)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence, snakemake.params.disclosure)
