"""Forest plots: text, marks on a common axis, text. Rows are placed by their order, never found by label."""

from dataclasses import dataclass
from itertools import accumulate
from math import isnan

from recohort.base import formats
from recohort.layout import sheet as style
from recohort.layout import words

PLOT_MM = 38  # narrowest axis, unless the labels are as narrow as they may be
LABEL_MM, LEVEL_MM = 30, 14  # narrowest label columns
GAP_MM = 3
P_GAP_MM = 2
ROW_PAD_MM = 1.2
SERIES_MM = 2.1  # between the marks of two series in a row; also the side of the largest square

# an interval is drawn to this multiple of the outermost estimate and ends in an arrowhead there
REACH = 4
TICKS = (
    [2.0**k for k in range(-4, 5)],
    [m * 10.0**k for k in range(-3, 3) for m in (1, 2, 5)],
    [10.0**k for k in range(-12, 13)],
)
MOST_TICKS = 7
# of footnotes, as journals order them
MARKS = ("*", "†", "‡", "§", "¶", "‖")


@dataclass(frozen=True)
class Mark:
    """A square with its interval; `weight` is what the area of the square is proportional to."""

    estimate: float
    low: float
    high: float
    weight: float


@dataclass(frozen=True)
class Row:
    """
    A line of a forest plot.

    Attributes
    ----------
    cells : tuple of str
        One per column left of the axis: label, level, counts. A label runs on over an empty level.
    marks : tuple of Mark or None
        One per series.
    values : tuple of tuple of str
        Per series the text right of the axis: estimate, and p value if the plot has them.
    stripe : int
        Rows that belong together have the same; odd ones are shaded.
    bold : bool
    """

    cells: tuple
    marks: tuple
    values: tuple
    stripe: int = 0
    bold: bool = False


@dataclass(frozen=True)
class Axis:
    """The axis of a forest plot, with the value at which there is no difference if there is one."""

    low: float
    high: float
    ticks: tuple
    label: str
    scale: str = "linear"
    no_difference: float | None = None

    @property
    def height_mm(self):
        """Of ticks and labels, with a line for the two sides of no difference."""
        return 14 if self.no_difference else 11


class Notes:
    """Footnotes with a mark each: one mark for one text, in the order of use."""

    def __init__(self):
        self._marks = {}

    def mark(self, text):
        """The mark of a text."""
        i = len(self._marks)
        return self._marks.setdefault(text, MARKS[i % len(MARKS)] * (1 + i // len(MARKS)))

    def sentences(self):
        """Each text behind its mark."""
        return [f"{mark} {words.sentence(text)}" for text, mark in self._marks.items()]


def value_text(row, notes):
    """Estimate and interval of a row in words, with a footnote mark where the method is not the usual one."""
    if isnan(row["estimate"]) or words.is_refused(row):
        return words.no_estimate(row) + notes.mark(row["note"])
    text = formats.estimate_interval(row["estimate"], row["ci_low"], row["ci_high"])
    if row["status"] == "penalised":
        return text + notes.mark(f"{row['note']}; interval: {row['ci_method']}; p: {row['p_method']} test")
    return text


def ratio_axis(marks, label):
    """
    A log axis that holds every estimate, and intervals up to a multiple of the outermost estimate.

    Parameters
    ----------
    marks : list of Mark
    label : str

    Returns
    -------
    Axis
        From 0.5 or less to 2 or more; ticks that double, or 1-2-5, or powers of ten: the first that are few.
    """
    drawable = [mark for mark in marks if 0 < mark.estimate < float("inf")]
    estimates = [mark.estimate for mark in drawable] or [1]
    low = max(min((mark.low for mark in drawable), default=1), min(estimates) / REACH)
    high = min(max((mark.high for mark in drawable), default=1), max(estimates) * REACH)
    low, high = min(low, 0.5) / 1.05, max(high, 2) * 1.05
    for series in TICKS:
        ticks = tuple(tick for tick in series if low <= tick <= high)
        if len(ticks) <= MOST_TICKS and series[0] <= 2 * low and high <= 2 * series[-1]:
            break
    return Axis(low, high, ticks, label, "log", no_difference=1)


def plot(rows, headers, series, axis, title, subtitle, protocol, notes):
    """
    A forest plot.

    Parameters
    ----------
    rows : list of Row
    headers : tuple of str
        Of the columns left of the axis.
    series : list of (str, tuple of str)
        Name of each series ("" for one alone) and headers of its text; at most two.
    axis : Axis
    title, subtitle, protocol, notes
        As `style.sheet` takes them.

    Returns
    -------
    Figure
    """
    columns = _columns(rows, headers, series)
    lines = [_lines(row, columns) for row in rows]
    heights = [style.LINE_MM * max(map(len, cells)) + ROW_PAD_MM + 0.7 * (len(series) - 1) for cells in lines]
    header_mm = 9 if series[0][0] else 5.5
    *tops, bottom = accumulate(heights, initial=header_mm)
    centres = [top + height / 2 for top, height in zip(tops, heights, strict=True)]

    sheet = style.sheet(bottom + axis.height_mm, title, subtitle, protocol, notes)
    _header(sheet, columns, headers, series, header_mm)
    for row, cells, top, height in zip(rows, lines, tops, heights, strict=True):
        if row.stripe % 2:
            sheet.rectangle(0, top, style.WIDTH_MM, height, color=style.STRIPE, linewidth=0, zorder=-1)
        _text(sheet, columns, row, cells, top + height / 2)
    panel = sheet.panel(columns.axis_left, header_mm, columns.axis_width, bottom - header_mm)
    panel.set_ylim(bottom, header_mm)
    _axis(sheet, panel, axis, columns, bottom)
    heaviest = max((mark.weight for row in rows for mark in row.marks if mark), default=1)
    for i in range(len(series)):
        shift = (i - (len(series) - 1) / 2) * SERIES_MM
        placed = [(row.marks[i], y + shift) for row, y in zip(rows, centres, strict=True) if row.marks[i]]
        _marks(panel, axis, placed, heaviest, *_look(i, series))
    return sheet.figure


@dataclass(frozen=True)
class _Columns:
    """Where the columns are, in millimetres."""

    left: list  # of each column left of the axis
    widths: list
    axis_left: float
    axis_width: float
    values: list  # per series: left end of the estimate, right end of the p value


def _columns(rows, headers, series):
    """Columns as wide as their text; labels are broken into lines where the axis would be too short."""
    widths = [
        # a label without a level has the room of both, and a bold one the whole line
        max(_widest(row.cells[i] for row in rows if i or row.cells[1]), style.text_mm(header, bold=True))
        for i, header in enumerate(headers)
    ]
    alone = _widest(row.cells[0] for row in rows if not row.cells[1] and not row.bold)
    widths[0] = max(widths[0], alone - GAP_MM - widths[1])
    blocks = [_block_mm(rows, i, *of) for i, of in enumerate(series)]
    inner = style.WIDTH_MM - 2 * style.MARGIN_MM
    room = inner - sum(blocks) - PLOT_MM - sum(widths[2:]) - GAP_MM * len(widths)
    if widths[0] + widths[1] > room:
        widths[1] = min(widths[1], max(LEVEL_MM, room - widths[0]))
        widths[0] = max(LABEL_MM, room - widths[1])
    *left, axis_left = accumulate((width + GAP_MM for width in widths), initial=style.MARGIN_MM)
    *starts, _ = accumulate(blocks, initial=style.MARGIN_MM + inner - sum(blocks))
    values = [(start + GAP_MM, start + block) for start, block in zip(starts, blocks, strict=True)]
    return _Columns(left, widths, axis_left, starts[0] - axis_left, values)


def _block_mm(rows, i, name, headers):
    """Width of the text of a series with the gap before it."""
    columns = [
        max(_widest(row.values[i][j] for row in rows), style.text_mm(header, bold=True))
        for j, header in enumerate(headers)
    ]
    return GAP_MM + max(sum(columns) + P_GAP_MM * (len(columns) - 1), 6 + style.text_mm(name, bold=True))


def _widest(texts):
    return max(map(style.text_mm, set(texts)), default=0)


def _lines(row, columns):
    """The lines of each cell of a row."""
    label, level, *counts = row.cells
    if row.bold:
        return [[label]]
    label_mm = columns.widths[0] if level else columns.left[1] + columns.widths[1] - columns.left[0]
    return [style.wrap(label, label_mm), style.wrap(level, columns.widths[1]), *([text] for text in counts)]


def _look(i, series):
    """Colour and dash of a series; the last one, or the only one, is solid."""
    rank = len(series) - 1 - i
    return style.COLOURS[rank], ("-", (0, (1.2, 0.8)))[rank]


def _header(sheet, columns, headers, series, header_mm):
    y = header_mm - 2.2
    for i, header in enumerate(headers):
        _cell(sheet, columns, i, y, header, bold=True)
    for i, (name, texts) in enumerate(series):
        _values(sheet, columns.values[i], y, texts, bold=True)
        if name:
            left, (colour, dash) = columns.values[i][0], _look(i, series)
            sheet.line([left, left + 5], [y - 3.7] * 2, color=colour, linestyle=dash, linewidth=1)
            middle = {"xs": [left + 2.5], "ys": [y - 3.7], "color": colour, "markersize": 4.5}
            sheet.line(**middle, marker="s", markeredgewidth=0, alpha=0.5)
            sheet.line(**middle, marker="|")
            sheet.text(left + 6, y - 3.7, name, bold=True)
    sheet.line([0, style.WIDTH_MM], [header_mm] * 2, color="black", linewidth=0.6)


def _cell(sheet, columns, i, y, text, **options):
    """Labels stand at the left of their column, counts at the right."""
    if i < 2:
        sheet.text(columns.left[i], y, text, **options)
    else:
        sheet.text(columns.left[i] + columns.widths[i], y, text, align="right", **options)


def _values(sheet, ends, y, texts, **options):
    """An estimate at the left, its p value at the right."""
    for x, align, text in zip(ends, ("left", "right"), texts, strict=False):
        sheet.text(x, y, text, align=align, **options)


def _text(sheet, columns, row, cells, y):
    for i, lines in enumerate(cells):
        for j, line in enumerate(lines):
            _cell(sheet, columns, i, y + (j - (len(lines) - 1) / 2) * style.LINE_MM, line, bold=row.bold)
    for ends, texts in zip(columns.values, row.values, strict=True):
        _values(sheet, ends, y, texts)


def _axis(sheet, panel, axis, columns, bottom):
    panel.set_xscale(axis.scale)
    panel.set_xlim(axis.low, axis.high)
    panel.set_xticks(axis.ticks, [f"{tick:g}" for tick in axis.ticks])
    panel.set_xticks([], minor=True)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    left, right = columns.axis_left, columns.axis_left + columns.axis_width
    sheet.text((left + right) / 2, bottom + axis.height_mm - 3, axis.label, align="center")
    if axis.no_difference:
        panel.axvline(axis.no_difference, color="black", linewidth=0.6, zorder=0)
        sheet.text(left, bottom + 7, "← lower")
        sheet.text(right, bottom + 7, "higher →", align="right")


def _marks(panel, axis, placed, heaviest, colour, dash):
    """Intervals, estimates with their squares, and arrowheads where the axis ends before the interval."""
    lows = [min(max(mark.low, axis.low), axis.high) for mark, _ in placed]
    highs = [max(min(mark.high, axis.high), axis.low) for mark, _ in placed]
    panel.hlines([y for _, y in placed], lows, highs, colors=colour, linestyles=[dash], linewidth=1)
    inside = [(mark, y) for mark, y in placed if axis.low <= mark.estimate <= axis.high]
    estimates, ys = [mark.estimate for mark, _ in inside], [y for _, y in inside]
    # scatter takes areas in square points; pale, so that an interval inside its square is seen
    largest = (SERIES_MM / style.POINT_MM) ** 2
    areas = [largest * mark.weight / heaviest for mark, _ in inside]
    panel.scatter(
        estimates, ys, areas, color=colour, marker="s", alpha=0.5, linewidth=0, zorder=1, clip_on=False
    )
    panel.plot(estimates, ys, "|", color=colour, markersize=4.5, markeredgewidth=1)
    heads = {"color": colour, "markersize": 3.5, "markeredgewidth": 0, "clip_on": False}
    for edge, head, clipped in (
        (axis.low, "<", [y for mark, y in placed if mark.low < axis.low]),
        (axis.high, ">", [y for mark, y in placed if mark.high > axis.high]),
    ):
        panel.plot([edge] * len(clipped), clipped, head, **heads)
