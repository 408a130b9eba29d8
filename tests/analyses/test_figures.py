"""What all figures have in common, and the figures of a study."""

import subprocess
import sys

import pytest
from matplotlib.image import imread
from numpy.testing import assert_allclose
from support import protocols
from support.figures import (
    ATTRITION,
    CURVES,
    RATES,
    STEPS,
    both_models,
    cox,
    curve_rows,
    curves,
    draw,
    fisher,
    line_of,
    lines,
    outside,
    overlaps,
    protocol,
    rate,
    rates,
    records,
    reference_row,
    row,
    strategies,
    texts,
)

from recohort.analyses import estimates
from recohort.analyses import figures as build
from recohort.analyses.cox import figure as cox_figure
from recohort.cohort import flow_figure
from recohort.layout import sheet

# all figures

FIGURES = {
    "regression": lambda: draw(both_models(), "cns", "pleura"),
    "survival": curves,
    "flow": lambda: flow_figure.figure(protocol(), ATTRITION.to_dict("records")),
    "rates": lambda: rates(rate("2+", 21, 100, estimate=0.21, ci_low=0.14, ci_high=0.3)),
    "fisher": lambda: fisher(
        {"outcome": "cns=yes", "estimate": 5.2, "ci_low": 1.6, "ci_high": 20, "p_value": 0.003}
    ),
    "strategies": strategies,
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_printed_over_another_or_off_the_page(name):
    figure = FIGURES[name]()
    assert len(lines(figure)) > 5
    assert overlaps(figure) == []
    assert outside(figure) == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_the_width_of_a_journal_and_type_of_at_least_7_points(name):
    figure = FIGURES[name]()
    assert_allclose(figure.get_size_inches()[0] * 25.4, 180)
    assert min(line.size for line in lines(figure)) >= 7
    assert all(label.get_fontsize() >= 7 for axes in figure.axes for label in axes.get_xticklabels())


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_says_that_its_data_are_synthetic(name):
    figure = FIGURES[name]()
    assert "Synthetic data" in texts(figure)
    assert any(text.startswith("Synthetic data: made by a program") for text in texts(figure))


@pytest.mark.parametrize(
    ("data", "tag", "note"),
    [
        ("synthetic", "Synthetic data", "Synthetic data: made by a program"),
        ("published-counts", "Published counts", "Nobody N. An invented paper. J Invent 2024;1:1."),
        (
            "patient-level",
            "Patient-level data",
            "Patient-level data: Nobody N. An invented paper. J Invent 2024;1:1.",
        ),
    ],
)
def test_every_saved_file_says_what_data_it_rests_on(data, tag, note, tmp_path):
    figure = flow_figure.figure(protocol(data), ATTRITION.to_dict("records"))
    sheet.save(figure, tmp_path, "flow")
    svg = (tmp_path / "flow.svg").read_text(encoding="utf-8")
    assert f"<title>An invented study. {tag}</title>" in svg
    assert f">{tag}</text>" in svg
    assert note in svg
    assert f"An invented study. {tag}".encode() in (tmp_path / "flow.pdf").read_bytes()
    assert f"An invented study. {tag}".encode() in (tmp_path / "flow.png").read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_gives_the_same_bytes(name, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        sheet.save(FIGURES[name](), tmp_path / folder, name)
    for suffix in ("svg", "pdf", "png"):
        one, two = ((tmp_path / folder / f"{name}.{suffix}").read_bytes() for folder in ("one", "two"))
        assert len(one) > 1000
        assert one == two


def test_a_bitmap_has_each_line_of_text_where_it_belongs(tmp_path):
    figure = FIGURES["flow"]()
    sheet.save(figure, tmp_path, "flow")
    darkness = 1 - imread(tmp_path / "flow.png")[:, :, :3].mean(axis=2)
    # the first line of the title has its middle here
    above = sheet.MARGIN_MM + 2 - line_of(figure, "An invented study").y
    for line in lines(figure):
        width = sheet.text_mm(line.text, line.size, line.bold)
        half = 0.365 * line.size * sheet.POINT_MM
        rows, columns = (
            slice(*(round(mm / 25.4 * sheet.BITMAP_DPI) for mm in ends))
            for ends in ((line.y + above - half, line.y + above + half), (line.x, line.x + width))
        )
        assert darkness[rows, columns].max() > 0.5


def test_files_carry_no_date(tmp_path):
    sheet.save(FIGURES["rates"](), tmp_path, "rates")
    assert "<dc:date>" not in (tmp_path / "rates.svg").read_text(encoding="utf-8")
    assert b"CreationDate" not in (tmp_path / "rates.pdf").read_bytes()
    assert b"Software" not in (tmp_path / "rates.png").read_bytes()


def test_dollar_signs_and_angle_brackets_in_a_label_are_letters(tmp_path):
    odd = protocols.variable("odd", "flag", "Costs $x_1$ <b>", levels=("no", "yes"))
    rows = records([reference_row("odd"), row("odd")])
    (figure,) = cox_figure.figure(protocol(more=[odd]), cox("odd"), "all", rows, 0.95)
    sheet.save(figure, tmp_path, "odd")
    assert ">Costs $x_1$ &lt;b&gt;</text>" in (tmp_path / "odd.svg").read_text(encoding="utf-8")


# from the results of a study to a folder


def test_a_study_has_its_flow_and_a_figure_for_each_analysis_and_population():
    rows = estimates.records(estimates.table([*both_models(), *(
        {**r, "population": "ihc_3"} for r in both_models()
    ), *curve_rows(), rate("2+", 21, 100, estimate=0.21, ci_low=0.14, ci_high=0.3)]))  # fmt: skip
    study = protocol()
    analyses = [
        protocols.analysis("table1", "summary", "Table 1", ("all",), {"variables": ["age"]}),
        protocols.analysis("risk", "cox", "Risk", ("all", "ihc_3"), cox("cns", "pleura").options),
        CURVES,
        RATES,
    ]
    study.analyses.update({analysis.name: analysis for analysis in analyses})
    found = dict(build.figures(study, ATTRITION.to_dict("records"), rows, estimates.records(STEPS), 0.95))
    assert list(found) == ["flow", "risk", "risk-ihc_3", "km", "rates"]
    assert "Risk: IHC 3+" in texts(found["risk-ihc_3"])
    assert "31.0 (3.0 to not reached)" in texts(found["km"])


def test_pandas_is_not_imported_for_figures():
    code = "import sys; import recohort.analyses.figures; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
