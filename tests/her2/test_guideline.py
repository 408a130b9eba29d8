"""HER2 rules against the text of the guidelines, testing strategies against counts made by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from recohort.base.errors import RecohortError
from recohort.her2.guideline import (
    adapt,
    cross_tabulate,
    ish_groups,
    ish_result,
    load,
    strategies,
)

GUIDELINES = ["asco-cap-2013", "asco-cap-2018", "asco-cap-2023"]
SCORES = ["0", "1+", "2+", "3+"]

# Sums of a few products
RTOL = 1e-12


# Wolff et al. (2018), J. Clin. Oncol. 36:2105, figure 3; 2.0, 4.0 and 6.0 belong to the upper side
@pytest.mark.parametrize(
    "ratio, copies, group",
    [
        (2.0, 4.0, 1),
        (2.0, 3.999, 2),
        (1.999, 6.0, 3),
        (1.999, 5.999, 4),
        (1.999, 4.0, 4),
        (1.999, 3.999, 5),
        (2.0, 6.0, 1),
        (4.0, 8.4, 1),
        (12, 30, 1),
        (2.5, 0.5, 2),
        (1.0, 25, 3),
        (0.5, 1, 5),
    ],
)
@pytest.mark.parametrize("name", GUIDELINES)
def test_group_on_both_sides_of_each_cut_off(name, ratio, copies, group):
    assert ish_groups([ratio], [copies], load(name)) == [group]


def test_group_of_a_missing_value_is_0():
    rules = load("asco-cap-2018")
    assert_array_equal(ish_groups([np.nan, 2.5, np.nan, 2.5], [5, np.nan, np.nan, 5], rules), [0, 0, 0, 1])


# The same, figures 4 to 6
RESULTS_2018 = {
    1: ["positive", "positive", "positive", "positive"],
    2: ["negative", "negative", "negative", "positive"],
    3: ["negative", "negative", "positive", "positive"],
    4: ["negative", "negative", "negative", "positive"],
    5: ["negative", "negative", "negative", "negative"],
}


@pytest.mark.parametrize("name", ["asco-cap-2018", "asco-cap-2023"])
@pytest.mark.parametrize("group", RESULTS_2018)
def test_result_of_each_group_by_ihc_in_2018_and_2023(name, group):
    assert ish_result([group] * 4, SCORES, load(name)).tolist() == RESULTS_2018[group]


# Wolff et al. (2013), J. Clin. Oncol. 31:3997, figure 3
@pytest.mark.parametrize(
    "ratio, copies, result",
    [
        (2.0, 4.0, "positive"),
        (2.0, 3.999, "positive"),
        (1.999, 6.0, "positive"),
        (1.999, 5.999, "equivocal"),
        (1.999, 4.0, "equivocal"),
        (1.999, 3.999, "negative"),
    ],
)
@pytest.mark.parametrize("ihc", [*SCORES, None])
def test_result_in_2013_does_not_depend_on_ihc(ratio, copies, result, ihc):
    rules = load("asco-cap-2013")
    assert ish_result(ish_groups([ratio], [copies], rules), [ihc], rules).tolist() == [result]


def test_result_is_missing_without_group_or_without_ihc_that_matters():
    rules = load("asco-cap-2018")
    found = ish_result([0, 1, 2, 3, 4, 5, 5], ["2+", None, None, np.nan, None, None, np.nan], rules)
    assert found.tolist() == [None, "positive", None, None, None, "negative", "negative"]


@pytest.mark.parametrize("name", GUIDELINES)
def test_each_guideline_names_its_source(name):
    rules = load(name)
    assert name[-4:] in rules.title and name[-4:] in rules.citation and "doi:10.1200/" in rules.citation


def test_an_adapted_guideline_has_other_results_and_more_categories():
    """A laboratory with focal IHC categories that reports group 3 as positive whatever the IHC."""
    group_4 = {"0": "negative", "1+": "negative", "2+": "negative", "3+": "equivocal"}
    focal = {"1-2+ focal": "2+", "2-3+ focal": "2+"}
    rules = adapt(load("asco-cap-2018"), scores=focal, results={"3": "positive", 4: group_4})
    assert ish_result([3, 3, 3], ["0", "2-3+ focal", None], rules).tolist() == ["positive"] * 3
    assert ish_result([2, 2, 4], ["1-2+ focal", "3+", "3+"], rules).tolist() == [
        "negative",
        "positive",
        "equivocal",
    ]
    # The guideline itself is as it was
    assert ish_result([3], ["0"], load("asco-cap-2018")).tolist() == ["negative"]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"scores": {"2+ focal": "2"}}, "no such IHC score in the guideline. Did you mean '2\\+'"),
        ({"results": {6: "positive"}}, "no such ISH group in the guideline. Known: 1, 2, 3, 4, 5"),
        ({"results": {3: "positiv"}}, "no such ISH result in the guideline. Did you mean 'positive'"),
        ({"results": {3: {"4+": "positive"}}}, "no such IHC score"),
        ({"results": {3: {"0": "positive"}}}, "ISH group 3 has no result for IHC 1\\+"),
    ],
    ids=["score", "group", "result", "score of a result", "incomplete"],
)
def test_what_the_guideline_does_not_know_is_refused(change, message):
    with pytest.raises(RecohortError, match=message):
        adapt(load("asco-cap-2018"), **change)


def test_unknown_guideline_is_refused_with_the_nearest():
    with pytest.raises(RecohortError, match="no such HER2 guideline. Did you mean 'asco-cap-201"):
        load("asco-cap-2019")


def test_ihc_category_without_score_is_refused():
    with pytest.raises(RecohortError, match="'2\\+\\+': no such IHC category. Did you mean '2\\+'"):
        ish_result([1, 1, 1], ["0", None, "2++"], load("asco-cap-2018"))


def test_cross_tabulation_puts_each_specimen_in_its_cell():
    ihc = ["negative", "equivocal", "positive", "positive"]
    fish = ["negative", "positive", "positive", "positive"]
    counts = cross_tabulate(ihc, fish, [None, "negative", "positive", np.nan])
    assert counts.shape == (3, 2, 3) and counts.sum() == 4
    assert counts[0, 0, 2] == counts[1, 1, 0] == counts[2, 1, 1] == counts[2, 1, 2] == 1


@pytest.mark.parametrize(
    "ihc, fish, ngs, message",
    [
        (None, "negative", None, "no such IHC result"),
        ("2+", "negative", None, "no such IHC result"),
        ("negative", None, None, "no such FISH result"),
        ("negative", "equivocal", None, "no such FISH result"),
        ("negative", "negative", "amplified", "no such NGS result"),
    ],
)
def test_specimens_that_cannot_be_counted_are_refused(ihc, fish, ngs, message):
    with pytest.raises(RecohortError, match=message):
        cross_tabulate([ihc], [fish], [ngs])


# IHC negative, equivocal, positive; FISH negative, positive; NGS negative, positive, not done
COUNTS = np.array([[[30, 2, 868], [1, 4, 45]], [[5, 1, 694], [0, 2, 198]], [[3, 1, 16], [2, 8, 120]]])


def numbers(strategy):
    s = strategy
    return [s.specimens, s.ngs_tests, s.fish_tests, s.found, s.missed, s.false_positives]


def test_strategies_by_hand():
    """With NGS of sensitivity 0.9 and specificity 0.95 where it was not done."""
    for_all, ihc_first, ihc_and_ngs = strategies(COUNTS, 0.9, 0.95)
    # FISH positive are 50 + 200 + 130 of 950 + 900 + 150
    assert numbers(for_all) == [2000, 0, 2000, 380, 0, 0]
    # FISH for 900 equivocal; missed: 50 with negative IHC; wrong: 20 with positive IHC
    assert numbers(ihc_first) == [2000, 0, 900, 330, 50, 20]
    # Discordant, IHC negative: 2 + 4 measured, 868 x 0.05 + 45 x 0.9 = 83.9 not; IHC positive: 3 + 2 and
    # 16 x 0.95 + 120 x 0.1 = 27.2. Missed: 1 + 45 x 0.1 = 5.5. Wrong: 1 + 16 x 0.05 = 1.8
    assert_allclose(numbers(ihc_and_ngs), [2000, 1100, 900 + 89.9 + 32.2, 374.5, 5.5, 1.8], rtol=RTOL, atol=0)


def test_strategies_per_1000():
    found = strategies(COUNTS, 0.9, 0.95)[1].per_1000()
    assert numbers(found) == [1000, 0, 450, 165, 25, 10]
    assert found.name == "IHC first, FISH if equivocal"


def test_perfect_ngs_misses_nothing_and_tests_only_the_discordant():
    counts = COUNTS.copy()
    counts[:, :, :2] = 0
    ihc_first, ihc_and_ngs = strategies(counts, 1, 1)[1:]
    assert (ihc_and_ngs.missed, ihc_and_ngs.false_positives) == (0, 0)
    assert ihc_and_ngs.fish_tests == ihc_first.fish_tests + ihc_first.missed + ihc_first.false_positives


def test_ngs_that_is_always_negative_finds_what_ihc_first_finds_and_confirms_it():
    counts = COUNTS.copy()
    counts[:, :, :2] = 0
    ihc_first, ihc_and_ngs = strategies(counts, 0, 1)[1:]
    assert (ihc_and_ngs.found, ihc_and_ngs.false_positives) == (ihc_first.found, 0)
    assert ihc_and_ngs.fish_tests == ihc_first.fish_tests + counts[2].sum()


@pytest.mark.parametrize("sensitivity, specificity", [(1.01, 1), (1, -0.01), (np.nan, 1)])
def test_impossible_sensitivity_or_specificity_of_ngs_is_refused(sensitivity, specificity):
    with pytest.raises(RecohortError, match="of NGS is not between 0 and 1"):
        strategies(COUNTS, sensitivity, specificity)
