"""The flow as drawn."""

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from support.figures import ATTRITION, boxes, line_of, protocol

from recohort.cohort import flow_figure
from recohort.layout import sheet


def test_the_flow_has_a_box_for_each_state_and_the_reasons_between_them():
    main, subgroups = flow_figure.stops(protocol(), ATTRITION.to_dict("records"))
    assert [(stop.text, stop.n) for stop in main] == [
        ("Rows read", "1,013"), ("Patients assessed", "1,000"), ("Patients in the cohort", "766"),
    ]  # fmt: skip
    assert main[0].removed == (
        ("Quarantined: a cell cannot be read", ("10", "", "1,003")),
        ("Merged: identical duplicate", ("3", "", "1,000")),
    )
    assert main[1].removed == (("Metastatic", ("34", "5", "966")), ("HER2-positive", ("200", "12", "766")))
    assert main[2].removed == ()
    assert [(stop.text, stop.n, stop.removed) for stop in subgroups] == [
        ("IHC 3+", "464", (("Scored 3+", ("302", "0", "464")),))
    ]


def test_without_quarantine_the_criteria_follow_the_rows_read():
    kept = ATTRITION[~ATTRITION["kind"].isin(["quarantined", "merged"])]
    main, _ = flow_figure.stops(protocol(), kept.to_dict("records"))
    assert [stop.text for stop in main] == ["Rows read", "Patients in the cohort"]
    assert [what for what, _ in main[0].removed] == ["Metastatic", "HER2-positive"]


def test_the_flow_is_drawn_from_top_to_bottom():
    figure = flow_figure.figure(protocol(), ATTRITION.to_dict("records"))
    order = ["n = 1,013", "Merged: identical duplicate", "n = 1,000", "Metastatic", "n = 766", "n = 464"]
    heights = [line_of(figure, text).y for text in order]
    assert heights == sorted(heights)
    assert line_of(figure, "12").y == line_of(figure, "HER2-positive").y


def test_the_text_of_a_box_is_inside_it():
    figure = flow_figure.figure(protocol(), ATTRITION.to_dict("records"))
    around = [
        (b.get_x(), b.get_y(), b.get_x() + b.get_width(), b.get_y() + b.get_height()) for b in boxes(figure)
    ]
    for text in ("n = 1,013", "Merged: identical duplicate", "n = 464"):
        line = line_of(figure, text)
        right = line.x + sheet.text_mm(text, bold=line.bold)
        assert any(x0 < line.x and right < x1 and y0 < line.y < y1 for x0, y0, x1, y1 in around)


def test_each_arrow_ends_at_a_box_or_a_list():
    figure = flow_figure.figure(protocol(), ATTRITION.to_dict("records"))
    arrows = [a for a in figure.get_children() if isinstance(a, Line2D) and a.get_marker() in (">", "v")]
    # down to the second and the third box, and to the subgroup; to the right to two lists
    assert sorted(a.get_marker() for a in arrows) == [">", ">", ">", "v", "v"]
    lefts, tops = ({round(edge(b), 6) for b in boxes(figure)} for edge in (Rectangle.get_x, Rectangle.get_y))
    for arrow in arrows:
        x, y = arrow.get_xydata()[-1]
        # half a head before the edge
        assert round(x + 0.7, 6) in lefts if arrow.get_marker() == ">" else round(y + 0.7, 6) in tops
