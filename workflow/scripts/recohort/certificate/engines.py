"""
Cox and logistic models by the libraries of others: the second engines of the certificate.

A Cox model is evaluated once, at our estimates b: the library's own score U and information I give Newton's
step to its maximum, and the standard errors. That proves the maximum: a log partial likelihood is concave,
and along v its curvature changes by at most a factor exp(M), M being the range of x'v over the patients (Bach
2010, Electron. J. Stat. 4:384). Let d be sqrt(U' I^-1 U), the step in standard errors, and S the largest
standard error of a log hazard ratio between two patients. If d S < 0.79, there is a maximum: within 2 d
standard errors of b, within 4 d^2 S of the end of the step, its own standard errors those at b but for a
factor exp(d S). If d S is above NEAR, a search from zero decides, which knows nothing of our estimates. Logit
always searches: that takes 1 ms, and our estimates have no intercept.

ENGINES, at the end, says which comes first, and how far from ours each may be.
"""

import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

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


# d S of the module's docstring: what it leaves open is as small as the difference that is allowed
NEAR = 1e-8
# An eigenvalue of the information, scaled to 1 on its diagonal, below which rounding shows in the 8th digit.
SINGULAR = 1e-8


def refit(model: Model, estimated: np.ndarray) -> Refit | None:
    """
    A model by the first of ENGINES that can fit it and converges.

    Parameters
    ----------
    model : Model
    estimated : ndarray, shape (n_columns,)
        Our coefficients, which an engine may evaluate; NaN where there is none.

    Returns
    -------
    Refit, or None if no engine converges.
    """
    for engine in ENGINES:
        if model.kind in engine.kinds:
            try:
                coefficients, std_error = engine.fit(model, *[estimated] * engine.evaluates)
            except NotConverged:
                continue
            return Refit(engine.package, version(engine.package), engine.bound, coefficients, std_error)
    return None


def lifelines_at(model: Any, estimated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors by lifelines' gradients at our estimates; raises NotConverged."""
    import pandas as pd
    from lifelines.fitters.coxph_fitter import SemiParametricPHFitter

    def of_stratum(rows: Any) -> Any:
        rows = rows[np.lexsort((model.event[rows], model.time_days[rows]))]
        x, time = pd.DataFrame(centred[rows]), pd.Series(model.time_days[rows])
        event, weights = pd.Series(model.event[rows] == 1), pd.Series(np.ones(len(rows)))
        entry = None if model.entry_days is None else pd.Series(model.entry_days[rows])
        gradients = fitter._choose_gradient_calculator(time, x, entry)
        return gradients(x, time, event, weights, entry, estimated)[:2]

    centred = _centred(model.design)
    fitter = SemiParametricPHFitter()
    fitter._batch_mode = None
    strata = np.zeros(len(centred)) if model.strata is None else model.strata
    with np.errstate(all="ignore"):
        parts = [of_stratum(np.flatnonzero(strata == stratum)) for stratum in np.unique(strata)]
    hessian, score = (sum(part) for part in zip(*parts, strict=True))
    return _near(model, estimated, score, -hessian)


def phreg_at(model: Model, estimated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors by PHReg's gradients at our estimates; raises NotConverged."""
    with np.errstate(all="ignore"):
        evaluated = _phreg(model._replace(design=_centred(model.design)))
        score, hessian = evaluated.score(estimated), evaluated.hessian(estimated)
    return _near(model, estimated, score, -hessian)


def _near(
    model: Model, estimated: np.ndarray, score: np.ndarray, information: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The maximum, one step away, and its standard errors; raises NotConverged if that does not prove one."""
    scale = np.sqrt(np.diag(information).clip(0))
    if not np.isfinite([*score, *information.flat]).all() or not (scale > 0).all():
        raise NotConverged
    if np.linalg.eigvalsh(information / np.outer(scale, scale))[0] < SINGULAR:
        raise NotConverged
    covariance, centred = np.linalg.inv(information), _centred(model.design)
    # two patients are at most twice as far from each other as one is from the mean
    largest_std_error = 2 * np.sqrt(((centred @ covariance) * centred).sum(axis=1).max())
    step = covariance @ score
    if not np.sqrt(score @ step) * largest_std_error <= NEAR:
        raise NotConverged
    return estimated + step, np.sqrt(np.diag(covariance))


def _centred(design: np.ndarray) -> np.ndarray:
    """The design with 0 at each mean: no hazard ratio changes, and exp() does not overflow."""
    centred: np.ndarray = design - design.mean(axis=0)
    return centred


def lifelines(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors by lifelines' CoxPHFitter; raises NotConverged."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning

    frame = pd.DataFrame(model.design).add_prefix("x").assign(time=model.time_days, event=model.event)
    roles = {"entry_col": model.entry_days, "strata": model.strata}
    frame = frame.assign(**{role: values for role, values in roles.items() if values is not None})
    columns = {role: role for role in roles if role in frame}
    # left to itself it stops 1e-5 short; whole steps from zero overshoot with hazard ratios above 10
    to_the_end = {"step_size": 0.5, "precision": 1e-20, "r_precision": 0.0, "max_steps": 50}

    def fit() -> tuple[np.ndarray, np.ndarray]:
        found = CoxPHFitter().fit(frame, "time", "event", **columns, fit_options=to_the_end)
        # small steps end on the flat part of a likelihood without a maximum, and lifelines does not say so
        if (found.standard_errors_ > 1000).any():
            raise ConvergenceError("a standard error on the log scale is above 1000")
        return found.params_.to_numpy(), found.standard_errors_.to_numpy()

    return _converged(fit, ConvergenceError, ConvergenceWarning)


def phreg(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors by statsmodels' PHReg; raises NotConverged."""
    return _statsmodels(_phreg(model))


def _phreg(model: Model) -> Any:
    from statsmodels.duration.hazard_regression import PHReg

    # PHReg has a row at risk in [entry, time], R in (entry, time]
    entry = None if model.entry_days is None else np.nextafter(model.entry_days, np.inf)
    ties = model.kind.removeprefix("cox, ")
    rows = {"status": model.event, "entry": entry, "strata": model.strata, "ties": ties}
    return PHReg(model.time_days, model.design, **rows)


def logit(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and standard errors, but the intercept's, by statsmodels' Logit; raises NotConverged."""
    from statsmodels.discrete.discrete_model import Logit

    intercept = np.ones(len(model.event))
    coefficients, std_error = _statsmodels(Logit(model.event, np.column_stack([intercept, model.design])))
    return coefficients[1:], std_error[1:]


def _statsmodels(model: Any) -> tuple[np.ndarray, np.ndarray]:
    from statsmodels.tools import sm_exceptions as said

    def fit() -> tuple[np.ndarray, np.ndarray]:
        found = model.fit(disp=False)
        return found.params, found.bse

    return _converged(
        fit, said.ConvergenceWarning, said.HessianInversionWarning, said.PerfectSeparationWarning
    )


def _converged(
    fit: Callable[[], tuple[np.ndarray, np.ndarray]], *failures: type[Exception]
) -> tuple[np.ndarray, np.ndarray]:
    """What fit() returns; a failure of its library, a singular matrix or a number missing is NotConverged."""
    with warnings.catch_warnings():
        for failure in failures:
            if issubclass(failure, Warning):
                warnings.simplefilter("error", failure)
        try:
            found = fit()
        except (np.linalg.LinAlgError, *failures) as failure:  # type: ignore[misc]
            raise NotConverged from failure
    if not np.isfinite(found).all():
        raise NotConverged
    return found


class Engine(NamedTuple):
    """
    A package's way to fit some kinds of model.

    package : str
    fit : callable, of a model and, if it evaluates, of our estimates; gives coefficients and standard errors.
    kinds : tuple of str
    evaluates : bool, once at our estimates; otherwise it searches from zero.
    bound : float, the largest difference from ours that is not a fault.
    """

    package: str
    fit: Callable[..., tuple[np.ndarray, np.ndarray]]
    kinds: tuple[str, ...]
    evaluates: bool
    bound: float


# The first that can: lifelines takes a quarter of PHReg's time, but has Efron's ties only.
ENGINES = (
    Engine("lifelines", lifelines_at, ("cox, efron",), True, 1e-8),
    Engine("statsmodels", phreg_at, ("cox, breslow",), True, 1e-8),
    # stops when half the squared step ahead, in standard errors, is below 1e-20: at most 1.4e-10 short
    Engine("lifelines", lifelines, ("cox, efron",), False, 1e-8),
    # both stop when no coefficient moved by 1e-8, and Newton's next step would be its square
    Engine("statsmodels", phreg, ("cox, efron", "cox, breslow"), False, 1e-8),
    Engine("statsmodels", logit, ("logistic",), False, 1e-8),
)
