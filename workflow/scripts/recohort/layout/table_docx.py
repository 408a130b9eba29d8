"""A table as a Word document, with the three rules of a journal table; the same bytes each time."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, Pt

from recohort.base.files import guarded

# More columns than this do not fit an upright page.
UPRIGHT_COLUMNS = 6
TWIPS_A_CM = 567
TWIPS_A_LETTER = 104  # of the cells' type; a digit has 100
SIDES = 120  # padding of a cell, twips
NO_BREAK = "\u00a0"
LONGEST_LINE = 44  # letters; longer labels are broken
PAGE_CM = (21.0, 29.7)
MARGIN_CM = 2.0
CELL_POINTS = 9
NOTE_POINTS = 8.5
# A fixed date: a document that says when it was made differs each time.
MADE = datetime(2000, 1, 1)
# Stand in the empty document for what a table puts there.
TITLE, DATA, SECTION = "recohort-title", "recohort-data", b"<w:sectPr"


def documents(tables: Iterable[Any]) -> Iterator[tuple[Any, bytes]]:
    """
    Each table as a Word document of its own, in a time that grows with its cells.

    Parameters
    ----------
    tables : iterable of Table

    Yields
    ------
    (Table, bytes)
        The bytes of its .docx file.
    """
    for table in tables:
        yield table, _document(table)


def _document(table: Any) -> bytes:
    upright = len(table.columns) <= UPRIGHT_COLUMNS
    texts = {TITLE.encode(): table.title, DATA.encode(): table.data}
    body = _body(table, int(_width_cm(upright) * TWIPS_A_CM)).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in _empty(upright).items():
            if name == "word/document.xml":
                content = content.replace(SECTION, body + SECTION, 1)
            elif name == "docProps/core.xml":
                for mark, text in texts.items():
                    content = content.replace(mark, escape(_printable(text)[:255]).encode())
            # without a date an entry has the epoch of zip: the clock would otherwise be in the file
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return out.getvalue()


@cache
def _empty(upright: bool) -> dict[str, bytes]:
    """
    The files of a document without content, by name.

    Opening one takes longer than most tables, and clearing a long one takes hours: the text of a table is
    put into these files.
    """
    word = docx.Document()
    section = word.sections[0]
    short, long = PAGE_CM
    section.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Cm(short), Cm(long)) if upright else (Cm(long), Cm(short))
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    font = word.styles["Normal"].font
    font.name, font.size = "Arial", Pt(10)
    properties = word.core_properties
    properties.title, properties.comments = TITLE, DATA
    properties.created = properties.modified = MADE
    properties.author = properties.last_modified_by = "recohort"
    saved = io.BytesIO()
    word.save(saved)
    with zipfile.ZipFile(saved) as files:
        return {entry.filename: files.read(entry) for entry in files.infolist()}


def _width_cm(upright: bool) -> float:
    return PAGE_CM[0 if upright else 1] - 2 * MARGIN_CM


def _body(table: Any, width: int) -> str:
    general = " ".join(note.text for note in table.footnotes if not note.mark)
    marked = [
        _paragraph(_run(note.mark, superscript=True, size=NOTE_POINTS) + _run(note.text, size=NOTE_POINTS))
        for note in table.footnotes
        if note.mark
    ]
    rests_on, colon, source = table.data.partition(":")
    data = _run(rests_on + colon, bold=True, size=NOTE_POINTS) + _run(source, size=NOTE_POINTS)
    return "".join(
        [
            _paragraph(_run(table.title, bold=True, size=11), after=80),
            _table(table, width),
            _paragraph(_run(general, size=NOTE_POINTS), before=60),
            *marked,
            _paragraph(data, before=60),
        ]
    )


# python-docx adds cells one by one in quadratic time, so the table is written as XML.
def _table(table: Any, width: int) -> str:
    widths = _widths(table, width)
    head = _spanner_row(table, widths) + _head_row(table, widths)
    body = "".join(_row(table, row, widths, last=row is table.rows[-1]) for row in table.rows)
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    sides = "".join(f'<w:{side} w:w="{SIDES // 2}" w:type="dxa"/>' for side in ("left", "right"))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
    )


def _widths(table: Any, width: int) -> list[int]:
    """Room for the longest word of each column; the rest of the page is shared by the length of the cells."""
    least, wishes = [], []
    for i, column in enumerate(table.columns):
        cells = [row.cells[i] for row in table.rows if row.kind != "section"]
        texts = [_bound(column.header), *(cell.text + cell.mark for cell in cells)]
        word = max(len(word) for text in texts for word in text.split(" "))
        line = min(max(map(len, texts)), LONGEST_LINE)
        least.append(SIDES + TWIPS_A_LETTER * word)
        wishes.append(max(line - word, 1))
    spare = width - sum(least)
    return [round(room + spare * wish / sum(wishes)) for room, wish in zip(least, wishes, strict=True)]


def _bound(header: str) -> str:
    """A header whose bracket stays in one line."""
    head, bracket, rest = header.partition(" (")
    return f"{head} ({rest.replace(' ', NO_BREAK)}" if bracket else header


def _spanner_row(table: Any, widths: list[int]) -> str:
    if not any(column.spanner for column in table.columns):
        return ""
    cells, start = [], 0
    for spanner, n in table.spanners:
        rules = {"top": 8, "bottom": 4} if spanner else {"top": 8}
        cells.append(
            _cell(spanner, "", sum(widths[start : start + n]), "center", span=n, rules=rules, bold=True)
        )
        start += n
    return f"<w:tr>{HEAD}{''.join(cells)}</w:tr>"


def _head_row(table: Any, widths: list[int]) -> str:
    rules = {"bottom": 6} if any(column.spanner for column in table.columns) else {"top": 8, "bottom": 6}
    cells = [
        _cell(_bound(column.header), "", w, _side(column), rules=rules, bold=True)
        for column, w in zip(table.columns, widths, strict=True)
    ]
    return f"<w:tr>{HEAD}{''.join(cells)}</w:tr>"


HEAD = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"


def _row(table: Any, row: Any, widths: list[int], last: bool) -> str:
    rules = {"bottom": 8} if last else {}
    if row.kind == "section":
        cells = [_cell(row.cells[0].text, "", sum(widths), "left", span=len(widths), rules=rules, bold=True)]
    else:
        cells = [
            _cell(cell.text, cell.mark, w, _side(column), rules=rules, indent=row.kind == "level" and i == 0)
            for i, (cell, column, w) in enumerate(zip(row.cells, table.columns, widths, strict=True))
        ]
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _side(column: Any) -> str:
    return "right" if column.is_number else "left"


def _cell(
    text: str,
    mark: str,
    width: int,
    side: str,
    span: int = 1,
    rules: dict[str, int] | None = None,
    indent: bool = False,
    bold: bool = False,
) -> str:
    borders = "".join(
        f'<w:{edge} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
        for edge, size in (rules or {}).items()
    )
    left = '<w:ind w:left="200"/>' if indent else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{span}"/>'
        f'<w:tcBorders>{borders}</w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="20" w:after="20"/>{left}<w:jc w:val="{side}"/>'
        f'<w:rPr><w:sz w:val="{2 * CELL_POINTS}"/></w:rPr></w:pPr>'
        # cells are pasted into spreadsheets
        f"{_run(guarded(text), CELL_POINTS, bold)}{_run(mark, CELL_POINTS, superscript=True)}</w:p></w:tc>"
    )


def _paragraph(runs: str, before: int = 0, after: int = 0) -> str:
    spacing = f'<w:pPr><w:spacing w:before="{before}" w:after="{after}"/></w:pPr>'
    return f"<w:p>{spacing}{runs}</w:p>"


def _run(text: str, size: float, bold: bool = False, superscript: bool = False) -> str:
    if not text:
        return ""
    look = "<w:b/>" * bold + f'<w:sz w:val="{round(2 * size)}"/>'
    look += '<w:vertAlign w:val="superscript"/>' * superscript
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(_printable(text))}</w:t></w:r>'


def _printable(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c not in "\ufffe\uffff")
