"""Table 1 against R (tests/reference/summary.R on the women of GBSG2), and what must not matter."""

from pathlib import Path
from types import SimpleNamespace

import lifelines
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from support import protocols
from support.disclosure import RULE
from support.paths import REFERENCE

from recohort.analyses import control, estimates
from recohort.analyses.estimate import estimate
from recohort.analyses.summary.numbers import difference_of_means, difference_of_shares, numbers

# Counts, quantiles and sums of squares: rounding only; the tail of a normal at z = 7 multiplies it by 50
RTOL = 1e-11

VARIABLES = {
    "horTh": protocols.variable("horTh", "flag", "Hormone therapy", levels=("no", "yes")),
    "menostat": protocols.variable("menostat", "category", "Menopause", levels=("Pre", "Post")),
    "tgrade": protocols.variable("tgrade", "category", "Grade", levels=("I", "II", "III")),
    "age": protocols.variable("age", "number", "Age"),
    "tsize": protocols.variable("tsize", "number", "Size"),
    "pnodes": protocols.variable("pnodes", "number", "Nodes"),
}
CASES = {
    "complete": ("horTh", ["age", "menostat", "tsize", "tgrade", "pnodes"]),
    "three groups": ("tgrade", ["age", "menostat", "horTh"]),
    "missing": ("horTh", ["age", "tgrade"]),
    "few": ("horTh", ["age", "menostat"]),
}


@pytest.fixture(scope="module")
def gbsg2():
    frame = pd.read_csv(Path(lifelines.__file__).parent / "datasets" / "gbsg2.csv")
    for name in ("horTh", "menostat", "tgrade"):
        frame[name] = pd.Categorical(frame[name], categories=list(VARIABLES[name].levels))
    return frame.astype({"age": float, "tsize": float, "pnodes": float})


@pytest.fixture(scope="module")
def cohorts(gbsg2):
    gaps = gbsg2.copy()
    gaps.loc[::7, "age"] = np.nan
    gaps.loc[::5, "tgrade"] = np.nan
    return {"complete": gbsg2, "three groups": gbsg2, "missing": gaps, "few": gbsg2[:20]}


@pytest.fixture(scope="module")
def reference():
    path = REFERENCE / "summary.csv"
    return pd.read_csv(path, comment="#", keep_default_na=False, float_precision="round_trip")


def described(cohort, by, names):
    """The numbers of Table 1 with the tests of the stage."""
    options = {"variables": names} | ({"by": by} if by else {})
    analysis = protocols.analysis("table1", "summary", "Table 1", ("all",), options)
    study = SimpleNamespace(study="gbsg2", codebook=VARIABLES)
    cohort = cohort.assign(in_all=True)
    tests = estimates.records(estimates.table(estimate(cohort, study, analysis).rows))
    return numbers(study, analysis, cohort, tests)


@pytest.mark.parametrize("case", CASES)
def test_matches_r(case, cohorts, reference):
    by, names = CASES[case]
    ours = described(cohorts[case], by, names).set_index(["variable", "level", "group"])
    expected = reference[reference["case"] == case]
    found = [ours.loc[(r.variable, r.level, r.group), r.quantity] for r in expected.itertuples()]
    assert len(expected) > 20
    assert_allclose(np.array(found, float), expected["value"], rtol=RTOL, atol=0)


def test_tests_are_named(cohorts):
    names = {}
    for case, (by, variables) in CASES.items():
        rows = described(cohorts[case], by, variables)
        tested = rows[rows["p_value"].notna()]
        names |= {(case, r.variable): r.p_method for r in tested.itertuples()}
    assert names["complete", "menostat"] == "Pearson chi-square"
    assert names["few", "menostat"] == "Fisher exact"
    assert names["complete", "age"].startswith("Wilcoxon")
    assert names["three groups", "age"].startswith("Kruskal-Wallis")


def test_row_order_and_the_callers_frame_do_not_change(gbsg2):
    before = gbsg2.copy(deep=True)
    shuffled = gbsg2.sample(frac=1, random_state=1)
    for by, names in CASES.values():
        pd.testing.assert_frame_equal(
            described(gbsg2, by, names), described(shuffled, by, names), rtol=1e-12, atol=0
        )
    pd.testing.assert_frame_equal(gbsg2, before)


def test_every_unit_is_known_missing_or_ungrouped(cohorts):
    rows = described(cohorts["missing"], "tgrade", ["age", "horTh"])
    whole = rows[rows["level"] == ""]
    parts = whole["n"] + whole["n_missing"]
    everybody = whole["group"] == ""
    assert (parts[everybody] + whole["n_ungrouped"][everybody] == len(cohorts["missing"])).all()
    assert (whole["n_ungrouped"] == 138).all()
    by_group = whole[~everybody].groupby("variable", sort=False)[["n", "n_missing"]].sum()
    np.testing.assert_array_equal(by_group, whole[everybody].set_index("variable")[["n", "n_missing"]])


def test_without_groups_there_is_no_test(gbsg2):
    rows = described(gbsg2, None, ["age", "tgrade"])
    assert set(rows["group"]) == {""}
    assert rows["p_value"].isna().all()
    assert rows.loc[rows["level"] == "II", "n"].item() == 444


def test_degenerate_columns_have_no_test(gbsg2):
    unknown = gbsg2.assign(
        age=np.nan, menostat=pd.Categorical(["Pre"] * len(gbsg2), categories=["Pre", "Post"])
    )
    rows = described(unknown, "horTh", ["age", "menostat"])
    assert rows["p_value"].isna().all()
    assert rows["std_difference"].isna().all()
    assert rows.loc[rows["variable"] == "age", "median"].isna().all()


def test_a_standardised_difference_by_hand():
    # shares 0.2 and 0.5: 0.3 / sqrt((0.2 * 0.8 + 0.5 * 0.5) / 2)
    assert difference_of_shares(np.array([[8.0, 5.0], [2.0, 5.0]])) == pytest.approx(
        0.3 / 0.205**0.5, rel=1e-14
    )
    # means 2 and 5, variances 1 and 4
    first, second = np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0])
    assert difference_of_means(first, second) == pytest.approx(3 / 2.5**0.5, rel=1e-14)


def test_groups_without_a_common_level_have_no_standardised_difference():
    assert np.isnan(difference_of_shares(np.array([[4.0, 0.0], [0.0, 4.0]])))


def test_the_tests_of_a_summary_are_estimates_that_are_shown_in_its_table_only(gbsg2):
    options = {"variables": ["age", "tgrade"], "by": "horTh"}
    analysis = protocols.analysis("table1", "summary", "Table 1", ("all",), options)
    study = SimpleNamespace(study="gbsg2", codebook=VARIABLES)
    found = estimates.table(estimate(gbsg2.assign(in_all=True), study, analysis).rows)
    assert list(found["term"]) == ["age", "tgrade"]
    assert (found["outcome"] == "horTh").all() and (found["measure"] == "association").all()
    assert (found["n"] == 686).all() and found["p_value"].notna().all()
    # its numbers rest on counts that only the table knows
    shown = control.estimates(estimates.records(found), RULE)
    assert {(r["status"], r["p_value"], r["n"]) for r in shown} == {("suppressed", None, None)}
