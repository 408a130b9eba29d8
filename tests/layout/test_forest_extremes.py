"""Forest plots of whatever rows there can be: all text is on the page, nothing fails, no page is too long."""

import warnings

import numpy as np
import pytest
from support import protocols
from support.figures import (
    ATTRITION,
    STEPS,
    cox,
    curve_rows,
    lines,
    not_estimable,
    outside,
    overlaps,
    protocol,
    records,
    reference_row,
    row,
    squares,
)

from recohort.analyses import estimates
from recohort.analyses import figures as build
from recohort.analyses.cox import figure as cox_figure
from recohort.analyses.curves import figure as curves_figure
from recohort.analyses.fisher import figure as fisher_figure
from recohort.analyses.proportions import figure as proportions_figure
from recohort.layout import forest, sheet

A4_MM = 297
NUMBERS = (0.0, 5e-324, 1e-12, 0.0009, 0.01, 0.999, 1.0, 1.001, 3.7, 999.9, 12345.6, 1e12, 1e300, np.inf)
WORDS = ("Age", "at", "first", "line", "hormone-receptor-negative", "x" * 140, "é", "$x_1$", "＝1", "W" * 70)


def heights(pages):
    return [page.get_size_inches()[1] * 25.4 for page in pages]


def figures(rows, terms, more=()):
    return cox_figure.figure(protocol(more=more), cox(*terms), "all", records(rows), 0.95)


def label(random, longest):
    return " ".join(random.choice(WORDS, random.integers(1, longest)))


def extreme(random, i):
    """A variable, and its rows of a univariable and a multivariable model, with numbers of any size."""
    levels = tuple(label(random, 9) + str(j) for j in range(random.integers(2, 5)))
    entry = protocols.variable(f"v{i}", "category", label(random, 9), levels=levels)
    rows = []
    for model in ("univariable", "multivariable"):
        counts = {"model": model, "n": int(random.choice([24, 10**7])), "events": int(random.integers(0, 3))}
        rows.append(reference_row(entry.name, levels[0], events_level=0, **counts))
        for level in levels[1:]:
            low, estimate, high = sorted(random.choice(NUMBERS, 3))
            of_level = {"level": level, "reference": levels[0], "n_level": int(random.choice([0, 10**7])),
                        "events_level": int(random.integers(0, 2)), **counts}  # fmt: skip
            if not np.isfinite(estimate) or random.random() < 0.2:
                rows.append(not_estimable(entry.name, label(random, 9), **of_level))
            else:
                ends = {"ci_low": low, "ci_high": high if random.random() < 0.8 else None}
                rows.append(row(entry.name, estimate=estimate, **ends, **of_level))
    return entry, rows


@pytest.mark.parametrize("seed", range(25))
def test_random_extreme_rows_are_drawn_on_the_page(seed):
    random = np.random.default_rng(seed)
    made = [extreme(random, i) for i in range(random.integers(1, 6))]
    entries, rows = [entry for entry, _ in made], [r for _, of in made for r in of]
    pages = figures(rows, [entry.name for entry in entries], entries)
    for page in pages:
        assert outside(page) == []
        assert overlaps(page) == []
        low, high = page.axes[0].get_xlim()
        assert 0 < low < 1 < high < np.inf
        assert page.axes[0].get_position().width * sheet.WIDTH_MM >= forest.LEAST_PLOT_MM
        page.draw_without_rendering()


def test_marks_without_any_event_have_no_area_and_are_drawn():
    (page,) = figures([reference_row("cns", events_level=1), row("cns", events_level=0)], ["cns"])
    ((positions, areas),) = squares(page)
    assert len(positions) == 1
    assert list(areas) == [0]
    page.draw_without_rendering()


def test_labels_of_140_letters_in_every_place():
    long = "Metastases of the " + "W" * 122
    entry = protocols.variable("long", "flag", long, levels=("no", "yes"))
    by = protocols.variable("by", "category", long, levels=(f"{long} one", f"{long} two"))
    study = protocol(more=[by, entry])
    (page,) = cox_figure.figure(
        study, cox("long"), "all", records([reference_row("long"), row("long")]), 0.95
    )
    assert outside(page) == [] and overlaps(page) == []
    for kind, face, measure, outcomes in (
        ("fisher", fisher_figure, "OR", "outcomes"),
        ("proportions", proportions_figure, "proportion", "outcome"),
    ):
        analysis = protocols.analysis("a", kind, long, ("all",), {outcomes: {"long": "yes"}, "by": "by"})
        found = row("by", f"{long} two", f"{long} one", analysis="a", kind=kind, outcome="long=yes", model="",
                    measure=measure, ci_method="Wilson", estimate=0.4, ci_low=0.2, ci_high=0.6)  # fmt: skip
        (page,) = face.figure(study, analysis, "all", records([found]), 0.95)
        assert outside(page) == [] and overlaps(page) == []


def many(n_terms):
    entries = [
        protocols.variable(f"v{i}", "category", f"Variable {i}", levels=("a", "b", "c"))
        for i in range(n_terms)
    ]
    rows = [
        r
        for entry in entries
        for r in (
            reference_row(entry.name, "a"),
            row(entry.name, "b", "a", estimate=1.2),
            row(entry.name, "c", "a", estimate=1.7),
        )
    ]
    return entries, rows


def test_forty_terms_are_several_pages_with_one_axis_and_each_row_once():
    entries, rows = many(40)
    pages = figures(rows, [entry.name for entry in entries], entries)
    assert 2 <= len(pages) <= 4
    assert max(heights(pages)) < A4_MM
    assert len({page.axes[0].get_xlim() for page in pages}) == 1
    texts = [line.text for page in pages for line in lines(page)]
    assert [text for text in texts if text.startswith("Variable")] == [entry.label for entry in entries]
    assert texts.count("1 (reference)") == 40
    for i, page in enumerate(pages, start=1):
        assert f"Risk of death (page {i} of {len(pages)})" in [line.text for line in lines(page)]


def test_no_heading_is_left_at_the_foot_of_a_page():
    entries, rows = many(40)
    for page in figures(rows, [entry.name for entry in entries], entries):
        # the last row above the axis is a level
        last = max(
            (line for line in lines(page) if line.text.startswith(("Variable", "1.70"))), key=lambda x: x.y
        )
        assert last.text.startswith("1.70")


def test_a_page_has_the_footnotes_of_its_own_rows():
    entries, rows = many(40)
    rows[-1] = not_estimable("v39", "nobody has this level", level="c", reference="a")
    pages = figures(rows, [entry.name for entry in entries], entries)
    said = [any("Nobody has this level" in line.text for line in lines(page)) for page in pages]
    assert said == [False] * (len(pages) - 1) + [True]


def test_a_letter_that_the_font_has_not_does_not_take_the_figure_down(tmp_path):
    entry = protocols.variable("odd", "flag", "年龄 ＝ 🙂 \u200b", levels=("no", "yes"))
    (page,) = figures([reference_row("odd"), row("odd")], ["odd"], [entry])
    with warnings.catch_warnings():
        # matplotlib names the letter in the log
        warnings.simplefilter("ignore")
        sheet.save(page, tmp_path, "odd")
    assert "年龄" in (tmp_path / "odd.svg").read_text(encoding="utf-8")
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg", ".pdf", ".png"}


def test_curves_of_groups_with_long_names_stay_on_the_page():
    long = "Metastases of the " + "W" * 122
    by = protocols.variable("site", "category", long, levels=(f"{long} one", f"{long} two"))
    names = {"2+": by.levels[0], "3+": by.levels[1], "": ""}
    rows = [{**r, "term": "site", "level": names[r.get("level", "")]} for r in curve_rows()]
    steps = estimates.records(STEPS.assign(term="site", level=STEPS["level"].map(names)))
    analysis = protocols.analysis("km", "curves", long, ("all",), {"endpoint": "os", "by": "site"})
    (page,) = curves_figure.figure(protocol(more=[by]), analysis, "all", records(rows), 0.95, steps)
    assert outside(page) == [] and overlaps(page) == []
    assert page.axes[0].get_position().width * sheet.WIDTH_MM > 80


def test_the_pages_of_a_figure_have_names_of_their_own():
    entries, rows = many(40)
    study = protocol(more=entries)
    study.analyses["risk"] = cox(*(entry.name for entry in entries))
    found = dict(build.figures(study, ATTRITION.to_dict("records"), records(rows), [], 0.95))
    assert list(found)[:3] == ["flow", "risk", "risk-2"]
