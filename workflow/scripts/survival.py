"""Cox models and survival curves of one study."""

import pandas as pd

from recohort.analyses import estimates
from recohort.analyses.curves import estimate as survival
from recohort.analyses.regression import estimate as models
from recohort.base.files import write_csv
from recohort.base.log import job
from recohort.protocol import model as protocol


def main(source, target, confidence):
    study = protocol.read(source.protocol, check=False)
    patients = pd.read_parquet(source.cohort)
    rows, steps = [], [pd.DataFrame(columns=survival.CURVES)]
    for analysis in study.of_stage("survival"):
        if analysis.kind == "cox":
            rows += models.estimates(patients, study, analysis, confidence)
        else:
            curve_rows, curve_steps = survival.estimates(patients, study, analysis, confidence)
            rows += curve_rows
            steps.append(curve_steps)
    estimates.write(target.estimates, estimates.table(rows))
    write_csv(target.curves, pd.concat([s for s in steps if len(s)] or steps, ignore_index=True))


if __name__ == "__main__":
    with job(snakemake) as (source, target):
        main(source, target, snakemake.params.confidence)
