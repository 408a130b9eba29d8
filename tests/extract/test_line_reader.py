"""Lines and blocks of lines: nothing is lost between chunks, and each line is counted once."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recohort.extract import line_reader
from recohort.extract.line_reader import Lines


def chunked(text, size):
    return [text[i : i + size] for i in range(0, len(text), size)]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.text("ab\r\n", max_size=30),
    st.integers(1, 30),
    st.integers(0, 4),
    st.lists(st.sampled_from(["line", "block", "back"]), max_size=30),
)
def test_lines_are_those_of_the_whole_text_however_they_are_taken(text, size, piece, ways):
    taken, source = [], Lines(chunked(text, size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_reader, "PIECE_CHARACTERS", piece)
        for way in [*ways, *["block"] * 40]:
            if way == "line":
                line = next(source, "")
                taken.append(line)
                assert source.lacks_end == (not line.endswith(("\r", "\n"))) or not line
                continue
            block = source.take_block()
            if way == "back":
                source.give_back(block)
            else:
                taken += io.StringIO(block, newline="")
    assert [line for line in taken if line] == list(io.StringIO(text, newline=""))


def test_lines_are_counted_as_they_are_given():
    source = Lines(["a\nb\n", "c\n"])
    assert [source.n, next(source), source.n, next(source), source.is_between_blocks] == [
        0,
        "a\n",
        1,
        "b\n",
        True,
    ]
    assert (source.take_block(), source.n, source.take_block()) == ("c\n", 2, "")


def test_a_block_is_put_back_in_pieces_of_whole_lines(monkeypatch):
    monkeypatch.setattr(line_reader, "PIECE_CHARACTERS", 3)
    source = Lines(["ab\ncd\nef\ng"])
    block = source.take_block() + source.take_block()
    assert (block, line_reader.is_small(block), line_reader.is_small("ab\n")) == (
        "ab\ncd\nef\ng",
        False,
        True,
    )
    source.give_back(block)
    assert [source.take_block() for _ in range(4)] == ["ab\ncd\n", "ef\ng", "", ""]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_end_is_never_parted(end):
    source = Lines(chunked(end.join("abcd"), 2))
    blocks = [source.take_block() for _ in range(8)]
    assert "".join(blocks) == end.join("abcd")
    assert [block.count(end) for block in blocks if block][:-1] == [1, 1, 1]
