"""
Blocks of a text file that a fast reader splits into the same fields as the csv module.

Everything else is for the csv module: `read` says so where it cannot be sure.
"""

import codecs
import csv
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from recohort.extract.delimited import UNIT_SEPARATOR
from recohort.extract.text_column import of_array

# a field cannot be longer than its line, and the csv module has a limit for fields
WINDOW = csv.field_size_limit() // 2


def read(block: str, separator: Any, quote: Any, n_fields: int, wanted: list[int]) -> list[list[Any]] | None:
    """
    Split a block of lines into columns, if that is safe.

    Parameters
    ----------
    block : str
        Whole lines.
    separator : str
    quote : str
        One character, or "".
    n_fields : int
        Of the header.
    wanted : list of int
        Fields to return; at least one.

    Returns
    -------
    list of list of Texts, or None
        For each field wanted the parts of its column, to be put below each other. None where the csv module
        might find other fields, or has something to say: a row has another number of fields or no character
        in those wanted, a quote does not enclose a field of one line, a line is very long, or lines end in
        several ways.
    """
    if len(separator) > 1:
        if UNIT_SEPARATOR in block or (quote and quote in block):
            return None
        block, separator = block.replace(separator, UNIT_SEPARATOR), UNIT_SEPARATOR
    content, separator, quote = block.encode(), separator.encode(), quote.encode()
    if not (
        separator.isascii() and _has_plain_lines(content) and _encloses_fields(content, separator, quote)
    ):
        return None
    try:
        table = _table(content, separator, quote, n_fields, wanted)
    except pa.ArrowInvalid:  # a row has another number of fields
        return None
    columns = [[_part(chunk) for chunk in column.chunks] for column in table.columns]
    n_lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return None if table.num_rows != n_lines or _may_have_blank_row(columns) else columns


def _table(content: bytes, separator: bytes, quote: bytes, n_fields: int, wanted: list[int]) -> Any:
    names = [str(i) for i in range(n_fields)]
    text = pa.dictionary(pa.int32(), pa.string())
    return arrow_csv.read_csv(
        pa.BufferReader(content),
        arrow_csv.ReadOptions(column_names=names, block_size=max(len(content) // 2, 2**20)),
        arrow_csv.ParseOptions(
            delimiter=separator.decode(), quote_char=quote.decode() or False, ignore_empty_lines=False
        ),
        arrow_csv.ConvertOptions(
            check_utf8=False,
            include_columns=[names[i] for i in wanted],
            column_types=dict.fromkeys(names, text),
            null_values=[],
        ),
    )


def _part(chunk: Any) -> Any:
    return of_array(pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary.cast(pa.large_string())))


def _has_plain_lines(content: bytes) -> bool:
    """Line ends of one kind, and no line that may hold a field too long for the csv module."""
    ends = (b"\r", b"\r\n", b"\n")
    if b"\r" in content and len({content.count(end) for end in ends}) > 1:
        return False
    # the fast reader would take it for a byte order mark
    if content.startswith(codecs.BOM_UTF8):
        return False
    starts = range(0, len(content) - WINDOW, WINDOW)
    return all(content.find(b"\n", start, start + WINDOW) >= 0 for start in starts)


def _encloses_fields(content: bytes, separator: bytes, quote: bytes) -> bool:
    """Whether each quote begins or ends a field, and each pair of them is on one line."""
    if not quote or quote not in content:
        return True
    characters = np.frombuffer(b"\n" + content + b"\n", np.uint8)
    places = np.flatnonzero(characters == ord(quote))
    ends = np.flatnonzero(characters == ord("\n"))
    if (np.searchsorted(places, ends) % 2).any():
        return False
    before, after = characters[places[0::2] - 1], characters[places[1::2] + 1]
    is_begun = (before == ord(separator)) | (before == ord("\n"))
    is_ended = (after == ord(separator)) | (after == ord("\n")) | (after == ord("\r"))
    return bool(is_begun.all() and is_ended.all())


def _may_have_blank_row(columns: list[list[Any]]) -> bool:
    """Whether a row has no character in the columns at hand."""
    for parts in zip(*columns, strict=True):
        rows = True
        # few distinct texts first: as a rule they tell
        for texts in sorted(parts, key=lambda texts: len(texts.distinct)):
            is_blank = np.array([not text.strip() for text in texts.distinct.to_pylist()])
            rows = rows & is_blank[texts.codes]
            if not rows.any():
                break
        else:
            return True
    return False
