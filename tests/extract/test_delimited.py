"""Text files split into fields: line numbers as an editor shows them, nothing lost, damage named."""

import gzip

import pytest
from support import protocols

from recohort.base.errors import RecohortError
from recohort.extract.delimited import RAGGED, SWALLOWED, Refused, header, read


@pytest.fixture
def grid(tmp_path):
    def read_back(content, separator=",", name="a.csv", **entry):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(path, protocols.file(entry), separator, "tiny")

    return read_back


@pytest.fixture
def message(grid, tmp_path):
    def caught(*args, **entry):
        with pytest.raises(RecohortError) as error:
            grid(*args, **entry)
        return str(error.value).removeprefix(f"study tiny, file {tmp_path}/")

    return caught


def test_fields_are_kept_as_they_stand(grid):
    found = grid('id,note\n007," a ""b"", c "\n 8 ,NA\n')
    assert (found.header, found.line) == (["id", "note"], 1)
    assert found.rows == [["007", ' a "b", c '], [" 8 ", "NA"]]
    assert (found.lines, found.refused) == ([2, 3], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_with_blank_lines_and_line_ends_in_fields(grid, end):
    text = ["id,note,age", '1,"two', 'lines",50', "", "   ", ",,", "2,b,60", '3,"', '",70', "4,c,80"]
    found = grid(end.join(text) + end)
    assert found.lines == [2, 7, 8, 10]
    assert [row[0] for row in found.rows] == ["1", "2", "3", "4"]
    assert found.rows[0][1] == f"two{end}lines"


def test_the_last_line_needs_no_line_end(grid):
    assert grid("id,age\n1,50\n2,60").lines == [2, 3]


def test_lines_before_and_after_the_header_are_skipped_as_lines(grid):
    text = 'Export of "today\n\nid;age\nnumber;"years\n1;50\n2;60\n'
    found = grid(text, ";", skip_rows=2, skip_after_header=1)
    assert (found.header, found.line) == (["id", "age"], 3)
    assert (found.rows, found.lines) == ([["1", "50"], ["2", "60"]], [5, 6])


def test_a_ragged_row_is_refused_with_its_line_and_kept_as_it_stands(grid):
    found = grid("id,age,sex\n1,50,f\n2,60\n3,70,m,x\n4,80,f\n")
    assert found.lines == [2, 5]
    assert found.refused == [
        Refused(3, RAGGED, "2 where the header has 3", "2,60"),
        Refused(4, RAGGED, "4 where the header has 3", "3,70,m,x"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stray_quote_that_swallows_rows_is_noticed(grid, end):
    # without the check patients 2 and 3 would vanish into the note of patient 1
    found = grid('id,note,age\n1,"a,50\n2,b,60\n3,c",70\n4,"two\nlines",80\n'.replace("\n", end))
    assert [row[0] for row in found.rows] == ["4"]
    assert [(r.row, r.reason) for r in found.refused] == [(2, SWALLOWED)]
    assert found.refused[0].raw == "1,a,50\n2,b,60\n3,c,70".replace("\n", end)


def test_a_byte_order_mark_is_no_part_of_the_first_name(grid):
    assert grid(b"\xef\xbb\xbfid,age\n1,50\n").header == ["id", "age"]
    assert grid("id,age\n1,50\n".encode("utf-16"), encoding="UTF16").header == ["id", "age"]
    assert grid(b"\xff\xfe" + "id,age\n1,50\n".encode("utf-16-le"), encoding="utf-16-le").header == [
        "id",
        "age",
    ]


def test_declared_encodings(grid):
    assert grid("id,site\n1,Köln\n".encode("cp1252"), encoding="cp1252").rows == [["1", "Köln"]]
    assert grid("id,site\n1,Köln\n".encode("latin-1"), encoding="latin-1").rows == [["1", "Köln"]]
    assert grid("id,site\n1,Köln\n".encode("utf-16-le"), encoding="utf-16-le").rows == [["1", "Köln"]]
    assert grid("id,site\n1,Köln\n").rows == [["1", "Köln"]]


def test_compressed(grid):
    assert grid(gzip.compress(b"id,age\n1,50\n"), name="a.csv.GZ").rows == [["1", "50"]]


def test_header_alone(tmp_path):
    (tmp_path / "a.csv").write_text('\nid,"age, years"\n1,50\n2,"open\n')
    assert header(tmp_path / "a.csv", protocols.file({}), ",") == (2, ["id", "age, years"])


def test_a_row_that_is_cut_short_at_the_end_of_the_file(grid, message):
    assert message("id,age,sex\n1,50,f\n2,60") == (
        "a.csv, row 3: is cut short: its last line has 2 of 3 fields and no end. Export or copy it again."
    )
    # with a line end it is a row with too few fields, and with all fields nothing tells
    assert len(grid("id,age,sex\n1,50,f\n2,60\n").refused) == 1
    assert len(grid("id,age,sex\n1,50,f\n2,60,").rows) == 2
    assert len(grid("id,age,sex\n1,50,f\n2,60,f,x").refused) == 1
    assert len(grid("id,age,sex\n1,50,f\n ").rows) == 1


ENCODE = "Set `encoding:` for this file in the protocol, perhaps cp1252, latin-1 or utf-16."
GZIPPED = gzip.compress(b"id,age\n" + b"1,50\n" * 1000)


@pytest.mark.parametrize(
    ("content", "entry", "expected"),
    [
        (b"", {}, "a.csv: is empty. Export it again."),
        (b" \n\n", {}, "a.csv: is empty. Export it again."),
        (b"\xff\xfe", {"encoding": "utf-16"}, "a.csv: is empty. Export it again."),
        ("id;age\n1;50\n", {},
         "a.csv, row 1: has one column when split at ','. Set `separator: ';'` for this file in the "
         "protocol."),
        ("id\tage\n1\t50\n", {},
         "a.csv, row 1: has one column when split at ','. Set `separator: '\\t'` for this file in the "
         "protocol."),
        ("id,age\n".encode("utf-16"), {},
         "a.csv: is UTF-16, not utf-8. Set `encoding: utf-16` for this file in the protocol."),
        ("id,age\n".encode("utf-16-be"), {},
         "a.csv: is not utf-8: it has NUL characters. Set `encoding:` in the protocol, perhaps utf-16-le."),
        ("id,site\n1,Bonn\n2,Köln\n".encode("latin-1"), {},
         f"a.csv, row 3: is not utf-8 (byte b'\\xf6'). {ENCODE}"),
        ("id,site\n1,Köln\n", {"encoding": "latin-1"},
         "a.csv: is UTF-8, not latin-1. Remove `encoding:` of this file from the protocol."),
        ("id,site\n1,Köln\n", {"encoding": "cp1252"},
         "a.csv: is UTF-8, not cp1252. Remove `encoding:` of this file from the protocol."),
        ("id,age\n", {"encoding": "utf-9"},
         "a.csv: the encoding 'utf-9' is not known. Correct `encoding:` in the protocol."),
        ("id,age\n", {"encoding": "hex"},
         "a.csv: the encoding 'hex' is not known. Correct `encoding:` in the protocol."),
        ("id,age\n", {"encoding": "rot13"},
         "a.csv: the encoding 'rot13' is not known. Correct `encoding:` in the protocol."),
        ("id,note\n1,a\n\n2,\"b\n3,c\n", {},
         "a.csv, row 4: the row cannot be split into fields (unexpected end of data). Close the quote that "
         "begins in it, or export the file again."),
        ('id,note\n1,"a"b\n', {},
         "a.csv, row 2: the row cannot be split into fields (',' expected after '\"'). Close the quote that "
         "begins in it, or export the file again."),
    ],
)  # fmt: skip
def test_refused(message, content, entry, expected):
    assert message(content, **entry) == expected


@pytest.mark.parametrize(
    "content",
    [GZIPPED[:-12], GZIPPED[:30], b"id,age\n1,50\n", GZIPPED[:20] + b"\xff\xff\xff" + GZIPPED[23:]],
    ids=["without its end", "half", "not compressed", "damaged"],
)
def test_a_damaged_gzip(message, content):
    found = message(content, name="a.csv.gz")
    assert found.startswith("a.csv.gz: cannot be read (")
    assert found.endswith("). Export or copy it again.")


def test_another_quote_or_none(grid):
    found = grid("id,note\n1,'a, ''b'' \"c'\n", quote="'")
    assert found.rows == [["1", "a, 'b' \"c"]]
    found = grid('id;note\n1;"a\n2;b"\n', separator=";", quote="")
    assert found.rows == [["1", '"a'], ["2", 'b"']]


def test_a_compressed_file_of_exactly_what_it_may_hold(grid, message):
    content = b"id \n" + 499_998 * b"1\n"
    assert len(grid(gzip.compress(content), name="a.csv.gz", max_megabytes=1).rows) == 499_998
    assert message(gzip.compress(content + b"\n"), name="a.csv.gz", max_megabytes=1) == (
        "a.csv.gz: holds more than 1 MB when decompressed."
        " If that is right, set `max_megabytes:` for this file in the protocol."
    )
    assert grid(content + b"\n", max_megabytes=1).rows  # a plain file is what it is
