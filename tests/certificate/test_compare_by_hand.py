"""The certificate on invented patients: what is checked by hand, and what cannot be."""

import numpy as np
import pandas as pd
import pytest
from support.certified import ARM, SICK, certify, invented, row

from recohort.analyses import estimates
from recohort.certificate import compare as certificate


def patients_of(**columns):
    frame = pd.DataFrame(columns)
    for variable in (SICK, ARM):
        if variable.name in frame:
            frame[variable.name] = pd.Categorical(frame[variable.name], categories=variable.levels)
    return frame.assign(in_all=True)


def test_a_two_by_two_table_by_hand_with_missing_values_and_an_excluded_row():
    # 20 sick in a, 10 in b, 15 well in a, 30 in b: OR (20 * 30) / (15 * 10), SE sqrt(1/20 + ... + 1/30)
    patients = patients_of(
        arm=["a"] * 20 + ["b"] * 10 + ["a"] * 15 + ["b"] * 30 + [None, "a", "a"],
        sick=["yes"] * 30 + ["no"] * 45 + ["yes", None, "yes"],
    )
    patients.loc[patients.index[-1], "in_all"] = False
    fisher = row("arm", "a", "b", 3.9, analysis="exact", kind="fisher", status="exact")
    found = estimates.table([row("arm", "a", "b", 4.0, 0.5), row("arm", "b", "b", 1.0), fisher])
    (only,) = certify(patients, invented(["arm"]), found)
    assert only["verdict"] == "agrees"
    assert only["engine_coefficient"] == pytest.approx(np.log(4), rel=1e-12)
    assert only["engine_std_error"] == pytest.approx(0.5, rel=1e-12)


def test_a_number_is_in_its_printed_unit():
    # 5 of 20 sick at 10, 15 of 20 at 20 years, one unit of 10 years apart: OR (15 * 15) / (5 * 5) = 9,
    # SE = sqrt(1/5 + 1/15 + 1/15 + 1/5)
    patients = patients_of(
        age=[10.0] * 20 + [20.0] * 20, sick=["yes"] * 5 + ["no"] * 15 + ["yes"] * 15 + ["no"] * 5
    )
    found = estimates.table([row("age", estimate=9.0, std_error=np.sqrt(8 / 15))])
    (only,) = certify(patients, invented(["age"]), found)
    assert only["verdict"] == "agrees"


def test_what_cannot_be_checked_is_counted_with_its_reason():
    patients = patients_of(
        arm=["a", "a", "b", "b", "b", "c"] * 5,
        sick=["yes", "no", "yes", "no", "no", "no"] * 5,
        # separates the sick from the well: no maximum, which a wrong `ok` must not hide
        age=[10.0, 1.0, 10.0, 1.0, 1.0, 1.0] * 5,
    )
    refused = {"status": "not-estimable", "note": "no event has it"}
    found = estimates.table(
        [
            row("arm", "a", "b", 1.5, 0.7, status="penalised"),
            row("arm", "b", "b", 1.0),
            row("arm", "c", "b", 0.1, 1.5, status="penalised"),
            row("arm", "a", "b", model="multivariable", **refused),
            row("age", estimate=1e9, std_error=1e4),
        ]
    )
    rows = certify(patients, invented(["arm", "age"]), found)
    assert {r["verdict"] for r in rows} == {"not checked"}
    assert [r["reason"] for r in rows] == [*["penalised"] * 2, "not estimable", "no second engine converged"]
    certificate.check(rows)
    assert certificate.sentence(rows) == (
        "Not checked: 2 penalised, 1 not estimable, 1 no second engine converged."
    )


def test_a_level_that_is_not_estimable_is_no_column_of_the_model():
    # c is everybody with missing age in a table without it: a combination of what else is in the model
    patients = patients_of(
        arm=["a"] * 20 + ["b"] * 10 + ["a"] * 15 + ["b"] * 30 + ["c"] * 4,
        sick=["yes"] * 30 + ["no"] * 45 + ["no"] * 4,
    )
    found = estimates.table(
        [row("arm", "a", "b", 4.0, 0.5), row("arm", "c", "b", status="not-estimable", note="left out")]
    )
    rows = certify(patients, invented(["arm"]), found)
    assert [r["verdict"] for r in rows] == ["differs", "not checked"]
