"""
Cox models and survival curves of one study.

in    results/{study}/cohort/cohort.parquet      one row per patient
out   results/{study}/survival/estimates.csv     one row per estimate
      results/{study}/survival/curves.csv        one row per curve and time
"""


rule survival:
    input:
        protocol=ancient(protocol),
        cohort="results/{study}/cohort/cohort.parquet",
        code=code("survival"),
    output:
        estimates="results/{study}/survival/estimates.csv",
        curves="results/{study}/survival/curves.csv",
    log:
        "results/{study}/survival/survival.log",
    # the certificate, the longest job, waits for these of all studies
    priority: 2
    params:
        versions=VERSIONS,
        protocol=part("survival"),
        confidence=config["confidence"],
    script:
        "../scripts/survival.py"
