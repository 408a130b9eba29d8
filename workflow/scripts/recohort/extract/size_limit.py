"""A small compressed file can hold more than any machine: how much a file may hold, from the protocol."""

from pathlib import Path
from typing import Any

from recohort.base.errors import RecohortError

MEGABYTE = 10**6
CELL_BYTES = 8  # of a cell in memory, at the least


def allowed_bytes(entry: dict[str, Any]) -> int:
    """What a compressed file may hold, from its entry in the protocol."""
    return int(entry["max_megabytes"] * MEGABYTE)


def check(n_bytes: int, entry: dict[str, Any], path: Path | None = None, study: str | None = None) -> None:
    """
    Refuse a compressed file that holds too much.

    Parameters
    ----------
    n_bytes : int
        What it holds, or has given so far.
    entry : dict
        max_megabytes from the protocol.
    path : Path, optional
    study : str, optional
        Both named in the error.

    Raises
    ------
    RecohortError
        If that is more than `allowed_bytes`.
    """
    if n_bytes > allowed_bytes(entry):
        raise RecohortError(
            f"holds more than {allowed_bytes(entry) / MEGABYTE:g} MB when decompressed",
            study=study,
            file=path,
            remedy="If that is right, set `max_megabytes:` for this file in the protocol.",
        )
