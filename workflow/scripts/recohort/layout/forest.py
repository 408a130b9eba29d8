"""Forest plots: text, marks on a common axis, text. Rows are placed by their order, never found by label."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, isnan
from typing import Any

from recohort.base import formats
from recohort.layout import sheet as style
from recohort.layout import words

PLOT_MM = 38  # narrowest axis, unless the labels are as narrow as they may be
LEAST_PLOT_MM = 26  # and then, unless all columns are as narrow as they may be
LABEL_MM, LEVEL_MM = 30, 14  # narrowest label columns
COUNT_MM, VALUE_MM, P_MM = 12, 19, 9  # narrowest of the others, whose text is then broken into lines
PAGE_MM = 230  # of rows on a page; a longer plot goes on in another figure
GAP_MM = 3
P_GAP_MM = 2
ROW_PAD_MM = 1.2
SERIES_MM = 2.1  # between the marks of two series in a row; also the side of the largest square

# an interval is drawn to this multiple of the outermost estimate and ends in an arrowhead there
REACH = 4
# of an axis, whatever the estimates: what is printed ends at 1,000
LEAST_END, GREATEST_END = 1e-4, 1e4
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

    cells: tuple[str, ...]
    marks: tuple[Mark | None, ...]
    values: tuple[tuple[str, ...], ...]
    stripe: int = 0
    bold: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether it is the heading of the rows after it: without counts and marks."""
        return not any(self.marks) and not any(self.cells[1:])


@dataclass(frozen=True)
class Axis:
    """The axis of a forest plot, with the value at which there is no difference if there is one."""

    low: float
    high: float
    ticks: tuple[float, ...]
    label: str
    scale: str = "linear"
    no_difference: float | None = None

    @property
    def height_mm(self) -> float:
        """Of ticks and labels, with a line for the two sides of no difference."""
        return 14 if self.no_difference else 11


class Notes:
    """Footnotes with a mark each: one mark for one text, in the order of use."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def mark(self, text: str) -> str:
        """The mark of a text."""
        i = len(self._marks)
        return self._marks.setdefault(text, MARKS[i % len(MARKS)] * (1 + i // len(MARKS)))

    def sentences(self, rows: list[Row]) -> list[str]:
        """Each text that some rows point to, behind its mark."""
        ends = [text[len(text.rstrip("".join(MARKS))) :] for row in rows for of in row.values for text in of]
        found = set(ends)
        return [f"{mark} {words.sentence(text)}" for text, mark in self._marks.items() if mark in found]


def value_text(row: dict[str, Any], notes: Notes) -> str:
    """Estimate and interval of a row in words, with a footnote mark where the method is not the usual one."""
    if isnan(row["estimate"]) or words.is_refused(row):
        return words.no_estimate(row) + notes.mark(row["note"])
    text = formats.ratio_interval(row["estimate"], row["ci_low"], row["ci_high"])
    if row["status"] == "penalised":
        return text + notes.mark(f"{row['note']}; interval: {row['ci_method']}; p: {row['p_method']} test")
    return text


def ratio_axis(marks: list[Mark], label: str) -> Axis:
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
    drawable = [mark for mark in marks if LEAST_END <= mark.estimate <= GREATEST_END]
    estimates = [mark.estimate for mark in drawable] or [1]
    # an end that is not known is no number, and of an estimate no end
    low = max(min((mark.low for mark in drawable if mark.low >= 0), default=1), min(estimates) / REACH)
    high = min(max((mark.high for mark in drawable if mark.high >= 0), default=1), max(estimates) * REACH)
    low = min(low, 0.5, *estimates) / 1.05
    high = max(high, 2, *estimates) * 1.05
    for series in TICKS:
        ticks = tuple(tick for tick in series if low <= tick <= high)
        if len(ticks) <= MOST_TICKS and series[0] <= 2 * low and high <= 2 * series[-1]:
            break
    return Axis(low, high, ticks, label, "log", no_difference=1)


def plot(
    rows: list[Row],
    headers: Sequence[str],
    series: Sequence[tuple[str, Sequence[str]]],
    axis: Axis,
    title: str,
    subtitle: str,
    protocol: Any,
    notes: list[str],
    said: Notes,
) -> list[Any]:
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
        As `sheet.sheet` takes them.
    said : Notes
        Of the marks in the rows; a page has those of its own.

    Returns
    -------
    list of Figure
        Its pages: one, unless there are more rows than a page holds. All have the axis, the columns and the
        scale of squares of the whole.
    """
    columns = _columns(rows, headers, series)
    # all marks may be of 0 events
    heaviest = max((mark.weight for row in rows for mark in row.marks if mark), default=1) or 1
    pages = _pages(rows, [_height(row, columns, series) for row in rows])
    figures = []
    for i, page in enumerate(pages, start=1):
        of = f" (page {i} of {len(pages)})" if len(pages) > 1 else ""
        heads = title + of, subtitle, protocol, [*notes, *said.sentences(page)]
        figures.append(_page(page, columns, headers, series, axis, heaviest, heads))
    return figures


def _pages(rows: list[Row], heights: list[float]) -> list[list[Row]]:
    """The rows of each page: none begins below a heading, whose bold one is repeated."""
    pages: list[list[Row]] = []
    page: list[Row] = []
    left: float = PAGE_MM
    bold: tuple[Row, float] | None = None
    for i, (row, height) in enumerate(zip(rows, heights, strict=True)):
        bold = (row, height) if row.bold else bold
        needed = height
        for j in range(i, len(rows) - 1):
            if not rows[j].is_heading:
                break
            needed += heights[j + 1]
        if page and needed > left:
            pages.append(page)
            page, left = [], PAGE_MM
            if bold and not row.bold:
                page, left = [bold[0]], PAGE_MM - bold[1]
        page.append(row)
        left -= height
    return [*pages, page]


def _height(row: Row, columns: "_Columns", series: Sequence[tuple[str, Sequence[str]]]) -> float:
    return style.LINE_MM * max(map(len, _lines(row, columns))) + ROW_PAD_MM + 0.7 * (len(series) - 1)


def _page(
    rows: list[Row],
    columns: "_Columns",
    headers: Sequence[str],
    series: Sequence[tuple[str, Sequence[str]]],
    axis: Axis,
    heaviest: float,
    heads: tuple[str, str, Any, list[str]],
) -> Any:
    """A figure of some of the rows; heads as `sheet.sheet` takes them."""
    header_mm = (9 if series[0][0] else 5.5) + style.LINE_MM * (columns.header_lines - 1)
    *tops, bottom = accumulate((_height(row, columns, series) for row in rows), initial=header_mm)
    bounds = list(zip(tops, [*tops[1:], bottom], strict=True))
    labels = _axis_label(axis, columns)
    sheet = style.sheet(bottom + axis.height_mm + style.LINE_MM * (len(labels) - 1), *heads)
    _header(sheet, columns, headers, series, header_mm)
    for row, (top, end) in zip(rows, bounds, strict=True):
        if row.stripe % 2:
            sheet.rectangle(0, top, style.WIDTH_MM, end - top, color=style.STRIPE, linewidth=0, zorder=-1)
        _text(sheet, columns, row, (top + end) / 2)
    panel = sheet.panel(columns.axis_left, header_mm, columns.axis_width, bottom - header_mm)
    panel.set_ylim(bottom, header_mm)
    _axis(sheet, panel, axis, columns, bottom, labels)
    for i in range(len(series)):
        shift = (i - (len(series) - 1) / 2) * SERIES_MM
        placed: list[tuple[Any, float]] = [
            (row.marks[i], (top + end) / 2 + shift)
            for row, (top, end) in zip(rows, bounds, strict=True)
            if row.marks[i]
        ]
        _marks(panel, axis, placed, heaviest, *_look(i, series))
    return sheet.figure


@dataclass(frozen=True)
class _Columns:
    """Where the columns are, in millimetres."""

    left: list[float]  # of each column left of the axis
    widths: list[float]
    axis_left: float
    axis_width: float
    values: list[tuple[float, float]]  # per series: left end of the estimate, right end of the p value
    value_widths: list[list[float]]  # per series: of each of its columns
    header_lines: int


def _columns(
    rows: list[Row], headers: Sequence[str], series: Sequence[tuple[str, Sequence[str]]]
) -> _Columns:
    """Columns as wide as their text; labels are broken into lines where the axis would be too short."""
    widths = [
        # a label without a level has the room of both, and a bold one the whole line
        max(_widest(row.cells[i] for row in rows if i or row.cells[1]), style.text_mm(header, bold=True))
        for i, header in enumerate(headers)
    ]
    alone = _widest(row.cells[0] for row in rows if not row.cells[1] and not row.bold)
    widths[0] = max(widths[0], alone - GAP_MM - widths[1])
    values = [_value_widths(rows, i, headers) for i, (_, headers) in enumerate(series)]
    inner = style.WIDTH_MM - 2 * style.MARGIN_MM

    def blocks() -> list[float]:
        return [_block_mm(of, name) for of, (name, _) in zip(values, series, strict=True)]

    def room_for_labels(plot_mm: float) -> float:
        return inner - sum(blocks()) - plot_mm - sum(widths[2:]) - GAP_MM * len(widths)

    if room_for_labels(LEAST_PLOT_MM) < min(widths[0], LABEL_MM) + min(widths[1], LEVEL_MM):
        widths[2:] = [min(width, COUNT_MM) for width in widths[2:]]
    if room_for_labels(LEAST_PLOT_MM) < min(widths[0], LABEL_MM) + min(widths[1], LEVEL_MM):
        values = [[min(w, most) for w, most in zip(of, (VALUE_MM, P_MM), strict=False)] for of in values]
    room = room_for_labels(PLOT_MM)
    if widths[0] + widths[1] > room:
        widths[1] = min(widths[1], max(LEVEL_MM, room - widths[0]))
        widths[0] = max(min(widths[0], LABEL_MM), room - widths[1])
    *left, axis_left = accumulate((width + GAP_MM for width in widths), initial=style.MARGIN_MM)
    *starts, _ = accumulate(blocks(), initial=style.MARGIN_MM + inner - sum(blocks()))
    ends = [(start + GAP_MM, start + block) for start, block in zip(starts, blocks(), strict=True)]
    texts = [*headers, *(header for _, of_series in series for header in of_series)]
    of_texts = [*widths, *(width for of in values for width in of)]
    header_lines = max(
        len(style.wrap(text, width, bold=True)) for text, width in zip(texts, of_texts, strict=True)
    )
    return _Columns(left, widths, axis_left, starts[0] - axis_left, ends, values, header_lines)


def _value_widths(rows: list[Row], i: int, headers: Sequence[str]) -> list[float]:
    """Of each column of the text of a series."""
    return [
        max(_widest(row.values[i][j] for row in rows), style.text_mm(header, bold=True))
        for j, header in enumerate(headers)
    ]


def _block_mm(widths: list[float], name: str) -> float:
    """Width of the text of a series with the gap before it."""
    return GAP_MM + max(sum(widths) + P_GAP_MM * (len(widths) - 1), 6 + style.text_mm(name, bold=True))


def _widest(texts: Iterable[str]) -> float:
    return max(map(style.text_mm, set(texts)), default=0)


def _lines(row: Row, columns: _Columns) -> list[list[str]]:
    """The lines of each cell of a row, and of each text right of the axis."""
    return [*_cell_lines(row, columns), *(lines for of in _value_lines(row, columns) for lines in of)]


def _cell_lines(row: Row, columns: _Columns) -> list[list[str]]:
    label, level, *counts = row.cells
    if row.bold:
        return [style.wrap(label, style.WIDTH_MM - 2 * style.MARGIN_MM, bold=True)]
    label_mm = columns.widths[0] if level else columns.left[1] + columns.widths[1] - columns.left[0]
    numbers = [style.wrap(text, width) for text, width in zip(counts, columns.widths[2:], strict=True)]
    return [style.wrap(label, label_mm), style.wrap(level, columns.widths[1]), *numbers]


def _value_lines(row: Row, columns: _Columns) -> list[list[list[str]]]:
    return [
        [style.wrap(text, width) for text, width in zip(texts, widths, strict=False)]
        for texts, widths in zip(row.values, columns.value_widths, strict=True)
    ]


def _look(i: int, series: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, Any]:
    """Colour and dash of a series; the last one, or the only one, is solid."""
    rank = len(series) - 1 - i
    return style.COLOURS[rank], ("-", (0, (1.2, 0.8)))[rank]


def _header(
    sheet: style.Sheet,
    columns: _Columns,
    headers: Sequence[str],
    series: Sequence[tuple[str, Sequence[str]]],
    header_mm: float,
) -> None:
    last = header_mm - 2.2
    above = last - 3.7 - style.LINE_MM * (columns.header_lines - 1)

    def place(lines: list[str]) -> list[tuple[float, str]]:
        """Each line with its height; the last ones of all headers are side by side."""
        return [(last - style.LINE_MM * (len(lines) - 1 - i), line) for i, line in enumerate(lines)]

    for i, (header, width) in enumerate(zip(headers, columns.widths, strict=True)):
        for y, line in place(style.wrap(header, width, bold=True)):
            _cell(sheet, columns, i, y, line, bold=True)
    for i, (name, texts) in enumerate(series):
        for j, (text, width) in enumerate(zip(texts, columns.value_widths[i], strict=True)):
            for y, line in place(style.wrap(text, width, bold=True)):
                _value(sheet, columns.values[i], j, y, line, bold=True)
        if name:
            left, (colour, dash) = columns.values[i][0], _look(i, series)
            sheet.line([left, left + 5], [above] * 2, color=colour, linestyle=dash, linewidth=1)
            middle: dict[str, Any] = {"xs": [left + 2.5], "ys": [above], "color": colour, "markersize": 4.5}
            sheet.line(**middle, marker="s", markeredgewidth=0, alpha=0.5)
            sheet.line(**middle, marker="|")
            sheet.text(left + 6, above, name, bold=True)
    sheet.line([0, style.WIDTH_MM], [header_mm] * 2, color="black", linewidth=0.6)


def _cell(sheet: style.Sheet, columns: _Columns, i: int, y: float, text: str, **options: Any) -> None:
    """Labels stand at the left of their column, counts at the right."""
    if i < 2:
        sheet.text(columns.left[i], y, text, **options)
    else:
        sheet.text(columns.left[i] + columns.widths[i], y, text, align="right", **options)


def _value(
    sheet: style.Sheet, ends: tuple[float, float], j: int, y: float, text: str, **options: Any
) -> None:
    """An estimate at the left, its p value at the right."""
    sheet.text(ends[j], y, text, align=("left", "right")[j], **options)


def _text(sheet: style.Sheet, columns: _Columns, row: Row, middle: float) -> None:
    def place(lines: list[str]) -> list[tuple[float, str]]:
        """Each line with its height around the middle of the row."""
        return [(middle + (i - (len(lines) - 1) / 2) * style.LINE_MM, line) for i, line in enumerate(lines)]

    for i, lines in enumerate(_cell_lines(row, columns)):
        for y, line in place(lines):
            _cell(sheet, columns, i, y, line, bold=row.bold)
    for ends, texts in zip(columns.values, _value_lines(row, columns), strict=True):
        for j, lines in enumerate(texts):
            for y, line in place(lines):
                _value(sheet, ends, j, y, line)


def _axis_label(axis: Axis, columns: _Columns) -> list[str]:
    """The lines of the label below the middle of the axis, none of which leaves the page."""
    middle = columns.axis_left + columns.axis_width / 2
    return style.wrap(axis.label, 2 * min(middle, style.WIDTH_MM - middle) - 2 * style.MARGIN_MM)


def _fitting(axis: Axis, width_mm: float) -> list[float]:
    """As many ticks as have room for their labels, that of no difference among them."""
    needed = sum(style.text_mm(f"{tick:g} ") for tick in axis.ticks)
    step = max(1, ceil(needed / width_mm))
    middle = axis.ticks.index(axis.no_difference) if axis.no_difference in axis.ticks else 0
    return [tick for i, tick in enumerate(axis.ticks) if (i - middle) % step == 0]


def _axis(
    sheet: style.Sheet, panel: Any, axis: Axis, columns: _Columns, bottom: float, labels: list[str]
) -> None:
    panel.set_xscale(axis.scale)
    panel.set_xlim(axis.low, axis.high)
    ticks = _fitting(axis, columns.axis_width)
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.set_xticks([], minor=True)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    left, right = columns.axis_left, columns.axis_left + columns.axis_width
    for i, line in enumerate(labels):
        y = bottom + axis.height_mm - 3 + style.LINE_MM * i
        sheet.text((left + right) / 2, y, line, align="center")
    if axis.no_difference:
        panel.axvline(axis.no_difference, color="black", linewidth=0.6, zorder=0)
        sheet.text(left, bottom + 7, "← lower")
        sheet.text(right, bottom + 7, "higher →", align="right")


def _marks(
    panel: Any, axis: Axis, placed: list[tuple[Mark, float]], heaviest: float, colour: str, dash: Any
) -> None:
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
