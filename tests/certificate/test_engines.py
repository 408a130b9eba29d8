"""The second engines: R's numbers, refusal where no maximum is or none is near, nothing of ours in them."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from support.paths import REFERENCE

from recohort.certificate import engines
from recohort.certificate.engines import ENGINES, Model, NotConverged, refit

# lifelines stops at most 1.4e-10 standard errors short; R and statsmodels are iterated to rounding
RTOL = 1e-9


def cases_of(name):
    """R's cases that a certificate could meet: full rank, no weights, rows of their own."""
    cases = pd.read_csv(REFERENCE / f"{name}_cases.csv", keep_default_na=False).set_index("name")
    plain = (cases[cases.columns.intersection(["weights", "counts", "offset"])] == "").all(axis=1)
    columns = set(rows_of(name).columns)
    return cases[plain & cases["columns"].map(lambda names: set(names.split()) <= columns)].drop("collinear")


def rows_of(name):
    return pd.read_csv(REFERENCE / f"{name}_rows.csv", comment="#", float_precision="round_trip")


def answers_of(name, case):
    answers = pd.read_csv(REFERENCE / f"{name}.csv", dtype=str, keep_default_na=False)
    answers = answers[answers["case"] == case].set_index("what")["value"]
    return [answers.loc[[what]].astype(float).to_numpy() for what in ("coefficient", "std_error")]


def fit(engine, model, estimated):
    """The numbers of an engine, which may evaluate the estimates."""
    return engine.fit(model, estimated) if engine.evaluates else engine.fit(model)


def evaluating(kind):
    """The engine that evaluates this kind of model."""
    (engine,) = [engine for engine in ENGINES if engine.evaluates and kind in engine.kinds]
    return engine


COX = cases_of("cox")
LOGISTIC = cases_of("logistic")


def cox_model(case):
    rows = rows_of("cox")[: case.n]
    given = {
        name: rows[case[column]].to_numpy() if case[column] else None
        for name, column in (("entry_days", "entry"), ("strata", "strata"))
    }
    return Model(
        kind=f"cox, {case.ties}",
        design=rows[case["columns"].split()].to_numpy(float),
        event=rows["event"].to_numpy(float),
        time_days=rows[case.time].to_numpy(float),
        **given,
    )


def test_the_cases_have_what_differs_between_engines():
    assert len(COX) >= 14
    entered = COX[COX["entry"] == "entry_years"]
    assert set(entered["ties"]) == {"efron", "breslow"}
    # a row that enters on the day of an event is not at risk of it
    rows = rows_of("cox")
    assert rows["entry_years"].isin(rows.loc[rows["event"] == 1, "years"]).any()
    assert (COX["strata"] != "").sum() >= 2


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        pytest.param(name, engine, id=f"{name} {engine.fit.__name__}")
        for name, case in COX.iterrows()
        for engine in ENGINES
        if f"cox, {case.ties}" in engine.kinds
    ],
)
def test_cox_agrees_with_r(name, engine):
    answers = answers_of("cox", name)
    found = fit(engine, cox_model(COX.loc[name]), answers[0])
    for ours, expected in zip(found, answers, strict=True):
        assert_allclose(ours, expected, rtol=RTOL, atol=0)


@pytest.mark.parametrize("name", LOGISTIC.index)
def test_logistic_agrees_with_r(name):
    case = LOGISTIC.loc[name]
    rows = rows_of("logistic")[: case.n]
    design, event = rows[case["columns"].split()].to_numpy(float), rows["outcome"].to_numpy(float)
    found = engines.logit(Model("logistic", design, event))
    for ours, expected in zip(found, answers_of("logistic", name), strict=True):
        # R's have the intercept
        assert_allclose(ours, expected[-design.shape[1] :], rtol=RTOL, atol=0)


@pytest.mark.parametrize("name", COX.index)
def test_one_step_ends_at_the_maximum_or_is_refused(name):
    model, (coefficients, std_error) = cox_model(COX.loc[name]), answers_of("cox", name)
    engine = evaluating(model.kind)
    # a step of 1e-10 errs by its square: what is left is rounding, ours and R's
    near, _ = engine.fit(model, coefficients + 1e-10 * std_error)
    assert_allclose(near, coefficients, rtol=0, atol=1e-11 * std_error.max())
    for off in (1e-3, 1.0, 1e3, np.inf, np.nan):
        with pytest.raises(NotConverged):
            engine.fit(model, coefficients + off * std_error)
    # from there it is searched
    assert_allclose(refit(model, coefficients + std_error).coefficients, coefficients, rtol=RTOL, atol=0)


def test_four_patients_by_hand():
    # four patients, x = 1, 0, 1, 0 in the order of their events, r = exp(b): the score is
    # 1 - 2 r / (2 r + 2) - r / (r + 2) + 1 - r / (r + 1) = 2 - 2 r / (r + 1) - r / (r + 2),
    # 0 where r^2 - r - 4 = 0; the information is the sum of p (1 - p) over the p in it
    model = Model("cox, efron", np.array([[1.0], [0], [1], [0]]), np.ones(4), np.arange(1.0, 5))
    r = (1 + np.sqrt(17)) / 2
    p = np.array([r / (r + 1), r / (r + 2), r / (r + 1)])
    for ties in ("efron", "breslow"):
        engine = evaluating(f"cox, {ties}")
        coefficients, std_error = engine.fit(model._replace(kind=f"cox, {ties}"), np.log([r]))
        assert_allclose(coefficients, np.log(r), rtol=1e-13, atol=0)
        assert_allclose(std_error, (p * (1 - p)).sum() ** -0.5, rtol=1e-13, atol=0)


# six have events and the first column, six have neither: the likelihood rises with its coefficient for ever
EVENT = np.repeat([1.0, 0.0], 6)
SEPARATED = np.column_stack([EVENT, np.tile([0.0, 1.0, 1.0], 4)])
TIME_DAYS = np.r_[np.arange(1.0, 7), np.full(6, 9.0)]


# lifelines goes on after its matrix is ill-conditioned
@pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning")
@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        pytest.param(engine, kind, id=f"{kind} {engine.fit.__name__}")
        for engine in ENGINES
        for kind in engine.kinds
    ],
)
def test_no_maximum_is_said(engine, kind):
    model = Model(kind, SEPARATED, EVENT, None if kind == "logistic" else TIME_DAYS)
    # far out score and information are both nearly 0, and a step is short beside the standard error
    for estimated in (0.0, 5.0, 20.0, 40.0, 100.0, 800.0):
        with pytest.raises(NotConverged):
            fit(engine, model, np.array([estimated, 0.0]))
        assert refit(model, np.array([estimated, 0.0])) is None


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.fit.__name__)
def test_collinear_columns_are_said(engine):
    rows = cox_model(COX.loc["forty_rows"])
    once = rows._replace(kind=engine.kinds[0], design=rows.design[:, :1])
    twice = once._replace(design=np.repeat(once.design, 2, axis=1))
    # the two halves of its coefficient are a maximum, but one of many
    with pytest.raises(NotConverged):
        fit(engine, twice, np.repeat(refit(once, np.zeros(1)).coefficients, 2) / 2)


def test_numbers_that_overflow_are_said():
    logistic = Model("logistic", SEPARATED[:, 1:] * 1e200, np.tile([1.0, 1.0, 0.0], 4))
    with pytest.raises(NotConverged), np.errstate(all="ignore"):
        engines.logit(logistic)


def test_the_next_engine_takes_over_from_one_that_did_not_converge():
    model = cox_model(COX.loc["forty_rows"])
    zero = np.zeros(model.design.shape[1])
    assert refit(model, zero).package == "lifelines"
    # lifelines warns of a column that hardly varies, here one in another unit
    smaller = refit(model._replace(design=model.design / 1e3), zero)
    assert smaller.package == "statsmodels"
    assert_allclose(smaller.coefficients / 1e3, answers_of("cox", "forty_rows")[0], rtol=RTOL, atol=0)


def test_nothing_of_ours_and_nothing_dear_is_imported():
    code = """
import sys
import numpy as np
from recohort.certificate import compare, engines
x, event = np.array([[0.0], [1], [0], [1], [1], [0]]), np.array([1.0, 1, 0, 1, 0, 1])
engines.refit(engines.Model("cox, efron", x, event, np.arange(1.0, 7)), np.zeros(1))
engines.refit(engines.Model("cox, breslow", x, event, np.arange(1.0, 7)), np.zeros(1))
engines.logit(engines.Model("logistic", x, event))
print(*sorted(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "lifelines" in loaded
    modules = {name for name in loaded if name.startswith("recohort.") and name.count(".") > 1}
    assert modules == {
        "recohort.certificate.compare",
        "recohort.certificate.engines",
        "recohort.base.files",
        "recohort.base.result_files",
        "recohort.base.errors",
    }
    assert loaded.isdisjoint({"matplotlib", "jsonschema", "statsmodels.api"})
