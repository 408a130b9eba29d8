"""The exact counts of an extract, for the screen and for a file that git ignores."""

from collections.abc import Iterable
from typing import Any

from recohort.draft import levels
from recohort.protocol import drops


def render(study: str, file: dict[str, Any], rows: Any, found: dict[str, Any]) -> str:
    """
    What was counted, in Markdown.

    Parameters
    ----------
    study : str
    file : dict
        The entry of `extract.files`.
    rows : Rows
    found : dict of str to Guess

    Returns
    -------
    str
        A line for each column: type, rows where it is known, rows of each level and code for missing.
    """
    name = drops.path(file)
    lines = [f"# {study}: exact counts of {name}", "", "Not for sharing: git ignores this file.", ""]
    identified = f"identified by {rows.id_column}" if rows.id_column else "without an identifier"
    lines.append(f"{rows.n} rows used, {rows.n_refused} not used; {identified}.")
    lines += [f"DECIDE: {note}" for note in rows.notes]
    lines += ["", *(_line(g) for g in found.values())]
    return "\n".join(lines) + "\n"


def _line(g: Any) -> str:
    counted = ", ".join(f"{_plain(what)} {n}" for what, n in _counts(g))
    codes = ", ".join(f"{_plain(code)} {n}" for code, n in (g.words + g.codes).items())
    parts = [f"{g.type}, {g.n} known", counted, f"taken as missing: {codes}" if codes else ""]
    return f"* {_plain(g.column)}: {'; '.join(part for part in parts if part)}"


def _spelled(value: str, g: Any) -> str:
    return g.entry["recode"].get(value, value) if "recode" in g.entry else value


def _counts(g: Any) -> Iterable[tuple[str, int]]:
    if g.type == "flag":
        return zip(("yes", "no"), levels.meanings(g.values), strict=True)
    if g.type != "category":
        return ()
    counts = dict.fromkeys(g.entry["levels"], 0)
    for value, n in g.values.items():
        counts[_spelled(value, g)] += n
    return counts.items()


def _plain(words: str) -> str:
    """One line without control characters, which a screen would obey."""
    return "".join(c for c in " ".join(words.split()) if c.isprintable())
