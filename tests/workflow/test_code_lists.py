"""Editing a module reruns the stages that import it and no other: the lists of the rules are exact."""

import re

import pytest
from support.code_lists import run
from support.paths import ROOT


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """The modules among the inputs of each rule, from one dry run of every study."""
    folder = tmp_path_factory.mktemp("folder")
    for name in ("Snakefile", "config.yaml", "data", "workflow"):
        (folder / name).symlink_to(ROOT / name)
    said = run("-m", "snakemake", "--dry-run", "--forceall", "--cores", "1", "--directory", str(folder))
    found = {}
    for rule, inputs in re.findall(r"^(?:local)?rule (\w+):\n +input: (.*)$", said, re.M):
        modules = re.findall(r"workflow/scripts/(recohort/[\w/]+\.py)", inputs)
        found.setdefault(rule, set()).add(frozenset(modules))
    return found


def test_every_script_is_a_rule(listed, imported):
    assert set(imported) == set(listed) - {"all"}


def test_the_code_of_each_rule_is_what_its_script_imports(listed, imported):
    # all files of the workflow are what provenance records, whatever it imports
    for rule in sorted(set(listed) - {"all", "provenance"}):
        assert listed[rule] == {frozenset(imported[rule])}, rule
