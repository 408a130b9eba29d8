"""What must hold of a cohort, found from the bytes of its extract by other code than the package's."""

import re
from datetime import datetime
from typing import NamedTuple

import pandas as pd

LINE_END = re.compile("\r\n|\r|\n")


class Record(NamedTuple):
    """A row of a text file: the line at which it begins, its fields."""

    line: int
    fields: list


def records(text, separator=",", quote='"', skip_rows=0, skip_after_header=0):
    """
    Split a text into rows, character by character, as RFC 4180 says.

    Parameters
    ----------
    text : str
    separator, quote : str
    skip_rows, skip_after_header : int
        Lines before and after the header.

    Returns
    -------
    list of Record
        The header first; rows of white space alone are left out. ValueError for text behind a closed quote,
        or an open one.
    """
    text, line = _without_lines(text, skip_rows, 1)
    found, place = [], 0
    while place < len(text):
        record, after = _record(text, place, line, separator, quote)
        line += len(LINE_END.findall(text[place:after]))
        place = after
        if any(field.strip() for field in record.fields):
            found.append(record)
            if len(found) == 1:
                text, line = _without_lines(text[place:], skip_after_header, line)
                place = 0
    return found


def _without_lines(text, n, line):
    ends = [found.end() for found in LINE_END.finditer(text)] + [len(text)]
    return text[ends[min(n, len(ends)) - 1] :] if n else text, line + n


def _record(text, place, line, separator, quote):
    fields, field, begun, is_open, is_closed = [], [], False, False, False
    while place < len(text):
        character = text[place]
        place += 1
        if is_open:
            if character != quote:
                field.append(character)
            elif text[place : place + 1] == quote:
                field.append(quote)
                place += 1
            else:
                is_open, is_closed = False, True
        elif character in "\r\n":
            place += text[place - 1 : place + 1] == "\r\n"
            return Record(line, [*fields, "".join(field)]), place
        elif character == separator:
            fields.append("".join(field))
            field, begun, is_closed = [], False, False
        elif is_closed:
            raise ValueError("text behind a closed quote")
        elif character == quote and not begun:
            begun = is_open = True
        else:
            begun = True
            field.append(character)
    if is_open:
        raise ValueError("an open quote")
    return Record(line, [*fields, "".join(field)]), place


def conserved(built, n_rows):
    """
    No row is lost, none counted twice.

    Parameters
    ----------
    built : cohort.Cohort
    n_rows : int
        Rows of the extract, counted elsewhere.
    """
    flow = built.attrition[built.attrition["population"] == "all"]
    n = flow.groupby("kind")["n"].sum().to_dict()
    assert n["read"] == n_rows, f"{n_rows} rows in the file, {n['read']} read"
    removed = sum(n.get(kind, 0) for kind in ("quarantined", "merged", "excluded"))
    assert n["cohort"] == n_rows - removed, f"{n} does not add up"
    assert n["cohort"] == len(built.patients) and n.get("quarantined", 0) == len(built.quarantine)
    lines, refused = built.patients["row"], built.quarantine["row"]
    assert lines.is_unique and refused.is_unique and not set(lines) & set(refused), "a row is there twice"


def stands_in_file(built, found, codebook):
    """
    Every row is one of the file's, every value of the cohort its text in the file or in the ledger.

    Parameters
    ----------
    built : cohort.Cohort
    found : list of Record
        From `records`, the header first.
    codebook : dict of str to Variable
    """
    header, *rows = found
    names = [name.strip() for name in header.fields]
    width, of_line = len(names), {row.line: row.fields for row in rows}
    ragged = {row.line for row in rows if len(row.fields) != width}
    assert ragged <= set(built.quarantine["row"]), "a ragged row is not in the quarantine"
    assert set(built.quarantine["row"]) <= set(of_line), "a row of the quarantine is not in the file"
    entries = zip(built.ledger["row"], built.ledger["variable"], built.ledger["raw"], strict=True)
    ledger = {(row, variable): raw for row, variable, raw in entries}
    for name, variable in codebook.items():
        if variable.column is None:
            continue
        place = names.index(variable.column)
        for row, value in zip(built.patients["row"], built.patients[name].astype(object), strict=True):
            text = of_line[row][place]
            if (row, name) in ledger:
                assert ledger[row, name] == text, f"the ledger has another text in line {row}, {name}"
            else:
                assert _says(text, value, variable), f"line {row}, {name}: {text!r} became {value!r}"


def unjoined_are_told(built, found, base, file, on, how):
    """Each row of a joined file whose key is in no row of the base is in the ledger, and no other."""
    keys = [
        [(row.line, row.fields[names.index(on)].strip()) for row in rows]
        for names, rows in (([name.strip() for name in head.fields], rows) for head, *rows in (found, base))
    ]
    of_base = {key for _, key in keys[1]}
    expected = [line for line, key in keys[0] if not key or key not in of_base]
    told = built.ledger.loc[built.ledger["variable"] == file, "row"].tolist()
    assert sorted(told) == expected, f"rows {expected} of {file} have no partner, {told} are in the ledger"


def is_torn(content, found):
    """Whether a file ends in a row that has too few fields and no line end."""
    has_end = content.endswith((b"\n", b"\r"))
    return not has_end and len(found) > 1 and len(found[-1].fields) < len(found[0].fields)


def _says(text, value, variable):
    """Whether a text, unchanged by any rule, says a value."""
    if value is None or value is pd.NaT or value != value:
        return not text.strip()
    match variable.type:
        case "number":
            return float(text.replace(",", ".")) == value
        case "date":
            return datetime.strptime(text, variable.formats[0]) == value
        case "flag":
            return text.casefold() == {"yes": variable.positive, "no": variable.negative}[value][0]
    return text == value


def same(built, other):
    """Whether two cohorts are equal but for the lines of their rows."""
    pairs = zip(built, other, strict=True)
    return all(_unnumbered(one).equals(_unnumbered(two)) for one, two in pairs)


def _unnumbered(frame):
    return frame.drop(columns="row", errors="ignore")
