"""
What the results were computed from and with, for `make verify`: no time, no host, no person.

in    everything that the run read, every file of the workflow, everything it made but patient-level files
out   results/provenance.json
"""

INPUTS = provenance.inputs(STUDIES)


def stages_of(study):
    """The jobs that a study has."""
    parts = {"audit": AUDITED, "certificate": CERTIFIED, "drop": DROPPED}
    more = [stage for stage, studies in parts.items() if study in studies]
    return {"cohort", *STUDIES[study].protocol.stages, "tables", "figures", *more}


def released(wildcards):
    stages = {study: stages_of(study) for study in STUDIES}
    files = [path for kind in result_files.FILES if kind.leaves for path in kind.paths(stages)]
    return sorted({"results/report.html", *files})


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
