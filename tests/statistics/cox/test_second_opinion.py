"""Cox and logistic models of gbsg2, and its median, as three other packages compute them."""

import lifelines
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from greenwood import CoxPH, Surv
from lifelines.datasets import load_gbsg2
from numpy.testing import assert_allclose

from recohort.statistics import kaplan_meier, logistic
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows


@pytest.fixture(scope="module")
def women():
    raw = load_gbsg2()
    design = pd.DataFrame({
        "horTh": (raw["horTh"] == "yes").astype(float), "age": raw["age"] / 10.0,
        "menopause": (raw["menostat"] == "Post").astype(float), "nodes": raw["pnodes"].astype(float),
    })  # fmt: skip
    return design, raw["time"].to_numpy(float), raw["cens"].to_numpy(float)


def patterns(design):
    return encode([Term(name, values.to_numpy()) for name, values in design.items()])


# the first two are iterated to rounding; lifelines stops early, about 1e-5 short here
@pytest.mark.parametrize(
    ("engine", "rtol"), [("greenwood", 1e-9), ("statsmodels", 1e-9), ("lifelines", 3e-5)]
)
def test_cox(women, engine, rtol):
    design, time, event = women
    ours = cox.fit(patterns(design), SurvivalRows(time, event))
    if engine == "greenwood":
        theirs = CoxPH(ties="efron").fit(Surv(time, event=event), design, tol=1e-14)
        coefficients, errors = np.asarray(theirs.coef_), np.asarray(theirs.std_error_)
    elif engine == "statsmodels":
        theirs = sm.PHReg(time, design, status=event, ties="efron").fit()
        coefficients, errors = theirs.params, theirs.bse
    else:
        table = design.assign(time=time, event=event)
        theirs = lifelines.CoxPHFitter().fit(table, "time", "event").summary.loc[list(design)]
        coefficients, errors = theirs["coef"], theirs["se(coef)"]
    assert_allclose(ours.coefficients, coefficients, rtol=rtol, atol=0)
    assert_allclose(ours.std_error, errors, rtol=rtol, atol=0)


def test_logistic(women):
    design, _, event = women
    ours = logistic.fit(patterns(design), event)
    theirs = sm.GLM(event, sm.add_constant(design), family=sm.families.Binomial()).fit(tol=1e-14)
    # iterated to rounding by both
    assert_allclose(ours.coefficients, theirs.params[list(design)], rtol=1e-9, atol=0)
    assert_allclose(ours.std_error, theirs.bse[list(design)], rtol=1e-7, atol=0)


def test_median(women):
    _, time, event = women
    ours, *_ = kaplan_meier.median(kaplan_meier.kaplan_meier(SurvivalRows(time, event)))
    assert ours == lifelines.KaplanMeierFitter().fit(time, event).median_survival_time_
