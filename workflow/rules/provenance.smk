"""
What the results were computed from and with, for `make verify`: no time, no host, no person.

in    everything that the run read, every file of the workflow, everything it made but patient-level files
out   results/provenance.json
"""

INPUTS = provenance.inputs(STUDIES)


def released(wildcards):
    files = ["results/report.html", *expand("results/{study}/certificate.csv", study=CERTIFIED)]
    files += expand("results/{study}/audit/claims.csv", study=AUDITED)
    for study in STUDIES:
        of_study = SimpleNamespace(study=study)
        files += [*estimates_of(of_study), *curves_of(of_study), *counts_of(of_study)]
        files += [
            f"results/{study}/{path}"
            for path in ("cohort/attrition.csv", "cohort/cleaning.csv", "tables", "figures")
        ]
    # what the drop writes under cohort/ is patient-level
    written = [path for path in rules.drop.output if "/drop/" in path]
    return files + [path.format(study=study) for study in DROPPED for path in written]


rule provenance:
    input:
        inputs=list(INPUTS.values()),
        code=list(map(str, provenance.code())),
        results=released,
    output:
        provenance="results/provenance.json",
    log:
        "results/provenance.log",
    params:
        names=list(INPUTS),
        config=config,
        versions=VERSIONS,
        revision=provenance.revision(SCRIPTS),
    script:
        "../scripts/provenance.py"
