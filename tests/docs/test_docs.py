"""The pages of docs/ name files and functions that exist."""

import re
from functools import reduce
from importlib import import_module

import pytest
from support.paths import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))
PACKAGE = ROOT / "workflow" / "scripts" / "recohort"
# a file in a folder; one with <kind> or * in its path is a pattern
FILE = re.compile(r"(?<![\w/<>*.-])((?:[\w.-]+/)+[\w-]+\.(?:py|R|md|yaml|yml))\b")
FUNCTION = re.compile(r"`([a-z_]\w*(?:\.\w+)*):(\w+(?:\.\w+)*)`")


def test_there_are_pages():
    assert {page.name for page in PAGES} >= {"numbers.md", "architecture.md", "decisions.md", "glossary.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_file_exists(page):
    named = set(FILE.findall(page.read_text(encoding="utf-8")))
    places = (page.parent, ROOT, PACKAGE)
    assert sorted(name for name in named if not any((place / name).exists() for place in places)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_function_exists(page):
    for module, name in FUNCTION.findall(page.read_text(encoding="utf-8")):
        reduce(getattr, name.split("."), import_module(f"recohort.{module}"))


def test_functions_are_named_in_the_way_that_is_looked_for():
    assert len(FUNCTION.findall((ROOT / "docs" / "numbers.md").read_text(encoding="utf-8"))) > 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_heading_that_is_linked_exists(page):
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([\w.-]*)#([\w-]+)\)", text):
        linked = (page.parent / target).read_text(encoding="utf-8") if target else text
        headings = re.findall(r"^#+ (.+)$", linked, re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
