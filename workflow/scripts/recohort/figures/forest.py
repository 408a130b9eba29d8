"""Forest plots: text, marks on a common axis, text. Rows are placed by their order, never found by their label."""

from dataclasses import dataclass
from math import isfinite

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from recohort.figures import style

PLOT_MM = 38  # narrowest axis
LABEL_MM, LEVEL_MM = 24, 16  # narrowest label columns
GAP_MM = 3
LINE_MM = 3.3
ROW_PAD_MM = 1.1
SERIES_MM = 1.9  # between the marks of two models in a row; also the side of the largest square
HEADER_MM = 9
AXIS_MM = 13

# an interval is drawn to this multiple of the outermost estimate, and ends in an arrowhead there
REACH = 3
TICKS = (
    [2.0**k for k in range(-4, 5)],
    [m * 10.0**k for k in range(-3, 4) for m in (1, 2, 5)],
    [10.0**k for k in range(-12, 13)],
)
MOST_TICKS = 7


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
        One per column left of the axis.
    marks : tuple of Mark or None
        One per series.
    values : tuple of (str, str)
        Estimate and p value of each series, right of the axis.
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
    """The axis of a forest plot; `sides` says what the left and the right of `line_at` mean."""

    low: float
    high: float
    ticks: list
    label: str
    scale: str = "log"
    line_at: float | None = 1
    sides: tuple = ()


def ratio_axis(marks, label, sides):
    """
    A log axis that holds every estimate, and intervals up to a multiple of the outermost estimate.

    Parameters
    ----------
    marks : list of Mark
    label : str
    sides : (str, str)

    Returns
    -------
    Axis
        From 0.5 or less to 2 or more; ticks that double, or 1-2-5, or powers of ten: the first that are few enough.
    """
    drawable = [mark for mark in marks if 0 < mark.estimate < float("inf")]
    estimates = [mark.estimate for mark in drawable] or [1.0]
    low = max(min((m.low for m in drawable if isfinite(m.low)), default=1.0), min(estimates) / REACH)
    high = min(max((m.high for m in drawable if isfinite(m.high)), default=1.0), max(estimates) * REACH)
    low, high = min(low, 0.5) / 1.05, max(high, 2.0) * 1.05
    for series in TICKS:
        ticks = [tick for tick in series if low <= tick <= high]
        if len(ticks) <= MOST_TICKS and series[0] <= low and high <= series[-1]:
            break
    return Axis(low, high, ticks, label, sides=sides)


def plot(rows, headers, series, axis, title, subtitle, protocol, notes):
    """
    A forest plot.

    Parameters
    ----------
    rows : list of Row
    headers : tuple of str
        Of the columns left of the axis: label, level, counts.
    series : list of (str, str)
        Name of each series ("" if there is one only) and the header of its estimates.
    axis : Axis
    title, subtitle, protocol, notes
        As `style.sheet` takes them.

    Returns
    -------
    Figure
    """
    columns = _Columns(rows, headers, series)
    heights = [
        LINE_MM * max(len(cell) for cell in columns.wrapped(row)) + ROW_PAD_MM + 0.6 * (len(series) - 1)
        for row in rows
    ]
    tops = [sum(heights[:i]) for i in range(len(rows) + 1)]
    centres = [(above + below) / 2 for above, below in zip(tops, tops[1:], strict=False)]
    sheet = style.sheet(HEADER_MM + tops[-1] + AXIS_MM, title, subtitle, protocol, notes)
    _stripes(sheet, rows, tops)
    _header(sheet, columns, headers, series)
    for row, centre in zip(rows, centres, strict=True):
        _text(sheet, columns, row, HEADER_MM + centre)
    panel = sheet.panel(columns.axis_left, HEADER_MM, columns.axis_width, tops[-1])
    _axis(panel, axis, tops[-1])
    for i in range(len(series)):
        offset = (i - (len(series) - 1) / 2) * SERIES_MM
        placed = [(row.marks[i], centre + offset) for row, centre in zip(rows, centres, strict=True) if row.marks[i]]
        _marks(panel, axis, placed, i if len(series) > 1 else 1, largest=_heaviest(rows))
    if axis.sides:
        y = HEADER_MM + tops[-1] + 6.2
        sheet.text(columns.axis_left, y, f"← {axis.sides[0]}", fontsize=style.NOTE_SIZE)
        right = columns.axis_left + columns.axis_width
        sheet.text(right, y, f"{axis.sides[1]} →", fontsize=style.NOTE_SIZE, ha="right")
    middle = columns.axis_left + columns.axis_width / 2
    sheet.text(middle, HEADER_MM + tops[-1] + (10 if axis.sides else 7), axis.label, ha="center")
    return sheet.figure


class _Columns:
    """Where the columns of a forest plot are, in millimetres; labels are broken into lines if the axis is short."""

    def __init__(self, rows, headers, series):
        def widest(texts, **font):
            return max((style.text_mm(text, **font) for text in texts), default=0)

        cells = [
            max(widest({row.cells[i] for row in rows}, bold=any(row.bold for row in rows)), widest([header]))
            for i, header in enumerate(headers)
        ]
        values = [
            (
                max(widest({row.values[s][0] for row in rows}), widest([header, f"      {name}"], bold=True)),
                widest({row.values[s][1] for row in rows} | {"p"}),
            )
            for s, (name, header) in enumerate(series)
        ]
        inner = style.WIDTH_MM - 2 * style.MARGIN_MM
        right = sum(estimate + p + 2 * GAP_MM for estimate, p in values)
        room = inner - right - PLOT_MM - sum(cells[2:]) - GAP_MM * len(cells)
        if cells[0] + cells[1] > room:
            cells[1] = min(cells[1], max(LEVEL_MM, room - cells[0]))
            cells[0] = max(LABEL_MM, room - cells[1])
        self.widths = cells
        self.left = [style.MARGIN_MM + sum(cells[:i]) + GAP_MM * i for i in range(len(cells))]
        self.axis_left = self.left[-1] + cells[-1] + GAP_MM
        self.axis_width = inner + style.MARGIN_MM - right - self.axis_left
        self.values = []  # left edge of the estimate, right edge of the p value
        x = self.axis_left + self.axis_width + GAP_MM
        for estimate, p in values:
            self.values.append((x, x + estimate + GAP_MM + p))
            x += estimate + p + 2 * GAP_MM

    def wrapped(self, row):
        """The lines of each cell of a row; a heading runs over the columns right of it."""
        if row.bold:
            return [[cell] for cell in row.cells]
        wide = [width + 0.1 for width in self.widths[:2]]
        return [
            style.wrap(cell, wide[i], style.TEXT_SIZE) if i < 2 else [cell] for i, cell in enumerate(row.cells)
        ]


def _stripes(sheet, rows, tops):
    for row, top, below in zip(rows, tops, tops[1:], strict=False):
        if row.stripe % 2:
            corner, size = (0, HEADER_MM + top), (style.WIDTH_MM, below - top)
            sheet.figure.add_artist(Rectangle(corner, *size, color=style.STRIPE, linewidth=0, transform=sheet.mm))


def _header(sheet, columns, headers, series):
    for i, header in enumerate(headers):
        x, ha = (columns.left[i], "left") if i < 2 else (columns.left[i] + columns.widths[i], "right")
        sheet.text(x, HEADER_MM - 2.5, header, ha=ha, fontweight="bold")
    for i, (name, header) in enumerate(series):
        left, right = columns.values[i]
        sheet.text(left, HEADER_MM - 2.5, header, fontweight="bold")
        sheet.text(right, HEADER_MM - 2.5, "p", ha="right", fontweight="bold")
        if name:
            sheet.text(left + 6, HEADER_MM - 6, name, fontweight="bold")
            key = Line2D([left, left + 2.5, left + 5], [HEADER_MM - 6] * 3, transform=sheet.mm, marker="s",
                         markevery=[1], markersize=4, linewidth=1, color=style.COLOURS[i], linestyle=style.DASHES[i])  # fmt: skip
            sheet.figure.add_artist(key)
    rule = Line2D([0, style.WIDTH_MM], [HEADER_MM] * 2, transform=sheet.mm, color="black", linewidth=0.6)
    sheet.figure.add_artist(rule)


def _text(sheet, columns, row, y):
    weight = "bold" if row.bold else "normal"
    for i, lines in enumerate(columns.wrapped(row)):
        x, ha = (columns.left[i], "left") if i < 2 else (columns.left[i] + columns.widths[i], "right")
        for j, line in enumerate(lines):
            if line:
                sheet.text(x, y + (j - (len(lines) - 1) / 2) * LINE_MM, line, ha=ha, fontweight=weight)
    for (left, right), (estimate, p) in zip(columns.values, row.values, strict=True):
        if estimate:
            sheet.text(left, y, estimate)
        if p:
            sheet.text(right, y, p, ha="right")


def _axis(panel, axis, height_mm):
    panel.set_xscale(axis.scale)
    panel.set_xlim(axis.low, axis.high)
    panel.set_ylim(height_mm, 0)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.set_xticks(axis.ticks, [f"{tick:g}" for tick in axis.ticks])
    panel.set_xticks([], minor=True)
    if axis.line_at is not None:
        panel.axvline(axis.line_at, color="black", linewidth=0.6, zorder=0)


def _heaviest(rows):
    return max((mark.weight for row in rows for mark in row.marks if mark), default=1)


def _marks(panel, axis, placed, colour, largest):
    """Intervals, squares whose area is proportional to the weight, and arrowheads where the axis ends too early."""
    colour, dash = style.COLOURS[colour], style.DASHES[colour]
    if not placed:
        return
    lows = [max(mark.low, axis.low) for mark, _ in placed]
    highs = [min(mark.high, axis.high) for mark, _ in placed]
    panel.hlines([y for _, y in placed], lows, highs, colors=colour, linestyles=[dash], linewidth=1)
    squares = [(mark, y) for mark, y in placed if axis.low <= mark.estimate <= axis.high]
    side = SERIES_MM / style.POINT_MM
    panel.scatter(
        [mark.estimate for mark, _ in squares],
        [y for _, y in squares],
        s=[side**2 * mark.weight / largest for mark, _ in squares],
        marker="s",
        color=colour,
        linewidth=0,
        zorder=3,
    )
    for edge, marker, clipped in (
        (axis.low, "<", [y for mark, y in placed if mark.low < axis.low]),
        (axis.high, ">", [y for mark, y in placed if mark.high > axis.high]),
    ):
        panel.plot([edge] * len(clipped), clipped, marker, color=colour, markersize=3.5, clip_on=False, mew=0)
