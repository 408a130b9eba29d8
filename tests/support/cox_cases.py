"""Fitted Cox models for the tests of what follows from them: cases of R, and examples worked out by hand."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose
from support.reference_cases import (
    GBSG2,
    REFERENCE,
    gbsg2_patterns,
    model,
    numeric,
    options,
    read_cases,
    read_rows,
)

from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode

CASES, ROWS = read_cases("cox_cases.csv"), read_rows("cox_rows.csv")


def _answers():
    table = pd.read_csv(REFERENCE / "residuals.csv", dtype=str, keep_default_na=False)
    table = table[table["case"] != "versions"]
    table["value"] = table["value"].replace("NA", "nan").astype(float)
    return dict(list(table.groupby(["case", "what"])))


ANSWERS = _answers()


def rows_of(name):
    """The patterns of a case, and the parts of its follow-up."""
    case = CASES.loc[name]
    if case.columns.startswith("gbsg2"):
        strata = {"strata": GBSG2["tgrade"].str.len().to_numpy()} if case.columns == "gbsg2_strata" else {}
        patterns = gbsg2_patterns(["horTh", "menostat"]) if strata else gbsg2_patterns()
        return {
            "patterns": patterns,
            "time": GBSG2["time"].to_numpy(),
            "event": GBSG2["cens"].to_numpy(),
            **strata,
        }
    rows = ROWS[: case.n]
    return {
        "patterns": numeric(rows, case.columns.split()),
        "time": rows[case.time].to_numpy(),
        "event": rows["event"].to_numpy(),
        **options(case, rows, ("entry", "strata", "weights", "counts", "offset")),
    }


@cache
def fit_of(name):
    return cox.fit(*model(**rows_of(name)), ties=CASES.loc[name].ties)


def everything(rows):
    """The same of the case that has every option, of other rows."""
    return {
        "patterns": numeric(rows, ["a", "b", "e2", "e3", "e4", "age"]),
        "time": rows["years"].to_numpy(),
        "event": rows["event"].to_numpy(),
        "entry": rows["entry_years"].to_numpy(),
        "strata": rows["centre"].to_numpy(),
        "weights": rows["weight"].to_numpy(),
        "counts": rows["count"].to_numpy(),
        "offset": rows["shift"].to_numpy(),
    }


def values(name, what):
    """R's numbers of a case, in its order."""
    return ANSWERS[name, what]["value"].to_numpy()


def copies(name):
    """How often each row of a case counts, shape (n, 1)."""
    rows = rows_of(name)
    return rows.get("counts", np.ones(len(rows["time"])))[:, None]


def assert_rows(name, what, found, rtol, copies=1, columns=slice(None)):
    """Some rows of what was found (n, p), and its sums of squares, are R's in these columns."""
    answers = ANSWERS[name, what]
    every = answers["row"] == "all"
    expected = answers["value"][~every].to_numpy().reshape(found.shape[1], -1).T
    at = answers["row"][~every].to_numpy(int)[: len(expected)] - 1
    assert_allclose(found[at][:, columns], expected[:, columns], rtol=rtol, atol=0)
    squares = (copies * found**2).sum(axis=0)
    assert_allclose(squares[columns], answers["value"][every].to_numpy()[columns], rtol=rtol, atol=0)


# --- worked out by hand: tests/reference/appendix_e.csv ---------------------------------------------------
BOOK = {
    "right_censored": {"x": [1, 1, 1, 0, 0, 0], "time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1]},
    "delayed_entry": {
        "x": [1, 0, 0, 1, 0, 1, 1, 1, 0, 0],
        "entry": [1, 2, 5, 2, 1, 7, 3, 4, 8, 8],
        "time": [2, 3, 6, 7, 8, 9, 9, 9, 14, 17],
        "event": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
    },
    "case_weights": {
        "x": [2, 0, 1, 1, 0, 1, 0, 1, 0],
        "time": [1, 1, 2, 2, 2, 2, 3, 4, 5],
        "event": [1, 0, 1, 1, 1, 0, 0, 1, 0],
        "weights": [1, 2, 3, 4, 3, 2, 1, 2, 1],
    },
}
INCREMENTS = pd.read_csv(REFERENCE / "appendix_e.csv", comment="#")


def book(name, ties, beta):
    """The rows of a worked example, and a fit of them as if its coefficient were beta."""
    rows = {key: np.array(value, dtype=float) for key, value in BOOK[name].items()}
    rows = {"patterns": encode([Term("x", rows.pop("x"))]), **rows}
    return rows, replace(cox.fit(*model(**rows), ties=ties), coefficients=np.array([beta]))


def increments(name, ties, beta):
    """Of each increment of the hazard: time, size and mean (k,), and what each row has of it (k, n)."""
    table = INCREMENTS[(INCREMENTS["name"] == name) & (INCREMENTS["ties"] == ties)]

    def number(formula):
        return eval(formula, {"r": np.exp(beta)})

    hazard, mean = (np.array([number(f) for f in table[column]]) for column in ("hazard", "mean"))
    event, at_risk = (
        np.array([[number(part) for part in f.split()] for f in table[column]])
        for column in ("event", "at_risk")
    )
    return table["time"].to_numpy(), hazard, mean, event, at_risk
