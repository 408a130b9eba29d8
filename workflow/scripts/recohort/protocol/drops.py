"""The dated drops of a study: the slot {drop} in the paths of its files, and the dates that are there."""

import glob
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from recohort.base.errors import RecohortError, nearest

SLOT = "{drop}"
DAY = r"\d{4}-\d{2}-\d{2}"


def has_slot(file: Mapping[str, Any]) -> bool:
    """Whether the path of an entry of `extract.files` has the slot."""
    return SLOT in path(file)


def is_raw(file: Mapping[str, Any]) -> bool:
    """Whether an entry of `extract.files` is a file that is not committed."""
    return "raw" in file


def path(file: Mapping[str, Any], drop: str = SLOT) -> str:
    """The path of an entry of `extract.files`, with a date in its slot or with the slot."""
    slotted: str = file["raw" if is_raw(file) else "path"]
    return slotted.replace(SLOT, drop)


def filled(file: Mapping[str, Any], drop: object) -> dict[str, Any]:
    """An entry of `extract.files` with a date in the slot of its path; as it is if there is none."""
    return {k: v.replace(SLOT, str(drop)) if k in ("path", "raw") else v for k, v in file.items()}


def find(
    files: Mapping[str, dict[str, Any]], folder: Path, raw_folders: Sequence[Path], study: str
) -> list[str]:
    """
    The dates for which all files of a study are there.

    Parameters
    ----------
    files : dict
        `extract.files` of a protocol.
    folder : Path
        Of the study.
    raw_folders : list of Path
        Where `raw` files may be.
    study : str
        Named in errors.

    Returns
    -------
    list of str
        ISO dates in order; empty if no path has the slot, or no file is there.

    Raises
    ------
    RecohortError
        If a name has no date where its slot is, or a date lacks one of the files.
    """
    there: dict[str, set[str]] = {}
    for name, file in files.items():
        if has_slot(file):
            there[name] = _dates(path(file), raw_folders if is_raw(file) else [folder], study)
    everything = sorted(set().union(*there.values()))
    for name, found in there.items():
        missing = [day for day in everything if day not in found]
        if missing:
            raise RecohortError(
                f"the drop {missing[0]} has no file {path(files[name], missing[0])}",
                study=study,
                key=f"extract.files.{name}",
                remedy="Add it, or take the other files of that date away.",
            )
    return everything


def previous(dates: Sequence[str], wanted: str | None, study: str) -> str | None:
    """
    The drop that the newest is compared with.

    Parameters
    ----------
    dates : list of str
        From `find`.
    wanted : str or None
        The date asked for; None for the last but one.
    study : str
        Named in errors.

    Returns
    -------
    str or None
        None if there is one drop only and none is asked for.

    Raises
    ------
    RecohortError
        If there is no such drop before the newest: with those that there are.
    """
    *earlier, newest = dates
    if wanted is None:
        return earlier[-1] if earlier else None
    if wanted not in earlier:
        known = f"Known: {', '.join(earlier)}." if earlier else f"There is only {newest}."
        problem = f"{wanted!r} is not a drop before the newest, {newest}"
        raise RecohortError(problem, study=study, file="config.yaml", key="previous", remedy=known)
    return wanted


def wanted(previous: str | dict[str, str] | None, drops: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """
    The earlier drop that each study is asked to be compared with.

    Parameters
    ----------
    previous : str or dict of str to str or None
        The key `previous` of config.yaml: a date for all studies that have it, or a date by study.
    drops : dict of str to list of str
        Dates by study.

    Returns
    -------
    dict of str to str
        The date by study, of those that are asked.

    Raises
    ------
    RecohortError
        If no study has the date, or a study that is named has no drops.
    """
    if previous is None:
        return {}
    if isinstance(previous, dict):
        for study in previous:
            if study not in drops:
                problem, remedy = f"{study!r} is not a study with drops in this run", nearest(study, drops)
                raise RecohortError(problem, file="config.yaml", key="previous", remedy=remedy)
        return previous
    asked = {study: previous for study, dates in drops.items() if previous in dates[:-1]}
    if not asked:
        there = "; ".join(f"{study} has {', '.join(dates)}" for study, dates in drops.items())
        problem = f"no study has a drop {previous!r} before its newest"
        remedy = f"Known: {there}." if there else "No study has drops."
        raise RecohortError(problem, file="config.yaml", key="previous", remedy=remedy)
    return asked


def _dates(slotted: str, folders: Iterable[Path], study: str) -> set[str]:
    """The dates of one file, in any of the folders."""
    first, *rest = [re.escape(part) for part in slotted.split(SLOT)]
    # the same date wherever the slot is
    pattern = re.compile(f"{first}(?P<drop>[^/]*){'(?P=drop)'.join(rest)}")
    found: set[str] = set()
    for folder in folders:
        # Path.glob would crash on a path that is refused later, as it leaves its folder
        for place in glob.glob(glob.escape(slotted).replace(SLOT, "*"), root_dir=folder):  # noqa: PTH207
            match = pattern.fullmatch(place)
            if match:
                found.add(_day(match["drop"], place, study))
    return found


def _day(text: str, place: str, study: str) -> str:
    try:
        if not re.fullmatch(DAY, text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        remedy = "Rename it, YYYY-MM-DD, or take it away."
        raise RecohortError(f"{text!r} is not a date", study=study, file=place, remedy=remedy) from None
