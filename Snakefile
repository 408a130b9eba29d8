"""
recohort: from registry extracts to a results section that a reviewer can check.

cohort -> logistic, survival, agreement -> tables, figures -> report
"""


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/cohort.smk"
include: "workflow/rules/logistic.smk"
include: "workflow/rules/survival.smk"
include: "workflow/rules/agreement.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "results/report.html",


onsuccess:
    say("Report: results/report.html")
