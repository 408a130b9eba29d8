"""Text, lines and rectangles on a sheet."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D
from numpy.testing import assert_allclose

from recohort.layout import sheet


def test_text_is_as_wide_as_matplotlib_measures_it():
    for text, size, bold in [("1.49 (1.10 to 2.01)", 7, False), ("Multivariable", 9, True)]:
        font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
        points = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
        # matplotlib rounds to 1/64 of a pixel of a font of 100 pixels, and measures ink
        assert_allclose(sheet.text_mm(text, size, bold), points * 25.4 / 72, rtol=0.01)


def test_wrapped_lines_fit_and_lose_no_word():
    text = "one two three four five six seven eight nine ten"
    found = sheet.wrap(text, 20)
    assert len(found) > 2
    assert " ".join(found) == text
    assert all(sheet.text_mm(line) <= 20.01 for line in found)
    # no line could have taken the first word of the next
    assert all(
        sheet.text_mm(f"{line} {after.split()[0]}") > 20
        for line, after in zip(found, found[1:], strict=False)
    )


def test_a_word_that_is_too_long_is_broken_where_a_line_is_full():
    found = sheet.wrap("a pneumonoultramicroscopic b", 12)
    assert "".join(found) == "apneumonoultramicroscopicb"
    assert found[0] == "a" and len(found) > 3
    assert all(sheet.text_mm(line) <= 12.01 for line in found)
    assert sheet.wrap("", 5) == [""]
    # not even a letter fits
    assert sheet.wrap("ab c", 0.1) == ["a", "b", "c"]


def drawn(draw):
    """Where a sheet is not white any more: its columns and its rows, in millimetres from the top left."""
    page = Figure(figsize=(100 / 25.4, 50 / 25.4), dpi=254)
    canvas = FigureCanvasAgg(page)
    mm = Affine2D().scale(1 / 100, -1 / 50).translate(0, 1) + page.transFigure
    writing = sheet.Writing(mm)
    page.add_artist(writing)
    draw(sheet.Sheet(page, mm, (100, 50, 0), writing))
    canvas.draw()
    rows, columns = np.nonzero((np.asarray(canvas.buffer_rgba())[..., :3] < 255).any(axis=2))
    return (columns.min() / 10, columns.max() / 10), (rows.min() / 10, rows.max() / 10)


def test_lines_and_rectangles_are_where_millimetres_say():
    # to a pixel or two of 0.1 mm
    found = drawn(lambda page: page.rectangle(10, 20, 30, 5, color="black", linewidth=0))
    assert_allclose(found, [(10, 40), (20, 25)], rtol=0, atol=0.2)
    found = drawn(lambda page: page.line([20, 70], [5, 45], color="black", linewidth=0.2))
    assert_allclose(found, [(20, 70), (5, 45)], rtol=0, atol=0.3)


def test_text_is_drawn_as_wide_as_it_is_measured_around_its_middle():
    text = "HHHHH"
    (left, right), (top, bottom) = drawn(lambda page: page.text(60, 25, text, align="right"))
    # a letter has a little room at both sides
    assert_allclose(right - left, sheet.text_mm(text), rtol=0, atol=0.6)
    assert 59 < right <= 60
    assert_allclose((top + bottom) / 2, 25, rtol=0, atol=0.2)
