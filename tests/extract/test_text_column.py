"""Columns of text: each text once, and the same cells as before."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recohort.extract import text_column

# what str.strip takes away is more than ASCII's white space
TEXTS = st.lists(st.text(st.sampled_from("ab \t\u3000\x1f\x85\ufeff"), max_size=4), max_size=20)


def cells(texts):
    return list(texts.at(slice(None)))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TEXTS, TEXTS)
def test_cells_are_what_was_written(first, second):
    parts = [text_column.encode(first), text_column.encode(second)]
    together = text_column.concatenate(parts)
    assert cells(parts[0]) == first
    assert cells(together) == first + second
    # each once, in the order in which they occur
    assert together.distinct.to_pylist() == list(dict.fromkeys(first + second))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TEXTS)
def test_white_space_is_what_python_takes_for_it(texts):
    encoded = text_column.encode(texts)
    stripped, padded = text_column.strip(encoded)
    assert cells(stripped) == [text.strip() for text in texts]
    assert len(set(stripped.distinct.to_pylist())) == len(stripped.distinct)
    assert [encoded.distinct[i].as_py() for i in padded] == [
        text for text in dict.fromkeys(texts) if text != text.strip()
    ]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TEXTS)
def test_ranks_and_membership(texts):
    encoded = text_column.encode(texts)
    assert text_column.is_in(encoded, {"a", ""}).tolist() == [text in ("a", "") for text in texts]
    order = sorted(set(texts))
    assert text_column.ranks(encoded).tolist() == [order.index(text) for text in texts]


@pytest.mark.parametrize("n", [127, 128, 129, 32768, 32769])
def test_codes_are_of_the_smallest_type_that_holds_them(n):
    texts = [str(i) for i in range(n)]
    assert cells(text_column.encode(texts)) == texts
    assert text_column.encode(texts).codes.dtype == (
        "int8" if n <= 128 else "int16" if n <= 32768 else "int32"
    )


def test_a_column_of_a_frame_and_back():
    texts = ["b", "", "a", "b"]
    frame = pd.DataFrame({"x": text_column.series(text_column.encode(texts)), "row": range(4)})
    for column in (frame["x"], pd.Series(texts, dtype=object)):
        assert cells(text_column.of(column)) == texts
    other = text_column.series(text_column.encode(["c", "b"]))
    assert cells(text_column.of(pd.concat([frame["x"], other]))) == [*texts, "c", "b"]
    assert cells(text_column.of(frame["x"][2:])) == ["a", "b"]
    plain = text_column.plain(frame)
    assert (plain["x"].tolist(), plain["x"].dtype, plain["row"].dtype) == (texts, object, int)
