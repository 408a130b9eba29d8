"""
The Python peers. Each function takes a table in the form that its package asks for before the clock starts.

It returns what is timed, and what reads coefficients and standard errors off the result.
"""

import numpy as np

from bench import export, shapes


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


def statsmodels_batch(table):
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


def pandas_read(folder):
    import pandas as pd

    book = pd.read_csv(folder / "codebook.csv", dtype={"name": str, "text": str}, keep_default_na=False)
    limits = pd.read_csv(folder / "numbers.csv", index_col="name")
    spellings = {
        name: dict(zip(rows["text"].str.strip(), pd.to_numeric(rows["code"]), strict=True))
        for name, rows in book.groupby("name", sort=False)
    }

    def run():
        text = pd.read_csv(folder / "extract.csv", dtype=str, keep_default_na=False)
        found, is_refused = {}, pd.Series(False, index=text.index)
        for name in (*export.DATES, *spellings, *limits.index):
            cells = text[name].str.strip()
            if name in spellings:
                values, is_missing = cells.map(spellings[name]), cells.isin(export.MISSING)
                known = cells.isin(spellings[name])
            elif name in limits.index:
                values = pd.to_numeric(cells, errors="coerce")
                is_missing = cells.isin([*export.MISSING, *export.CODED_MISSING.get(name, [])])
                known = values.between(*limits.loc[name])
                values = values.mask(is_missing)
            else:
                values = pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce")
                is_missing, known = cells.isin(export.MISSING), values.between("2000-01-01", "2030-12-31")
                values = (values - pd.Timestamp("1970-01-01")).dt.days
            is_refused |= ~known & ~is_missing
            found[name] = values
        found = pd.DataFrame(found)
        ids = text["id"].str.strip()
        repeated = found[ids.duplicated(keep=False)].assign(id=ids)
        is_same = repeated.duplicated()
        several = (~is_same).groupby(repeated["id"]).transform("sum") > 1
        is_refused |= several.reindex(ids.index, fill_value=False)
        is_merged = (is_same & ~several).reindex(ids.index, fill_value=False)
        time = found["last_contact"] - found["diagnosis"]
        event = (found["vital_status"] == 2).where(found["vital_status"].notna()).astype(float)
        is_refused |= (found["surgery"] < found["diagnosis"]) | (time < 0)
        is_sound = ~is_refused & ~is_merged
        is_in = is_sound & found["ihc"].notna() & (found["age"] >= 18)
        counts = [len(text), (is_refused & ~is_merged).sum(), is_merged.sum(), (is_sound & ~is_in).sum()]
        known = time.notna() & event.notna()
        return [*counts, is_in.sum()], found.assign(time=time.where(known), event=event.where(known))[is_in]

    def answer(result):
        counts, found = result
        return [*counts, *found.sum(), *found.count()], []

    return run, answer


def _statsmodels(fit):
    return fit.params, fit.bse


def _statsmodels_slopes(fit):
    return fit.params[1:], fit.bse[1:]


TASKS = {
    "lifelines": {"cox": lifelines_cox},
    "statsmodels": {"cox": statsmodels_cox, "logistic": statsmodels_logit, "batch": statsmodels_batch},
    "statsmodels GLM": {"logistic": statsmodels_glm},
    "scikit-survival": {"cox": scikit_survival_cox},
    "greenwood": {"cox": greenwood_cox},
    "pandas": {"read": pandas_read},
}
