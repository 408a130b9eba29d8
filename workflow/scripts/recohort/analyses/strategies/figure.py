"""Testing strategies as bars."""

from collections.abc import Iterable
from math import isnan
from typing import Any

from recohort import disclosure
from recohort.analyses.strategies import PER_1000
from recohort.analyses.strategies.left_out import left_out
from recohort.base import formats
from recohort.layout import sheet as style
from recohort.layout import words

# a bar chart of strategies: names, then per measure the longest bar with its value behind it
NAME_MM, GAP_MM, LONGEST_MM, VALUE_MM = 46, 3, 20, 12
BARS_TOP_MM, BAR_MM = 6, 5
# measures per 1,000, and which of them share a scale
BARS = (("FISH tests", 0), ("NGS tests", 0), ("positives missed", 1), ("false positives", 1))


def figure(
    protocol: Any,
    analysis: Any,
    population: str,
    rows: list[dict[str, Any]],
    confidence: float,
    curves: Iterable[dict[str, Any]] = (),
) -> list[Any]:
    """
    What each testing strategy needs and gets wrong, per 1,000.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
    population : str
    rows : list of dict
        Its estimates in that population; a number that is missing is NaN.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    list of Figure
        Its only page.
    """
    found = {(row["level"], row["measure"].removesuffix(PER_1000)): row["estimate"]
             for row in rows if row["measure"].endswith(PER_1000)}  # fmt: skip
    names = list(dict.fromkeys(row["level"] for row in rows))
    pitch = 2 * style.LINE_MM + 2
    sheet = style.sheet(
        BARS_TOP_MM + pitch * len(names),
        words.title(protocol, analysis, population),
        f"Per 1,000 {protocol.unit}, from {words.count(rows[0]['n'], protocol)} with IHC and FISH",
        protocol,
        [
            f"Positive: {words.outcome(protocol.codebook, rows[0]['outcome'])}.",
            "The bars of tests have one scale, those of errors another.",
            left_out(protocol, rows[0]),
        ],
    )
    bottom = BARS_TOP_MM + pitch * len(names)
    middles = [BARS_TOP_MM + pitch * (i + 0.5) for i in range(len(names))]
    for name, y in zip(names, middles, strict=True):
        lines = style.wrap(name, NAME_MM)
        for i, line in enumerate(lines):
            sheet.text(style.MARGIN_MM, y + (i - (len(lines) - 1) / 2) * style.LINE_MM, line)
    for j, (measure, scale) in enumerate(BARS):
        left = style.MARGIN_MM + NAME_MM + GAP_MM + j * (LONGEST_MM + VALUE_MM)
        of_scale = [found[name, other] for name in names for other, of in BARS if of == scale]
        longest = max((value for value in of_scale if not isnan(value)), default=0) or 1
        sheet.text(left, BARS_TOP_MM / 2, measure[0].upper() + measure[1:], bold=True)
        for name, y in zip(names, middles, strict=True):
            value = found[name, measure]
            if isnan(value):
                sheet.text(left + 1, y, disclosure.SUPPRESSED)
                continue
            length = LONGEST_MM * value / longest
            sheet.rectangle(left, y - BAR_MM / 2, length, BAR_MM, color=style.COLOURS[scale], linewidth=0)
            text = formats.count(value) if value.is_integer() else formats.share(value, 1, 1000)
            sheet.text(left + length + 1, y, text)
        sheet.line([left, left], [BARS_TOP_MM, bottom], color="black", linewidth=0.6)
    return [sheet.figure]
