"""Testing strategies: what is counted, against what, and what stays outside."""

from support.crosstabs import patients, run


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


def test_who_is_in_no_strategy_is_counted_by_what_is_lacking():
    cells = {
        ("low", "yes"): 5, ("mid", "no"): 20, ("high", "yes"): 9, (None, "yes"): 3, ("low", None): 4,
        (None, None): 2,
    }  # fmt: skip
    # a level that is called nothing is in no strategy
    rows, _ = run(
        patients(cells, "score", "sick"),
        "strategies",
        ihc="score",
        fish={"sick": "yes"},
        negative=["low"],
        equivocal=[],
        positive=["high"],
    )
    found = {(r["n"], r["n_missing"], r["n_no_outcome"], r["n_no_covariate"]) for r in rows}
    # without FISH 4 + 2; of the others 3 without a score and 20 with one that is not called
    assert found == {(14, 29, 6, 23)}
