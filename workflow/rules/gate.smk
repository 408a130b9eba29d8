"""
Fails the run, after everything is written, where a gate of a protocol (`fail_when`) says that a human must look.

in    results/{study}/drop/gates.csv     of the studies with gates
      results/report.html, results/provenance.json
out   results/gates.txt                  only if every gate passed
"""


rule gate:
    input:
        gates=expand("results/{study}/drop/gates.csv", study=GATED),
        report="results/report.html",
        provenance="results/provenance.json",
        code=code("gate"),
    output:
        passed="results/gates.txt",
    log:
        "results/gates.log",
    params:
        dates={study: drop_dates_of(SimpleNamespace(study=study)) for study in GATED},
    script:
        "../scripts/gate.py"
