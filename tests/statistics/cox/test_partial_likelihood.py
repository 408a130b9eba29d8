"""The partial likelihood where its short cuts end."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from recohort.statistics.cox.partial_likelihood import build
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows


def by_definition(x, time, event, beta):
    """Efron's log partial likelihood and score: a term for each event, over all rows at risk."""
    value = score = 0.0
    for day in np.unique(time[event == 1]):
        tied = (time == day) & (event == 1)
        value, score = value + x[tied].sum() * beta, score + x[tied].sum()
        for part in np.arange(tied.sum()) / tied.sum():
            weight = np.exp(beta * x) * ((time >= day) - part * tied)
            value, score = value - np.log(weight.sum()), score - weight @ x / weight.sum()
    return value, score


@pytest.mark.parametrize("beta", [-4.0, 0.0, 0.5, 3.0, 6.0])
def test_many_tied_events_far_from_zero(beta):
    # at zero 1 in 10 at risk has an event, which few terms can stand for; at 6 nearly all of the hazard has
    x = np.repeat([1.0, 0, 1, 0], [120, 5, 20, 1055])
    time, event = np.repeat([1, 1, 2, 3], [120, 5, 20, 1055]), np.repeat([1, 1, 1, 0], [120, 5, 20, 1055])
    found = build(encode([Term("x", x)]), SurvivalRows(time, event), "efron").evaluate(np.array([beta]))
    value, score = by_definition(x, time, event, beta)
    # sums of 145 terms
    assert_allclose(found.value, value, rtol=1e-12)
    assert_allclose(found.score, [score], rtol=1e-11)
