"""
The analyses of a protocol held against it before any data are read, by the function of each kind.

Whoever loads a protocol to run it calls this.
"""

from pathlib import Path
from typing import Any

from recohort.analyses import kinds
from recohort.protocol.references import References


def check(protocol: Any, path: Path) -> None:
    """
    Raise RecohortError for the first thing in the analyses of a protocol that cannot be meant.

    Parameters
    ----------
    protocol : Protocol
        As `protocol.model.read` gives it.
    path : Path
        Named in the error, with the key and the nearest right spelling.
    """
    references = References(protocol, path)
    for analysis in protocol.analyses.values():
        key = f"analyses.{analysis.name}"
        for population in analysis.populations:
            references.known(f"{key}.populations", population, protocol.populations, "a population")
        kinds.face(analysis.kind, "check").check(references, key, analysis.options)
