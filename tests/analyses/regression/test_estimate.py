"""The regressions of a protocol: which models are fitted, on whom, and what is said when one cannot be."""

import math

import numpy as np
import pandas as pd
import pytest
from support import protocols
from support.reference_cases import read_answers, read_rows

from recohort.analyses.estimate import estimate

SEX = protocols.variable("sex", "category", "Sex", levels=("f", "m"))
ARM = protocols.variable("arm", "category", "Arm", levels=("a", "b", "c"), reference="b")
AGE = protocols.variable("age", "number", "Age", per=10.0)
SICK = protocols.variable("sick", "flag", "Sick", levels=("no", "yes"))


def protocol(*variables):
    return protocols.protocol(
        study="invented",
        title="",
        data="synthetic",
        description="",
        source={},
        extract={},
        unit="patients",
        codebook={v.name: v for v in variables},
        checks={},
        endpoints={},
        cohort=(),
        populations={"all": protocols.population("all", "All")},
        analyses={},
        assumptions=(),
    )


def logistic(terms, **options):
    return protocols.analysis(
        "odds", "logistic", "", ("all",), {"outcome": {"sick": "yes"}, "terms": terms, **options}
    )


def cox(terms, **options):
    return protocols.analysis("hazard", "cox", "", ("all",), {"endpoint": "os", "terms": terms, **options})


def patients(**columns):
    factors = {v.name: v.levels for v in (SEX, ARM, SICK)}
    frame = pd.DataFrame(columns)
    for name in frame.columns.intersection(list(factors)):
        frame[name] = pd.Categorical(frame[name], categories=factors[name])
    return frame.assign(in_all=True)


def two_by_two(a, b, c, d):
    """a sick women, b sick men, c well women, d well men."""
    return patients(
        sex=["f"] * a + ["m"] * b + ["f"] * c + ["m"] * d, sick=["yes"] * (a + b) + ["no"] * (c + d)
    )


def found(rows, **identity):
    (row,) = [row for row in rows if all(row[key] == value for key, value in identity.items())]
    return row


def test_the_odds_ratio_of_a_two_by_two_table_is_its_cross_product():
    rows = estimate(two_by_two(10, 20, 30, 15), protocol(SEX, SICK), logistic(["sex"], interval="wald")).rows
    men = found(rows, level="m")
    # by hand: (20 * 30) / (10 * 15) = 4, SE = sqrt(1/10 + 1/20 + 1/30 + 1/15) = 1/2; Newton stops at 1e-10
    assert men["estimate"] == pytest.approx(4, rel=1e-9)
    assert men["std_error"] == pytest.approx(0.5, rel=1e-9)
    z = 1.959963984540054
    assert men["ci_low"] == pytest.approx(4 * math.exp(-z / 2), rel=1e-9)
    assert men["ci_high"] == pytest.approx(4 * math.exp(z / 2), rel=1e-9)
    assert (men["n"], men["events"], men["n_level"], men["events_level"]) == (75, 30, 35, 20)
    women = found(rows, level="f")
    assert (women["estimate"], women["n_level"], women["events_level"]) == (1.0, 40, 10)
    assert "ci_low" not in women and "p_value" not in women


def test_a_reference_named_in_the_codebook_is_the_one_compared_with():
    frame = patients(arm=list("aabbbcc") * 10, sick=(["yes", "no", "yes", "no", "no", "yes", "no"] * 10))
    rows = estimate(frame, protocol(ARM, SICK), logistic(["arm"])).rows
    assert [(row.get("level"), row["reference"]) for row in rows] == [
        ("a", "b"),
        ("b", "b"),
        ("c", "b"),
        (None, "b"),
    ]
    # arms a and c: odds 1, arm b: odds 1/2, so both odds ratios are 2
    assert found(rows[:3], level="a")["estimate"] == pytest.approx(2, rel=1e-9)
    assert found(rows[:3], level="c")["estimate"] == pytest.approx(2, rel=1e-9)
    assert (rows[3]["measure"], rows[3]["p_method"], rows[3]["df"]) == ("global", "likelihood ratio", 2)


def test_a_number_is_reported_per_the_unit_of_its_codebook():
    rng = np.random.default_rng(3)
    age = rng.integers(30, 80, 200).astype(float)
    frame = patients(age=age, sick=np.where(rng.random(200) < age / 100, "yes", "no"))
    per_ten = estimate(frame, protocol(AGE, SICK), logistic(["age"])).rows[0]["estimate"]
    years = protocols.variable("age", "number", "Age")
    per_year = estimate(frame, protocol(years, SICK), logistic(["age"])).rows[0]["estimate"]
    assert per_ten == pytest.approx(per_year**10, rel=1e-9)
    assert per_ten > 1.2


def test_patients_without_a_term_are_left_out_and_counted():
    frame = two_by_two(10, 20, 30, 15)
    frame.loc[:4, "sex"] = None
    row = found(estimate(frame, protocol(SEX, SICK), logistic(["sex"])).rows, level="m")
    assert (row["n"], row["n_missing"], row["events"]) == (70, 5, 25)
    assert (row["n_no_outcome"], row["n_no_covariate"]) == (0, 5)


def test_each_patient_is_in_a_model_or_left_out_once():
    frame = two_by_two(10, 20, 30, 15)
    frame.loc[:4, "sex"] = None
    # two of these three lack the sex as well
    frame.loc[3:5, "sick"] = None
    row = found(estimate(frame, protocol(SEX, SICK), logistic(["sex"])).rows, level="m")
    assert (row["n_no_outcome"], row["n_no_covariate"], row["n"]) == (3, 3, 69)
    assert row["n_missing"] == 5


def test_a_population_restricts_patients():
    frame = two_by_two(10, 20, 30, 15).assign(in_few=[i % 2 == 0 for i in range(75)])
    analysis = protocols.analysis(
        "odds", "logistic", "", ("few",), {"outcome": {"sick": "yes"}, "terms": ["sex"]}
    )
    assert {row["n"] for row in estimate(frame, protocol(SEX, SICK), analysis).rows} == {38}


def test_complete_separation_is_penalised_and_said():
    rows = estimate(two_by_two(0, 20, 30, 15), protocol(SEX, SICK), logistic(["sex"])).rows
    men = found(rows, level="m")
    assert men["status"] == "penalised" and "Firth" in men["note"] and "sex m" in men["note"]
    # Firth on a saturated 2x2 table adds one half to each cell: (20.5 * 30.5) / (0.5 * 15.5)
    assert men["estimate"] == pytest.approx(20.5 * 30.5 / (0.5 * 15.5), rel=1e-7)
    assert (
        men["ci_method"] == "profile penalised likelihood" and men["p_method"] == "penalised likelihood ratio"
    )


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (two_by_two(0, 0, 30, 15), "no events"),
        (two_by_two(30, 15, 0, 0), "every patient has the outcome"),
        (two_by_two(10, 0, 30, 0), "nobody has this level"),
    ],
)
def test_what_cannot_be_estimated_has_no_number_and_a_reason(frame, reason):
    row = found(estimate(frame, protocol(SEX, SICK), logistic(["sex"])).rows, level="m")
    assert (row["status"], row["note"]) == ("not-estimable", reason)
    assert "estimate" not in row


def test_a_constant_term_does_not_stop_the_others_of_its_model():
    frame = two_by_two(10, 20, 30, 15).assign(arm=pd.Categorical(["a"] * 75, categories=ARM.levels))
    rows = estimate(frame, protocol(SEX, ARM, SICK), logistic(["sex", "arm"], multivariable="all")).rows
    assert found(rows, model="multivariable", term="sex", level="m")["estimate"] == pytest.approx(4, rel=1e-9)
    assert found(rows, model="multivariable", term="arm", level="a")["status"] == "not-estimable"


def test_a_collinear_term_is_named_and_not_estimated():
    frame = two_by_two(10, 20, 30, 15)
    twin = protocols.variable("twin", "category", "Twin", levels=("f", "m"))
    frame["twin"] = frame["sex"]
    rows = estimate(frame, protocol(SEX, twin, SICK), logistic(["sex", "twin"], multivariable="all")).rows
    assert found(rows, model="multivariable", term="sex", level="m")["estimate"] == pytest.approx(4, rel=1e-9)
    second = found(rows, model="multivariable", term="twin", level="m")
    assert (second["status"], second["note"]) == (
        "not-estimable",
        "a linear combination of the terms before it",
    )


def test_multivariable_terms_can_be_chosen_by_univariable_p():
    rng = np.random.default_rng(1)
    frame = two_by_two(10, 20, 30, 15).assign(
        arm=pd.Categorical(rng.choice(list("abc"), 75), categories=ARM.levels)
    )
    study = protocol(SEX, ARM, SICK)

    def chosen(rule):
        rows = estimate(frame, study, logistic(["sex", "arm"], multivariable=rule)).rows
        return {row["term"] for row in rows if row["model"] == "multivariable"}

    assert chosen("none") == set()
    assert chosen("all") == {"sex", "arm"}
    assert chosen(["arm"]) == {"arm"}
    # sex has p = 0.005 by the likelihood ratio, arm is noise
    assert chosen({"univariable_p_below": 0.05}) == {"sex"}


def survivors(n=120, seed=7):
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    time = np.ceil(rng.exponential(np.where(sex == "m", 300, 600)))
    return patients(sex=sex, os_time_days=time, os_event=(rng.random(n) < 0.7).astype(float))


def test_patients_without_an_endpoint_are_not_in_a_cox_model():
    frame = survivors()
    frame.loc[:9, ["os_time_days", "os_event"]] = np.nan
    row = found(estimate(frame, protocol(SEX), cox(["sex"])).rows, level="m")
    assert row["n"] == 110
    assert row["measure"] == "HR" and row["ci_method"] == "Wald" and row["p_method"] == "Wald"


def test_strata_of_one_patient_each_leave_nothing_to_compare():
    frame = survivors(3)
    frame["arm"] = pd.Categorical(["a", "b", "c"], categories=ARM.levels)
    row = found(estimate(frame, protocol(SEX, ARM), cox(["sex"], strata=["arm"])).rows, level="m")
    assert (row["status"], "estimate" in row) == ("not-estimable", False)


def test_ties_are_handled_as_the_protocol_says():
    frame = survivors()
    frame["os_time_days"] = np.ceil(frame["os_time_days"] / 200)
    by_method = {
        ties: found(estimate(frame, protocol(SEX), cox(["sex"], ties=ties)).rows, level="m")["estimate"]
        for ties in ("efron", "breslow")
    }
    # with heavy ties Breslow's estimate is nearer to 1
    assert 1 < by_method["breslow"] < by_method["efron"]


def test_delayed_entry_is_used_when_the_endpoint_has_it():
    frame = survivors()
    plain = found(estimate(frame, protocol(SEX), cox(["sex"])).rows, level="m")["estimate"]
    late = frame.assign(os_entry_days=frame["os_time_days"] / 2)
    delayed = found(estimate(late, protocol(SEX), cox(["sex"])).rows, level="m")["estimate"]
    at_start = frame.assign(os_entry_days=0.0)
    same = found(estimate(at_start, protocol(SEX), cox(["sex"])).rows, level="m")["estimate"]
    assert same == pytest.approx(plain, rel=1e-9)
    assert abs(delayed - plain) > 0.01


def test_clusters_make_errors_and_tests_robust_and_a_joint_model_tells_its_concordance():
    # coxph(..., cluster = ) and concordance() of survival: case forty_rows of tests/reference/residuals.R
    rows, answers = read_rows("cox_rows.csv")[:40], read_answers("residuals.csv")["forty_rows"]
    frame = patients(
        a=rows["a"], c=rows["c"], u=rows["u"], os_time_days=rows["years"], os_event=rows["event"]
    )
    frame["three"] = (np.arange(40) // 3).astype(str)
    terms = [protocols.variable(name, "number", name) for name in "acu"]
    plan = protocol(*terms, protocols.variable("three", "text", "Three"))
    found = estimate(frame, plan, cox(list("acu"), multivariable="all", cluster="three")).rows
    joint = [row for row in found if row["model"] == "multivariable"]
    variance = answers["robust_three"].reshape(3, 3).diagonal()
    # both are iterated to rounding, as in tests/statistics/cox/test_residuals.py
    np.testing.assert_allclose([row["std_error"] for row in joint[:3]], np.sqrt(variance), rtol=1e-9)
    assert {(row["ci_method"], row["p_method"]) for row in joint[:3]} == {("Wald, robust", "Wald, robust")}
    z = np.log(joint[0]["estimate"]) / joint[0]["std_error"]
    assert joint[0]["p_value"] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-9)
    assert joint[3]["measure"] == "concordance"
    assert (joint[3]["estimate"], joint[3]["std_error"]) == pytest.approx(
        answers["concordance_three"], rel=1e-9
    )
    assert not [row for row in found if row["model"] == "univariable" and row["measure"] == "concordance"]
