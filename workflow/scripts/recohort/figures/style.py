"""What all figures share: size, type, colours, heading, footnotes, saving. Positions are millimetres from the top left."""

from dataclasses import dataclass
from functools import lru_cache

import matplotlib
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Transform

WIDTH_MM = 180  # two columns of a journal
MARGIN_MM = 2
POINT_MM = 25.4 / 72

TEXT_SIZE = 7.5  # points
NOTE_SIZE = 7
TITLE_SIZE = 9
NOTE_LINE_MM = 1.25 * NOTE_SIZE * POINT_MM
TITLE_LINE_MM = 1.3 * TITLE_SIZE * POINT_MM

# Okabe & Ito (2008): told apart by every kind of colour vision; dashes tell them apart in black and white
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (9, 2)), (0, (3, 3)), (0, (1, 3)))
GREY = "#595959"
STRIPE = "#F1F3F5"

DATA = {
    "synthetic": "Synthetic data",
    "published-counts": "Published counts",
    "patient-level": "Patient-level data",
}
# Footnote marks in the order in which journals use them
MARKS = ("*", "†", "‡", "§", "¶", "‖")

# Drawing is all that recohort uses matplotlib for, so the settings hold for the process
matplotlib.rcParams.update(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
        "font.size": TEXT_SIZE,
        "text.parse_math": False,  # a label may hold a dollar sign
        "axes.unicode_minus": False,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "svg.fonttype": "none",  # text that can be searched, selected and read aloud
        "svg.hashsalt": "recohort",
        "text.hinting": "no_hinting",
    }
)


@dataclass(frozen=True)
class Sheet:
    """A figure with its heading and footnotes, and a body in between to draw in."""

    figure: Figure
    body_top_mm: float
    mm: Transform  # millimetres to the right and down from the top left corner of the body

    def text(self, x, y, text, **options):
        """Text whose capitals are centred on the height y."""
        size = options.get("fontsize", TEXT_SIZE)
        self.figure.text(x, y + 0.36 * size * POINT_MM, text, transform=self.mm, va="baseline", **options)

    def panel(self, left, top, width, height):
        """Axes inside the body without a frame at the top and at the right."""
        figure_width, figure_height = self.figure.get_size_inches() * 25.4
        bottom = figure_height - self.body_top_mm - top - height
        box = (left / figure_width, bottom / figure_height, width / figure_width, height / figure_height)
        axes = self.figure.add_axes(box, facecolor="none")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def sheet(body_mm, title, subtitle, protocol, notes):
    """
    A figure of journal width that says what it shows and what data it rests on.

    Parameters
    ----------
    body_mm : float
        Height of the body; heading and footnotes are added.
    title, subtitle : str
    protocol : Protocol
        Its `data` is printed beside the title, its source below the footnotes.
    notes : list of str
        Sentences; printed as one paragraph.

    Returns
    -------
    Sheet
    """
    data = DATA[protocol.data]
    tag_mm = text_mm(data, TEXT_SIZE, bold=True) + 3
    titles = wrap(title, WIDTH_MM - 2 * MARGIN_MM - tag_mm - 4, TITLE_SIZE, bold=True)
    footnotes = wrap(" ".join(notes)) + wrap(_source(protocol))
    body_top_mm = MARGIN_MM + TITLE_LINE_MM * len(titles) + 6
    height_mm = body_top_mm + body_mm + NOTE_LINE_MM * len(footnotes) + 2 * MARGIN_MM

    figure = Figure(figsize=(WIDTH_MM / 25.4, height_mm / 25.4))
    figure.set_label(f"{title}. {subtitle}")
    mm = Affine2D().scale(1 / 25.4, -1 / 25.4).translate(0, (height_mm - body_top_mm) / 25.4)
    page = Sheet(figure, body_top_mm, mm + figure.dpi_scale_trans)
    head = MARGIN_MM - body_top_mm
    for i, line in enumerate(titles):
        page.text(MARGIN_MM, head + TITLE_LINE_MM * (i + 0.5), line, fontsize=TITLE_SIZE, fontweight="bold")
    page.text(MARGIN_MM, head + TITLE_LINE_MM * len(titles) + 2, subtitle, color=GREY)
    page.text(
        WIDTH_MM - MARGIN_MM - 1.5,
        head + TITLE_LINE_MM / 2,
        data,
        fontweight="bold",
        ha="right",
        bbox={"boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": "black", "linewidth": 0.8},
    )
    for i, line in enumerate(footnotes):
        page.text(MARGIN_MM, body_mm + NOTE_LINE_MM * (i + 0.5) + MARGIN_MM, line, fontsize=NOTE_SIZE)
    return page


def _source(protocol):
    """What the data are and where they come from."""
    source = protocol.source
    parts = [source.get("citation", "").rstrip("."), f"doi:{source['doi']}" if "doi" in source else ""]
    cited = ". ".join(part for part in parts if part)
    lead = {
        "synthetic": "Synthetic data: made by a program, no row is a patient.",
        "published-counts": "Data: counts as published.",
        "patient-level": "Data: one row per patient or specimen.",
    }[protocol.data]
    return f"{lead} Source: {cited}." if cited else lead


@lru_cache(maxsize=None)
def text_mm(text, size=TEXT_SIZE, bold=False):
    """Width of a line of text in millimetres."""
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] * POINT_MM


def wrap(text, width_mm=WIDTH_MM - 2 * MARGIN_MM, size=NOTE_SIZE, bold=False):
    """
    Text broken into lines that fit a width as printed; a longer word has a line of its own.

    Parameters
    ----------
    text : str
    width_mm : float
    size : float
        In points.
    bold : bool

    Returns
    -------
    list of str
        At least one line.
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and text_mm(longer, size, bold) > width_mm:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def p_text(p):
    """ "p=0.031" or "p<0.001" from a formatted p value."""
    return f"p{p}" if p[:1] in ("<", ">") else f"p={p}"


def save(figure, folder, name):
    """
    Write a figure as SVG, PDF and PNG; the same figure gives the same bytes.

    Parameters
    ----------
    figure : Figure
        From `sheet`: its label becomes the title of the files.
    folder : Path
    name : str
        File name without the suffix.
    """
    title = figure.get_label()
    figure.savefig(folder / f"{name}.svg", metadata={"Title": title, "Date": None})
    figure.savefig(folder / f"{name}.pdf", metadata={"Title": title, "CreationDate": None})
    # the pictures are mostly white: stronger compression takes time and saves nothing
    figure.savefig(
        folder / f"{name}.png",
        dpi=300,
        metadata={"Title": title, "Software": None},
        pil_kwargs={"compress_level": 1},
    )
