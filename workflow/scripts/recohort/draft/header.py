"""Where the table of a file begins: titles above its header, further headers and units below it."""

import re

from recohort.draft import words
from recohort.draft.numbers import as_number

MOST_HEADERS = 3
FEWEST_BELOW = 3  # rows that show what a column holds
# TT.MM.JJJJ, dd/mm/yyyy, jj/mm/aaaa, gg/mm/aaaa
DATE_PATTERN = re.compile(
    r"[dtjg]{1,2}([./-])m{1,3}\1([yja]{2}|[yja]{4})|([yja]{4})([./-])m{1,3}\4[dtjg]{1,2}"
)
DAY = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}.*|\d{1,2}[- ]?[^\W\d]{3,9}[- ]?\d{2,4}")


def above(records: list[list[str]]) -> int:
    """
    How many records are above the header: titles fill hardly any field, a header half of them or more.

    Parameters
    ----------
    records : list of lists of str

    Returns
    -------
    int
    """
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    width = max(filled, default=0)
    # a single filled cell is a title wherever the table has two columns
    return next((i for i, n in enumerate(filled) if n > max(min(width, 2) - 1, width / 2 - 1 / 2)), 0)


def below(records: list[list[str]]) -> int:
    """
    How many records under the header are no data: they repeat it, number every column or state units.

    Parameters
    ----------
    records : list of lists of str
        The header first, no blank ones.

    Returns
    -------
    int
    """
    if not records:
        return 0
    names, *rest = [[cell.strip() for cell in record] for record in records]
    names = [name.casefold() for name in names]
    return max(
        (n for n, cells in enumerate(rest[:MOST_HEADERS], 1) if _is_header(cells, names, rest[n:])), default=0
    )


def _is_header(cells: list[str], names: list[str], rows: list[list[str]]) -> bool:
    folded = [cell.casefold() for cell in cells]
    repeated = sum(cell == name != "" for cell, name in zip(folded, names, strict=False))
    filled = [cell for cell in folded if cell]
    is_numbered = all(":" in cell for cell in filled) and len({cell.split(":")[0] for cell in filled}) == 1
    if len(names) > 2 and filled and (is_numbered or repeated > max(2, len(names) / 4)):
        return True
    return bool(filled) and len(rows) >= FEWEST_BELOW and _is_units(cells, rows)


def _is_units(cells: list[str], rows: list[list[str]]) -> bool:
    """Whether no cell is like those below it, and some say what those are."""
    fits, says = 0, 0
    for i, cell in enumerate(cells):
        column = [row[i] for row in rows if i < len(row) and row[i]]
        if not cell:
            continue
        bare = words.plain(re.sub(r"^[\[(](.*)[\])]$", r"\1", cell))
        if DATE_PATTERN.fullmatch(bare) or bare in words.flat(words.UNITS) and cell not in column:
            says += 1
        elif not column or cell in column or _shape(cell) in map(_shape, column):
            fits += bool(column)
        elif all(_is_measure(text) for text in column):
            says += not _is_measure(cell) and not words.is_missing(cell)
    return says > 0 and not fits


def _is_measure(text: str) -> bool:
    return as_number(text) is not None or DAY.fullmatch(text) is not None


def _shape(text: str) -> str:
    if _is_measure(text):
        return "number" if as_number(text) is not None else "day"
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", text))
