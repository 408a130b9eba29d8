"""
The Python peers. Each function takes a table in the form that its package asks for before the clock starts.

It returns what is timed, and what reads coefficients and standard errors off the result.
"""

import numpy as np

from bench import shapes


def lifelines_cox(table):
    import pandas as pd
    from lifelines import CoxPHFitter

    frame = pd.DataFrame(shapes.design(table)).assign(time=table["time"], event=table["event"])
    return (
        lambda: CoxPHFitter().fit(frame, "time", "event"),
        lambda fit: (fit.params_.to_numpy(), fit.standard_errors_.to_numpy()),
    )


def statsmodels_cox(table):
    import statsmodels.api as sm

    design = shapes.design(table)
    return lambda: sm.PHReg(table["time"], design, status=table["event"], ties="efron").fit(), _statsmodels


def statsmodels_logit(table):
    import statsmodels.api as sm

    design = sm.add_constant(shapes.design(table))
    return lambda: sm.Logit(table["outcome"], design).fit(disp=0), _statsmodels_slopes


def statsmodels_glm(table):
    import statsmodels.api as sm

    design = sm.add_constant(shapes.design(table))
    return (
        lambda: sm.GLM(table["outcome"], design, family=sm.families.Binomial()).fit(),
        _statsmodels_slopes,
    )


def statsmodels_battery(table):
    import statsmodels.api as sm

    blocks = {name: shapes.design(table, [name]) for name in table.levels}

    def fit(kind, suffix, arm, names):
        design = np.concatenate([blocks[name] for name in names], axis=1)
        rows = ~np.isnan(design).any(axis=1) & (True if arm == "" else table["arm"] == arm)
        if kind == "logistic":
            return sm.Logit(table[f"outcome{suffix}"][rows], sm.add_constant(design[rows])).fit(disp=0)
        time, event = table[f"time{suffix}"][rows], table[f"event{suffix}"][rows]
        return sm.PHReg(time, design[rows], status=event, ties="efron").fit()

    def answer(fits):
        kinds = [kind for kind, *_ in shapes.models(table)]
        read = {"cox": _statsmodels, "logistic": _statsmodels_slopes}
        return tuple(
            map(np.concatenate, zip(*(read[k](f) for k, f in zip(kinds, fits, strict=True)), strict=True))
        )

    return lambda: [fit(*model) for model in shapes.models(table)], answer


def scikit_survival_cox(table):
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    design, response = shapes.design(table), Surv.from_arrays(table["event"] == 1, table["time"])
    return (
        lambda: CoxPHSurvivalAnalysis(ties="efron").fit(design, response),
        lambda fit: (fit.coef_, np.full(len(fit.coef_), np.nan)),
    )


def greenwood_cox(table):
    from greenwood import CoxPH, Surv

    design, response = shapes.design(table), Surv(table["time"], event=table["event"])
    return (
        lambda: CoxPH(ties="efron").fit(response, design),
        lambda fit: (np.asarray(fit.coef_), np.asarray(fit.std_error_)),
    )


def pandas_read(path):
    import pandas as pd

    def run():
        text = pd.read_csv(path, dtype=str, keep_default_na=False)
        spellings = {"yes": 1.0, "1": 1.0, "no": 0.0, "0": 0.0}
        grades = {"1": 1.0, "G1": 1.0, "2": 2.0, "G2": 2.0, "3": 3.0}
        flags = {name: text[name].str.strip().map(spellings) for name in text if name.startswith("flag")}
        return text.assign(
            diagnosis=pd.to_datetime(text["diagnosis"], format="%Y-%m-%d"),
            age=pd.to_numeric(text["age"]).where(lambda age: age.between(18, 110)),
            grade=text["grade"].map(grades),
            **flags,
        )

    def answer(frame):
        days = (frame["diagnosis"] - pd.Timestamp("1970-01-01")).dt.days
        numbers = frame.drop(columns=["id", "diagnosis"])
        return [len(frame), frame["id"].nunique(), days.sum(), *numbers.sum(), *numbers.count()], []

    return run, answer


def _statsmodels(fit):
    return fit.params, fit.bse


def _statsmodels_slopes(fit):
    return fit.params[1:], fit.bse[1:]


TASKS = {
    "lifelines": {"cox": lifelines_cox},
    "statsmodels": {"cox": statsmodels_cox, "logistic": statsmodels_logit, "battery": statsmodels_battery},
    "statsmodels GLM": {"logistic": statsmodels_glm},
    "scikit-survival": {"cox": scikit_survival_cox},
    "greenwood": {"cox": greenwood_cox},
    "pandas": {"read": pandas_read},
}
