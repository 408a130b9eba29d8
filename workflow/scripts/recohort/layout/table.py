"""A table before it has a format: columns, rows, footnotes and what the numbers rest on."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from string import ascii_letters
from typing import Any

ROW_KINDS = ("section", "group", "level", "plain")
# Printed where a cell has nothing to say; an empty cell would look forgotten.
NOTHING = "–"
MARKS = ascii_letters


@dataclass(frozen=True)
class Cell:
    """Text of a cell, and the mark of the footnote it points to: "a", or "ab" where a table has many."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Column:
    """A column: its header, the spanner over it ("" for none), and whether its cells are numbers."""

    header: str
    spanner: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Row:
    """
    A row: kind "section" (its first cell spans the table), "group" (a variable whose levels follow), "level"
    (one of these levels) or "plain" (a variable in one line).
    """

    kind: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Footnote:
    """A note under a table; mark "" concerns the whole table."""

    mark: str
    text: str


@dataclass(frozen=True)
class Table:
    """
    A table of a study.

    Attributes
    ----------
    name : str
        File name without a suffix, unique in the study.
    analysis : str
        Name of the analysis that it shows; "" of the data dictionary.
    title : str
    columns : tuple of Column
        The first holds the row labels.
    rows : tuple of Row
    footnotes : tuple of Footnote
    data : str
        What the numbers rest on.

    Raises
    ------
    ValueError
        If a row has another number of cells than there are columns, a kind of row is unknown, or a mark has
        no footnote or a footnote no mark.
    """

    name: str
    analysis: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[Footnote, ...]
    data: str

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.kind not in ROW_KINDS or len(row.cells) != len(self.columns):
                raise ValueError(f"table {self.name}: a row of kind {row.kind!r} with {len(row.cells)} cells")
        used = {cell.mark for row in self.rows for cell in row.cells if cell.mark}
        noted = {note.mark for note in self.footnotes if note.mark}
        if used != noted:
            raise ValueError(f"table {self.name}: marks {sorted(used)} but footnotes {sorted(noted)}")

    @property
    def spanners(self) -> list[tuple[str, int]]:
        """Neighbouring columns under one spanner: list of (spanner, number of columns)."""
        runs: list[list[Any]] = []
        for column in self.columns:
            if runs and runs[-1][0] == column.spanner:
                runs[-1][1] += 1
            else:
                runs.append([column.spanner, 1])
        return [tuple(run) for run in runs]


@dataclass(frozen=True)
class Results:
    """
    What the stages computed for an analysis, as a builder of tables takes it.

    estimates : list of dict, rows of the estimates; None where a number is missing.
    counts : list of dict, cells of cross-tables: row_term, row_level, column_term, column_level, n,
    population. confidence : float, coverage of the intervals. described : list of dict, the numbers of a
    summary; sizes : dict of (analysis, population, group) to how many are in it, None where it is withheld.
    """

    estimates: list[dict[str, Any]]
    counts: list[dict[str, Any]]
    confidence: float
    described: list[dict[str, Any]] = field(default_factory=list)
    sizes: dict[tuple[str, str, str], int | None] = field(default_factory=dict)

    def of(self, population: str) -> list[dict[str, Any]]:
        """The estimates in a population."""
        return [r for r in self.estimates if r["population"] == population]


def row(kind: str, *cells: Cell | str) -> Row:
    """A Row from texts and Cells."""
    return Row(kind, tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells))


def section(text: str, width: int) -> Row:
    """A row whose text spans the table."""
    return row("section", text, *[""] * (width - 1))


def letters(i: int) -> str:
    """The mark of the footnote i, from 0: a to z, A to Z, aa, ab and so on."""
    before, last = divmod(i, len(MARKS))
    return (letters(before - 1) if before else "") + MARKS[last]


class Notes:
    """The footnotes of a table as it is built: one mark for one text, in the order of use."""

    def __init__(self) -> None:
        self._marked: dict[str, str] = {}
        self._general: dict[str, None] = {}

    def mark(self, text: str) -> str:
        """The mark of a footnote."""
        return self._marked.setdefault(text, letters(len(self._marked)))

    def add(self, text: str) -> None:
        """A note about the whole table."""
        self._general.setdefault(text)

    def footnotes(self) -> tuple[Footnote, ...]:
        """Notes about the whole table, then the marked ones."""
        general = [Footnote("", text) for text in self._general]
        return tuple(general + [Footnote(mark, text) for text, mark in self._marked.items()])


def to_json(tables: Iterable[Table], endpoints: list[dict[str, Any]]) -> str:
    """The text of tables.json: every table of a study, and what its endpoints rest on."""
    content = {"tables": [asdict(table) for table in tables], "endpoints": endpoints}
    return json.dumps(content, ensure_ascii=False, indent=1)


def from_json(text: str) -> tuple[list[Table], list[dict[str, Any]]]:
    """The list of Table and the endpoints that `to_json` was given."""
    content = json.loads(text)
    return [_table(entry) for entry in content["tables"]], content["endpoints"]


def _table(entry: dict[str, Any]) -> Table:
    return Table(
        name=entry["name"],
        analysis=entry["analysis"],
        title=entry["title"],
        columns=tuple(Column(**column) for column in entry["columns"]),
        rows=tuple(Row(r["kind"], tuple(Cell(**cell) for cell in r["cells"])) for r in entry["rows"]),
        footnotes=tuple(Footnote(**note) for note in entry["footnotes"]),
        data=entry["data"],
    )
