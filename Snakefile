"""
recohort: from registry extracts to a results section that a reviewer can check.

cohort -> logistic, survival, contingency -> certificate, audit, tables, figures, drop -> report -> provenance
-> gate
"""

import os
import threading

from recohort.run import lock


configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/cohort.smk"
include: "workflow/rules/logistic.smk"
include: "workflow/rules/survival.smk"
include: "workflow/rules/contingency.smk"
include: "workflow/rules/certificate.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/drop.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/gate.smk"


rule all:
    default_target: True
    input:
        "results/report.html",
        "results/provenance.json",
        "results/gates.txt" if GATED else [],


onstart:
    lock.hold()


onsuccess:
    # timers of Snakemake's rate limiter, which would hold the exit for a second
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.cancel()
    # `recohort run` says it itself, also when there was nothing to do
    if "RECOHORT_RUN" not in os.environ:
        say("Report: results/report.html")
