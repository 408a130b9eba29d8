"""Figures of one study."""

from recohort import disclosure, estimates, protocol
from recohort.figures import build, style
from recohort.files import read_rows, whole
from recohort.progress import job


def main(source, target, confidence, control):
    study = disclosure.controlled(protocol.read(source.protocol, check=False), control)
    attrition = read_rows(source.attrition, dict.fromkeys(("n", "n_unknown", "n_left"), int))
    found = [row for path in source.estimates for row in estimates.read(path)]
    counts = [row for path in source.counts for row in read_rows(path, {"n": int})]
    curves = [row for path in source.curves for row in read_rows(path, disclosure.CURVE_TYPES)]
    found, _, curves = disclosure.results(found, counts, curves, study.rule, confidence)
    attrition = disclosure.attrition(attrition, study.rule)
    with whole(target.figures) as folder:
        folder.mkdir()
        for name, figure in build.figures(study, attrition, found, curves, confidence):
            style.save(figure, folder, name)


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence, snakemake.params.disclosure)
