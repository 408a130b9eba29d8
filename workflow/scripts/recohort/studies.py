"""The studies of a run: protocols read and held against their files before anything is computed."""

import os
from pathlib import Path
from typing import NamedTuple

from recohort import extract, joins, protocol, yamlfile
from recohort.errors import RecohortError, nearest


class Study(NamedTuple):
    """
    protocol : Protocol
    files : dict of str to Path, the extract's files in the protocol's order.
    prepare : Path, or None if the protocol has none.
    folder : Path
    dictionaries : list of Path, REDCap's data dictionaries.
    """

    protocol: protocol.Protocol
    files: dict
    prepare: Path | None
    folder: Path
    dictionaries: list


def load(config, data="data"):
    """
    Read every study of a configuration.

    Parameters
    ----------
    config : dict
        Content of config.yaml.
    data : str or Path
        The folder that holds a folder per study.

    Returns
    -------
    studies : dict of str to Study
    skipped : dict of str to str
        Studies whose raw files are absent, and what to do about it in one line.

    Raises
    ------
    RecohortError
        For an unknown key, a study without a protocol, an error in a protocol, a missing file or column.
    """
    yamlfile.validate(config, yamlfile.schema("config"), file="config.yaml")
    studies, skipped = {}, {}
    for name in config["studies"]:
        folder = Path(data) / name
        if not folder.is_dir():
            there = sorted(path.parent.name for path in Path(data).glob("*/study.yaml"))
            problem = f"{name!r} is not a folder of {data}/"
            raise RecohortError(problem, file="config.yaml", key="studies", remedy=nearest(name, there))
        study = protocol.read(folder / "study.yaml")
        try:
            files = locate(study, folder)
        except extract.RawFileAbsent as absent:
            skipped[name] = f"{absent.problem}. Get the files as {folder}/README.md says"
            continue
        prepare = study.extract.get("prepare")
        prepare = extract.locate(prepare, folder, []) if prepare is not None else None
        _columns_exist(study, files)
        studies[name] = Study(study, files, prepare, folder, _dictionaries(study, folder))
    return studies, skipped


def locate(study, folder):
    """The path of each file of a study; raises as `extract.locate`."""
    raw_folders = [folder / "raw"]
    if "RECOHORT_RAW" in os.environ:
        raw_folders.append(Path(os.environ["RECOHORT_RAW"]) / study.study)
    return {name: extract.locate(file, folder, raw_folders) for name, file in study.extract["files"].items()}


def _dictionaries(study, folder):
    files = [file for file in study.extract["files"].values() if isinstance(file, dict)]
    return [extract.locate(file["dictionary"], folder, []) for file in files if "dictionary" in file]


def _columns_exist(study, files):
    """Columns are checked here where headers tell: not after prepare.py, nor in binary formats."""
    entries = study.extract["files"]
    headers = {name: extract.header(path, entries[name], study.study) for name, path in files.items()}
    if "prepare" in study.extract or None in headers.values():
        return
    known = joins.columns(headers, study.extract.get("joins", []))
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
