"""The lines of a text that comes in chunks: a block of whole lines at once, or one by one, and counted."""

import io
from collections.abc import Iterable, Iterator

# what is wrong with one row of a block then costs the other rows little
PIECE_CHARACTERS = 2**17


class Lines:
    """
    The lines of a text, each taken once: by iteration, or with its block.

    Parameters
    ----------
    chunks : iterable of str

    Attributes
    ----------
    n : int
        Lines taken so far.
    lacks_end : bool
        Whether the line given last has no end: it is the last of the text.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self.n, self.lacks_end = 0, False
        self._coming = _blocks(chunks)
        self._waiting: list[str] = []
        self._open("")

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.is_between_blocks:
            block = self._waiting.pop() if self._waiting else next(self._coming)
            end = _end_of_piece(block, 0)
            self._waiting += [block[end:]] if end < len(block) else []
            self._open(block[:end])
        line = self._block.readline()
        self.n, self.lacks_end = self.n + 1, not line.endswith(("\n", "\r"))
        return line

    @property
    def is_between_blocks(self) -> bool:
        """Whether no line of a block is left."""
        return self._block.tell() == self._end

    def take_block(self) -> str:
        """The lines that are left of a block, else the next block; "" at the end. They are not counted."""
        if not self.is_between_blocks:
            return self._block.read()
        return self._waiting.pop() if self._waiting else next(self._coming, "")

    def give_back(self, block: str) -> None:
        """Put a block back, in pieces, to be taken again."""
        self._waiting += reversed(_pieces(block))

    def _open(self, block: str) -> None:
        self._block, self._end = io.StringIO(block, newline=""), len(block)


def is_small(block: str) -> bool:
    """Whether a block is put back in one piece."""
    return len(_pieces(block)) == 1


def _blocks(chunks: Iterable[str]) -> Iterator[str]:
    """Chunks cut where a line ends; the last may end anywhere."""
    begun = ""
    for chunk in chunks:
        text = begun + chunk
        # what follows a carriage return at the very end may belong to it
        end = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        if end:
            yield text[:end]
        begun = text[end:]
    if begun:
        yield begun


def _pieces(block: str) -> list[str]:
    pieces, start = [], 0
    while start < len(block):
        end = _end_of_piece(block, start)
        pieces.append(block[start:end])
        start = end
    return pieces


def _end_of_piece(block: str, start: int) -> int:
    return block.find("\n", start + PIECE_CHARACTERS) + 1 or len(block)
