"""A column that the earlier drop cannot give costs what needs it, and nothing else."""

import pytest
from support.drop_gates import ROWS, changed
from support.drops import CODEBOOK, ENDPOINTS, HEADER, compared, table

from recohort.drop import summary

ANALYSES = {
    "os": {"kind": "cox", "endpoint": "os", "terms": ["liver", "age"], "multivariable": "all"},
    "liver": {"kind": "logistic", "outcome": {"liver": "yes"}, "terms": ["age"]},
    "fisher": {"kind": "fisher", "outcomes": {"died": "yes"}, "by": "liver"},
    "curves": {"kind": "curves", "endpoint": "os"},
}


@pytest.fixture
def lost(study, tmp_path):
    """The comparison of a drop whose earlier one has a damaged column, and the protocol."""

    def compare(column, change=lambda value, i: "?", codebook=CODEBOOK, **sections):
        made = study(
            f"{HEADER}\n1,50,no,10,no\n",
            codebook,
            **{"endpoints": ENDPOINTS, "analyses": ANALYSES, **sections},
        )
        protocol = made.protocol()
        before = changed(column, change)
        return compared(protocol, tmp_path, table(before), table(ROWS)), protocol

    return compare


def computed(found):
    return {
        (row["analysis"], row["model"], row["term"])
        for row in found.estimates
        if row["measure"] != "concordance"
    }


def test_a_term_costs_its_rows_and_the_joint_model(lost):
    found, _ = lost("age")
    assert (found.reason, found.lost.variables, found.lost.endpoints) == ("", ["age"], [])
    assert {key[:2] for key in computed(found)} == {("os", "univariable"), ("fisher", ""), ("curves", "")}
    assert ("os", "univariable", "liver") in computed(found)
    assert all(row.get("change") in (0, None) for row in found.estimates)
    assert found.n_lost > 0 and len(found.followup) == 1


def test_the_end_of_follow_up_costs_its_endpoint(lost):
    found, _ = lost("days")
    assert (found.reason, found.lost.endpoints, found.followup) == ("", ["os"], [])
    assert {key[0] for key in computed(found)} == {"liver", "fisher"}
    assert [row["n"] for row in found.patients if row["what"] == "in the cohort before"] == [40]


def test_the_variable_of_a_cross_table_costs_the_table(lost):
    found, _ = lost("liver")
    assert {key[0] for key in computed(found)} == {"os", "curves"}


def test_a_derived_variable_goes_with_its_source(lost):
    old = {"type": "flag", "derive": "age > 50", "label": "Old"}
    found, _ = lost("age", codebook=CODEBOOK | {"old": old})
    assert found.lost.variables == ["age", "old"]


def test_a_check_and_a_population_that_need_it_are_not_applied(lost):
    found, protocol = lost(
        "age",
        checks=[{"check": "too old", "require": "age < 200"}],
        populations={"old": {"label": "Older", "steps": [{"step": "Old", "keep": "age > 50"}]}},
        analyses={"curves": {"kind": "curves", "endpoint": "os", "populations": ["all", "old"]}},
    )
    assert found.lost.checks == ["too old"]
    assert {row["population"] for row in found.estimates} == {"all"}
    text = summary.build(found, [], protocol, ["2026-02-01", "2026-01-01"]).markdown
    assert (
        "Column age of the earlier drop cannot be read in most of its cells: not compared are Age, " in text
    )
    assert "Not applied to it: too old." in text


def test_an_inclusion_step_that_needs_it_costs_the_cohort(lost):
    found, _ = lost("age", cohort=[{"step": "Adults", "keep": "age >= 18"}])
    assert found.reason == "column age: cannot be read in most of its cells, and an inclusion step needs it"
    assert found.estimates == [] and len(found.cells) == 40


@pytest.mark.parametrize(("share", "is_lost"), [(2, False), (1, True)])
def test_a_column_is_unreadable_when_most_of_its_cells_are(lost, share, is_lost):
    # every second cell refused is not most of them
    found, _ = lost("age", lambda age, i: age if i % 2 < share - 1 else "?")
    assert bool(found.lost.columns) == is_lost
    if not is_lost:
        (row,) = [row for row in found.attrition if row["kind"] == "quarantined"]
        assert (row["n_before"], row["n_after"]) == (20, 0)


def test_an_empty_column_is_read(lost):
    found, _ = lost("age", lambda age, i: "")
    assert found.lost.columns == {}


@pytest.mark.parametrize("when", ["before", "after", "both"])
def test_a_level_that_a_drop_has_not_is_no_mistake(study, tmp_path, when):
    codebook = CODEBOOK | {"site": {"type": "category", "levels": ["a", "b", "c"], "label": "Site"}}
    analyses = {"o": {"kind": "logistic", "outcome": {"liver": "yes"}, "terms": ["site"]}}
    protocol = study(
        f"{HEADER},site\n1,50,no,10,no,a\n", codebook, endpoints=ENDPOINTS, analyses=analyses
    ).protocol()
    full = [[*row, "abc"[(i * i) % 3 if i % 5 else 2]] for i, row in enumerate(ROWS)]
    fewer = [[*row[:-1], "b" if row[-1] == "c" else row[-1]] for row in full]
    before, after = (fewer if when in (name, "both") else full for name in ("before", "after"))
    found = compared(protocol, tmp_path, table(before, f"{HEADER},site"), table(after, f"{HEADER},site"))
    assert (found.reason, found.lost.columns) == ("", {})
    (row,) = [row for row in found.estimates if (row["term"], row["level"]) == ("site", "c")]
    for name in ("before", "after"):
        is_absent = when in (name, "both")
        assert row[f"status_{name}"] == ("not-estimable" if is_absent else "ok")
        assert row[f"n_level_{name}"] == (0 if is_absent else 8)
