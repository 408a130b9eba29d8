"""
The newest data drop of one study against an earlier one; of the studies with `{drop}` in the path of a file.

in    data/{study}/study.yaml and the files it names, of both drops
      results/{study}/cohort/, {stage}/estimates.csv   what the stages made of the newest
out   results/{study}/drop/drop.md                     for a pull request; counts and estimates that may be shown
      results/{study}/drop/page.json                   likewise, for the report
      results/{study}/drop/*.csv                       schema, cells, patients, follow-up, flow, estimates with the
                                                       parts of their change, verdicts, gates; exact, so they stay here
      results/{study}/cohort/drop_cells.csv            one row per changed cell    (patient-level: stays here)
      results/{study}/cohort/drop_patients.csv         gone, new, changed patients (patient-level: stays here)
"""


rule drop:
    input:
        protocol=protocol,
        files=files_of,
        previous=previous_files_of,
        prepare=prepare_of,
        dictionaries=dictionaries_of,
        attrition="results/{study}/cohort/attrition.csv",
        cohort="results/{study}/cohort/cohort.parquet",
        estimates=estimates_of,
        counts=counts_of,
        curves=curves_of,
        published=published_of,
        code=code("drop"),
    output:
        markdown="results/{study}/drop/drop.md",
        page="results/{study}/drop/page.json",
        schema="results/{study}/drop/schema.csv",
        columns="results/{study}/drop/columns.csv",
        patients="results/{study}/drop/patients.csv",
        followup="results/{study}/drop/followup.csv",
        attrition="results/{study}/drop/attrition.csv",
        estimates="results/{study}/drop/estimates.csv",
        verdicts="results/{study}/drop/verdicts.csv",
        gates="results/{study}/drop/gates.csv",
        cells="results/{study}/cohort/drop_cells.csv",
        of_patient="results/{study}/cohort/drop_patients.csv",
    log:
        "results/{study}/drop/drop.log",
    params:
        versions=VERSIONS,
        confidence=config["confidence"],
        disclosure=config["disclosure"],
        dates=drop_dates_of,
    script:
        "../scripts/drop.py"
