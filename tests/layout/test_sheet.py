"""Text on a sheet."""

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
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
