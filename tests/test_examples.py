"""Every example in a docstring is run, as its reader would from the folder of the project."""

import doctest
from importlib import import_module

import pytest
from support.paths import ROOT

SCRIPTS = ROOT / "workflow" / "scripts"
# only these are imported: `pytest --doctest-modules` would import the whole package
MODULES = [
    ".".join(path.relative_to(SCRIPTS).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((SCRIPTS / "recohort").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_give_what_they_say(module, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(import_module(module))
    assert (found.failed, found.attempted > 0) == (0, True)


def test_examples_are_found():
    assert "recohort.audit" in MODULES
