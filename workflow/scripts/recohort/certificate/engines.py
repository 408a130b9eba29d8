"""
Cox and logistic models by the libraries of others: the second engines of the certificate.

Each starts at zero and knows nothing of our estimates. ENGINES, at the end, says which comes first, and how
far from ours each may be.
"""

import warnings
from importlib.metadata import version
from typing import NamedTuple

import numpy as np


class Model(NamedTuple):
    """
    A model and its n complete cases.

    kind : {"cox, efron", "cox, breslow", "logistic"}
    design : ndarray, shape (n, n_columns), without an intercept.
    event : ndarray, shape (n,), 0 or 1.
    time_days, entry_days : ndarray, shape (n,), or None; a row is at risk in (entry, time].
    strata : ndarray of int, shape (n,), or None.
    """

    kind: str
    design: np.ndarray
    event: np.ndarray
    time_days: np.ndarray | None = None
    entry_days: np.ndarray | None = None
    strata: np.ndarray | None = None


class Refit(NamedTuple):
    """
    What a second engine found.

    package, version : str
    bound : float, the largest difference from our estimates that is not a fault.
    coefficients, std_error : ndarray, shape (n_columns,), on the log scale.
    """

    package: str
    version: str
    bound: float
    coefficients: np.ndarray
    std_error: np.ndarray


class NotConverged(Exception):
    """A second engine says that it found no maximum."""


def refit(model):
    """
    A model by the first of ENGINES that can fit it and converges.

    Parameters
    ----------
    model : Model

    Returns
    -------
    Refit, or None if no engine converges.
    """
    for engine in ENGINES:
        if model.kind in engine.kinds:
            try:
                coefficients, std_error = engine.fit(model)
            except NotConverged:
                continue
            return Refit(engine.package, version(engine.package), engine.bound, coefficients, std_error)
    return None


def lifelines(model, step_size=1.0):
    """Coefficients and standard errors by lifelines' CoxPHFitter; raises NotConverged."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning

    frame = pd.DataFrame(model.design).add_prefix("x").assign(time=model.time_days, event=model.event)
    roles = {"entry_col": model.entry_days, "strata": model.strata}
    frame = frame.assign(**{role: values for role, values in roles.items() if values is not None})
    columns = {role: role for role in roles if role in frame}
    # left to itself it goes 95 % of each step and stops 1e-5 short
    to_the_end = {"step_size": step_size, "precision": 1e-20, "r_precision": 0.0, "max_steps": 50}

    def fit():
        found = CoxPHFitter().fit(frame, "time", "event", **columns, fit_options=to_the_end)
        # small steps end on the flat part of a likelihood without a maximum, and lifelines does not say so
        if (found.standard_errors_ > 1000).any():
            raise ConvergenceError("a standard error on the log scale is above 1000")
        return found.params_.to_numpy(), found.standard_errors_.to_numpy()

    return _converged(fit, ConvergenceError, ConvergenceWarning)


def lifelines_in_half_steps(model):
    """The same, where whole steps overshoot from zero: with hazard ratios above 10."""
    return lifelines(model, step_size=0.5)


def phreg(model):
    """Coefficients and standard errors by statsmodels' PHReg; raises NotConverged."""
    from statsmodels.duration.hazard_regression import PHReg

    # PHReg has a row at risk in [entry, time], R in (entry, time]
    entry = None if model.entry_days is None else np.nextafter(model.entry_days, np.inf)
    ties = model.kind.removeprefix("cox, ")
    rows = {"status": model.event, "entry": entry, "strata": model.strata, "ties": ties}
    return _statsmodels(PHReg(model.time_days, model.design, **rows))


def logit(model):
    """Coefficients and standard errors, but the intercept's, by statsmodels' Logit; raises NotConverged."""
    from statsmodels.discrete.discrete_model import Logit

    intercept = np.ones(len(model.event))
    coefficients, std_error = _statsmodels(Logit(model.event, np.column_stack([intercept, model.design])))
    return coefficients[1:], std_error[1:]


def _statsmodels(model):
    from statsmodels.tools import sm_exceptions as said

    def fit():
        found = model.fit(disp=False)
        return found.params, found.bse

    return _converged(
        fit, said.ConvergenceWarning, said.HessianInversionWarning, said.PerfectSeparationWarning
    )


def _converged(fit, *failures):
    """What fit() returns; a failure of its library, a singular matrix or a number missing is NotConverged."""
    with warnings.catch_warnings():
        for failure in failures:
            if issubclass(failure, Warning):
                warnings.simplefilter("error", failure)
        try:
            found = fit()
        except (np.linalg.LinAlgError, *failures) as failure:
            raise NotConverged from failure
    if not np.isfinite(found).all():
        raise NotConverged
    return found


class Engine(NamedTuple):
    """How a package fits which kinds of model, and the largest difference from ours that is not a fault."""

    package: str
    fit: callable
    kinds: tuple
    bound: float


# The first that can: lifelines takes a third of PHReg's time, but has Efron's ties only.
ENGINES = (
    # stops when half the squared step ahead, in standard errors, is below 1e-20: at most 1.4e-10 short
    Engine("lifelines", lifelines, ("cox, efron",), 1e-8),
    Engine("lifelines", lifelines_in_half_steps, ("cox, efron",), 1e-8),
    # both stop when no coefficient moved by 1e-8, and Newton's next step would be its square
    Engine("statsmodels", phreg, ("cox, efron", "cox, breslow"), 1e-8),
    Engine("statsmodels", logit, ("logistic",), 1e-8),
)
