"""A test against a reference: what is counted, against what, and what stays outside."""

import pytest
from support.crosstabs import patients, run


def test_agreement_counts_who_has_both_tests():
    frame = patients(
        {("yes", "yes"): 40, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 45, ("yes", None): 7},
        "seen",
        "sick",
    )
    rows, counts = run(frame, "agreement", test={"seen": "yes"}, reference={"sick": "yes"})
    by_measure = {row["measure"]: row for row in rows}
    expected = {
        "sensitivity": 40 / 50,
        "specificity": 45 / 50,
        "PPV": 40 / 45,
        "NPV": 45 / 55,
        "accuracy": 85 / 100,
    }
    for measure, value in expected.items():
        assert by_measure[measure]["estimate"] == pytest.approx(value, rel=1e-12)
    # by hand: observed 0.85, expected 0.45 * 0.5 + 0.55 * 0.5 = 0.5
    assert by_measure["kappa"]["estimate"] == pytest.approx(0.7, rel=1e-12)
    # exact binomial: 2 * P(X <= 5 | n = 15, 1/2)
    assert by_measure["McNemar"]["p_value"] == pytest.approx(0.301758, rel=1e-5)
    assert {(row["n"], row["n_missing"]) for row in rows} == {(100, 7)}
    assert by_measure["PPV"]["n_level"] == 45 and by_measure["PPV"]["events_level"] == 40
    assert next(c["n"] for c in counts if (c["row_level"], c["column_level"]) == ("yes", "no")) == 5


def test_the_interval_of_kappa_ends_at_1():
    frame = patients({("yes", "yes"): 2, ("yes", "no"): 1, ("no", "no"): 54}, "seen", "sick")
    rows, _ = run(frame, "agreement", test={"seen": "yes"}, reference={"sick": "yes"})
    kappa = next(row for row in rows if row["measure"] == "kappa")
    # by hand: observed 56/57, expected (3 * 2 + 54 * 55) / 57^2
    assert kappa["estimate"] == pytest.approx(216 / 273, rel=1e-12)
    assert (kappa["ci_high"], kappa["ci_method"]) == (1.0, "Wald, cut at 1")
