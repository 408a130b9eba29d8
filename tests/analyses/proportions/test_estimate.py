"""Proportions: what is counted, against what, and what stays outside."""

import pytest
from support.crosstabs import patients, run


def test_rates_have_both_intervals_and_each_pair_a_raw_and_an_adjusted_p():
    frame = patients(
        {
            ("low", "yes"): 2,
            ("low", "no"): 38,
            ("mid", "yes"): 10,
            ("mid", "no"): 30,
            ("high", "yes"): 30,
            ("high", "no"): 10,
        },
        "score",
        "sick",
    )
    rows, _ = run(frame, "proportions", outcome={"sick": "yes"}, by="score", pairwise=True)
    shares = {(r["level"], r["ci_method"]): r for r in rows if r["measure"] == "proportion"}
    assert len(shares) == 6
    # R: prop.test(10, 40, correct = FALSE)$conf.int
    assert shares["mid", "Wilson"]["estimate"] == 0.25
    assert shares["mid", "Wilson"]["ci_low"] == pytest.approx(0.14187118639096302, rel=1e-12)
    raw = {(r["level"], r["reference"]): r for r in rows if r.get("model") == "pairwise"}
    holm = {(r["level"], r["reference"]): r for r in rows if r.get("model") == "pairwise, Holm"}
    assert set(raw) == set(holm) == {("mid", "low"), ("high", "low"), ("high", "mid")}
    # by hand: (10 * 38) / (2 * 30)
    assert raw["mid", "low"]["estimate"] == pytest.approx(380 / 60, rel=1e-12)
    # the largest p is left as it is, the smallest multiplied by three
    p = sorted(row["p_value"] for row in raw.values())
    assert sorted(row["p_value"] for row in holm.values()) == pytest.approx(
        [3 * p[0], 2 * p[1], p[2]], rel=1e-12
    )
    assert all("Holm over 3 pairs" in row["p_method"] for row in holm.values())


def test_an_empty_group_is_not_estimable():
    frame = patients({("low", "yes"): 1, ("high", "no"): 2}, "score", "sick")
    rows, _ = run(frame, "proportions", outcome={"sick": "yes"}, by="score", pairwise=True)
    mid = [row for row in rows if row["level"] == "mid" and row["measure"] == "proportion"]
    assert {row["status"] for row in mid} == {"not-estimable"} and all("estimate" not in row for row in mid)


def test_the_difference_of_a_pair_is_that_of_newcombe():
    cells = {("low", "yes"): 48, ("low", "no"): 32, ("mid", "yes"): 56, ("mid", "no"): 14}
    rows, _ = run(
        patients(cells, "score", "sick"),
        "proportions", outcome={"sick": "yes"}, by="score", pairwise=True, difference=True,
    )  # fmt: skip
    found = {(r["level"], r["reference"]): r for r in rows if r["measure"] == "difference"}
    assert set(found) == {("mid", "low"), ("high", "low"), ("high", "mid")}
    # 56/70 less 48/80, Newcombe (1998), Table II, contrast (a), method 10: 0.0524 to 0.3339
    pair = found["mid", "low"]
    assert pair["estimate"] == pytest.approx(0.2, rel=1e-12)
    assert (round(pair["ci_low"], 4), round(pair["ci_high"], 4)) == (0.0524, 0.3339)
    assert found["high", "mid"]["status"] == "not-estimable"
