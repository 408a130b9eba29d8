"""Figures of one study."""

from recohort import estimates, protocol
from recohort.figures import build, style, survival
from recohort.files import read_rows, whole
from recohort.progress import job


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    attrition = read_rows(source.attrition, dict.fromkeys(("n", "n_unknown", "n_left"), int))
    found = [row for path in source.estimates for row in estimates.read(path)]
    curves = [
        row for path in source.curves for row in read_rows(path, dict.fromkeys(survival.NUMBERS, float))
    ]
    with whole(target.figures) as folder:
        folder.mkdir()
        for name, figure in build.figures(study, attrition, found, curves, confidence):
            style.save(figure, folder, name)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
