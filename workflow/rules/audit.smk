"""
Each number that a publication prints, beside the recomputed one; of the studies that have data/{study}/published.yaml.

in    data/{study}/published.yaml                      the claims
      results/{study}/{stage}/estimates.csv            of the stages that the study has
      results/{study}/cohort/cohort.parquet            one row per patient, to try other choices on
out   results/{study}/audit/claims.csv                 one row per claim and kind of evidence
"""


rule audit:
    input:
        protocol=ancient(protocol),
        published="data/{study}/published.yaml",
        estimates=estimates_of,
        cohort="results/{study}/cohort/cohort.parquet",
        code=code("audit"),
    output:
        claims="results/{study}/audit/claims.csv",
    log:
        "results/{study}/audit/audit.log",
    params:
        versions=VERSIONS,
        protocol=part("audit"),
    script:
        "../scripts/audit.py"
