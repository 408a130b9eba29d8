"""Two drops of a tiny study, one changed."""

from support.drops import HEADER

ROWS = [
    [f"P{i:02d}", 40 + (7 * i) % 30, ["no", "yes"][i % 2], 100 + (37 * i) % 300, ["no", "yes"][i % 3 != 0]]
    for i in range(40)
]


def changed(column, change, rows=ROWS):
    """ROWS with a column changed in every row, by a function of its value and the row's place."""
    at = HEADER.split(",").index(column)
    return [[*row[:at], change(row[at], i), *row[at + 1 :]] for i, row in enumerate(rows)]


def fatal_liver(live, i):
    """Times by the flag: patients with liver metastases die early now."""
    return 10 + i if i % 2 else 500 + i
