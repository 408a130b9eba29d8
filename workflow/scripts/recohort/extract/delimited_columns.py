"""A text file as columns: what is plain by a fast reader, whatever is odd by the csv module."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from recohort.extract import delimited, plain_block
from recohort.extract import text_column as columns
from recohort.extract.delimited import Grid
from recohort.extract.line_reader import is_small


class Table(NamedTuple):
    """
    header : list of str, as it stands, line its line.
    columns : dict of int to text_column.Texts, each of shape (n,), by the place of its name in the header.
    lines : ndarray of int, shape (n,), where each row begins.
    refused : list of Refused.
    """

    header: list[str]
    line: int
    columns: dict[int, columns.Texts]
    lines: np.ndarray
    refused: list[delimited.Refused]


def of_grid(grid: Grid) -> Table:
    """A Grid, of another format of file, as a Table."""
    texts = zip(*grid.rows, strict=True) if grid.rows else [[]] * len(grid.header)
    encoded = {i: columns.encode(list(column)) for i, column in enumerate(texts)}
    return Table(grid.header, grid.line, encoded, np.array(grid.lines, dtype=int), grid.refused)


def read(
    path: Path,
    entry: dict[str, Any],
    separator: str,
    study: str | None = None,
    wanted: Callable[[list[str]], list[int]] | None = None,
) -> Table:
    """
    Read a text file.

    Parameters
    ----------
    path, entry, separator, study
        As `delimited.read`.
    wanted : callable, optional
        header (list of str) -> list of int, the fields to keep; at least one. Default all.

    Returns
    -------
    Table
        The same rows, lines and refused rows as of `delimited.read`.

    Raises
    ------
    RecohortError
        As `delimited.read`.
    """
    begun = delimited.begin(path, entry, separator, study)
    lines, quote, n_fields = begun.lines, entry["quote"], len(begun.header)
    kept = list(range(n_fields)) if wanted is None else wanted(begun.header)
    parts: dict[int, list[columns.Texts]] = {i: [] for i in kept}
    numbers: list[np.ndarray] = []
    refused: list[delimited.Refused] = []
    while block := lines.take_block():
        texts = plain_block.read(block, separator, quote, n_fields, kept)
        if texts is not None:
            first, lines.n = lines.n + 1, lines.n + sum(len(part.codes) for part in texts[0])
            numbers.append(np.arange(first, lines.n + 1))
        else:
            lines.give_back(block)
            if not is_small(block):
                continue
            grid = _by_csv_module(begun)
            refused += grid.refused
            texts = [[columns.encode([row[i] for row in grid.rows])] for i in kept]
            numbers.append(np.array(grid.lines, dtype=int))
        for i, of_block in zip(kept, texts, strict=True):
            parts[i] += of_block
    empty = columns.encode([])
    found = {i: columns.concatenate([empty, *parts.pop(i)]) for i in kept}
    pa.default_memory_pool().release_unused()
    return Table(begun.header, begun.line, found, np.concatenate([np.empty(0, int), *numbers]), refused)


def _by_csv_module(begun: delimited.Reading) -> Grid:
    """The records up to the end of a block, or of the record that goes beyond it."""
    grid = Grid(begun.header, begun.line, [], [], [])
    for line, fields in begun.records:
        begun.add(grid, line, fields)
        if begun.lines.is_between_blocks:
            break
    return grid
