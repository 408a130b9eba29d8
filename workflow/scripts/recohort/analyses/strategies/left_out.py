"""Who is in no testing strategy."""

from typing import Any

from recohort.layout import words


def left_out(protocol: Any, found: dict[str, Any]) -> str:
    """A sentence for the table and the figure, from a row of the estimates."""
    fish, ihc = words.label(protocol, found["outcome"]), protocol.codebook[found["term"]].label
    called = f"a level of {ihc} that is called negative, equivocal or positive"
    return words.sentence(words.left_out(found, protocol, fish, called))
