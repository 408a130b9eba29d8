"""The cross-table analyses of a protocol: what is counted, against what, and what stays outside."""

import pandas as pd
import pytest
from support import protocols

from recohort.analyses.crosstab import estimate as agreement

SCORE = protocols.variable("score", "category", "Score", levels=("low", "mid", "high"))
GROUP = protocols.variable("group", "category", "Group", levels=("a", "b"), reference="b")
SICK = protocols.variable("sick", "flag", "Sick", levels=("no", "yes"))
SEEN = protocols.variable("seen", "flag", "Seen", levels=("no", "yes"))
STUDY = protocols.protocol(
    study="invented",
    title="",
    data="synthetic",
    description="",
    source={},
    extract={},
    unit="patients",
    codebook={v.name: v for v in (SCORE, GROUP, SICK, SEEN)},
    checks={},
    endpoints={},
    cohort=(),
    populations={"all": protocols.population("all", "All")},
    analyses={},
    assumptions=(),
)


def patients(cells, *names):
    """One row per patient from {(level, ...): count}; None is missing."""
    rows = [levels for levels, n in cells.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=list(names)).assign(in_all=True)
    for name in names:
        frame[name] = pd.Categorical(frame[name], categories=STUDY.codebook[name].levels)
    return frame


def run(frame, kind, **options):
    return agreement.estimates(frame, STUDY, protocols.analysis("it", kind, "", ("all",), options))


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
    assert {"row_level": "a", "column_level": "", "n": 2}.items() <= next(
        cell for cell in counts if (cell["row_level"], cell["column_level"]) == ("a", "")
    ).items()
    assert sum(cell["n"] for cell in counts) == 11


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


def test_strategies_find_and_miss_what_their_rules_say():
    frame = patients(
        {
            ("low", "yes"): 5,
            ("low", "no"): 95,
            ("mid", "yes"): 20,
            ("mid", "no"): 60,
            ("high", "yes"): 18,
            ("high", "no"): 2,
        },
        "score",
        "sick",
    )
    rows, _ = run(
        frame,
        "strategies",
        ihc="score",
        fish={"sick": "yes"},
        negative=["low"],
        equivocal=["mid"],
        positive=["high"],
    )
    found = {(row["level"], row["measure"]): row["estimate"] for row in rows}
    reflex, both = "IHC first, FISH if equivocal", "IHC and NGS, FISH if equivocal or discordant"
    assert (found["FISH for all", "FISH tests"], found["FISH for all", "positives found"]) == (200, 43)
    assert (
        found[reflex, "FISH tests"],
        found[reflex, "positives missed"],
        found[reflex, "false positives"],
    ) == (80, 5, 2)
    # sequencing of the 120 that are not equivocal disagrees with IHC in 5 + 2
    assert (found[both, "NGS tests"], found[both, "FISH tests"], found[both, "positives missed"]) == (
        120,
        87,
        0,
    )
    assert found[reflex, "FISH tests per 1,000"] == 400


def test_an_empty_group_is_not_estimable():
    frame = patients({("low", "yes"): 1, ("high", "no"): 2}, "score", "sick")
    rows, _ = run(frame, "proportions", outcome={"sick": "yes"}, by="score", pairwise=True)
    mid = [row for row in rows if row["level"] == "mid" and row["measure"] == "proportion"]
    assert {row["status"] for row in mid} == {"not-estimable"} and all("estimate" not in row for row in mid)
