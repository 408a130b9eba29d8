"""
Fisher tests, rates, agreement of tests and testing strategies of one study.

in    results/{study}/cohort/cohort.parquet       one row per patient
out   results/{study}/agreement/estimates.csv     one row per estimate
      results/{study}/agreement/counts.csv        one row per cell of a cross-table
"""


rule agreement:
    input:
        protocol=protocol,
        cohort="results/{study}/cohort/cohort.parquet",
        code=code("agreement"),
    output:
        estimates="results/{study}/agreement/estimates.csv",
        counts="results/{study}/agreement/counts.csv",
    log:
        "results/{study}/agreement/agreement.log",
    params:
        versions=VERSIONS,
        confidence=config["confidence"],
    script:
        "../scripts/agreement.py"
