"""What is said of a comparison of drops: the part of the report, and the text for a pull request."""

from typing import NamedTuple

from recohort.drop import markdown, page, stored
from recohort.drop.outcome import PASSED
from recohort.layout.words import data_line

ALONE = "The first drop: there is no earlier one to compare it with."
UNCHANGED = "No change: the two drops say the same."


class Said(NamedTuple):
    """page : str, of page.json (`stored`). markdown : str, for a pull request."""

    page: str
    markdown: str


def build(found, gates, protocol, dates):
    """
    Say what a comparison found, with counts and estimates only.

    Parameters
    ----------
    found : recohort.drop.compare.Comparison
    gates : list of dict
        From `gates.check`.
    protocol : Protocol
    dates : list of str
        Of the newest drop, then of the earlier one, if there is one.

    Returns
    -------
    Said
    """
    if len(dates) == 1:
        heading, sentences, tables = f"Drop {dates[0]}", [ALONE], []
    else:
        heading = f"Drop {dates[0]} against {dates[1]}"
        sentences = _sentences(found, gates, protocol)
        tables = [] if found.is_unchanged else page.tables(found, gates, protocol)
    failed = [gate["line"] for gate in gates if gate["outcome"] != PASSED]
    said = stored.text(heading, sentences, failed, tables)
    # a pull request is read away from the report, which says it on every table
    alone = [*sentences, data_line(protocol)]
    return Said(said, markdown.text(f"{protocol.study}: {heading}", alone, failed, tables))


def _sentences(found, gates, protocol):
    failed = {gate["gate"] for gate in gates if gate["outcome"] != PASSED}
    declared = {gate["gate"] for gate in gates}
    said = [f"Gates passed: {len(declared - failed)} of {len(declared)}."] if declared else []
    if found.is_unchanged:
        return [UNCHANGED, *said]
    if found.reason:
        return [f"The results of the earlier drop cannot be computed: {found.reason}.", *said]
    n_moved = sum(page.is_moved(row) for row in found.estimates)
    n_flipped = sum(bool(row.get("conclusion_flipped")) for row in found.estimates)
    moved = (
        f"Estimates that moved: {n_moved} of {len(found.estimates)}; conclusions that changed: {n_flipped}."
    )
    n_withheld = page.n_withheld(found, protocol)
    withheld = [f"Not shown, as few {protocol.unit} moved them: {n_withheld}."] if n_withheld else []
    return [moved, *withheld, *said]
