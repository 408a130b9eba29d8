"""What is said of two drops: tables, Markdown, JSON; and what is withheld of a controlled study."""

from dataclasses import replace

import pytest
from support.disclosure import RULE
from support.drop_estimates import effect, estimate
from support.drop_gates import ROWS, changed, fatal_liver
from support.drops import HEADER, compared, survival_study, table

from recohort import disclosure
from recohort.drop import markdown, page, safe_labels, stored, summary
from recohort.drop.compare import Comparison
from recohort.layout import table_html
from recohort.layout.table import Column, Table, row, section

DATES = ["2026-02-01", "2026-01-01"]
MADE = "made by a program, no row is a patient; agreement with published numbers is by construction"


@pytest.fixture
def build(study, tmp_path):
    """The comparison of ROWS with other rows, and its tables by name."""
    plan = survival_study(study)

    def run(after, before=ROWS, rule=None, header=HEADER, header_before=HEADER):
        protocol = replace(plan, rule=rule)
        found = compared(protocol, tmp_path, table(before, header_before), table(after, header))
        return found, {made.name: made for made in page.tables(found, [], protocol)}, protocol

    return run


def texts(made):
    return [[cell.text for cell in line.cells] for line in made.rows]


def test_an_unchanged_drop_is_one_line(build):
    found, tables, protocol = build(ROWS)
    made = summary.build(found, [], protocol, DATES)
    assert made.markdown == (
        "### tiny: Drop 2026-02-01 against 2026-01-01\n\nNo change: the two drops say the same.\n\n"
        f"Synthetic data: {MADE}.\n"
    )
    assert stored.read(made.page)["tables"] == []
    assert set(tables) == {"patients"}


def test_a_first_drop_says_that_there_is_nothing_to_compare_it_with(study):
    made = summary.build(Comparison(), [], survival_study(study), DATES[:1])
    assert made.markdown == (
        "### tiny: Drop 2026-02-01\n\nThe first drop: there is no earlier one to compare it with.\n\n"
        f"Synthetic data: {MADE}.\n"
    )


def test_a_drop_that_cannot_be_analysed_says_why(study):
    found = Comparison(reason="column liver: is not a column of the extract")
    gates = [{"gate": "deaths_undone", "limit": 0, "outcome": "not checked", "line": "could not be checked"}]
    made = summary.build(found, gates, survival_study(study), DATES)
    assert stored.read(made.page)["sentences"] == [
        "The drops are not compared: column liver: is not a column of the extract.",
        "Gates passed: 0 of 1.",
    ]
    assert stored.read(made.page)["failed"] == ["could not be checked"]
    assert "- :x: could not be checked\n" in made.markdown


def test_counts_of_patients_cells_and_follow_up(build):
    after = changed("days", lambda days, i: days + (i < 9), [*ROWS[1:], ["P99", 50, "no", 5, "no"]])
    _, tables, _ = build(after)
    assert texts(tables["patients"])[:4] == [
        ["Rows read", "40", "40", "0"],
        ["In the cohort", "40", "40", "0"],
        ["Gone", "", "1", ""],
        ["New", "", "1", ""],
    ]
    assert texts(tables["cells"])[1] == ["days", "39", "9", "23.1", "0", "0"]
    assert texts(tables["followup"]) == [["Overall survival", "39", "9", "0", "0", "0", "0", "0"]]


def test_columns_are_said_in_words(build):
    before = [[*line, i, "x"] for i, line in enumerate(ROWS)]
    after = [[*line, i] for i, line in enumerate(ROWS)]
    _, tables, _ = build(after, before, header=f"{HEADER},site", header_before=f"{HEADER},centre,old")
    assert texts(tables["schema"]) == [["old", "Gone", "–"], ["centre", "Renamed", "now site"]]


def test_a_step_that_removes_others_than_before(build):
    _, tables, _ = build(changed("age", lambda age, i: "old" if i < 2 else age))
    assert texts(tables["attrition"]) == [["A cell cannot be read", "0", "2", "+2"]]


def test_a_step_that_removes_as_many_as_before_is_not_shown(study, tmp_path):
    protocol = survival_study(study, cohort=[{"step": "Adults", "keep": "age > 41"}])
    after = table(changed("age", lambda age, i: "old" if i == 5 else age))
    (made,) = [
        made
        for made in page.tables(compared(protocol, tmp_path, table(ROWS), after), [], protocol)
        if made.name == "attrition"
    ]
    assert texts(made) == [["A cell cannot be read", "0", "1", "+1"]]


def test_the_rounding_of_the_computer_moves_no_estimate():
    assert not page.is_moved({"change_std_errors": 1e-12, "conclusion_flipped": False})
    assert page.is_moved({"change_std_errors": -1e-6, "conclusion_flipped": False})
    assert page.is_moved({"change_std_errors": 0.0, "conclusion_flipped": True})


def test_estimates_in_the_order_of_their_change_with_its_parts(build):
    after = changed("days", fatal_liver)
    _, tables, _ = build(after)
    made = tables["estimates"]
    assert [column.header for column in made.columns] == [
        "Estimate", "Before", "Now", "Change, std errors", "Recoded", "Follow-up", "Patients", "Flipped",
    ]  # fmt: skip
    first, *_ = lines = texts(made)
    assert (
        first[0].startswith("os: Overall survival, Liver yes, HR") and first[-1] == "significance, conclusion"
    )
    total, *parts = first[3:7]
    assert parts == ["0.00", total, "0.00"] and total.startswith("+")
    flipped = [line for line in lines if "conclusion" in line[-1]]
    sizes = [abs(float(line[3])) for line in lines[len(flipped) :]]
    assert lines[: len(flipped)] == flipped and sizes == sorted(sizes, reverse=True)


def test_an_estimate_whose_conclusion_flips_is_before_one_that_moves_further(study):
    moved = effect(estimate(2.0, 0.5, term="age"), estimate(4.0, 0.4, term="age"))
    flipped = effect(estimate(2.0, 0.04), estimate(2.1, 0.06))
    found = Comparison(estimates=[moved, flipped], shown_estimates=[moved, flipped], n_changed={"any": 40})
    (made,) = page.tables(found, [], survival_study(study))
    assert [line[-1] for line in texts(made)] == ["significance, conclusion", ""]


def test_a_study_without_endpoints_has_no_part_for_follow_up(study, tmp_path):
    protocol = study(
        f"{HEADER}\n1,50,no,10,no\n",
        {"age": {"type": "number", "label": "Age"}, "liver": {"type": "flag", "label": "Liver"}},
        analyses={"o": {"kind": "logistic", "outcome": {"liver": "yes"}, "terms": ["age"]}},
    ).protocol()
    found = compared(protocol, tmp_path, table(ROWS), table(changed("age", lambda age, i: age + i % 3)))
    (made,) = [made for made in page.tables(found, [], protocol) if made.name == "estimates"]
    assert "Follow-up" not in [column.header for column in made.columns]
    assert texts(made)[0][0] == "o: Liver, Age, per unit, OR"


VERDICT = {
    "claim": "hr",
    "what": "HR of liver",
    "printed": "2.0",
    "before": "reproduced",
    "after": "rounding",
}


def test_verdicts_that_changed(study):
    found = Comparison(verdicts=[VERDICT, {**VERDICT, "after": "reproduced"}])
    (made,) = page.tables(found, [], survival_study(study))
    assert texts(made) == [["HR of liver", "2.0", "reproduced", "rounding"]]


def test_gates_are_shown_with_what_failed(study):
    gates = [
        {"gate": "column_gone", "limit": "", "outcome": "passed", "line": "column_gone passed"},
        {"gate": "deaths_undone", "limit": 0, "outcome": "failed", "line": "deaths_undone: 3"},
    ]
    (made,) = page.tables(Comparison(), gates, survival_study(study))
    assert texts(made) == [
        ["column_gone", "–", "passed", ""],
        ["deaths_undone", "0", "failed", "deaths_undone: 3"],
    ]


@pytest.mark.parametrize(
    ("before", "after", "exact", "controlled"),
    [
        (100, 100, "0", "0"),
        (100, 103, "+3", "withheld"),
        (100, 107, "+7", "withheld"),
        (100, 92, "-8", "-10"),
        (103, 111, "+8", "+5"),
        (3, 50, "+47", ""),
    ],
)
def test_a_difference_of_few_patients_is_withheld(before, after, exact, controlled):
    assert safe_labels.change(before, after, None) == exact
    assert safe_labels.change(before, after, RULE) == controlled


@pytest.mark.parametrize(
    ("part", "exact", "controlled"), [(0, "0.0", "<8.0"), (7, "7.0", "<8.0"), (12, "12.0", "10.0")]
)
def test_percentages_are_of_rounded_counts(part, exact, controlled):
    assert safe_labels.percent(part, 100, None) == exact
    assert safe_labels.percent(part, 100, RULE) == controlled
    # of 53 it is said as of 55: a bound would tell of how many
    assert safe_labels.percent(3, 53, RULE) == "<14.5"
    assert safe_labels.percent(3, 7, RULE) == safe_labels.percent(9, 9, disclosure.Rule(7, 50)) == "[c]"


def test_cells_are_in_the_order_of_the_counts_shown(build):
    after = [
        [*line[:2], "yes" if i < 2 else line[2], line[3] + (i < 4), *line[4:]] for i, line in enumerate(ROWS)
    ]
    assert [line[0] for line in texts(build(after)[1]["cells"])[1:3]] == ["days", "liver"]
    assert [line[0] for line in texts(build(after, rule=RULE)[1]["cells"])[1:3]] == ["liver", "days"]


def many(n, seven=7):
    """Rows of n patients, from whom all estimates can be shown."""
    return [
        [
            f"P{i:03d}",
            40 + seven * i % 30,
            ["no", "yes"][i % 2],
            100 + 37 * i % 300,
            ["no", "yes"][i % 3 != 0],
        ]
        for i in range(n)
    ]


def test_an_estimate_that_few_patients_moved_is_not_shown(build):
    found, tables, protocol = build(many(203), many(200), RULE)
    assert "estimates" not in tables
    made = summary.build(found, [], protocol, DATES)
    assert stored.read(made.page)["sentences"] == [
        "Estimates that moved: 5 of 5; conclusions that changed: 0.",
        "Not shown, as few patients moved them: 5.",
        "Which patients and which cells: results/tiny/cohort/drop_patients.csv and "
        "results/tiny/cohort/drop_cells.csv. They are patient-level and stay where they are.",
    ]
    assert texts(tables["patients"])[:4] == [
        ["Rows read", "200", "205", "withheld"], ["In the cohort", "200", "205", "withheld"],
        ["Gone", "", "<8", ""], ["New", "", "<8", ""],
    ]  # fmt: skip
    exact, shown, protocol = build(many(203), many(200))
    assert len(texts(shown["estimates"])) == 5 and page.n_withheld(exact, protocol) == 0


def test_an_estimate_whose_number_of_patients_differs_by_few_is_not_shown(build):
    # 30 gone and 33 new: 3 more than before
    found, tables, protocol = build(many(233)[30:], many(200), RULE)
    assert "estimates" not in tables and page.n_withheld(found, protocol) == 5
    found, tables, protocol = build(many(290)[30:], many(200), RULE)
    assert texts(tables["estimates"]) and page.n_withheld(found, protocol) < 5


def test_parts_are_withheld_where_a_step_changed_few_patients(build):
    after = many(230)
    for i in range(3):
        after[i][1] += 20
    shown = texts(build(after, many(200), RULE)[1]["estimates"])
    assert shown and all(line[4:7] == ["–"] * 3 and line[3] != "–" for line in shown)
    exact = texts(build(after, many(200))[1]["estimates"])
    assert all(line[4] != "–" for line in exact)


def test_estimates_are_those_that_may_be_shown(build):
    rows, before = many(260), many(200)
    for line in rows[:12]:
        line[2] = ""
    found, tables, protocol = build(rows, before, RULE)
    released = {safe_labels.estimate(r, protocol): r for r in found.shown_estimates if r["measure"] == "HR"}
    shown = [line for line in texts(tables["estimates"]) if line[0] in released]
    assert shown
    for line in shown:
        value = released[line[0]]["estimate_before"]
        assert round(value, 2) == value and line[1].startswith(f"{value:.2f} (")


def test_an_estimate_that_rests_on_few_patients_is_suppressed(build):
    def rare(rows):
        return [
            [*line[:2], "yes" if i in (50, 60, 70, 80) else "no", *line[3:]] for i, line in enumerate(rows)
        ]

    found, tables, _ = build(rare(many(290)), rare(many(200)), RULE)
    assert found.estimates[0]["term"] == "liver" and found.estimates[0]["change"] != 0
    assert found.shown_estimates[0]["status_after"] == "suppressed"
    assert "estimates" not in tables
    _, tables, _ = build(many(290), rare(many(200)), RULE)
    line = texts(tables["estimates"])[0]
    assert line[0] == "os: Overall survival, Liver yes, HR" and line[1] == "suppressed"
    assert line[3:7] == ["–"] * 4


def test_the_flow_is_the_one_that_may_be_shown(build):
    before = many(200)
    after = [[line[0], "old" if i < 3 else line[1], *line[2:]] for i, line in enumerate(before)]
    (line,) = texts(build(after, before, RULE)[1]["attrition"])
    assert line == ["A cell cannot be read", "0", "[c]", "withheld"]
    more = [[line[0], "old" if i < 50 else line[1], *line[2:]] for i, line in enumerate(before)]
    (line,) = texts(build(more, after, RULE)[1]["attrition"])
    assert line == ["A cell cannot be read", "[c]", "50", "withheld"]


def a_table(*rows, name="estimates"):
    columns = (Column("A", is_number=False), Column("B", "of which"))
    return Table(name, name, "A title", columns, rows, (), "Synthetic data: none.")


def test_markdown_shows_cells_as_they_are():
    made = a_table(row("plain", "a|b_c <b>*x*</b> @you", "1\n2"), section("`S` [x](y)", 2))
    text = markdown.text("H #1", ["One."], ["gate\nline"], [made])
    assert text == (
        "### H \\#1\n\nOne.\n\n- :x: gate line\n\n**A title**\n\n| A | of which: B |\n| --- | --: |\n"
        "| a\\|b\\_c &lt;b&gt;\\*x\\*&lt;/b&gt; &#64;you | 1 2 |\n| **\\`S\\` \\[x\\](y)** |  |\n"
    )


def test_markdown_shows_the_first_rows_and_counts_the_others():
    text = markdown.text("H", [], [], [a_table(*(row("plain", f"r{i}", "") for i in range(20)))])
    assert "| r11 |" in text and "r12" not in text and text.endswith("\n\nand 8 more, in the report\n")


def test_what_is_stored_comes_back():
    made = a_table(row("plain", "a", "b"))
    assert stored.read(stored.text("H", ["s"], ["f"], [made])) == {
        "heading": "H", "sentences": ["s"], "failed": ["f"], "tables": [made],
    }  # fmt: skip


def test_the_part_of_the_report_shows_texts_as_they_are():
    part = table_html.environment().get_template("part_drop.html.j2")
    said_of = {"heading": "H", "sentences": ["<script>", "b"], "failed": ["<b>x</b>"], "tables": []}
    text = part.render(study={"drop": said_of}, tables=None)
    assert "<p><b>H.</b> &lt;script&gt; b</p>" in text and "<li>&lt;b&gt;x&lt;/b&gt;</li>" in text


IDENTITY = {
    "analysis": "os", "outcome": "os", "population": "all", "model": "", "term": "", "level": "",
    "reference": "", "measure": "median",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "os: Overall survival, median"),
        ({"measure": "survival", "at": 12.0}, "os: Overall survival, survival at 12 days"),
        (
            {"term": "age", "model": "multivariable", "measure": "HR"},
            "os: Overall survival, Age, per unit, HR, multivariable",
        ),
        ({"outcome": "liver=yes", "term": "died", "level": "yes"}, "os: Liver, Death yes, median"),
        ({"outcome": "", "level": "reflex", "measure": "missed"}, "os: reflex, missed"),
        ({"population": "old"}, "os: Overall survival, median, Older"),
    ],
)
def test_an_estimate_in_words(study, changes, label):
    protocol = survival_study(study, populations={"old": {"label": "Older", "steps": []}})
    assert safe_labels.estimate({**IDENTITY, **changes}, protocol) == label
