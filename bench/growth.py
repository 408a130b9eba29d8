"""How the cost of a Cox model grows with the rows: one line an engine, with its exponent."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from recohort.layout.sheet import (
    BITMAP_DPI,
    COLOURS,
    DASHES,
    GREY,
    LINE_MM,
    MARGIN_MM,
    TITLE_SIZE,
    WIDTH_MM,
    wrap,
)

HEIGHT_MM = 124
# colour, dashes, marker and its filling: told apart in grey as well
LOOKS = {
    "recohort": (COLOURS[0], DASHES[0], "o", COLOURS[0]),
    "R": (COLOURS[4], DASHES[0], "s", COLOURS[4]),
    "R-fit": (COLOURS[4], DASHES[1], "s", "white"),
    "lifelines": (COLOURS[1], DASHES[0], "^", COLOURS[1]),
    "statsmodels": (COLOURS[2], DASHES[3], "D", COLOURS[2]),
    "scikit-survival": (COLOURS[3], DASHES[0], "v", COLOURS[3]),
    "greenwood": (GREY, DASHES[2], "P", GREY),
}
# exponents are of the last two decades of each line: below, the fixed cost of a call shows
DECADES = 2
# where a label may stand beside the end of its line: points to the right and up, and its alignment
SIDES = (
    (1, 0, "left", "center"),
    (-0.7, 0.7, "right", "bottom"),
    (0.7, 0.7, "left", "bottom"),
    (0.7, -0.7, "left", "top"),
    (0, -1, "center", "top"),
)
PLACES = [(d * x, d * y, ha, va) for d in range(5, 45, 5) for x, y, ha, va in SIDES]
NEAR = 12  # farther than so many points, a thin line leads to the label


def exponent(n, seconds):
    """
    The power of n by which the cost grows, over the last decades.

    Parameters
    ----------
    n, seconds : ndarray, shape (k,)

    Returns
    -------
    float
        Least squares on the log scales; NaN for a single size.
    """
    n, seconds = np.asarray(n, float), np.asarray(seconds, float)
    late = n >= n.max() / 10**DECADES
    if late.sum() < 2:
        return np.nan
    return float(np.polyfit(np.log(n[late]), np.log(seconds[late]), 1)[0])


def lines_of(rows):
    """
    The lines of the figure.

    Parameters
    ----------
    rows : list of dict
        As of `results.rows_of`.

    Returns
    -------
    dict of str to tuple of ndarray
        Engine, slowest first: rows and seconds of the registry-like Cox models.
    """
    points = {}
    for row in sorted((row for row in rows if row["seconds"] and _is_shown(row)), key=lambda row: row["n"]):
        points.setdefault(row["engine"], []).append((row["n"], row["seconds"]))
    lines = {engine: tuple(np.array(each).T) for engine, each in points.items()}
    return dict(sorted(lines.items(), key=lambda item: -item[1][1][-1] / item[1][0][-1]))


def _is_shown(row):
    return (row["task"], row["shape"]) == ("cox", "registry")


def figure(rows):
    """
    Draw the lines.

    Parameters
    ----------
    rows : list of dict

    Returns
    -------
    Figure
    """
    figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4))
    figure.set_label("How the cost of a Cox model grows with the rows")
    axes = figure.add_axes((0.075, 0.21, 0.76, 0.67), facecolor="none")
    lines = lines_of(rows)
    for engine, (n, seconds) in lines.items():
        colour, dashes, marker, filling = LOOKS[engine]
        look = {"color": colour, "linestyle": dashes, "marker": marker, "markerfacecolor": filling}
        axes.plot(n, seconds, **look, linewidth=1.8 if engine == "recohort" else 1.0, markersize=4)
    _scales(axes)
    _write(figure, "; ".join(dict.fromkeys(row["machine"] for row in rows if _is_shown(row))))
    _labels(figure, axes, lines)
    return figure


def _scales(axes):
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xscale="log", yscale="log", xlabel="Rows")
    for axis, shown in ((axes.xaxis, "{:,.0f}"), (axes.yaxis, "{:g}")):
        axis.set_major_locator(LogLocator(10, numticks=20))
        axis.set_major_formatter(FuncFormatter(lambda value, _, shown=shown: shown.format(value)))
        axis.set_minor_locator(NullLocator())
    axes.grid(color="#E3E6E8", linewidth=0.5)
    axes.set_axisbelow(True)


def _write(figure, machine):
    left = MARGIN_MM / WIDTH_MM
    note = (
        "One line an engine: median seconds of its runs after a first one, on the same rows, made by a "
        "program: ten covariates (15 columns), whole days of follow-up, about 78 % events. A line ends where "
        "a run at ten times the rows would pass the cap. The number beside its end is the power of the rows "
        f"by which the time grows, over the last {DECADES} decades of the line. recohort is NumPy and SciPy; "
        f"R is coxph, R-fit coxph.fit on a prepared matrix. {machine}."
    )
    figure.text(left, 0.965, figure.get_label(), size=TITLE_SIZE, weight="bold", va="center")
    figure.text(left, 0.925, "Seconds of one fit with its covariance", color=GREY, va="center")
    for k, line in enumerate(wrap(note, WIDTH_MM - 2 * MARGIN_MM)):
        figure.text(left, (13 - LINE_MM * k) / HEIGHT_MM, line, va="center")


def _labels(figure, axes, lines):
    """A label at the end of each line, at the nearest place where it covers no line and no other label."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    drawn = [Path(axes.transData.transform(np.column_stack(points))) for points in lines.values()]
    taken = []
    for engine, (n, seconds) in lines.items():
        power = exponent(n, seconds)
        text = engine if np.isnan(power) else f"{engine}  {power:.2f}"
        look = {"color": LOOKS[engine][0], "weight": "bold" if engine == "recohort" else "normal"}
        for dx, dy, ha, va in PLACES:
            lead = {"arrowstyle": "-", "linewidth": 0.5 if max(abs(dx), abs(dy)) > NEAR else 0, "shrinkA": 0}
            place = {
                "xytext": (dx, dy),
                "textcoords": "offset points",
                "ha": ha,
                "va": va,
                "arrowprops": lead,
            }
            label = axes.annotate(text, (n[-1], seconds[-1]), **place, **look)
            label.update_positions(renderer)
            # of the text alone: an annotation's own extent has its leading line
            box = Text.get_window_extent(label, renderer).padded(1)
            covered = any(path.intersects_bbox(box, filled=False) for path in drawn)
            if not covered and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            label.remove()


def save(figure, folder):
    """Write growth.svg and growth.png."""
    figure.savefig(folder / "growth.svg", metadata={"Title": figure.get_label(), "Date": None})
    figure.savefig(
        folder / "growth.png", metadata={"Title": figure.get_label(), "Software": None}, dpi=BITMAP_DPI
    )
