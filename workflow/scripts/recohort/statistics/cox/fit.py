"""Cox proportional hazards on covariate patterns: the partial likelihood of the rows, exactly."""

from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from recohort.base.errors import NotEstimable
from recohort.statistics.arrays import Booleans, Floats
from recohort.statistics.cox.partial_likelihood import PartialLikelihood, build
from recohort.statistics.design import Column, Patterns
from recohort.statistics.maximum_likelihood import (
    Evaluate,
    Evaluation,
    Fit,
    Separated,
    fitted,
    independent,
    moving,
)
from recohort.statistics.survival_rows import SurvivalRows


@dataclass(frozen=True, kw_only=True)
class CoxFit(Fit):
    """
    A Cox model: a Fit, and how tied events were handled.

    Parameters
    ----------
    ties : {"efron", "breslow"}
    """

    ties: str


def fit(patterns: Patterns, rows: SurvivalRows, ties: str = "efron") -> CoxFit:
    """
    Cox proportional hazards.

    Parameters
    ----------
    patterns : Patterns
        Covariates of the n rows.
    rows : SurvivalRows
        Their follow-up.
    ties : {"efron", "breslow"}

    Returns
    -------
    CoxFit
        The same bits in any order of the rows.

    Raises
    ------
    ValueError
        If patterns and rows differ in length, or ties has another name.
    NotEstimable
        If there are no events, or the likelihood has no finite maximum (the columns that grow are named).

    References
    ----------
    Efron (1977), J. Am. Stat. Assoc. 72:557. Therneau and Grambsch (2000), Modeling Survival Data, ch. 3.
    Agrees with R `survival::coxph`, tests/statistics/cox/test_fit.py.
    """
    likelihood, keep, at_zero = _likelihood(patterns, rows, ties)
    columns = tuple(compress(patterns.columns, keep))
    _refuse_one_sided(likelihood, columns)

    def separated(direction: Floats) -> tuple[Column, ...]:
        return (
            moving(direction, likelihood.scale.spread, columns) if likelihood.never_falls(direction) else ()
        )

    return _fit(likelihood, likelihood.evaluate, separated, patterns.columns, keep, ties, at_zero)


def firth(patterns: Patterns, rows: SurvivalRows, ties: str = "efron") -> CoxFit:
    """
    Cox proportional hazards with Firth's penalty: finite estimates where `fit` refuses.

    Half the log determinant of the information is added to the log likelihood. For inference use
    `likelihood_ratio` and `profile_interval`: the likelihood is lopsided just where the penalty is needed.

    Parameters
    ----------
    patterns, rows, ties
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
    likelihood, keep, _ = _likelihood(patterns, rows, ties)
    return _fit(likelihood, likelihood.evaluate_penalised, None, patterns.columns, keep, ties)


def _likelihood(
    patterns: Patterns, rows: SurvivalRows, ties: str
) -> tuple[PartialLikelihood, Booleans, Evaluation]:
    """The likelihood without columns collinear with earlier ones, which it keeps, its Evaluation at zero."""
    whole = build(patterns, rows, ties)
    at_zero = whole.evaluate(np.zeros(len(patterns.columns)))
    keep = independent(at_zero.information, whole.second_moments())
    if keep.all():
        return whole, keep, at_zero
    value, score, information = at_zero
    at_zero = Evaluation(value, score[keep], information[np.ix_(keep, keep)])
    return replace(whole, design=np.ascontiguousarray(whole.design[:, keep])), keep, at_zero


def _refuse_one_sided(likelihood: PartialLikelihood, columns: tuple[Column, ...]) -> None:
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


def _fit(
    likelihood: PartialLikelihood,
    evaluate: Evaluate,
    separated: Separated | None,
    columns: tuple[Column, ...],
    keep: Booleans,
    ties: str,
    at_zero: Evaluation | None = None,
) -> CoxFit:
    return CoxFit(
        **fitted(evaluate, np.zeros(keep.sum()), columns, keep, separated, at_zero),
        n=likelihood.n,
        n_events=int(likelihood.events_of_day.sum()),
        penalised=evaluate == likelihood.evaluate_penalised,
        ties=ties,
    )
