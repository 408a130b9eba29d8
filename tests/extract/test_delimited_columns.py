"""A text file as columns: the same rows, lines and refusals as the csv module gives, however it is read."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import protocols

from recohort.base.errors import RecohortError
from recohort.extract import decoding, delimited, delimited_columns, line_reader, plain_block

SOUND = ["p1", "50", " x ", "yes", "NA", "1,5", "ä", "\u3000", "-", "'", "=1+1", "a\x0bb", "\ufeff", "\x1c"]
QUOTED = ['""', '"a"', '"a,b"', '"a""b"', '"a\nb"', '"a"b', '"a" ', ' "a"', 'a"b', '"', "'c;d'"]
ODD = ["", "", " ", "\r", "\x1f", "|", "x" * 40, *QUOTED]


def by_csv_module(text, entry, separator):
    """Header, rows with their lines, and refused lines, read whole and without any of our readers."""
    stream = io.StringIO(text.removeprefix("\ufeff"), newline="")
    quote = entry.get("quote", '"')
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(stream, delimiter=separator, quotechar=quote or None, quoting=quoting, strict=True)
    records, begins = [], 1
    for fields in reader:
        if any(field.strip() for field in fields):
            records.append((begins, fields))
        begins = reader.line_num + 1
    header = records[0][1] if records else []
    rows = [(line, fields) for line, fields in records[1:] if len(fields) == len(header)]
    return header, rows, [line for line, fields in records[1:] if len(fields) != len(header)]


def as_columns(path, entry, separator):
    table = delimited_columns.read(path, protocols.file(entry), separator)
    texts = [column.at(slice(None)) for column in table.columns.values()]
    return table.header, [list(row) for row in zip(*texts, strict=True)], table.lines.tolist(), table.refused


def as_rows(path, entry, separator):
    grid = delimited.read(path, protocols.file(entry), separator)
    return grid.header, grid.rows, grid.lines, grid.refused


def outcome(read, *args):
    """What a reader gives, or what it says against the file."""
    try:
        return read(*args)
    except RecohortError as error:
        return str(error)


def texts(draw):
    """A file of rows, most of them plain, some odd."""
    n_fields, separator = draw(st.integers(1, 4)), draw(st.sampled_from([",", ";", "\t", "|", "x"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    quoted = draw(st.booleans())
    cell = st.sampled_from(draw(st.sampled_from([SOUND, [*SOUND, *QUOTED], [*SOUND, *ODD]])))
    width = st.just(n_fields) if draw(st.booleans()) else st.integers(0, n_fields + 1)
    rows = draw(st.lists(width.flatmap(lambda n: st.lists(cell, min_size=n, max_size=n)), max_size=12))
    rows = [[f'"{text}"' if quoted and '"' not in text else text for text in row] for row in rows]
    header = [f"c{i}" for i in range(n_fields)]
    text = end.join(separator.join(row) for row in [header, *rows])
    return text + draw(st.sampled_from([end, end, "", end * 2])), separator


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.composite(texts)(), st.sampled_from(["", '"', "'", None]), st.sampled_from([30, 64, 10**6]))
def test_both_readers_find_what_the_csv_module_finds(tmp_path_factory, made, quote, chunk):
    text, separator = made
    entry = {} if quote is None else {"quote": quote}
    path = tmp_path_factory.getbasetemp() / "made.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "CHUNK_BYTES", chunk)
        patch.setattr(line_reader, "PIECE_CHARACTERS", chunk // 3)
        found, other = (outcome(read, path, entry, separator) for read in (as_columns, as_rows))
    assert found == other
    if isinstance(found, str):
        return
    header, rows, numbers, refused = found
    expected_header, expected, ragged = by_csv_module(text, entry, separator)
    assert header == expected_header
    swallowed = [row.row for row in refused if row.reason == delimited.SWALLOWED]
    assert [row.row for row in refused if row.reason == delimited.RAGGED] == ragged
    assert list(zip(numbers, rows, strict=True)) == [row for row in expected if row[0] not in swallowed]


# what the fast reader must leave to the csv module, and why
NOT_PLAIN = {
    "1,2\n3\n": "a row has too few fields",
    "1,2\n3,4,5\n": "a row has too many fields",
    "1,2\n\n3,4\n": "a line is blank",
    "1,2\n ,\n3,4\n": "a row is blank",
    "1,2\r3,4\n": "lines end in two ways",
    "1,2\r\n3,4\n": "lines end in two ways",
    "1,2\r3,4\r": "no line ends as the fast reader counts lines",
    "\ufeff1,2\n": "it begins with what looks like a byte order mark",
    '"1"2,3\n': "text after a quote, which the csv module refuses",
    '1,a"2\n': "a quote within a field",
    '"1","2""3"\n': "a quote in quotes",
    '"1","2\n3"\n': "a line end in quotes",
    '"1\n2,3\n': "a quote is open",
    f"1,{'x' * 131072}\n": "a field may be too long for the csv module",
}


@pytest.mark.parametrize("block", NOT_PLAIN, ids=NOT_PLAIN.values())
def test_what_is_left_to_the_csv_module(block):
    assert plain_block.read(block, ",", '"', 2, [0, 1]) is None


PLAIN = {
    "1,2\n3,4\n": [["1", "3"], ["2", "4"]],
    "1,\r\n,4": [["1", ""], ["", "4"]],
    '"1",2\r\n3,"4"\r\n': [["1", "3"], ["2", "4"]],
    '"1","a,b"\n"",4\n': [["1", ""], ["a,b", "4"]],
    "ä,\u3000\n": [["ä"], ["\u3000"]],
    f"1,{'x' * 65000}\n": [["1"], ["x" * 65000]],
}


@pytest.mark.parametrize(("block", "columns"), PLAIN.items())
def test_what_the_fast_reader_splits(block, columns):
    found = plain_block.read(block, ",", '"', 2, [0, 1])
    assert [[text for part in parts for text in part.at(slice(None))] for parts in found] == columns


@pytest.mark.parametrize(
    ("text", "separator", "rows"),
    [
        ("id||note||age\n1||a|b||50\n2||c||60\n", "||", [["1", "a|b", "50"], ["2", "c", "60"]]),
        ('id||note||age\n1||"c||d"||60\n', "||", [["1", "c||d", "60"]]),
        ("id~|~note~|~age\n1~|~~~|~50\n", "~|~", [["1", "~", "50"]]),
    ],
)
def test_separators_of_several_characters(tmp_path, text, separator, rows):
    (tmp_path / "a.csv").write_text(text)
    for read in (as_columns, as_rows):
        assert read(tmp_path / "a.csv", {}, separator)[1] == rows


def test_a_row_that_is_ragged_at_a_separator_of_several_characters(tmp_path):
    (tmp_path / "a.csv").write_text('id||age\n1||50\n2||"a||b"||c\n')
    for read in (as_columns, as_rows):
        assert [row.raw for row in read(tmp_path / "a.csv", {}, "||")[3]] == ["2||a||b||c"]


@pytest.mark.parametrize("row", ["2\x1f||60", "2\x1f60"])
def test_a_character_that_stands_for_the_separator_is_refused(tmp_path, row):
    path = tmp_path / "a.csv"
    path.write_text(f"id||age\n1||50\n{row}\n")
    for read in (as_columns, as_rows):
        assert outcome(read, path, {}, "||").endswith(
            "row 3: has the character U+001F, which cannot be told from the separator '||'."
            " Export the file without it."
        )


def test_an_odd_row_leaves_the_others_to_the_fast_reader(tmp_path, monkeypatch):
    monkeypatch.setattr(line_reader, "PIECE_CHARACTERS", 20)
    path, read, n_fast = tmp_path / "a.csv", plain_block.read, []

    def counted(*args):
        found = read(*args)
        n_fast.append(0 if found is None else sum(len(part.codes) for part in found[0]))
        return found

    monkeypatch.setattr(plain_block, "read", counted)
    rows = [f"{i},{i}" for i in range(100)]
    rows[50] = '50,"a ""quote"""'
    path.write_text("\n".join(["id,note", *rows, ""]))
    assert as_columns(path, {}, ",") == as_rows(path, {}, ",")
    assert sum(n_fast) > 90


def test_only_columns_that_are_wanted_are_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,note,age\n1,x,50\n,y,\n,,\n2,z,60\n")
    table = delimited_columns.read(
        path, protocols.file({}), ",", wanted=lambda header: [header.index("id"), header.index("age")]
    )
    assert {i: list(texts.at(slice(None))) for i, texts in table.columns.items()} == {
        0: ["1", "", "2"],
        2: ["50", "", "60"],
    }
    # the third row is blank, the second only in the columns that are wanted
    assert table.lines.tolist() == [2, 3, 5]
