"""What docstrings, comments and pages name exists: files, and functions of the package."""

import ast
import re
from importlib import import_module

import pytest
from support.paths import ROOT

PACKAGE = ROOT / "workflow" / "scripts" / "recohort"
MODULES = sorted(PACKAGE.rglob("*.py"))
# of CHANGELOG.md the names are those of their time
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = [*MODULES, *PAGES]
FILE = re.compile(r"(?<![\w/])tests/[\w/-]+\.(?:py|R|csv)\b")
# `module.name`, `room.module.name(...)`, and module.Class as a type, with recohort before or not
NAME = re.compile(r"`((?:[a-z_]\w*\.)+\w+)(?:\([^`]*\))?`|(?<![\w`.])((?:[a-z_]\w*\.)+[A-Z]\w+)")
SUFFIXES = (
    ".py", ".csv", ".yaml", ".yml", ".md", ".json", ".parquet", ".html", ".docx", ".toml", ".lock",
    ".R", ".smk",
)  # fmt: skip
# of R, of other packages, keys of a protocol, and examples
ELSEWHERE = {
    "binom.test", "chisq.test", "fisher.test", "kruskal.test", "mantelhaen.test", "mcnemar.test", "p.adjust",
    "print.survfit", "summary.survfit", "prop.test", "wilcox.test", "analysis.options",
    "matplotlib.figure.Figure",
    "pyarrow.LargeStringArray", "extract.files", "file.column",
}  # fmt: skip


def dotted(module):
    parts = module.relative_to(PACKAGE).with_suffix("").parts
    return [part for part in parts if part != "__init__"]


def places():
    """The modules and rooms that a name may begin with, by their last word."""
    found = {}
    for module in MODULES:
        parts = dotted(module)
        if parts:
            found.setdefault(parts[-1], []).append(".".join(["recohort", *parts]))
    return found


PLACES = places()


def exists(name):
    """Whether a dotted name is in the package: it begins with a module or a room, under its own name."""
    first, *rest = name.removeprefix("recohort.").split(".")
    return any(_has(place, rest) for place in PLACES.get(first, ()))


def _has(module, names):
    if not names:
        return True
    try:
        # a module before what its room imports under the same name
        return _has(import_module(f"{module}.{names[0]}").__name__, names[1:])
    except ImportError:
        return not _is_absent(import_module(module), names)


def _is_absent(found, names):
    for name in names:
        if not hasattr(found, name):
            return True
        found = getattr(found, name)
    return False


def written(path):
    """The text of a page, or the docstrings of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, documented))
    return "\n".join(ast.get_docstring(node) or "" for node in nodes)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_text_names_exists(path):
    text = written(path)
    assert sorted(name for name in set(FILE.findall(text)) if not (ROOT / name).exists()) == []
    names = {quoted or type_ for quoted, type_ in NAME.findall(text)} - ELSEWHERE
    assert sorted(name for name in names if not name.endswith(SUFFIXES) and not exists(name)) == []


def test_names_are_found_and_wrong_ones_told():
    found = NAME.findall("`layout.table.row(x)` of extract.delimited.Refused, `a.b` of recohort.x.Gone.")
    assert [quoted or type_ for quoted, type_ in found] == [
        "layout.table.row", "extract.delimited.Refused", "a.b", "recohort.x.Gone",
    ]  # fmt: skip
    assert all(map(exists, ["layout.table.row", "table.Table.spanners", "recohort.disclosure.Rule"]))
    assert not any(map(exists, ["layout.table.rows", "textfile.Refused", "recohort.x.Gone"]))
