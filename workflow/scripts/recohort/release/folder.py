"""What may leave of the results, in a folder of its own."""

import csv
import json
import shutil
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from recohort import disclosure, release
from recohort.analyses.check import check as check_analyses
from recohort.base import result_files
from recohort.base.errors import RecohortError
from recohort.base.files import read_rows, whole, write_rows, write_text
from recohort.extract import read as extract
from recohort.protocol import studies, yaml_file
from recohort.release import identifying
from recohort.run import provenance, verify

RESULTS = verify.RESULTS
OUT = "Delete it, or move it out of the results."
RUN_AGAIN = "Run `make results`, then try again."


def write(target: str | Path) -> int:
    """
    Write the release whole, in place of an earlier one, or nothing of it.

    Parameters
    ----------
    target : str or Path

    Returns
    -------
    int
        How many files it has.

    Raises
    ------
    RecohortError
        If the place has other content, the results are not those of the present files, a file is not on the
        list of what may leave, or one has an id, a date or a free text of a patient.
    """
    target = Path(target).resolve()
    _is_free_or_released(target)
    record = verify.record(RESULTS)
    # `make results PREVIOUS=...` is no line of config.yaml
    given = {key: value for key, value in record["config"].items() if key == "previous"}
    config = studies.configuration({**given, **yaml_file.read("config.yaml")})
    loaded, _ = studies.load(config, check=check_analyses)
    _are_of_these_files(record, config, loaded)
    rules = {name: disclosure.rule_of(study.protocol, config["disclosure"]) for name, study in loaded.items()}
    paths = _decided(record, rules)
    known = _known(loaded, config["disclosure"]["threshold"])
    with whole(target) as part:
        for path in paths:
            (part / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(RESULTS / path, part / path)
        for study, rule in rules.items():
            if rule is not None:
                _control(part, [path for path in paths if path.startswith(f"{study}/")], rule, config)
        about = json.dumps(release.provenance(record, rules), indent=2, ensure_ascii=False)
        write_text(part / release.PROVENANCE, f"{about}\n")
        data = {name: study.protocol.data for name, study in loaded.items()}
        rows = [_listed(part, path, known, data, rules) for path in paths]
        write_rows(part / release.LIST, release.COLUMNS, rows)
    return len(paths) + 1


def _is_free_or_released(target: Path) -> None:
    """Refuse a place that has anything but an earlier release as it was written."""
    listed = {}
    if (target / release.LIST).is_file():
        listed = {row.get("file"): row.get("sha256") for row in read_rows(target / release.LIST, {})}
    for path in chain([target], target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if not path.is_file() or name == release.LIST:
            continue
        if name not in listed or listed[name] != provenance.digest(path):
            raise RecohortError(
                "is in the place of the release and is no file of an earlier one",
                file=path,
                remedy="Move it away, or say make release RELEASE=another-folder.",
            )


def _are_of_these_files(record: dict[str, Any], config: dict[str, Any], loaded: dict[str, Any]) -> None:
    """Refuse results that are not what the present files give."""
    now = provenance.record(
        config,
        provenance.revision(Path("workflow")),
        provenance.versions(),
        provenance.inputs(loaded),
        provenance.code(),
        [],
    )
    reasons = [f"missing: {name}" for name in record["outputs"] if not Path(name).is_file()]
    # as it is read from JSON
    reasons += verify.reasons(RESULTS, record, json.loads(json.dumps(now)))
    if reasons != [verify.NOTHING_KNOWN]:
        raise RecohortError(
            f"does not hold what the present files give ({reasons[0]})", file=RESULTS, remedy=RUN_AGAIN
        )


def _decided(record: dict[str, Any], rules: dict[str, Any]) -> list[str]:
    """The paths in the results of what may leave; refuses a file of which nobody decided that."""
    made = {Path(name).relative_to(RESULTS).as_posix() for name in record["outputs"]} | {release.PROVENANCE}
    # hidden ones are Snakemake's
    there = [path for path in RESULTS.rglob("*") if path.is_file() and not path.name.startswith(".")]
    paths = []
    for path in sorted(there):
        name = path.relative_to(RESULTS).as_posix()
        kind = result_files.of(name)
        if kind is None:
            raise RecohortError("is not on the list of what may leave", file=path, remedy=OUT)
        if kind.leaves and name not in made:
            raise RecohortError("was not made by the last run", file=path, remedy=OUT)
        if release.leaves(name, rules):
            paths.append(name)
    return paths


def _known(loaded: dict[str, Any], threshold: int) -> identifying.Known:
    """What tells of single patients in the extracts, of the drops before the newest too."""
    protocols = [yaml_file.read(study.folder / "study.yaml") for study in loaded.values()]
    # a date of a drop is no patient's either
    words = identifying.words(protocols).union(*(study.drops for study in loaded.values()))
    found: dict[str, str] = {}
    for study in loaded.values():
        for files in filter(None, [study.previous_files, study.files]):
            frame, refused = extract.assemble(study.protocol, list(files.values()), study.prepare)
            found |= identifying.values(frame, refused, study.protocol, words, threshold)
    return identifying.known(found)


def _control(part: Path, paths: Iterable[str], rule: Any, config: dict[str, Any]) -> None:
    """Put the files of a study that are exact in the results under its rule."""
    kinds: dict[str, Any] = {path: result_files.of(path) for path in paths}
    exact = {path: kind for path, kind in kinds.items() if kind.seen == result_files.CONTROLLED}
    rows = {path: kind.read(part / path) for path, kind in exact.items()}
    for path, safe in release.controlled(rows, rule, config["confidence"]).items():
        with (part / path).open(encoding="utf-8", newline="") as file:
            columns = next(csv.reader(file))
        write_rows(part / path, columns, safe)


def _listed(
    part: Path, path: str, known: identifying.Known, data: dict[str, str], rules: dict[str, Any]
) -> dict[str, Any]:
    """The line of a file in the list; refuses one that has an id, a date or a free text of a patient."""
    content = (part / path).read_bytes()
    for name, text in release.texts(path, content):
        found = identifying.first(text, known, Path(name).suffix)
        if found is not None:
            row, what = found
            problem = f"has {what}, of a single patient"
            raise RecohortError(problem, file=RESULTS / name, row=row, remedy="Nothing was released.")
    return release.listed(path, data, rules, known, provenance.digest(part / path))
