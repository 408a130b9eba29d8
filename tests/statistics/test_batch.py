"""A batch against the same models fitted one by one, which test_cox and test_logistic hold against R."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from recohort.statistics import batch, logistic
from recohort.statistics.coded_table import code_terms
from recohort.statistics.cox import fit as cox
from recohort.statistics.cox import ties as tie_terms
from recohort.statistics.cox.single_term import LevelLikelihood
from recohort.statistics.design import Column, Term, encode
from recohort.statistics.maximum_likelihood import likelihood_ratio
from recohort.statistics.survival_rows import SurvivalRows

# both are at the maximum of one likelihood: rounding, times the condition of the information
RTOL = 1e-12
NO_YES = ("no", "yes")


def columns(n, seed, missing=0.05):
    """Two flags, a factor of four levels, a whole and a real number, with missing values; and follow-up."""
    rng = np.random.default_rng(seed)
    terms = [
        Term("flag", rng.integers(0, 2, n), NO_YES),
        Term("rare", (rng.random(n) < 0.2).astype(int), NO_YES, 1),
        Term("stage", rng.choice(4, n, p=[0.1, 0.4, 0.3, 0.2]), ("I", "II", "III", "IV"), 1),
        Term("age", rng.integers(40, 70, n).astype(float)),
        Term("marker", rng.normal(size=n)),
    ]
    hazard = np.exp(0.5 * terms[0].values + 0.2 * terms[2].values - 0.02 * terms[3].values)
    for term in terms[1:]:
        term.values[rng.random(n) < missing] = np.nan if term.levels is None else -1
    died, left = rng.exponential(700 / hazard), rng.uniform(10, 2000, n)
    event = (died <= left).astype(float)
    time = np.ceil(np.minimum(died, left))
    return terms, time, event, rng


def alone(terms, rows, method, **response):
    """A model of some rows, fitted by itself."""
    of_rows = [Term(t.name, t.values[rows], t.levels, t.reference) for t in terms]
    response = {name: values[rows] for name, values in response.items()}
    if method == logistic.fit:
        return method(encode(of_rows), **response)
    return method(encode(of_rows), SurvivalRows(**response))


def known(terms):
    return np.all([(t.values >= 0) if t.levels else ~np.isnan(t.values) for t in terms], axis=0)


def assert_same(fit, expected):
    assert fit.columns == expected.columns and fit.dropped == expected.dropped
    assert (fit.n, fit.n_events, fit.penalised) == (expected.n, expected.n_events, expected.penalised)
    for name in ("coefficients", "std_error", "covariance", "loglik_null", "loglik"):
        # a coefficient near zero is a difference: what counts is its distance in standard errors
        atol = RTOL * np.nanmax(expected.std_error) if name == "coefficients" else 0
        assert_allclose(getattr(fit, name), getattr(expected, name), rtol=RTOL, atol=atol, err_msg=name)


DESIGNS = {
    "plain": {},
    "years": {"unit": 365.25},
    "breslow": {"unit": 90, "ties": "breslow"},
    "entry": {"entry": True},
    "strata": {"strata": True, "unit": 30},
    "entry and strata": {"entry": True, "strata": True, "unit": 30},
    "many ties": {"n": 6000, "unit": 60},
}


def follow_up(n=400, unit=1, entry=False, strata=False, ties="efron"):
    terms, days, event, rng = columns(n, seed=n)
    response = {"time": np.ceil(days / unit), "event": event}
    if entry:
        response["entry"] = np.floor(response["time"] * rng.choice([0, 0.5], n) * rng.random(n)) - 1
    if strata:
        response["strata"] = rng.integers(0, 3, n)
    return terms, response, ties


@pytest.mark.parametrize("design", DESIGNS)
def test_cox_models_equal_separate_fits(design):
    terms, response, ties = follow_up(**DESIGNS[design])
    n = len(response["time"])
    among = np.random.default_rng(1).random(n) < 0.7
    followed = np.arange(n) % 50 != 7
    rows = SurvivalRows(**{name: values[followed] for name, values in response.items()})
    models = batch.cox(code_terms(terms), rows, followed, ties)
    table = [(models.univariable(), np.full(n, True)), (models.univariable(among), among)]
    for univariable, population in table:
        population = population & followed
        assert [model.names for model in univariable] == [(term.name,) for term in terms]
        for term, model in zip(terms, univariable, strict=True):
            rows = population & known([term])
            expected = alone([term], rows, lambda p, r: cox.fit(p, r, ties), **response)
            assert_same(model.fit, expected)
            assert (model.status, model.note) == ("ok", "")
            assert (model.n, model.n_events) == (rows.sum(), response["event"][rows].sum())
    rows = among & followed & known(terms)
    expected = alone(terms, rows, lambda p, r: cox.fit(p, r, ties), **response)
    assert_same(models.fit([term.name for term in terms], among).fit, expected)


def test_logistic_models_equal_separate_fits():
    terms, _, outcome, rng = columns(300, seed=2)
    among = rng.random(300) < 0.6
    outcome[::40] = np.nan
    models = batch.logistic(code_terms(terms), outcome)
    for population, given in ((among, among), (np.full(300, True), None)):
        population = population & ~np.isnan(outcome)
        for term, model in zip(terms, models.univariable(given), strict=True):
            expected = alone([term], population & known([term]), logistic.fit, outcome=outcome)
            assert_same(model.fit, expected)
            assert_allclose(model.fit.intercept, expected.intercept, rtol=RTOL, atol=0)
            assert model.n == (population & known([term])).sum()
        expected = alone(terms, population & known(terms), logistic.fit, outcome=outcome)
        assert_same(models.fit([term.name for term in terms], given).fit, expected)


def test_inference_around_a_univariable_fit_equals_that_around_a_separate_one():
    terms, response, _ = follow_up()
    stage = [Column("stage", level) for level in ("I", "III", "IV")]
    fit = batch.cox(code_terms(terms), SurvivalRows(**response)).univariable()[2].fit
    expected = likelihood_ratio(alone(terms[2:3], known(terms[2:3]), cox.fit, **response), stage)
    # a difference of log likelihoods of about a thousand
    assert_allclose(likelihood_ratio(fit, stage).statistic, expected.statistic, rtol=1e-9, atol=0)


def test_levels_are_counted_in_the_complete_cases():
    terms, response, _ = follow_up()
    models = batch.cox(code_terms(terms), SurvivalRows(**response))
    both = known(terms[1:3])
    for model, rows in ((models.univariable()[2], known(terms[2:3])), (models.fit(["rare", "stage"]), both)):
        at_risk, died = model.counts["stage"]
        values, event = terms[2].values[rows], response["event"][rows]
        assert_array_equal(at_risk, [np.sum(values == k) for k in range(4)])
        assert_array_equal(died, [np.sum((values == k) & (event == 1)) for k in range(4)])
    assert models.univariable()[3].counts == {}


def test_a_term_of_days_by_few_levels_is_fitted_from_its_counts():
    terms, response, _ = follow_up(n=2000, unit=7)
    models = batch.cox(code_terms(terms), SurvivalRows(**response)).univariable()
    from_counts = [isinstance(model.fit.evaluate.__self__, LevelLikelihood) for model in models]
    # the real number has as many values as rows
    assert from_counts == [True, True, True, True, False]


def one_flag(values, time, event):
    table = code_terms([Term("flag", np.array(values), NO_YES)])
    return batch.cox(table, SurvivalRows(time, event)).univariable()[0]


def test_a_flag_without_events_is_penalised_and_said():
    model = one_flag([0, 0, 0, 1, 1], [1, 2, 3, 4, 5], [1, 1, 1, 0, 0])
    assert model.status == "penalised" and model.fit.penalised
    assert model.note == "no event has flag yes; Firth's penalty used"


def test_an_infinite_hazard_ratio_of_levels_with_events_is_found_too():
    # each event has the flag as long as anyone at risk has it; level no has events afterwards
    model = one_flag([1, 1, 1, 0, 0, 0], [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0])
    assert model.status == "penalised"
    assert model.note == "the likelihood has no finite maximum in flag yes; Firth's penalty used"


@pytest.mark.parametrize(
    ("values", "event", "reason"),
    [
        ([-1, -1, -1], [1, 1, 0], "no patients"),
        ([0, 1, 1], [0, 0, 0], "no events"),
        ([1, 1, -1], [1, 0, 1], "only one level occurs"),
    ],
)
def test_a_cox_model_that_cannot_be_fitted_has_a_reason(values, event, reason):
    model = one_flag(values, [1, 2, 3], event)
    assert (model.status, model.note, model.fit) == ("not-estimable", reason, None)


def test_a_logistic_model_of_events_only_has_a_reason():
    models = batch.logistic(code_terms([Term("flag", np.array([0, 1, 1]), NO_YES)]), [1, 1, 1])
    assert models.univariable()[0].note == models.fit(["flag"]).note == "every patient has the outcome"


@pytest.mark.parametrize("kind", ["cox", "logistic"])
def test_an_absent_reference_has_a_reason(kind):
    rng = np.random.default_rng(3)
    table = code_terms([Term("stage", rng.integers(1, 4, 60), ("I", "II", "III", "IV"))])
    event = rng.integers(0, 2, 60)
    rows = SurvivalRows(np.arange(60) + 1.0, event)
    models = batch.cox(table, rows) if kind == "cox" else batch.logistic(table, event)
    assert models.univariable()[0].note == "the reference level of stage does not occur"


def test_a_level_that_is_never_at_risk_is_dropped():
    # the third level is censored before the first event
    stage, time = np.array([0, 1, 0, 1, 0, 1, 2, 2]), np.array([3.0, 4, 5, 6, 7, 8, 1, 2])
    event = np.array([1.0, 1, 1, 1, 1, 0, 0, 0])
    table = code_terms([Term("stage", stage, ("I", "II", "III"))])
    model = batch.cox(table, SurvivalRows(time, event)).univariable()[0]
    assert model.status == "ok"
    assert model.fit.dropped == (Column("stage", "III"),)


def test_a_term_of_one_level_takes_no_part():
    terms, response, _ = follow_up()
    models = batch.cox(code_terms(terms), SurvivalRows(**response))
    model = models.fit(["flag", "rare", "age"], among=terms[1].values == 1)
    assert model.varying == ("flag", "age")
    assert_same(
        model.fit,
        alone([terms[0], terms[3]], (terms[1].values == 1) & known(terms[3:4]), cox.fit, **response),
    )


def test_few_terms_give_the_sums_of_every_term():
    events = np.array([1, 2, 5, 30, 31, 100, 1000, 20_000, 50])
    at_risk = np.array([1, 50, 10_000, 500, 10**6, 10**5, 10**6, 10**7, 60])
    few, every = tie_terms.few(events, at_risk), tie_terms.every(events)
    assert list(few.condensed) == [2, 3, 4, 5, 6, 7]
    assert len(few.day) < 110 < len(every.day)
    part = np.zeros(len(events))
    part[few.condensed] = few.most
    part[[0, 1, 8]] = events[[0, 1, 8]] / at_risk[[0, 1, 8]]
    for of_term in (
        lambda u, q: 1 / (1 - u * q),
        lambda u, q: u / (1 - u * q) ** 2,
        lambda u, q: np.log1p(-u * q),
    ):
        sums = [
            np.bincount(terms.day, terms.share * of_term(terms.tied, part[terms.day]))
            for terms in (few, every)
        ]
        # rounding in up to 20,000 terms, at the largest part for which they are meant
        assert_allclose(sums[0], sums[1], rtol=1e-13, atol=0)


def test_hazards_too_far_apart_for_few_terms_take_every_term():
    rng = np.random.default_rng(8)
    at_risk = np.cumsum(rng.integers(50, 100, (2, 40)), axis=1)[:, ::-1] * [[100.0], [1]]
    died = rng.integers(20, 40, (2, 40)).astype(float)
    likelihood = LevelLikelihood(np.array([[0.0, 1.0]]), at_risk, died, died.sum(axis=0).astype(int), "efron")
    terms = tie_terms.every(likelihood.day_events)
    for beta in (0.5, 3.0, 6.0):
        hazard = np.exp([0, beta])
        phi = hazard @ at_risk[:, terms.day] - terms.tied * (hazard @ died[:, terms.day])
        assert_allclose(
            likelihood.evaluate(np.array([beta])).value, beta * died[1].sum() - np.log(phi).sum(), rtol=1e-14
        )


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([], "one common length"),
        ([Term("a", np.zeros(2)), Term("b", np.zeros(3))], "one common length"),
        ([Term("a", np.array([0, 2]), NO_YES)], "a has codes outside its 2 levels"),
        ([Term("a", np.array([0, -2]), NO_YES)], "a has codes outside its 2 levels"),
        ([Term("a", np.array([0, np.inf]))], "a|0 has missing or infinite values"),
    ],
)
def test_a_table_that_cannot_be_coded(terms, message):
    with pytest.raises(ValueError, match=message):
        code_terms(terms)


def test_a_missing_code_may_be_nan():
    table = code_terms([Term("flag", np.array([0, np.nan, 1]), NO_YES)])
    assert_array_equal(table.known(["flag"]), [True, False, True])


@pytest.mark.parametrize(
    ("rows", "known", "ties", "message"),
    [
        (SurvivalRows([1, 2], [0, 1]), None, "exact", "ties is 'exact'"),
        (SurvivalRows([1], [1]), None, "efron", "which of 2 rows have the 1 endpoints"),
        (SurvivalRows([1, 2], [0, 1]), np.array([True, False]), "efron", "which of 2 rows have the 2"),
        (SurvivalRows([1, 2], [0, 1]), np.array([1, 1]), "efron", "which of 2 rows have the 2"),
        (SurvivalRows([1, 2], [0, 1], weights=[1, 2]), None, "efron", "weights would not be used"),
        (SurvivalRows([1, 2], [0, 1], counts=[1, 2]), None, "efron", "counts would not be used"),
        (SurvivalRows([1, 2], [0, 1], offset=[1, 2]), None, "efron", "offset would not be used"),
    ],
)
def test_an_endpoint_that_no_batch_has(rows, known, ties, message):
    table = code_terms([Term("flag", np.array([0, 1]), NO_YES)])
    with pytest.raises(ValueError, match=message):
        batch.cox(table, rows, known, ties)


def test_an_outcome_that_no_logistic_model_has():
    with pytest.raises(ValueError, match="outcome is not 0 or 1"):
        batch.logistic(code_terms([Term("flag", np.array([0, 1]), NO_YES)]), [0, 3])
    with pytest.raises(ValueError, match="outcome has shape"):
        batch.logistic(code_terms([Term("flag", np.array([0, 1]), NO_YES)]), [0, 1, 1])
