"""
Tables of one study, rounded as journals print them.

in    results/{study}/cohort/cohort.parquet              one row per patient; only aggregates of it come out
      results/{study}/{stage}/estimates.csv, counts.csv, curves.csv
                                                         of the stages that the study has
out   results/{study}/tables/                            each table as CSV, HTML and DOCX; tables.json for the report;
                                                         summary-numbers.csv, the summaries unrounded;
                                                         dictionary.*, each variable and what the cohort has of it
"""


rule tables:
    input:
        protocol=protocol,
        cohort="results/{study}/cohort/cohort.parquet",
        estimates=estimates_of,
        counts=counts_of,
        curves=curves_of,
        code=code("tables"),
    output:
        tables=directory("results/{study}/tables"),
    log:
        "results/{study}/tables.log",
    params:
        versions=VERSIONS,
        confidence=config["confidence"],
        disclosure=config["disclosure"],
    script:
        "../scripts/tables.py"
