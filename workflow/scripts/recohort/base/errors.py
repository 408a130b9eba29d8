"""What a user can get wrong, said in one voice: where, what, and what to do about it."""

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 12


class RecohortError(Exception):
    """
    A mistake in the input that the user can correct.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence without a full stop.
    study, file, key, row, column, value : optional
        Where it is: key is the path of a key in a protocol, row the line in a file as an editor counts.
    remedy : str, optional
        What to do about it.
    """

    def __init__(
        self,
        problem: str,
        *,
        study: object = None,
        file: object = None,
        key: object = None,
        row: object = None,
        column: object = None,
        value: object = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.where = {"study": study, "file": file, "key": key, "row": row, "column": column, "value": value}
        self.remedy = remedy
        super().__init__(str(self))

    def within(self, **where: object) -> "RecohortError":
        """The same mistake with more of the place where it is; arguments as for the class."""
        known = {key: value for key, value in self.where.items() if value is not None}
        return RecohortError(self.problem, remedy=self.remedy, **{**where, **known})

    def __str__(self) -> str:
        shown = {k: repr(v) if k == "value" else str(v) for k, v in self.where.items() if v is not None}
        place = ", ".join(f"{k} {v}" for k, v in shown.items())
        text = f"{place}: {self.problem}" if place else self.problem
        # one line, whatever names of columns or levels are in it
        return " ".join((f"{text}. {self.remedy}" if self.remedy else text).splitlines())


class NotEstimable(Exception):
    """
    A model whose likelihood has no finite maximum: a reported status, never a crash.

    Parameters
    ----------
    reason : str
        Why, in words that fit a table note.
    columns : tuple
        The design columns (term and level) that separate the outcome.
    """

    def __init__(self, reason: str, columns: Iterable[object] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.columns = tuple(columns)


def nearest(word: object, known: Iterable[object]) -> str:
    """The known spelling closest to a wrong one, in any case, as a remedy; else what is known, cut short."""
    words = [str(k) for k in known]
    spelling = {k.casefold(): k for k in reversed(words)}
    close = get_close_matches(str(word).casefold(), spelling, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {spelling[close[0]]!r}?"
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return f"Known: {', '.join(words[:SHOWN])}{more}." if words else ""
