"""Every estimate of the studies with patients, from the extract on, against R: tests/reference/{gbsg2,msk2018,gim14}.R."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from recohort import cohort, estimates, extract, models, protocol, studies, survival

ROOT = Path(__file__).parents[1]
IDENTITY = ["analysis", "outcome", "population", "model", "term", "level", "measure", "at", "interval"]
COUNTS = ["n", "events", "n_level", "events_level"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "p_value"]

# R is converged to rounding; coefficients are compared, so ratios on the log scale
COEFFICIENT_RTOL = 1e-8
# a limit is a coefficient minus 1.96 standard errors and loses digits where it is close to 0, so as ratios
LIMIT_RTOL = 1e-8
# a p of 1e-17 multiplies the error of its z by 70
P_RTOL = 1e-6


def read_reference(name):
    """R's rows by identity."""
    frame = pd.read_csv(ROOT / "tests/reference" / f"{name}.csv", comment="#", dtype=str, keep_default_na=False)
    frame[COUNTS + NUMBERS] = frame[COUNTS + NUMBERS].apply(pd.to_numeric).astype(float)
    return frame.set_index(IDENTITY).sort_index()


def build(name):
    """The protocol and the cohort of a study, through the same doors as the workflow."""
    folder = ROOT / "data" / name
    study = protocol.read(folder / "study.yaml")
    files = studies.locate(study, folder)
    prepare = folder / study.extract["prepare"] if "prepare" in study.extract else None
    frame, refused = extract.assemble(study, list(files.values()), prepare)
    return study, cohort.build(frame, refused, study).patients
