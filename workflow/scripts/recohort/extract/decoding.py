"""The bytes of a text file as text, a chunk at a time, so that a file larger than memory can be read."""

import codecs
import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from recohort.base.errors import RecohortError
from recohort.extract import size_limit

CHUNK_BYTES = 8 * 2**20
BYTE_ORDER_MARK = "\ufeff"


def chunks(path: Path, entry: dict[str, Any], study: str | None = None) -> Iterator[str]:
    """
    Decode a file.

    Parameters
    ----------
    path : Path
        Decompressed if it ends in .gz.
    entry : dict
        encoding and max_megabytes (.gz) from the protocol.
    study : str, optional
        Named in errors.

    Yields
    ------
    str
        Some MB each, without a byte order mark at the start; a file that passes `check` raises nothing.
    """
    is_first = True
    for _, text in _decoded(path, entry, study):
        yield text.removeprefix(BYTE_ORDER_MARK) if is_first else text
        is_first = is_first and not text


def check(path: Path, entry: dict[str, Any], study: str | None = None) -> None:
    """
    Read a file to its end before anything is made of it.

    Parameters
    ----------
    path, entry, study
        As `chunks`.

    Raises
    ------
    RecohortError
        If it is damaged, empty, not of the declared encoding, or if a compressed file holds more than
        `max_megabytes`.
    """

    def fail(problem: str, remedy: str, row: int | None = None) -> NoReturn:
        raise RecohortError(problem, study=study, file=path, row=row, remedy=remedy) from None

    declared = entry["encoding"]
    n_lines, has_nul, is_blank, is_single_byte, is_ascii = 0, False, True, True, True
    utf_8 = codecs.getincrementaldecoder("utf-8")()
    try:
        for content, text in _decoded(path, entry, study):
            n_lines += content.count(b"\n")
            has_nul = has_nul or "\0" in text
            is_blank = is_blank and not text.removeprefix(BYTE_ORDER_MARK).strip()
            is_ascii = is_ascii and content.isascii()
            text.encode()  # raises UnicodeError where a decoder gives half a character
            is_as_long = len(text) == len(content)
            is_single_byte = is_single_byte and is_as_long and (is_ascii or _goes_on(utf_8, content))
    except UnicodeDecodeError as error:
        line = n_lines + error.object.count(b"\n", 0, error.start) + 1
        remedy = "Set `encoding:` for this file in the protocol, perhaps cp1252, latin-1 or utf-16."
        fail(f"is not {declared} (byte {error.object[error.start : error.start + 1]!r})", remedy, line)
    except (LookupError, ValueError):
        fail(f"the encoding {declared!r} is not known", "Correct `encoding:` in the protocol.")
    except (EOFError, OSError, zlib.error) as error:
        fail(f"cannot be read ({error})", "Export or copy it again.")
    if has_nul:
        remedy = "Set `encoding:` in the protocol, perhaps utf-16-le."
        fail(f"is not {declared}: it has NUL characters", remedy)
    # one character a byte: a single-byte encoding, which reads anything
    if is_single_byte and not is_ascii and _goes_on(utf_8, b"", is_last=True):
        fail(f"is UTF-8, not {declared}", "Remove `encoding:` of this file from the protocol.")
    if is_blank:
        fail("is empty", "Export it again.")


def _decoded(path: Path, entry: dict[str, Any], study: str | None) -> Iterator[tuple[bytes, str]]:
    """The bytes of each chunk, and its text; the last is empty, or what a decoder had kept back."""
    decoder, n_bytes = None, 0
    is_gzip = path.suffix.lower() == ".gz"
    with gzip.open(path) if is_gzip else path.open("rb") as file:
        while True:
            content = file.read(CHUNK_BYTES)
            n_bytes += len(content)
            if is_gzip:
                size_limit.check(n_bytes, entry, path, study)
            decoder = decoder or _decoder(content, entry["encoding"], path, study)
            text = decoder.decode(content, final=not content)
            yield content, text
            if not content:
                return


def _decoder(start: bytes, declared: str, path: Path, study: str | None) -> codecs.IncrementalDecoder:
    "".encode(declared)  # raises LookupError also for what encodes no text, such as hex
    encoding = codecs.lookup(declared).name
    is_utf_16 = start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if is_utf_16 and not encoding.startswith(("utf-16", "utf-32")):
        remedy = "Set `encoding: utf-16` for this file in the protocol."
        raise RecohortError(f"is UTF-16, not {declared}", study=study, file=path, remedy=remedy)
    if encoding == "utf-16" and not is_utf_16:
        # as Python reads it in one piece: in the machine's own order
        encoding = f"utf-16-{sys.byteorder[0]}e"
    return codecs.getincrementaldecoder(encoding)()


def _goes_on(decoder: codecs.IncrementalDecoder, content: bytes, is_last: bool = False) -> bool:
    """Whether the next bytes are of the decoder's encoding."""
    try:
        decoder.decode(content, is_last)
    except UnicodeDecodeError:
        return False
    return True
