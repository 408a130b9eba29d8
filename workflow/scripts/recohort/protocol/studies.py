"""The studies of a run: protocols read and held against their files before anything is computed."""

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from recohort.base.errors import RecohortError, nearest
from recohort.extract import joins
from recohort.extract import read as extract
from recohort.protocol import drops as dates
from recohort.protocol import model as protocol
from recohort.protocol import yaml_file


class Study(NamedTuple):
    """
    protocol : Protocol
    files : dict of str to Path, the extract's files in the protocol's order, of the newest drop.
    prepare : Path, or None if the protocol has none.
    folder : Path
    dictionaries : list of Path, REDCap's data dictionaries.
    drops : list of str, ISO dates of the drops; empty if the protocol has no slot for them.
    previous : str, the drop that the newest is compared with, or None.
    previous_files : dict of str to Path, those of the previous drop; empty without one.
    other_files : list of dict of str to Path, those of each drop before the newest, the latest first.
    """

    protocol: protocol.Protocol
    files: dict[str, Path]
    prepare: Path | None
    folder: Path
    dictionaries: list[Path]
    drops: list[str]
    previous: str | None
    previous_files: dict[str, Path]
    other_files: list[dict[str, Path]]


def configuration(content: dict[str, Any]) -> dict[str, Any]:
    """
    A configuration with every default: what the rules and the release read it from.

    Parameters
    ----------
    content : dict
        Of config.yaml.

    Returns
    -------
    dict

    Raises
    ------
    RecohortError
        For an unknown key, or a value that is not allowed.
    """
    rules = yaml_file.schema("config")
    yaml_file.validate(content, rules, file="config.yaml")
    return yaml_file.filled(content, rules)


def load(
    config: dict[str, Any],
    data: str | Path = "data",
    check: Callable[[protocol.Protocol, Path], None] | None = None,
) -> tuple[dict[str, Study], dict[str, str]]:
    """
    Read every study of a configuration.

    Parameters
    ----------
    config : dict
        As `configuration` gives it.
    data : str or Path
        The folder that holds a folder per study.
    check : callable, optional
        Of a Protocol and its path: what holds its analyses against it, `analyses.check.check` before a run.

    Returns
    -------
    studies : dict of str to Study
    skipped : dict of str to str
        Studies whose raw files are absent, and what to do about it in one line.

    Raises
    ------
    RecohortError
        For a study without a protocol, an error in a protocol, a missing file or column, an
        unknown drop.
    """
    folders, skipped = _folders(config, Path(data)), {}
    plans = {name: protocol.read(folder / "study.yaml") for name, folder in folders.items()}
    if check:
        for name, plan in plans.items():
            check(plan, folders[name] / "study.yaml")
    drops = {name: found for name, plan in plans.items() if (found := _drops(plan, folders[name]))}
    wanted = dates.wanted(config.get("previous"), drops)
    studies = {}
    for name, plan in plans.items():
        folder, found, previous = folders[name], drops.get(name, []), None
        try:
            files = locate(plan, folder)
        except extract.RawFileAbsent as absent:
            skipped[name] = f"{absent.problem}. Get the files as {folder}/README.md says"
            continue
        _gates_have_drops(plan)
        prepare = plan.extract.get("prepare")
        prepare = extract.locate({"path": prepare}, folder, []) if prepare is not None else None
        _columns_exist(plan, files)
        if found:
            previous = dates.previous(found, wanted.get(name), name)
        before = locate(plan, folder, previous) if previous else {}
        others = [locate(plan, folder, day) for day in reversed(found[:-1])]
        dictionaries = _dictionaries(plan, folder)
        studies[name] = Study(plan, files, prepare, folder, dictionaries, found, previous, before, others)
    return studies, skipped


def previous_as_text(previous: str | date | dict[str, str | date]) -> str | dict[str, str]:
    """The key `previous` of config.yaml with its dates as text: YAML makes dates of what is not in quotes."""
    if isinstance(previous, dict):
        return {study: str(day) for study, day in previous.items()}
    return str(previous)


def locate(study: protocol.Protocol, folder: Path, drop: str | None = None) -> dict[str, Path]:
    """
    The path of each file of a study.

    Parameters
    ----------
    study : Protocol
    folder : Path
    drop : str, optional
        The date of the drop; default the newest.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    RecohortError
        If there is no drop; and as `extract.read.locate`, `drops.find`.
    """
    files, places = study.extract["files"], _raw_folders(study, folder)
    drop = drop or _newest(study, folder)
    return {name: extract.locate(dates.filled(file, drop), folder, places) for name, file in files.items()}


def _folders(config: dict[str, Any], data: Path) -> dict[str, Path]:
    """The folder of each study by its name."""
    for name in config["studies"]:
        if not (data / name).is_dir():
            there = sorted(path.parent.name for path in data.glob("*/study.yaml"))
            problem = f"{name!r} is not a folder of {data}/"
            raise RecohortError(problem, file="config.yaml", key="studies", remedy=nearest(name, there))
    return {name: data / name for name in config["studies"]}


def _gates_have_drops(study: protocol.Protocol) -> None:
    if study.fail_when and not any(map(dates.has_slot, study.extract["files"].values())):
        raise RecohortError(
            "gates compare dated drops, and no file has a date",
            study=study.study,
            key="fail_when",
            remedy="Put {drop} in the path of a file, such as drops/{drop}.csv, or remove the gates.",
        )


def _drops(study: protocol.Protocol, folder: Path) -> list[str]:
    return dates.find(study.extract["files"], folder, _raw_folders(study, folder), study.study)


def _newest(study: protocol.Protocol, folder: Path) -> str:
    """The date of the newest drop, or the slot where no file needs one, or raw files are not there."""
    found = _drops(study, folder)
    if found:
        return found[-1]
    for name, file in study.extract["files"].items():
        if dates.has_slot(file) and not dates.is_raw(file):
            raise RecohortError(
                f"there is no drop: no file {dates.path(file, 'YYYY-MM-DD')}",
                study=study.study,
                key=f"extract.files.{name}",
                remedy=f"Put the first there, such as {dates.path(file, '2026-10-01')}.",
            )
    return dates.SLOT


def _raw_folders(study: protocol.Protocol, folder: Path) -> list[Path]:
    folders = [folder / "raw"]
    if "RECOHORT_RAW" in os.environ:
        folders.append(Path(os.environ["RECOHORT_RAW"]) / study.study)
    return folders


def _dictionaries(study: protocol.Protocol, folder: Path) -> list[Path]:
    paths = [file["dictionary"] for file in study.extract["files"].values() if "dictionary" in file]
    return [extract.locate({"path": path}, folder, []) for path in paths]


def _columns_exist(study: protocol.Protocol, files: Mapping[str, Path]) -> None:
    """Columns are checked here where headers tell: not after prepare.py, nor in binary formats."""
    entries = study.extract["files"]
    found = {name: extract.header(path, entries[name], study.study) for name, path in files.items()}
    headers = {name: header for name, header in found.items() if header is not None}
    if "prepare" in study.extract or len(headers) < len(found):
        return
    known = joins.columns(headers, study.extract["joins"])
    wanted = {"extract.id": study.extract["id"]}
    wanted |= {f"codebook.{v.name}.column": v.column for v in study.codebook.values() if v.column is not None}
    for key, column in wanted.items():
        if column not in known:
            raise RecohortError(
                "is not a column of the extract",
                study=study.study,
                key=key,
                column=column,
                remedy=nearest(column, known),
            )
