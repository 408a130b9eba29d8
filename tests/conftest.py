"""A tiny study in a folder of its own, run through the doors that the workflow uses."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from recohort.cohort import build as cohort
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies

AGE = {"age": {"type": "number", "label": "Age"}}


class Study(NamedTuple):
    """A study on disk, as `data/<study>`."""

    folder: Path

    def protocol(self):
        return protocol.read(self.folder / "study.yaml")

    def load(self):
        config = {"studies": [self.folder.name], "confidence": 0.95}
        return studies.load(config, self.folder.parent)[0][self.folder.name]

    def build(self):
        loaded = self.load()
        files, wanted = list(loaded.files.values()), cohort.wanted(loaded.protocol)
        frame, refused = extract.assemble(loaded.protocol, files, loaded.prepare, wanted)
        return cohort.build(frame, refused, loaded.protocol)


@pytest.fixture
def study(tmp_path):
    """
    Write a study: the text (or bytes) of its extract, its codebook, and what else its protocol has.

    `file` and `read` are the extract's name and how it is read; `more` are other files by name.
    """

    def write(text="", codebook=AGE, *, file="extract.csv", read=None, more=None, **sections):
        folder = tmp_path / "tiny"
        folder.mkdir(exist_ok=True)
        for name, content in {file: text, **(more or {})}.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        content = {
            "title": "A tiny study",
            "data": "synthetic",
            "codebook": codebook,
            "cohort": [],
            "analyses": {"table1": {"kind": "summary", "variables": [next(iter(codebook))]}},
            **sections,
        }
        files = {"registry": {"path": file, **(read or {})}}
        content["extract"] = {"files": files, "id": "id", **sections.get("extract", {})}
        # JSON is YAML, with every text in quotes
        (folder / "study.yaml").write_text(json.dumps(content, indent=1), encoding="utf-8")
        return Study(folder)

    return write
