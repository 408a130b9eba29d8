"""Figures of one study."""

import pandas as pd

from recohort import estimates, protocol
from recohort.figures import build, style, survival
from recohort.files import whole
from recohort.progress import job


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    attrition = pd.read_csv(source.attrition)
    found = pd.concat([estimates.read(path) for path in source.estimates] or [estimates.table([])])
    curves = next((pd.read_csv(path, **survival.CSV) for path in source.curves), None)
    with whole(target.figures) as folder:
        folder.mkdir()
        for name, figure in build.figures(study, attrition, found, curves, confidence):
            style.save(figure, folder, name)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
