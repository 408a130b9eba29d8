"""A small study, and the tables made of literal estimates and patients."""

import pandas as pd
from support import protocols

from recohort.analyses import estimates
from recohort.analyses import tables as build
from recohort.protocol import model as protocol

PROTOCOL = """
title: A study
data: {data}
source: {{citation: "Rossi A, et al. A trial. J Test 2024;1:1-2."}}
extract: {{files: {{patients: extract.csv}}, id: id}}
codebook:
  ihc:   {{type: category, levels: ["2+", "3+"], label: HER2 IHC}}
  grade: {{type: category, levels: [I, II, III], label: Grade}}
  liver: {{type: flag, label: "Liver <script>alert(1)</script>"}}
  age:   {{type: number, unit: years, per: 10, label: Age}}
  ratio: {{type: number, label: Ratio}}
  drawn: {{type: date, label: Date of draw}}
  fish:  {{type: category, levels: [negative, positive], label: FISH}}
  start: {{type: date, label: Diagnosis}}
  end:   {{type: date, label: Last contact}}
  dead:  {{type: flag, label: Death}}
endpoints:
  os: {{label: Overall survival, start: start, end: end, event: {{dead: "yes"}}, unit: months}}
cohort: [{{step: All, keep: "known(ihc)"}}]
populations:
  ihc_3: {{label: IHC 3+, steps: [{{step: IHC 3+, keep: "ihc == '3+'"}}]}}
analyses:
  table1: {{kind: summary, label: Patients, by: ihc, variables: [age, ratio, grade, liver, drawn]}}
  sites:
    kind: logistic
    label: Sites
    outcome: {{ihc: "3+"}}
    terms: [liver, grade, age]
    multivariable: {{univariable_p_below: 0.05}}
  os:
    {{kind: cox, label: Survival, endpoint: os, terms: [liver], populations: [all, ihc_3], ties: breslow}}
  os_curve: {{kind: curves, label: Curves, endpoint: os, by: ihc, times: [12, 24]}}
"""


def read(folder, data):
    path = folder / "study.yaml"
    path.write_text(PROTOCOL.format(data=data), encoding="utf-8")
    return protocol.read(path)


def found(*rows, **shared):
    return estimates.table([{"study": "s", **shared, **r} for r in rows])


def tables_of(study, name, table):
    """The tables of one analysis, by file name."""
    only = protocols.protocol(**{**vars(study), "analyses": {name: study.analyses[name]}})
    built = build.tables(only, {}, {}, estimates.records(table), [], 0.95)
    return {table.name: table for table in built}


def texts(table):
    return [[cell.text for cell in r.cells] for r in table.rows]


def notes_of(table):
    return " ".join(note.text for note in table.footnotes)


def sites_table(study):
    """A logistic analysis with a rare level, a penalised one and a multivariable model."""
    uni = {
        "analysis": "sites",
        "kind": "logistic",
        "outcome": "ihc=3+",
        "population": "all",
        "model": "univariable",
    }
    multi = {**uni, "model": "multivariable"}
    wald = {"measure": "OR", "ci_method": "Wald", "p_method": "Wald"}
    fitted = {"n": 700, "events": 420, "n_no_outcome": 34, "n_no_covariate": 66}
    rows = [
        {**uni, **fitted, "term": "liver", "level": "no", "reference": "no", "n_level": 500,
         "events_level": 320, "n_missing": 66, "measure": "OR", "estimate": 1.0},
        {**uni, **fitted, **wald, "term": "liver", "level": "yes", "reference": "no", "n_level": 200,
         "events_level": 100, "n_missing": 66, "estimate": 0.705, "std_error": 0.16, "ci_low": 0.5149,
         "ci_high": 0.965, "p_value": 0.0308},
        {**uni, **fitted, "term": "grade", "level": "I", "reference": "I", "n_level": 100, "events_level": 60,
         "n_missing": 0, "measure": "OR", "estimate": 1.0},
        {**uni, **fitted, "term": "grade", "level": "II", "reference": "I", "n_level": 590,
         "events_level": 350, "n_missing": 0, "measure": "OR", "estimate": 4.2,
         "ci_low": 1.2, "ci_high": 15, "p_value": 0.00004,
         "ci_method": "profile penalised likelihood", "p_method": "penalised likelihood ratio",
         "status": "penalised", "note": "grade III separates the outcome"},
        {**uni, **fitted, "term": "grade", "level": "III", "reference": "I", "n_level": 10,
         "events_level": 10, "n_missing": 0, "measure": "OR", "status": "not-estimable",
         "note": "nobody without the outcome"},
        {**uni, **fitted, "term": "grade", "reference": "I", "n_missing": 0, "measure": "global",
         "p_value": 0.2, "p_method": "likelihood ratio", "df": 2.0},
        {**uni, **fitted, **wald, "term": "age", "n_level": 700, "events_level": 420, "n_missing": 0,
         "estimate": 1.005, "ci_low": 0.9, "ci_high": 1.12, "p_value": 0.9995},
        {**multi, **fitted, "term": "liver", "level": "no", "reference": "no", "n_level": 500,
         "events_level": 320, "n_missing": 66, "measure": "OR", "estimate": 1.0},
        {**multi, **fitted, **wald, "term": "liver", "level": "yes", "reference": "no", "n_level": 200,
         "events_level": 100, "n_missing": 66, "estimate": 0.62, "ci_low": 0.45, "ci_high": 0.86,
         "p_value": 0.004},
    ]  # fmt: skip
    return tables_of(study, "sites", found(*rows))["sites"]


def patients_frame():
    return pd.DataFrame(
        {
            "ihc": pd.Categorical(["2+", "2+", "2+", "3+", "3+", "3+", None], categories=["2+", "3+"]),
            "grade": pd.Categorical(["I", "I", "II", "II", "II", "III", "I"], categories=["I", "II", "III"]),
            "liver": pd.Categorical(["no", "no", "yes", "yes", None, "yes", "no"], categories=["no", "yes"]),
            "age": [40.0, 50.0, 60.0, 45.0, 55.0, 65.0, 90.0],
            "ratio": [0.25, 0.5, 0.75, 0.125, 0.5, float("nan"), 1.0],
            "drawn": pd.to_datetime(["2020-01-02"] * 7),
            "os_time_days": [10.0] * 7,
            "os_event": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
            "in_all": True,
        }
    )
