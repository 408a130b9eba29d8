"""
The two-engine certificate: each Cox and logistic estimate of all studies, checked by another library.

in    results/{study}/cohort/cohort.parquet                    one row per patient
      results/{study}/logistic/estimates.csv, survival/...     of the stages that have such models
out   results/{study}/certificate.csv                          one row per estimate; none if any differs
"""


rule certificate:
    input:
        protocols=ancient(expand("data/{study}/study.yaml", study=CERTIFIED)),
        cohorts=expand("results/{study}/cohort/cohort.parquet", study=CERTIFIED),
        estimates=[
            f"results/{study}/{stage}/estimates.csv" for study in CERTIFIED for stage in CERTIFIED[study]
        ],
        code=code("certificate"),
    output:
        expand("results/{study}/certificate.csv", study=CERTIFIED),
    log:
        "results/certificate.log",
    # the longest job
    priority: 2
    params:
        versions=VERSIONS,
        protocols=[part("certificate")(SimpleNamespace(study=study)) for study in CERTIFIED],
    script:
        "../scripts/certificate.py"
