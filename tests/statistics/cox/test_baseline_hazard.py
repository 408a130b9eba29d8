"""The baseline hazard of Cox models against R (tests/reference/residuals.R) and against closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.cox_cases import CASES, ROWS, assert_rows, book, everything, fit_of, increments, rows_of
from support.reference_cases import model

from recohort.base.errors import NotEstimable
from recohort.statistics.cox import fit as cox
from recohort.statistics.cox.baseline_hazard import baseline

# rounding in sums over 1,500 rows
RTOL = 1e-9


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("name", CASES.index)
def test_matches_survfit(name, centred):
    found = baseline(fit_of(name), *model(**rows_of(name)), centred=centred)
    what = "cumulative_centred" if centred else "cumulative_zero"
    assert_rows(name, what, found.cumulative[:, None], RTOL)
    assert_rows(name, "time", found.time[:, None], 0)
    assert_rows(name, "stratum", found.stratum[:, None], 0)


@pytest.mark.parametrize("beta", [-2.0, -0.3, 0.0, np.log(2), 3.0])
@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("name", ["right_censored", "delayed_entry", "case_weights"])
def test_is_the_closed_form(name, ties, beta):
    rows, fit = book(name, ties, beta)
    time, hazard, *_ = increments(name, ties, beta)
    found = baseline(fit, *model(**rows))
    assert_array_equal(found.time, np.unique(time))
    # at most ten rows: rounding only
    assert_allclose(found.cumulative, [hazard[time <= t].sum() for t in found.time], rtol=1e-13, atol=0)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_same_bits_in_any_order_of_rows(ties):
    rows = everything(ROWS)
    fit = cox.fit(*model(**rows), ties=ties)
    shuffled = baseline(fit, *model(**everything(ROWS.sample(frac=1, random_state=3))), centred=True)
    assert_array_equal(shuffled.cumulative, baseline(fit, *model(**rows), centred=True).cumulative)


def test_refuses_what_makes_no_model():
    rows = rows_of("five_rows")
    with pytest.raises(ValueError, match="weights are not positive"):
        baseline(fit_of("five_rows"), *model(**rows, weights=np.zeros(5)))
    with pytest.raises(NotEstimable, match="no events"):
        baseline(fit_of("five_rows"), *model(**{**rows, "event": np.zeros(5)}))
