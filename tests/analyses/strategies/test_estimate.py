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
