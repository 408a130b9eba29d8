"""
Fisher tests, proportions, agreement of tests and testing strategies of one study, and the tests of its summaries.

in    results/{study}/cohort/cohort.parquet       one row per patient
out   results/{study}/contingency/estimates.csv   one row per estimate
      results/{study}/contingency/counts.csv      one row per cell of a cross-table
"""


rule contingency:
    input:
        protocol=ancient(protocol),
        cohort="results/{study}/cohort/cohort.parquet",
        code=code("contingency"),
    output:
        estimates="results/{study}/contingency/estimates.csv",
        counts="results/{study}/contingency/counts.csv",
    log:
        "results/{study}/contingency/contingency.log",
    params:
        versions=VERSIONS,
        protocol=part("contingency"),
        confidence=config["confidence"],
    script:
        "../scripts/contingency.py"
