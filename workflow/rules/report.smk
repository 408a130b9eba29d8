"""
The report over all studies: one page of HTML with everything inside.

in    results/{study}/cohort/attrition.csv, cleaning.csv   counts
      results/{study}/tables/, figures/                    of each study
out   results/report.html
"""


rule report:
    input:
        protocols=expand("data/{study}/study.yaml", study=STUDIES),
        attrition=expand("results/{study}/cohort/attrition.csv", study=STUDIES),
        cleaning=expand("results/{study}/cohort/cleaning.csv", study=STUDIES),
        tables=expand("results/{study}/tables", study=STUDIES),
        figures=expand("results/{study}/figures", study=STUDIES),
        code=code("report"),
    output:
        report="results/report.html",
    log:
        "results/report.log",
    params:
        skipped=SKIPPED,
    script:
        "../scripts/report.py"
