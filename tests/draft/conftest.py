"""A study drafted from an extract in a folder of its own, and what is in it."""

import re
from typing import NamedTuple

import pytest

from recohort.cohort import build as cohort
from recohort.draft.study import write
from recohort.extract import read as extract
from recohort.protocol import model, studies

CHOICE = re.compile(r"  # ([a-z][a-z0-9_]*): \{.*\}")


class Drafted(NamedTuple):
    """
    protocol : Protocol, read from the draft as it is.
    built : the cohort of it.
    content : str, study.yaml; screen : str, what was printed; counts : str, draft.md.
    """

    protocol: object
    built: object
    content: str
    screen: str
    counts: str

    def choices(self, name):
        """The entries of a name that are commented out."""
        return [line for line in self.content.split("\n") if line.startswith(f"  # {name}: {{")]

    @property
    def questions(self):
        return " ".join(line for line in self.content.split("\n") if "DECIDE" in line)


@pytest.fixture
def make(tmp_path, capsys):
    """Draft a study from lines of text, or what a function writes to a path; each choice is tried."""

    def make(rows, file="extract.csv", encoding="utf-8", **options):
        (tmp_path / "config.yaml").write_text("studies:\n  - other\nconfidence: 0.95\n")
        source = tmp_path / file
        if callable(rows):
            rows(source)
        else:
            source.write_text("\n".join(rows) + "\n", encoding=encoding)
        write("tiny", str(source), tmp_path, **options)
        screen, folder = capsys.readouterr().out, tmp_path / "data" / "tiny"
        content = (folder / "study.yaml").read_text(encoding="utf-8")
        config = {"studies": ["tiny"], "confidence": 0.95}
        loaded = studies.load(config, tmp_path / "data")[0]["tiny"]
        read = extract.assemble(loaded.protocol, list(loaded.files.values()), loaded.prepare)
        built = cohort.build(*read, loaded.protocol)
        _each_choice_is_a_protocol(content, folder)
        return Drafted(loaded.protocol, built, content, screen, (folder / "raw" / "draft.md").read_text())

    return make


def _each_choice_is_a_protocol(content, folder):
    lines = content.split("\n")
    for place, line in enumerate(lines):
        if not CHOICE.fullmatch(line):
            continue
        name, is_endpoint = CHOICE.fullmatch(line)[1], "event:" in line
        chosen = [
            "  " + other.removeprefix("  # ") if i == place else other
            for i, other in enumerate(lines)
            if i == place or not other.startswith(f"  {name}: ") or is_endpoint != ("event:" in other)
        ]
        if is_endpoint:
            chosen = ["endpoints:" if other == "# endpoints:" else other for other in chosen]
        (folder / "chosen.yaml").write_text("\n".join(chosen), encoding="utf-8")
        if _needs_a_unit(lines, place):
            continue
        model.read(folder / "chosen.yaml")


def _needs_a_unit(lines, place):
    """Whether the question above says that a time has to be given its unit first."""
    above = next((line for line in reversed(lines[:place]) if "DECIDE" in line), "")
    return "its unit in the codebook" in above
