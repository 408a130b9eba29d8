"""Bytes to text in chunks: as in one piece, wherever a chunk happens to end."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import protocols

from recohort.base.errors import RecohortError
from recohort.extract import decoding

TEXT = "id,site\n1,Köln\n2,東京\n3,𝒳\n"


@pytest.fixture(params=[1, 2, 3, 7, 2**24])
def file(request, tmp_path, monkeypatch):
    """A writer of files that are read in chunks of so many bytes."""
    monkeypatch.setattr(decoding, "CHUNK_BYTES", request.param)

    def write(content, name="a.csv"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def message(path, **entry):
    with pytest.raises(RecohortError) as caught:
        decoding.check(path, protocols.file(entry), "tiny")
    return str(caught.value).removeprefix(f"study tiny, file {path}")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_chunks_end_anywhere(file, encoding):
    path = file(TEXT.encode(encoding))
    decoding.check(path, protocols.file({"encoding": encoding}))
    assert "".join(decoding.chunks(path, protocols.file({"encoding": encoding}))) == TEXT


def test_a_byte_order_mark_is_left_out_at_the_start_only(file):
    path = file(("\ufeff" + TEXT + "\ufeff").encode())
    assert "".join(decoding.chunks(path, protocols.file({}))) == TEXT + "\ufeff"


def test_compressed(file):
    path = file(gzip.compress(TEXT.encode()), "a.csv.gz")
    decoding.check(path, protocols.file({}))
    assert "".join(decoding.chunks(path, protocols.file({}))) == TEXT


def test_utf_16_without_a_mark_is_read_in_the_order_of_the_machine(file):
    path = file(TEXT.encode("utf-16")[2:])
    assert "".join(decoding.chunks(path, protocols.file({"encoding": "utf-16"}))) == TEXT


@pytest.mark.parametrize(
    ("content", "entry", "expected"),
    [
        (TEXT.encode() + b"4,\xff\n", {}, ", row 5: is not utf-8 (byte b'\\xff'). "),
        (TEXT.encode() + b"4,\xc3", {}, ", row 5: is not utf-8 (byte b'\\xc3'). "),
        ("1,ö\n2,b\n".encode("latin-1") + b"\0", {}, ", row 1: is not utf-8 (byte b'\\xf6'). "),
        (TEXT.encode() + b"\0\n", {}, ": is not utf-8: it has NUL characters. "),
        (b"a,b\n" * 20 + "1,Köln\n".encode(), {"encoding": "cp1252"}, ": is UTF-8, not cp1252. "),
        (b" \n" * 20, {}, ": is empty. "),
        (rb"\ud800 is half a character", {"encoding": "raw_unicode_escape"},
         ": the encoding 'raw_unicode_escape' is not known. "),
    ],
)  # fmt: skip
def test_refused_wherever_a_chunk_ends(file, content, entry, expected):
    assert message(file(content), **entry).startswith(expected)


def test_a_mark_of_utf_16_where_another_encoding_is_declared(tmp_path):
    (tmp_path / "a.csv").write_bytes(TEXT.encode("utf-16"))
    assert message(tmp_path / "a.csv").startswith(": is UTF-16, not utf-8. ")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=30), st.sampled_from(["utf-8", "utf-16", "utf-16-le", "cp1252"]))
def test_as_python_reads_it_in_one_piece(tmp_path_factory, content, encoding):
    path = tmp_path_factory.getbasetemp() / "made.csv"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "CHUNK_BYTES", 3)
        try:
            decoding.check(path, protocols.file({"encoding": encoding}))
        except RecohortError:
            return
        found = "".join(decoding.chunks(path, protocols.file({"encoding": encoding})))
    assert found == content.decode(encoding).removeprefix("\ufeff")
