"""A new study from an extract: its folder, its draft, its place in config.yaml."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recohort import draft
from recohort.analyses.check import check as check_analyses
from recohort.base.errors import RecohortError
from recohort.base.files import whole, write_text
from recohort.draft.rows import no_patients
from recohort.draft.sniff import options, other_sheets
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import yaml_file

USAGE = "Say make study NAME=mystudy EXTRACT=path/to/extract.csv"
COUNTS = "draft.md"  # in raw/, which git ignores
NUMBERED = '''"""No column of the extract identifies a row: its line does."""


def prepare(frames):
    """
    Number the rows.

    Parameters
    ----------
    frames : dict of str to DataFrame
        extract: the file as text, with its line numbers in `row`.

    Returns
    -------
    DataFrame
        The same with the column `{column}`.
    """
    rows = frames["extract"]
    return rows.assign({column}=[f"row-{{row}}" for row in rows["row"]])
'''


def write(name: str, source: Path, root: Path = Path(), sheet: str = "", skip: str = "") -> str:
    """
    Write `data/<name>/` from an extract.

    Parameters
    ----------
    name : str
    source : str or Path
        The extract.
    root : Path
        The folder of the project.
    sheet : str
        Of a workbook; "" for the first with data.
    skip : str
        How many lines come before the header; "" for a guess.

    Returns
    -------
    str
        Whether the study is in config.yaml now.

    Raises
    ------
    RecohortError
        If a name or file is not given or cannot be used, or a file is there already.
    """
    if not (name and source):
        raise RecohortError("NAME and EXTRACT are needed", remedy=USAGE)
    folder, source = root / "data" / name, Path(source)
    _check(name, source, folder)
    is_beside = source.resolve().parent == folder.resolve()
    entry = {"path" if is_beside else "raw": source.name, **options(source, sheet, skip)}
    frame, refused = extract.read(source, protocol.file(entry), name)
    marks, n_unmarked = no_patients(frame)
    if marks:
        entry["skip_where"] = marks
        frame, refused = extract.read(source, protocol.file(entry), name)
    made = draft.draft(frame, name, entry, len(refused), _notes(source, entry, n_unmarked))
    raw = folder / "raw" / source.name
    if not is_beside and not raw.exists():
        # git ignores data/*/raw
        with whole(raw) as part:
            shutil.copyfile(source, part)
    if made.id_column is None:
        write_text(folder / "prepare.py", NUMBERED.format(column=draft.text.NUMBERED))
    # last: a folder with a protocol is a study
    with whole(folder / "study.yaml") as part:
        part.write_text(made.content, encoding="utf-8", newline="\n")
        check_analyses(protocol.read(part), part)
    write_text(folder / "raw" / COUNTS, made.counts)
    print(made.counts)
    return _enlist(name, root / "config.yaml")


def _notes(source: Path, entry: dict[str, Any], n_unmarked: int) -> Iterator[str]:
    """What is to be decided about the file itself."""
    others = other_sheets(source, entry)
    if others:
        yield f"the workbook has other sheets with data: {', '.join(others)}; SHEET= of make study takes one"
    if "skip_where" in entry:
        marks = ", ".join(text for texts in entry["skip_where"].values() for text in texts)
        yield f"rows that begin with {marks} are taken for totals or remarks, no patients"
    if entry.get("skip_after_header"):
        yield f"{entry['skip_after_header']} line under the header is taken for units or names, no patient"
    if n_unmarked:
        yield "a row at the end looks like totals or a remark, but nothing marks it: delete it if it is none"


def _check(name: str, source: Path, folder: Path) -> None:
    pattern = yaml_file.schema("config")["properties"]["studies"]["items"]["pattern"]
    if not re.fullmatch(pattern, name):
        raise RecohortError(
            f"{name!r} cannot be the name of a folder of data/", remedy="Use letters, digits, - and _."
        )
    if not source.is_file():
        raise RecohortError("is not a file", file=source, remedy=USAGE)
    for taken in ("study.yaml", "prepare.py", f"raw/{source.name}"):
        if (folder / taken).exists() and (folder / taken).resolve() != source.resolve():
            raise RecohortError(
                "is there already and is not overwritten", file=folder / taken, remedy="Choose another NAME."
            )


def _enlist(name: str, config: Path) -> str:
    """Add the study to the list in config.yaml, under its last one, or say that it has to be added."""
    if name in yaml_file.read(config)["studies"]:
        return "It is in config.yaml already."
    text = config.read_text(encoding="utf-8")
    listed = re.search(
        r"^studies:[^\n]*\n(?:(?:[ \t]*(?:#[^\n]*)?\n)*([ \t]*)- [^\n]*\n)+", text, re.MULTILINE
    )
    if listed is None:
        return f"Add {name} to `studies` in config.yaml."
    write_text(config, f"{text[: listed.end()]}{listed[1]}- {name}\n{text[listed.end() :]}")
    return "It is in config.yaml now."
