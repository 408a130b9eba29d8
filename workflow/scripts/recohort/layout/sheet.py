"""What all figures share: size, type, colours, heading, footnotes and saving. Lengths are in millimetres."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, IdentityTransform, Transform

from recohort.layout import words

WIDTH_MM = 180  # two columns of a journal
MARGIN_MM = 1.5
POINT_MM = 25.4 / 72
BITMAP_DPI = 200  # for slides and pages; print takes the PDF

FACE_PIXELS = 100  # size at which characters are measured
TEXT_SIZE = 7  # points, the smallest that journals take
TITLE_SIZE = 9
LINE_MM = 3.1  # from line to line of text

# Okabe & Ito (2008): told apart by every kind of colour vision; dashes do the same in black and white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
DASHES = ("-", *((0, dash) for dash in ((5, 1.5), (1.2, 1.2), (6, 1.5, 1.2, 1.5), (9, 2), (3, 3), (1, 3))))
GREY = "#595959"
STRIPE = "#F1F3F5"

DATA = {
    "synthetic": "Synthetic data",
    "published-counts": "Published counts",
    "patient-level": "Patient-level data",
}

# Nothing else in recohort draws, so these hold for the process. DejaVu Sans comes with matplotlib; where an
# SVG is opened without it, Verdana has nearly its widths.
matplotlib.rcParams.update(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
        "font.size": TEXT_SIZE,
        "text.parse_math": False,  # a label may hold a dollar sign
        "text.hinting": "no_hinting",
        "axes.unicode_minus": False,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "svg.fonttype": "none",  # text that can be searched, selected and read aloud
        "svg.hashsalt": "recohort",  # the same figure has the same identifiers
    }
)


@dataclass(frozen=True)
class Line:
    """A line of text: left end and middle of its capitals in millimetres, size in points."""

    x: float
    y: float
    text: str
    size: float = TEXT_SIZE
    bold: bool = False
    colour: str = "black"


class Writing(Artist):
    """
    The text of a figure as one artist.

    matplotlib's Text measures each string anew for each format and draws a bitmap letter by letter, which is
    most of the time of a figure. Here widths are known before, and all letters of a bitmap are one path.
    """

    def __init__(self, mm: Transform) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.set_transform(mm)
        self.set_zorder(10)

    def draw(self, renderer: Any) -> None:
        # capitals are 0.73 of the size tall
        baselines = [(line.x, line.y + 0.365 * line.size * POINT_MM) for line in self.lines]
        places = self.get_transform().transform(baselines)
        draw = _draw_outlines if isinstance(renderer, RendererAgg) else _draw_text
        draw(renderer, self.lines, places)


def _draw_text(renderer: Any, lines: list[Line], places: Any) -> None:
    height = renderer.get_canvas_width_height()[1]
    for line, (x, y) in zip(lines, places, strict=True):
        gc = renderer.new_gc()
        gc.set_foreground(line.colour)
        font = _font(line.size, line.bold)
        renderer.draw_text(gc, x, height - y if renderer.flipy() else y, line.text, font, 0)
        gc.restore()


def _draw_outlines(renderer: Any, lines: list[Line], places: Any) -> None:
    by_colour: defaultdict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for line, (x, y) in zip(lines, places, strict=True):
        pixels = renderer.points_to_pixels(line.size)
        for character in line.text:
            vertices, codes = _outline(character, line.bold)
            by_colour[line.colour].append((vertices * pixels + (x, y), codes))
            x += _advance(character, line.bold) * pixels
    for colour, letters in by_colour.items():
        joined: Any = map(np.concatenate, zip(*letters, strict=True))
        path = Path(*joined)
        gc = renderer.new_gc()
        gc.set_linewidth(0)
        renderer.draw_path(gc, path, IdentityTransform(), to_rgba(colour))
        gc.restore()


@dataclass(frozen=True)
class Sheet:
    """
    A figure with heading and footnotes, and a body to draw in.

    Attributes
    ----------
    figure : Figure
    mm : Transform
        From millimetres to the right and down from the top left corner of the body.
    box : tuple of float
        Width of the figure, its height, and the height above the body.
    writing : Writing
        All its text but the labels of ticks.
    """

    figure: Figure
    mm: Transform
    box: tuple[float, float, float]
    writing: Writing

    def text(self, x: float, y: float, text: str, align: str = "left", **options: Any) -> None:
        """Write a line whose capitals are centred on y; options as the fields of Line."""
        shift = {"left": 0, "center": 0.5, "right": 1}[align]
        if text:
            width = text_mm(text, options.get("size", TEXT_SIZE), options.get("bold", False)) if shift else 0
            self.writing.lines.append(Line(x - shift * width, y, text, **options))

    def line(self, xs: list[float], ys: list[float], **options: Any) -> None:
        """Draw a line; options as of Line2D."""
        self.figure.add_artist(Line2D(xs, ys, transform=self.mm, **options))

    def rectangle(self, x: float, y: float, width: float, height: float, **options: Any) -> None:
        """Draw a rectangle from its top left corner; options as of Patch."""
        self.figure.add_artist(Rectangle((x, y), width, height, transform=self.mm, **options))

    def panel(self, x: float, y: float, width: float, height: float) -> Any:
        """Axes from their top left corner, with a line at the left and below."""
        whole_width, whole_height, above = self.box
        bottom = whole_height - above - y - height
        place = (x / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
        axes = self.figure.add_axes(place, facecolor="none")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def sheet(body_mm: float, title: str, subtitle: str, protocol: Any, notes: list[str]) -> Sheet:
    """
    A figure of journal width that says what it shows and what data it rests on.

    Parameters
    ----------
    body_mm : float
        Height of the body; heading and footnotes are added.
    title, subtitle : str
    protocol : Protocol
        The kind of its data is printed beside the title, what that means below the footnotes.
    notes : list of str
        Sentences, printed as one paragraph.

    Returns
    -------
    Sheet
    """
    data = DATA[protocol.data]
    tag_mm = text_mm(data, TEXT_SIZE, bold=True) + 3
    inner = WIDTH_MM - 2 * MARGIN_MM
    titles = wrap(title, inner - tag_mm - 4, TITLE_SIZE, bold=True)
    footnotes = wrap(" ".join(notes), inner) + wrap(words.data_line(protocol), inner)
    subtitles = wrap(subtitle, inner)
    above = MARGIN_MM + 4 * len(titles) + 6 + LINE_MM * (len(subtitles) - 1)
    height = above + body_mm + LINE_MM * len(footnotes) + 3 * MARGIN_MM

    figure = Figure(figsize=(WIDTH_MM / 25.4, height / 25.4))
    figure.set_label(f"{title}. {data}")
    inches = Affine2D().scale(1 / 25.4, -1 / 25.4).translate(0, (height - above) / 25.4)
    mm = inches + figure.dpi_scale_trans
    writing: Any = figure.add_artist(Writing(mm))
    page = Sheet(figure, mm, (WIDTH_MM, height, above), writing)

    top = MARGIN_MM - above
    for i, line in enumerate(titles):
        page.text(MARGIN_MM, top + 4 * i + 2, line, size=TITLE_SIZE, bold=True)
    for i, line in enumerate(subtitles):
        page.text(MARGIN_MM, top + 4 * len(titles) + 1.5 + LINE_MM * i, line, colour=GREY)
    right = WIDTH_MM - MARGIN_MM
    page.rectangle(right - tag_mm, top, tag_mm, 4.4, facecolor="white", edgecolor="black", linewidth=0.8)
    page.text(right - tag_mm / 2, top + 2.2, data, align="center", bold=True)
    for i, line in enumerate(footnotes):
        page.text(MARGIN_MM, body_mm + 2 * MARGIN_MM + LINE_MM * (i + 0.5), line)
    return page


@cache
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(size=size, weight="bold" if bold else "normal")


@cache
def _face(bold: bool) -> FT2Font:
    face = FT2Font(findfont(_font(TEXT_SIZE, bold)))
    face.set_size(FACE_PIXELS, 72)
    return face


@cache
def _advance(character: str, bold: bool) -> float:
    """Width of a character of size 1."""
    # in 1/65536 of a pixel
    advance: float = _glyph(character, bold).linearHoriAdvance / 65536 / FACE_PIXELS
    return advance


def _glyph(character: str, bold: bool, flags: LoadFlags = LoadFlags.FORCE_AUTOHINT) -> Any:
    """A character in the face, or the empty box that stands for one that it does not have."""
    face = _face(bold)
    return face.load_glyph(face.get_char_index(ord(character)), flags)


@cache
def _outline(character: str, bold: bool) -> tuple[Any, Any]:
    """Vertices and codes of the outline of a character of size 1."""
    _glyph(character, bold, LoadFlags.NO_HINTING)
    vertices, codes = _face(bold).get_path()
    return vertices / FACE_PIXELS, codes


def text_mm(text: str, size: float = TEXT_SIZE, bold: bool = False) -> float:
    """Width of a line of text in millimetres."""
    return sum(_advance(character, bold) for character in text) * size * POINT_MM


def wrap(text: str, width_mm: float, size: float = TEXT_SIZE, bold: bool = False) -> list[str]:
    """
    Text broken into lines that fit a width as printed; a word that is longer is broken where a line is full.

    Parameters
    ----------
    text : str
    width_mm, size : float
        Size in points.
    bold : bool

    Returns
    -------
    list of str
        At least one line.
    """
    lines = [""]
    # a hair more, for the rounding of the widths
    left = width_mm + 0.01
    for word in text.split():
        width = text_mm(f" {word}" if lines[-1] else word, size, bold)
        if lines[-1] and width > left:
            *whole, rest = _pieces(word, width_mm + 0.01, size, bold)
            lines += [*whole, rest]
            left = width_mm + 0.01 - text_mm(rest, size, bold)
        elif width > left:
            lines[-1:] = _pieces(word, left, size, bold)
            left -= text_mm(lines[-1], size, bold)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
            left -= width
    return lines


def _pieces(word: str, width_mm: float, size: float, bold: bool) -> list[str]:
    """A word cut into pieces that fit, each of a letter at least."""
    pieces, left = [""], width_mm
    for letter in word:
        width = text_mm(letter, size, bold)
        if pieces[-1] and width > left:
            pieces.append("")
            left = width_mm
        pieces[-1] += letter
        left -= width
    return pieces


def save(figure: Figure, folder: Any, name: str) -> None:
    """
    Write a figure as SVG, PDF and PNG; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        Its label, from `sheet`, becomes the title of the files.
    folder : Path
    name : str
        File name without the suffix.
    """
    title = figure.get_label()
    figure.savefig(folder / f"{name}.svg", metadata={"Title": title, "Date": None})
    figure.savefig(folder / f"{name}.pdf", metadata={"Title": title, "CreationDate": None})
    # mostly white: stronger compression takes time and saves nothing
    options: dict[str, Any] = {"dpi": BITMAP_DPI, "pil_kwargs": {"compress_level": 1}}
    figure.savefig(folder / f"{name}.png", metadata={"Title": title, "Software": None}, **options)
