"""
Cox and logistic models of 5 to 100,000 rows and 1 to 40 columns against R.

The made-up rows are those of tests/reference/generator.R, made again by tests/generated.py; the cases and R's
answers are in tests/reference/exactness*.csv. Real rows with delayed entry are those of msk2018, from its raw
files, which tests/reference/cox_msk2018.R cleans on its own.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from support.generated import checksums, generated
from support.reference_cases import factor, numeric, options, patients, read_answers, read_cases

from recohort.statistics import logistic
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode
from recohort.statistics.survival_rows import SurvivalRows

CASES = read_cases("exactness_cases.csv")
ANSWERS = read_answers("exactness.csv")
# both engines end at rounding: Newton's last step is 1e-10 standard errors, sums are over 100,000 rows
RTOL = 1e-9


@pytest.fixture(scope="module")
def rows():
    return generated(100_000)


def test_rows_are_those_of_r(rows):
    assert list(checksums(rows).values()) == list(ANSWERS["rows"]["checksum"])


def test_rows_that_differ_in_one_of_seventy_flags_are_told_apart():
    # 2 to the power of 70 codes are more than an integer has
    flags = np.vstack([np.zeros(70), np.eye(70)])
    patterns = encode([Term(f"flag{k}", flag) for k, flag in enumerate(flags.T)])
    assert_array_equal(patterns.design[patterns.index], flags)


@pytest.mark.parametrize("name", CASES.index)
def test_matches_r(rows, name):
    case, expected = CASES.loc[name], ANSWERS[name]
    chosen = rows[case["first"] : case["first"] + case["n"]]
    patterns, event = numeric(chosen, case["columns"].split()), chosen[case["event"]]
    if case["model"] == "cox":
        more = options(case, chosen, ("entry", "strata", "weights", "counts", "offset"))
        fit = cox.fit(patterns, SurvivalRows(chosen[case["time"]], event, **more), case["ties"])
        coefficients, std_error = fit.coefficients, fit.std_error
    else:
        fit = logistic.fit(patterns, event, **options(case, chosen, ("weights", "offset")))
        coefficients = np.r_[fit.intercept, fit.coefficients]
        std_error = np.r_[fit.intercept_std_error, fit.std_error]
    assert_equal_r(fit, coefficients, std_error, expected)


def assert_equal_r(fit, coefficients, std_error, expected):
    # where an effect is smaller than its standard error, relative to the latter: with weights and heavy ties
    # R's own sums round to 4e-11 of it (by a score in extended precision; ours to 1e-15)
    size = np.maximum(np.abs(expected["coefficient"]), expected["std_error"])
    assert np.max(np.abs(coefficients - expected["coefficient"]) / size) < RTOL
    assert_allclose(std_error, expected["std_error"], rtol=RTOL, atol=0)
    assert_allclose(fit.loglik, expected["loglik"].item(), rtol=RTOL, atol=0)
    assert_allclose(fit.loglik_null, expected["loglik_null"].item(), rtol=RTOL, atol=0)
    assert (fit.n, fit.n_events) == (expected["n"].item(), expected["n_events"].item())


MSK2018 = read_answers("cox_msk2018.csv")


@pytest.fixture(scope="module")
def followed():
    everyone = patients("msk2018")
    women = everyone[everyone["in_followed"]].dropna(subset=["ihc_2_or_3", "age", "er", "stage_iv"])
    # the two times have two decimals; a difference of binary fractions has more
    entry = np.maximum(0, women["entry"].round(2))
    return women.assign(entry=entry, entry_years=entry // 12, years=np.ceil(women["os_months"] / 12))


@pytest.mark.parametrize("name", MSK2018)
def test_matches_r_on_msk2018_with_delayed_entry(followed, name):
    unit, ties, *strata = name.split("_")
    entry, time = ("entry", "os_months") if unit == "months" else ("entry_years", "years")
    terms = {term: factor(term, followed[term]) for term in ("ihc_2_or_3", "er", "stage_iv")}
    terms["age"] = Term("age", followed["age"].to_numpy() / 10)
    order = ["ihc_2_or_3", "age", "stage_iv"] if strata else ["ihc_2_or_3", "age", "er", "stage_iv"]
    rows = SurvivalRows(
        followed[time], followed["died"] == "yes", followed[entry], terms["er"].values if strata else None
    )
    fit = cox.fit(encode([terms[term] for term in order]), rows, ties)
    assert_equal_r(fit, fit.coefficients, fit.std_error, MSK2018[name])
