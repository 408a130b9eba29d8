"""What the results were computed from and with: hashes, versions, revision; no time, no host, no person."""

import hashlib
import platform
import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any


def record(
    config: dict[str, Any],
    revision: str | None,
    versions: dict[str, str],
    inputs: dict[str, Path],
    code: Iterable[Path],
    outputs: Iterable[str | Path],
) -> dict[str, Any]:
    """
    The provenance of a run.

    Parameters
    ----------
    config : dict
        Content of config.yaml.
    revision : str or None
        From `revision`.
    versions : dict of str to str
        From `versions`.
    inputs : dict of str to Path
        Files that were read, by the name to give them: where raw files are is nobody else's business.
    code : list of Path
        The files of the workflow.
    outputs : list of Path
        What the run made and may be shown; of a folder every file in it.

    Returns
    -------
    dict
        Of the same keys, for JSON; a SHA-256 for each input and output, one for all of the code.
    """
    files = sorted(file for path in map(Path, outputs) for file in _files(path))
    return {
        "config": config,
        "revision": revision,
        "code": hashlib.sha256("".join(digest(path) for path in sorted(code)).encode()).hexdigest(),
        "versions": versions,
        "inputs": {name: digest(path) for name, path in sorted(inputs.items())},
        "outputs": {file.as_posix(): digest(file) for file in files},
    }


def code() -> list[Path]:
    """The paths of the workflow's files, in the working directory, sorted."""
    kinds = {".smk", ".py", ".yaml", ".j2", ".css", ".js"}
    return [Path("Snakefile"), *sorted(path for path in Path("workflow").rglob("*") if path.suffix in kinds)]


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def inputs(studies: dict[str, Any]) -> dict[str, Path]:
    """
    The files that studies read.

    Parameters
    ----------
    studies : dict of str to recohort.protocol.studies.Study

    Returns
    -------
    dict of str to Path
        By study and the name that the protocol gives the file, or its path in the folder of the study.
    """
    found: dict[str, Path] = {}
    for name, study in studies.items():
        own = [
            study.folder / "study.yaml",
            study.folder / "published.yaml",
            study.prepare,
            *study.dictionaries,
        ]
        own = [path for path in own if path is not None and path.is_file()]
        found |= {f"{name}: {path.relative_to(study.folder).as_posix()}": path for path in own}
        found |= {f"{name}: extract file {key}": path for key, path in study.files.items()}
        earlier = study.previous_files.items()
        found |= {f"{name}: extract file {key} of {study.previous}": path for key, path in earlier}
    return found


def versions() -> dict[str, str]:
    """The kind of machine, Python, recohort and the packages that it depends on, each with its version."""
    entries: Any = metadata.requires("recohort")
    required = [entry for entry in entries if "extra ==" not in entry]
    packages = sorted(re.match(r"[\w.-]+", entry)[0] for entry in required)  # type: ignore[index]
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ["recohort", *packages]},
    }


def revision(folder: Path) -> str | None:
    """
    The git revision of the code.

    Parameters
    ----------
    folder : Path
        A folder of the code.

    Returns
    -------
    str or None
        The commit, with `-dirty` behind it if a file differs from it; None if git does not keep the folder.
    """
    # a folder may lie in a repository of something else
    if not _git(folder, "ls-files", "."):
        return None
    return _git(folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*") or None


def differences(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """
    Why two runs may differ.

    Parameters
    ----------
    then, now : dict
        From `record`.

    Returns
    -------
    list of str
        A line for each thing that differs, other than outputs.
    """
    lines = [
        f"{kind}: {name} {_of(then[kind], name)} then, {_of(now[kind], name)} now"
        for kind in ("config", "versions")
        for name in _unlike(then[kind], now[kind])
    ]
    lines += [f"input: {name} is not as it was then" for name in _unlike(then["inputs"], now["inputs"])]
    if then["code"] != now["code"]:
        lines.append(f"code: edited since; revision {then['revision']} then, {now['revision']} now")
    return lines


def _of(values: dict[str, Any], name: str) -> Any:
    return values.get(name, "absent")


def _unlike(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return sorted(name for name in {*then, *now} if _of(then, name) != _of(now, name))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    # hidden ones are Snakemake's
    return [file for file in path.rglob("*") if file.is_file() and not file.name.startswith(".")]


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
