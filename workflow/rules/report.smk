"""
The report over all studies: one page of HTML with everything inside.

in    results/{study}/cohort/attrition.csv, cleaning.csv   counts
      results/{study}/tables/, figures/                    of each study
      results/{study}/audit/claims.csv                     of the studies that have data/{study}/published.yaml
      results/{study}/drop/page.json                       of the studies with dated drops
      results/{study}/certificate.csv                      of the studies with Cox or logistic models, unless switched off
out   results/report.html
"""


rule report:
    input:
        protocols=expand("data/{study}/study.yaml", study=STUDIES),
        attrition=expand("results/{study}/cohort/attrition.csv", study=STUDIES),
        cleaning=expand("results/{study}/cohort/cleaning.csv", study=STUDIES),
        tables=expand("results/{study}/tables", study=STUDIES),
        figures=expand("results/{study}/figures", study=STUDIES),
        drops=expand("results/{study}/drop/page.json", study=DROPPED),
        claims=expand("results/{study}/audit/claims.csv", study=AUDITED),
        certificates=expand("results/{study}/certificate.csv", study=CERTIFIED),
        code=code("report"),
    output:
        report="results/report.html",
    log:
        "results/report.log",
    params:
        versions=VERSIONS,
        skipped=SKIPPED,
        certificate=config["certificate"],
        disclosure=config["disclosure"],
    script:
        "../scripts/report.py"
