"""Cox proportional hazards on covariate patterns: the partial likelihood of the rows, exactly."""

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.cox.partial_likelihood import build
from recohort.statistics.maximum_likelihood import Evaluation, Fit, fitted, independent, moving


@dataclass(frozen=True, kw_only=True)
class CoxFit(Fit):
    """
    A Cox model: a Fit, and how tied events were handled.

    Parameters
    ----------
    ties : {"efron", "breslow"}
    """

    ties: str


def fit(patterns, time, event, entry=None, strata=None, weights=None, counts=None, offset=None, ties="efron"):
    """
    Cox proportional hazards.

    Parameters
    ----------
    patterns : Patterns
        Covariates of the n rows.
    time : ndarray, shape (n,)
        End of follow-up, in any unit; equal numbers are ties.
    event : ndarray, shape (n,)
        0/1.
    entry : ndarray, shape (n,), optional
        Start of follow-up, before time: a row is at risk in (entry, time].
    strata : ndarray, shape (n,), optional
        Numeric codes; each stratum has its own baseline hazard.
    weights : ndarray, shape (n,), optional
        Case weights > 0 as R's: in Efron's method a row is one event whatever its weight, and the tied events
        of a day share their mean weight.
    counts : ndarray, shape (n,), optional
        How many identical rows each row stands for, 0 leaves it out: the fit is that of the rows repeated.
    offset : ndarray, shape (n,), optional
        Added to the linear predictor.
    ties : {"efron", "breslow"}

    Returns
    -------
    CoxFit
        The same bits in any order of the rows.

    Raises
    ------
    ValueError
        If a length differs, a value is missing or infinite, an event is not 0/1, entry is not before time, a
        weight is not positive, a count is not a whole number from 0 up, or ties has another name.
    NotEstimable
        If there are no events, or the likelihood has no finite maximum (the columns that grow are named).

    References
    ----------
    Efron (1977), J. Am. Stat. Assoc. 72:557. Therneau and Grambsch (2000), Modeling Survival Data, ch. 3.
    Agrees with R `survival::coxph`, tests/test_cox.py.
    """
    rows = time, event, entry, strata, weights, counts, offset
    likelihood, keep, at_zero = _likelihood(patterns, *rows, ties)
    columns = tuple(compress(patterns.columns, keep))
    _refuse_one_sided(likelihood, columns)

    def separated(direction):
        return moving(direction, likelihood.design, columns) if likelihood.never_falls(direction) else ()

    return _fit(likelihood, likelihood.evaluate, separated, patterns.columns, keep, ties, at_zero)


def firth(
    patterns, time, event, entry=None, strata=None, weights=None, counts=None, offset=None, ties="efron"
):
    """
    Cox proportional hazards with Firth's penalty: finite estimates where `fit` refuses.

    Half the log determinant of the information is added to the log likelihood. For inference use
    `likelihood_ratio` and `profile_interval`: the likelihood is lopsided just where the penalty is needed.

    Parameters
    ----------
    patterns, time, event, entry, strata, weights, counts, offset, ties
        As for `fit`.

    Returns
    -------
    CoxFit

    Raises
    ------
    ValueError
        As for `fit`.
    NotEstimable
        If there are no events.

    References
    ----------
    Heinze and Schemper (2001), Biometrics 57:114.
    """
    rows = time, event, entry, strata, weights, counts, offset
    likelihood, keep, _ = _likelihood(patterns, *rows, ties)
    return _fit(likelihood, likelihood.evaluate_penalised, None, patterns.columns, keep, ties)


def partial_likelihood(
    patterns, time, event, beta, entry=None, strata=None, weights=None, counts=None, offset=None, ties="efron"
):
    """
    The log partial likelihood at given coefficients, with its score and information.

    Parameters
    ----------
    beta : ndarray, shape (n_columns,)
    patterns, time, event, entry, strata, weights, counts, offset, ties
        As for `fit`.

    Returns
    -------
    Evaluation
    """
    likelihood = build(patterns, time, event, entry, strata, weights, counts, offset, ties)
    return likelihood.evaluate(np.asarray(beta, dtype=float))


def _likelihood(patterns, *rows):
    """The likelihood without columns collinear with earlier ones, which it keeps, its Evaluation at zero."""
    whole = build(patterns, *rows)
    at_zero = whole.evaluate(np.zeros(len(patterns.columns)))
    keep = independent(at_zero.information, whole.second_moments())
    if keep.all():
        return whole, keep, at_zero
    value, score, information = at_zero
    at_zero = Evaluation(value, score[keep], information[np.ix_(keep, keep)])
    return replace(whole, design=np.ascontiguousarray(whole.design[:, keep])), keep, at_zero


def _refuse_one_sided(likelihood, columns):
    """Refuse columns at their lowest, or their highest, in every event: no effect is too strong for them."""
    x, with_event = likelihood.design, np.flatnonzero(likelihood.events_of_pattern)
    reasons = {}
    # most columns vary among a few patterns with events, and need no closer look
    for j in np.flatnonzero(np.ptp(x[with_event[:1000]], axis=0) == 0):
        column, event, row = columns[j], x[with_event, j], x[:, j]
        if event.max() == row.min():
            reasons[column] = "no event has" if column.level else "every event has the lowest"
        elif event.min() == row.max():
            reasons[column] = "every event has" if column.level else "every event has the highest"
    if reasons:
        reason = "; ".join(f"{words} {column}" for column, words in reasons.items())
        raise NotEstimable(reason, tuple(reasons))


def _fit(likelihood, evaluate, separated, columns, keep, ties, at_zero=None):
    return CoxFit(
        **fitted(evaluate, np.zeros(keep.sum()), columns, keep, separated, at_zero),
        n=likelihood.n,
        n_events=int(likelihood.events_of_day.sum()),
        penalised=evaluate == likelihood.evaluate_penalised,
        ties=ties,
    )
