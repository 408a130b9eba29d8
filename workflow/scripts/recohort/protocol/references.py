"""Names that a protocol refers to, held against what it has."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NoReturn

from recohort.base.errors import RecohortError, nearest
from recohort.protocol.model import Protocol


class References:
    """
    What a protocol has, to hold a reference against.

    Parameters
    ----------
    protocol : Protocol
    path : Path
        Named in the error.
    """

    def __init__(self, protocol: Protocol, path: Path) -> None:
        self.protocol, self.path, self.book = protocol, path, protocol.codebook

    def fail(self, key: str, problem: str, remedy: str) -> NoReturn:
        """Raise RecohortError about a key."""
        raise RecohortError(problem, study=self.protocol.study, file=self.path, key=key, remedy=remedy)

    def known(self, key: str, name: str, names: Collection[str], what: str) -> None:
        """A name is among those that there are."""
        if name not in names:
            self.fail(key, f"{name!r} is not {what}", nearest(name, names))

    def variable(self, key: str, name: str) -> None:
        """A name is one of the codebook."""
        self.known(key, name, self.book, "a variable")

    def factor(self, key: str, name: str) -> None:
        """A name is that of a category or a flag."""
        self.variable(key, name)
        if not self.book[name].is_factor:
            self.fail(key, f"{name!r} is a {self.book[name].type}", "Name a category or a flag.")

    def level(self, key: str, name: str, level: str) -> None:
        """A level is one of a factor's."""
        self.factor(key, name)
        self.known(f"{key}.{name}", level, self.book[name].levels, f"a level of {name}")

    def endpoint(self, key: str, name: str) -> None:
        """A name is that of an endpoint."""
        self.known(key, name, self.protocol.endpoints, "an endpoint")

    def once(self, key: str, items: Sequence[object]) -> None:
        """No item is there twice."""
        twice = [item for i, item in enumerate(items) if item in items[:i]]
        if twice:
            self.fail(key, f"{twice[0]!r} is there twice", "Rename or remove one of them.")
