"""A registry's export of 30 columns, invented, with several spellings of the same, and what they say."""

import csv

import numpy as np
import pyarrow as pa
from pyarrow import compute

from bench.shapes import SEED

# levels, and other spellings with the level they say; None for missing
FACTORS = {
    "centre": ([f"C{k:02d}" for k in range(40)], {}),
    "sex": (["female", "male"], {"F": "female", "Female": "female"}),
    "vital_status": (["alive", "dead"], {"Dead": "dead", " alive": "alive"}),
    "ihc": (["0", "1+", "2+", "3+"], {"2 +": "2+", "3 +": "3+", "n.d.": None}),
    "fish": (["negative", "positive"], {"neg": "negative", "not done": None}),
    "grade": (["1", "2", "3"], {"G1": "1", "G2": "2"}),
    "stage": (["I", "II", "III", "IV"], {"Stage IV": "IV", "X": None}),
    "menopause": (["pre", "post"], {"peri": None}),
    "histology": (["ductal", "lobular", "other"], {"NST": "ductal"}),
}
FLAGS = {f"flag_{k}": (["no", "yes"], {"0": "no", "1": "yes", " yes": "yes"}) for k in range(1, 9)}
MISSING = ["", "NA"]
# lowest and highest in the file, plausible ones, decimals, other texts
NUMBERS = {
    "age": (25, 90, (18, 110), 0, ["999"]),
    "er": (0, 100, (0, 100), 0, []),
    "pr": (0, 100, (0, 100), 0, []),
    "ki67": (0, 100, (0, 100), 0, []),
    "size_mm": (1, 150, (0, 200), 1, []),
    "nodes": (0, 30, (0, 100), 0, []),
    "bmi": (15, 50, (10, 60), 1, []),
    "ldh": (100, 900, (0, 5000), 0, ["haemolysed"]),
}
CODED_MISSING = {"age": ["999"]}
DATES = ("diagnosis", "surgery", "last_contact")
ODD = 0.02  # of the cells are missing or spelt in another way
REPEATED = 0.0005  # of the rows have the id of another, and as many are the same as the row before
ROWS_AT_ONCE = 500_000


def write(n, folder):
    """
    Write extract.csv, and codebook.csv (name, text, code from 1 or "") and numbers.csv (name, low, high).

    Parameters
    ----------
    n : int
        Rows.
    folder : Path

    Returns
    -------
    int
        Number of columns.
    """
    rng = np.random.default_rng([SEED, n])
    with (folder / "extract.csv").open("wb") as file:
        for start in range(0, n, ROWS_AT_ONCE):
            columns = _columns(rng, start, min(ROWS_AT_ONCE, n - start))
            if start == 0:
                file.write((",".join(columns) + "\n").encode())
            lines = compute.binary_join_element_wise(*columns.values(), ",")
            file.write(compute.binary_join_element_wise(lines, "", "\n").buffers()[2])
    _write_rows(folder / "codebook.csv", ["name", "text", "code"], _spellings())
    limits = [(name, *plausible) for name, (_, _, plausible, *_) in NUMBERS.items()]
    _write_rows(folder / "numbers.csv", ["name", "low", "high"], limits)
    return len(columns)


def _columns(rng, start, n):
    days = pa.array((np.datetime64("2005-01-01") + np.arange(7000)).astype(str))
    diagnosis = rng.integers(0, 5000, n)
    last_contact = days.take(pa.array(diagnosis + rng.integers(90, 1990, n)))
    ids, is_repeated = start + np.arange(n), rng.random(n) < REPEATED
    ids[is_repeated] = rng.integers(0, start + n, is_repeated.sum())
    columns = {
        "id": compute.binary_join_element_wise("P", pa.array(ids).cast(pa.string()), ""),
        "diagnosis": days.take(pa.array(diagnosis)),
        "surgery": days.take(pa.array(diagnosis + rng.integers(0, 90, n))),
        "last_contact": last_contact,
    }
    for name, (levels, others) in (FACTORS | FLAGS).items():
        columns[name] = _cells(rng, n, levels, [*others, *MISSING])
    for name, (low, high, _, decimals, others) in NUMBERS.items():
        texts = [f"{value / 10**decimals:.{decimals}f}" for value in _range(low, high, decimals)]
        columns[name] = _cells(rng, n, texts, [*others, *MISSING])
    columns["comment"] = compute.binary_join_element_wise("see letter of", last_contact, " ")
    # some rows stand there twice
    row = pa.array(np.maximum(np.arange(n) - (rng.random(n) < REPEATED), 0))
    return {name: column.take(row) for name, column in columns.items()}


def _range(low, high, decimals):
    return range(low * 10**decimals, high * 10**decimals + 1)


def _cells(rng, n, sound, odd):
    codes, is_odd = rng.integers(0, len(sound), n), rng.random(n) < ODD
    codes[is_odd] = len(sound) + rng.integers(0, len(odd), is_odd.sum())
    return pa.array([*sound, *odd]).take(pa.array(codes))


def _spellings():
    for name, (levels, others) in (FACTORS | FLAGS).items():
        says = {level: level for level in levels} | others | dict.fromkeys(MISSING)
        for text, level in says.items():
            yield name, text, "" if level is None else levels.index(level) + 1


def _write_rows(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
