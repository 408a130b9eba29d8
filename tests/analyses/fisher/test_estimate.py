"""Fisher tests: what is counted, against what, and what stays outside."""

from dataclasses import replace

import pandas as pd
import pytest
from support import protocols
from support.crosstabs import STUDY, patients, run

from recohort.analyses.estimate import estimate


def test_fisher_compares_the_other_level_with_the_reference_and_leaves_out_the_unknown():
    # R: fisher.test(matrix(c(3, 1, 1, 3), 2)): p 0.4857143, the tea-tasting lady (Agresti 2002, table 3.8)
    frame = patients(
        {("a", "yes"): 3, ("a", "no"): 1, ("b", "yes"): 1, ("b", "no"): 3, ("a", None): 2, (None, "yes"): 1},
        "group",
        "sick",
    )
    rows, counts = run(frame, "fisher", outcomes={"sick": "yes"}, by="group")
    (row,) = rows
    assert (row["level"], row["reference"], row["status"]) == ("a", "b", "exact")
    assert row["p_value"] == pytest.approx(34 / 70, rel=1e-12)
    # R: uniroot on the mean of the noncentral hypergeometric to 1e-14; the sample odds ratio is 9
    assert row["estimate"] == pytest.approx(6.4083196588, rel=1e-9)
    assert (row["n"], row["events"], row["n_level"], row["events_level"], row["n_missing"]) == (8, 4, 4, 3, 3)
    assert (row["n_no_outcome"], row["n_no_covariate"]) == (2, 1)
    assert {"row_level": "a", "column_level": "", "n": 2}.items() <= next(
        cell for cell in counts if (cell["row_level"], cell["column_level"]) == ("a", "")
    ).items()
    assert sum(cell["n"] for cell in counts) == 11


# R's data UCBAdmissions, (admitted, rejected) of men and women by department
BERKELEY = {
    "A": ((512, 313), (89, 19)), "B": ((353, 207), (17, 8)), "C": ((120, 205), (202, 391)),
    "D": ((138, 279), (131, 244)), "E": ((53, 138), (94, 299)), "F": ((22, 351), (24, 317)),
}  # fmt: skip


def berkeley(**more):
    """The applicants of Berkeley as a study: group a is the men, b the women; sick is who was admitted."""
    department = protocols.variable("department", "category", "Department", levels=tuple(BERKELEY))
    study = replace(STUDY, codebook={**STUDY.codebook, "department": department})
    rows = [
        (of, group, outcome)
        for of, counts in BERKELEY.items()
        for group, line in zip("ab", counts, strict=True)
        for outcome, n in zip(("yes", "no"), line, strict=True)
        for _ in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["department", "group", "sick"]).assign(in_all=True, **more)
    for name in ("department", "group", "sick"):
        frame[name] = pd.Categorical(frame[name], study.codebook[name].levels)
    options = {"outcomes": {"sick": "yes"}, "by": "group", "strata": "department"}
    return frame, study, protocols.analysis("it", "fisher", "", ("all",), options)


def test_the_odds_ratio_that_strata_have_in_common_is_that_of_mantelhaen_test():
    exact, common = estimate(*berkeley()).rows
    assert (exact.get("model", ""), common["model"], common["n"]) == ("", "stratified", 4526)
    # mantelhaen.test(UCBAdmissions), as example(mantelhaen.test) prints it: 4 digits of p, 7 of the others.
    assert common["estimate"] == pytest.approx(0.9046968, abs=6e-8)
    assert common["ci_low"] == pytest.approx(0.7719074, abs=6e-8)
    assert common["ci_high"] == pytest.approx(1.0603298, abs=6e-8)
    assert common["p_value"] == pytest.approx(0.2323, abs=6e-5)
    # by hand, and far from it: all departments together
    assert exact["n_level"] == 2691 and exact["estimate"] > 1.8


def test_who_has_no_stratum_is_not_in_the_common_odds_ratio():
    frame, study, analysis = berkeley()
    frame.loc[frame["department"] == "A", "department"] = None
    exact, common = estimate(frame, study, analysis).rows
    assert (exact["n"], exact["n_missing"]) == (4526, 0)
    assert (common["n"], common["n_missing"]) == (4526 - 933, 933)
    assert (common["n_no_outcome"], common["n_no_covariate"]) == (0, 933)


def test_who_lacks_the_outcome_and_the_stratum_is_counted_as_without_the_outcome():
    frame, study, analysis = berkeley()
    frame.loc[frame["department"] == "A", "department"] = None
    # 2 of department A, 3 of another one
    frame.loc[[*frame.index[frame["department"].isna()][:2], *frame.index[-3:]], "sick"] = None
    exact, common = estimate(frame, study, analysis).rows
    assert (exact["n_no_outcome"], exact["n_no_covariate"]) == (5, 0)
    assert (common["n_no_outcome"], common["n_no_covariate"]) == (5, 931)
    assert common["n"] + common["n_missing"] == 4526


def test_strata_in_which_nobody_differs_have_no_common_odds_ratio():
    frame, study, analysis = berkeley()
    _, common = estimate(frame[frame["sick"] == "yes"], study, analysis).rows
    assert common["status"] == "not-estimable"
