"""A table as a Word document, with the three rules of a journal table; the same bytes each time."""

import io
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
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


def documents(tables):
    """
    Each table as a Word document.

    Parameters
    ----------
    tables : iterable of Table

    Yields
    ------
    (Table, bytes)
        The bytes of its .docx file.
    """
    # one document for all: opening it takes longer than a table
    word = docx.Document()
    for table in tables:
        word.element.body.clear_content()
        yield table, _document(word, table)


def _document(word, table):
    width_cm = _page(word, upright=len(table.columns) <= UPRIGHT_COLUMNS)
    _properties(word, table)
    body = word.element.body
    before = body.sectPr
    before.addprevious(_paragraph(_run(table.title, bold=True, size=11), after=80))
    before.addprevious(parse_xml(_table(table, int(width_cm * TWIPS_A_CM))))
    general = " ".join(note.text for note in table.footnotes if not note.mark)
    before.addprevious(_paragraph(_run(general, size=NOTE_POINTS), before=60))
    for note in table.footnotes:
        if note.mark:
            mark = _run(note.mark, superscript=True, size=NOTE_POINTS)
            before.addprevious(_paragraph(mark + _run(note.text, size=NOTE_POINTS)))
    rests_on, colon, source = table.data.partition(":")
    data = _run(rests_on + colon, bold=True, size=NOTE_POINTS) + _run(source, size=NOTE_POINTS)
    before.addprevious(_paragraph(data, before=60))
    out = io.BytesIO()
    word.save(out)
    return _same_bytes(out)


def _page(word, upright):
    section = word.sections[0]
    short, long = PAGE_CM
    section.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Cm(short), Cm(long)) if upright else (Cm(long), Cm(short))
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    font = word.styles["Normal"].font
    font.name, font.size = "Arial", Pt(10)
    return (short if upright else long) - 2 * MARGIN_CM


def _properties(word, table):
    properties = word.core_properties
    properties.title, properties.comments = _printable(table.title)[:255], _printable(table.data)[:255]
    properties.created = properties.modified = MADE
    properties.author = properties.last_modified_by = "recohort"


# python-docx adds cells one by one in quadratic time, so the table is written as XML.
def _table(table, width):
    widths = _widths(table, width)
    head = _spanner_row(table, widths) + _head_row(table, widths)
    body = "".join(_row(table, row, widths, last=row is table.rows[-1]) for row in table.rows)
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    sides = "".join(f'<w:{side} w:w="{SIDES // 2}" w:type="dxa"/>' for side in ("left", "right"))
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
    )


def _widths(table, width):
    """Room for the longest word of each column; the rest of the page is shared by the length of the cells."""
    least, wishes = [], []
    for i, column in enumerate(table.columns):
        cells = [row.cells[i] for row in table.rows if row.kind != "section"]
        texts = [_bound(column.header), *(cell.text + cell.marks for cell in cells)]
        word = max(len(word) for text in texts for word in text.split(" "))
        line = min(max(map(len, texts)), LONGEST_LINE)
        least.append(SIDES + TWIPS_A_LETTER * word)
        wishes.append(max(line - word, 1))
    spare = width - sum(least)
    return [round(room + spare * wish / sum(wishes)) for room, wish in zip(least, wishes, strict=True)]


def _bound(header):
    """A header whose bracket stays in one line."""
    head, bracket, rest = header.partition(" (")
    return f"{head} ({rest.replace(' ', NO_BREAK)}" if bracket else header


def _spanner_row(table, widths):
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


def _head_row(table, widths):
    rules = {"bottom": 6} if any(column.spanner for column in table.columns) else {"top": 8, "bottom": 6}
    cells = [
        _cell(_bound(column.header), "", w, _side(column), rules=rules, bold=True)
        for column, w in zip(table.columns, widths, strict=True)
    ]
    return f"<w:tr>{HEAD}{''.join(cells)}</w:tr>"


HEAD = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"


def _row(table, row, widths, last):
    rules = {"bottom": 8} if last else {}
    if row.kind == "section":
        cells = [_cell(row.cells[0].text, "", sum(widths), "left", span=len(widths), rules=rules, bold=True)]
    else:
        cells = [
            _cell(cell.text, cell.marks, w, _side(column), rules=rules, indent=row.kind == "level" and i == 0)
            for i, (cell, column, w) in enumerate(zip(row.cells, table.columns, widths, strict=True))
        ]
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _side(column):
    return "right" if column.is_number else "left"


def _cell(text, marks, width, side, span=1, rules=None, indent=False, bold=False):
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
        f"{_run(guarded(text), CELL_POINTS, bold)}{_run(marks, CELL_POINTS, superscript=True)}</w:p></w:tc>"
    )


def _paragraph(runs, before=0, after=0):
    spacing = f'<w:pPr><w:spacing w:before="{before}" w:after="{after}"/></w:pPr>'
    return parse_xml(f"<w:p {nsdecls('w')}>{spacing}{runs}</w:p>")


def _run(text, size, bold=False, superscript=False):
    if not text:
        return ""
    look = "<w:b/>" * bold + f'<w:sz w:val="{round(2 * size)}"/>'
    look += '<w:vertAlign w:val="superscript"/>' * superscript
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(_printable(text))}</w:t></w:r>'


def _printable(text):
    """Text without the control characters that XML cannot hold."""
    return "".join(c for c in text if c >= " " or c in "\t\n")


def _same_bytes(saved):
    """The zip with its entries' times at the epoch of zip, as the clock would otherwise be in the file."""
    out = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(
                zipfile.ZipInfo(entry.filename), old.read(entry), zipfile.ZIP_DEFLATED, compresslevel=1
            )
    return out.getvalue()
