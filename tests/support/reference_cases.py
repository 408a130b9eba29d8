"""Rows, cases and answers under tests/reference, and patterns of rows: shared by the tests of the models."""

from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
import pytest
from support.paths import ROOT

from recohort.cohort import build as cohort
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows

REFERENCE = ROOT / "tests" / "reference"
GBSG2 = pd.read_csv(Path(lifelines.__file__).parent / "datasets" / "gbsg2.csv")


def read_cases(file):
    """Which model each case is, by name; an option that a case does not use is empty."""
    return pd.read_csv(REFERENCE / file, keep_default_na=False).set_index("name")


def read_rows(file):
    return pd.read_csv(REFERENCE / file, comment="#", float_precision="round_trip")


def read_answers(file):
    """R's answers: case -> what -> values in R's order."""
    table = pd.read_csv(REFERENCE / file, dtype=str, keep_default_na=False)
    table = table[table["case"] != "versions"]
    table["value"] = table["value"].replace("NA", "nan").astype(float)
    return {
        case: {what: rows["value"].to_numpy() for what, rows in answers.groupby("what")}
        for case, answers in table.groupby("case")
    }


def options(case, rows, names):
    """The arguments that a case takes from columns of its rows."""
    return {name: rows[getattr(case, name)].to_numpy() for name in names if getattr(case, name)}


def model(patterns, **rows):
    """What a Cox model takes: patterns, and the follow-up of their rows."""
    return patterns, SurvivalRows(**rows)


def numeric(rows, names):
    return encode([Term(name, rows[name].to_numpy()) for name in names])


def factor(name, values, reference=0):
    levels = tuple(sorted(set(values)))
    return Term(name, np.array([levels.index(v) for v in values]), levels, reference)


def gbsg2_patterns(factors=("horTh", "menostat", "tgrade")):
    numbers = ["age", "tsize", "pnodes", "progrec", "estrec"]
    return encode([factor(f, GBSG2[f]) for f in factors] + [Term(x, GBSG2[x].to_numpy()) for x in numbers])


def patients(study):
    """The patients of a study; skips without its raw files."""
    return cohort_of(study)[1].patients


def cohort_of(study):
    """The protocol and the cohort of a study, as the workflow reads it; skips without its raw files."""
    folder = ROOT / "data" / study
    plan = protocol.read(folder / "study.yaml")
    try:
        files = studies.locate(plan, folder)
    except extract.RawFileAbsent as absent:
        pytest.skip(str(absent))
    prepare = folder / plan.extract["prepare"] if "prepare" in plan.extract else None
    frame, refused = extract.assemble(plan, list(files.values()), prepare)
    return plan, cohort.build(frame, refused, plan)
