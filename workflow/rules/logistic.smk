"""
Logistic models of one study.

in    results/{study}/cohort/cohort.parquet      one row per patient
out   results/{study}/logistic/estimates.csv     one row per estimate
"""


rule logistic:
    input:
        protocol=ancient(protocol),
        cohort="results/{study}/cohort/cohort.parquet",
        code=code("logistic"),
    output:
        estimates="results/{study}/logistic/estimates.csv",
    log:
        "results/{study}/logistic/logistic.log",
    # the certificate, the longest job, waits for these of all studies
    priority: 2
    params:
        versions=VERSIONS,
        protocol=part("logistic"),
        confidence=config["confidence"],
    script:
        "../scripts/logistic.py"
