"""
The cohort of one study.

in    data/{study}/study.yaml and the files it names; those of earlier drops, where a level is not in the newest
out   results/{study}/cohort/cohort.parquet     one row per patient   (patient-level: stays here)
      results/{study}/cohort/ledger.csv         one row per changed cell, and per row of a joined file that
                                                   none of the first file has the key of (patient-level: stays here)
      results/{study}/cohort/quarantine.csv     one row per refused row (patient-level: stays here)
      results/{study}/cohort/attrition.csv      one row per step of the flow
      results/{study}/cohort/cleaning.csv       one row per variable and cleaning rule
"""


rule cohort:
    input:
        protocol=ancient(protocol),
        files=files_of,
        other_drops=other_files_of,
        prepare=prepare_of,
        dictionaries=dictionaries_of,
        code=code("cohort"),
    output:
        cohort="results/{study}/cohort/cohort.parquet",
        ledger="results/{study}/cohort/ledger.csv",
        quarantine="results/{study}/cohort/quarantine.csv",
        attrition="results/{study}/cohort/attrition.csv",
        cleaning="results/{study}/cohort/cleaning.csv",
    log:
        "results/{study}/cohort/cohort.log",
    # the certificate, the longest job, waits for these of all studies
    priority: 2
    params:
        versions=VERSIONS,
        protocol=part("cohort"),
    script:
        "../scripts/cohort.py"
