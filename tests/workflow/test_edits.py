"""
An edit of a module computes again exactly the stages that use it, and what comes after them.

One of the modules that the same stages use is edited; with EVERY_EDIT=1 each is, which takes minutes.
"""

import os
import re

import pytest
import yaml
from support.code_lists import SCRIPTS
from support.workflow import project, snakemake

PACKAGE = SCRIPTS / "recohort"
MODULES = sorted(path.relative_to(SCRIPTS).as_posix() for path in PACKAGE.rglob("*.py"))
EVERY_EDIT = "EVERY_EDIT" in os.environ
pytestmark = pytest.mark.skipif("PANDAS_FUTURE_INFER_STRING" in os.environ, reason="once is enough")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The project after a run of two studies that have every stage between them."""
    folder = project(tmp_path_factory.mktemp("finished"), "cher2")
    project(tmp_path_factory.mktemp("other"), "gbsg2").joinpath("data", "gbsg2").rename(folder / "data/gbsg2")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "studies": ["cher2", "gbsg2"]}))
    run = snakemake(folder, "--workflow-profile", "workflow/profiles/local")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(scope="module")
def after(finished):
    """The rules that read what a rule writes, for each rule."""
    drawn = snakemake(finished, "--rulegraph").stdout
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', drawn, re.M))
    found = {name: set() for name in names.values()}
    for before, then in re.findall(r"^\s*(\d+) -> (\d+)", drawn, re.M):
        found[names[before]].add(names[then])
    return found


def rules(finished):
    """The rules that a run would compute, from the table of jobs that a dry run prints."""
    dry = snakemake(finished, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    return set(re.findall(r"^(\w+) +\d+$", dry.stdout + dry.stderr, re.M)) - {"total"}


def edited(folder, module):
    """The rules that a run would compute after an edit of a module."""
    path = folder / "workflow" / "scripts" / module
    text, status = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(f"{text}\n# edited\n", encoding="utf-8")
    try:
        return rules(folder)
    finally:
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def closure(names, after):
    """Rules, and all that come after them."""
    found, coming = set(), [*names]
    while coming:
        rule = coming.pop()
        if rule not in found:
            found.add(rule)
            coming += after[rule]
    return found


def test_an_edited_module_computes_again_what_uses_it(finished, after, imported):
    users = {m: frozenset(name for name, files in imported.items() if m in files) for m in MODULES}
    chosen = MODULES if EVERY_EDIT else {used_by: module for module, used_by in users.items()}.values()
    assert len(chosen) > 20
    for module in chosen:
        # provenance records every file
        expected = closure({"provenance", *(users[module] & after.keys())}, after)
        assert edited(finished, module) == expected, module
