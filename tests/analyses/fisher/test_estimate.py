"""Fisher tests: what is counted, against what, and what stays outside."""

import pytest
from support.crosstabs import patients, run


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
