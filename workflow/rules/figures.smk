"""
Figures of one study.

in    results/{study}/cohort/attrition.csv         the flow
      results/{study}/{stage}/estimates.csv        of the stages that the study has
      results/{study}/contingency/counts.csv         if it has cross-tables
      results/{study}/survival/curves.csv          if it has survival curves
out   results/{study}/figures/                     each figure as SVG, PDF and PNG
"""


rule figures:
    input:
        protocol=ancient(protocol),
        attrition="results/{study}/cohort/attrition.csv",
        estimates=estimates_of,
        counts=counts_of,
        curves=curves_of,
        code=code("figures"),
    output:
        figures=directory("results/{study}/figures"),
    log:
        "results/{study}/figures.log",
    # the longest jobs, so that none is left alone at the end
    priority: 1
    params:
        versions=VERSIONS,
        protocol=part("figures"),
        confidence=config["confidence"],
        disclosure=config["disclosure"],
    script:
        "../scripts/figures.py"
