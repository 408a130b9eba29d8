"""The studies give the numbers of the last version, but for those that the changelog lists."""

import csv
import math
from functools import cache

import pytest
from support.paths import ROOT, TESTS

from recohort.analyses import estimates
from recohort.analyses.estimate import of_extract
from recohort.extract import read as extract
from recohort.protocol import studies

IDENTITY = (
    *("study", "analysis", "outcome", "population", "model", "term", "level", "reference", "measure", "at"),
    "ci_method",
)
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high", "p_value")
COUNTS = ("n", "events", "n_level", "events_level")
# another order of summation, or another start of the same search, is no other number
RTOL = 1e-7
LAST = TESTS / "last_version" / "estimates.csv"
STUDIES = ("gim14", "cher2", "ihc-fish-ngs", "gbsg2")


def last_version():
    with LAST.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {tuple(row[name] for name in IDENTITY): row for row in rows}


@cache
def computed(study):
    config = studies.configuration({"studies": [study], "confidence": 0.95})
    loaded = studies.load(config, ROOT / "data")[0][study]
    frame, refused = extract.assemble(loaded.protocol, list(loaded.files.values()), loaded.prepare)
    rows = of_extract(frame, refused, loaded.protocol, 0.95)[1].rows
    return {identity(row): row for row in rows}


def identity(row):
    return tuple(as_text(row[name]) for name in IDENTITY)


def as_text(value):
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def differs(before, now):
    if before == "" or now is None:
        return (before == "") != (now is None)
    return not math.isclose(float(before), float(now), rel_tol=RTOL)


def moved(study):
    """Each number of the last version that is another one now: identity, column, then, now."""
    now = computed(study)
    for key, row in last_version().items():
        if key[0] != study:
            continue
        found = now.get(key, dict.fromkeys((*NUMBERS, *COUNTS)))
        for column in (*NUMBERS, *COUNTS):
            if differs(row[column], found[column]):
                yield " ".join(filter(None, key)), column, row[column], as_text(found[column])


def listed():
    """The lines of the changelog's newest section that list numbers which moved."""
    newest = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    return [line for line in newest.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("study", STUDIES)
def test_a_number_that_moved_is_in_the_changelog(study):
    lines = listed()
    unlisted = [
        change for change in moved(study) if not any(all(part in line for part in change) for line in lines)
    ]
    assert not unlisted


def test_a_number_that_moved_is_found():
    key, row = next((key, row) for key, row in last_version().items() if row["estimate"])
    assert differs(row["estimate"], float(row["estimate"]) * (1 + 1e-6))
    assert not differs(row["estimate"], float(row["estimate"]))
    assert differs(row["estimate"], None) and differs("", 1.0)
    assert key[0] in STUDIES


def test_all_estimates_of_the_last_version_are_compared():
    assert {key[0] for key in last_version()} == set(STUDIES)
    assert len(last_version()) == sum(1 for line in LAST.open(encoding="utf-8")) - 2


def test_the_columns_are_those_of_the_estimates():
    assert {*IDENTITY, *NUMBERS, *COUNTS} <= set(estimates.COLUMNS)
