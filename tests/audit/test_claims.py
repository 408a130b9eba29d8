"""Files of claims: numbers as printed, what is read, and every mistake with its file, claim and key."""

import csv

import numpy as np
import pytest
from support.paths import ROOT

from recohort.audit import claims, printed_number
from recohort.audit.claims import Quantity
from recohort.audit.counts import ROUNDED, how_printed
from recohort.base.errors import RecohortError

STUDIES = ["gim14", "cher2", "ihc-fish-ngs", "gbsg2"]
PAPER = """
source: {citation: invented}
groups:
  all: {label: everybody, parts: [treated, control]}
  treated: {label: treated}
  control: {label: control}
tables:
  cured: {label: cured, groups: [treated, control]}
claims:
"""


def read(tmp_path, *lines, paper=PAPER):
    path = tmp_path / "published.yaml"
    path.write_text(paper + "".join(f"  - {{{line}, where: here}}\n" for line in lines), encoding="utf-8")
    return claims.read(path)


@pytest.mark.parametrize(
    "text, value, decimals, relation",
    [
        ("0.70", 0.7, 2, "="),
        ("39", 39, 0, "="),
        ("98.3%", 98.3, 1, "="),
        ("1,059", 1059, 0, "="),
        ("12,345,678", 12345678, 0, "="),
        (".043", 0.043, 3, "="),
        ("-0.35", -0.35, 2, "="),
        ("< 0.0001", 0.0001, 4, "<"),
        ("P<0.001", 0.001, 3, "<"),
        ("p = 0.036", 0.036, 3, "="),
        (">0.05", 0.05, 2, ">"),
        ("≤ 0.05", 0.05, 2, "<="),
    ],
)
def test_a_printed_number_keeps_its_decimals_and_its_relation(text, value, decimals, relation):
    number = printed_number.parse(text)
    assert (number.value, number.decimals, number.relation) == (value, decimals, relation)
    assert number.text == text


@pytest.mark.parametrize("text", ["", "about 5", "0.0.5", "5 (3-7)", "1,05", "0,043", "12,34"])
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(ValueError, match="is not a number as printed"):
        printed_number.parse(text)


def test_a_decimal_comma_is_named():
    with pytest.raises(ValueError, match="use a decimal point"):
        printed_number.parse("0,043")


def test_percentages_that_r_prints_count_as_rounded():
    path = ROOT / "tests/reference/audit_percentages.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert len(rows) == 1374
    for row in rows:
        for text in (row["percent"], row["share"]):
            assert how_printed(printed_number.parse(text), int(row["k"]), int(row["n"])) == ROUNDED, row


@pytest.mark.parametrize(
    "text, value, rounds, cuts",
    [
        ("37", 37.66, False, True),
        ("38", 37.66, True, False),
        # halves go up in journals and to even in R, never down to an odd number
        ("47", 47.5, False, True),
        ("48", 47.5, True, False),
        ("46", 46.5, True, True),
        ("47", 46.5, True, False),
        ("0.70", 0.7049999, True, True),
        ("0.70", 0.695, True, False),
        ("0.70", 0.6949, False, False),
        ("-1.5", -1.57, False, True),
        ("1.5", float("nan"), False, False),
        ("<0.001", 0.00099, True, False),
        ("<0.001", 0.001, False, False),
        (">0.05", 0.05001, True, False),
    ],
)
def test_rounding_and_cutting(text, value, rounds, cuts):
    number = printed_number.parse(text)
    assert bool(number.rounds(value)) == rounds
    assert bool(number.cuts(value)) == cuts
    # the same one by one as in an array
    assert number.rounds(np.array([[value, value]])).tolist() == [[rounds, rounds]]


def test_the_limits_are_those_of_all_numbers_that_round_to_it():
    number = printed_number.parse("0.043")
    assert (number.low, number.high) == (0.0425, 0.0435)
    assert (printed_number.parse("<0.001").low, printed_number.parse("<0.001").high) == (-np.inf, 0.001)
    assert (printed_number.parse(">=0.05").low, printed_number.parse(">=0.05").high) == (0.05, np.inf)


def test_rounding_twice():
    # 56 of 57 is 98.2456 %: 98.25, then 98.3
    assert printed_number.parse("98.3").rounds_twice(100 * 56 / 57)
    assert not printed_number.parse("98.2").rounds_twice(100 * 56 / 57)
    assert not printed_number.parse("98.3").rounds_twice(98.24)


def test_a_file_of_claims_is_read(tmp_path):
    paper = read(
        tmp_path,
        'id: n, kind: count, of: treated, printed: "20"',
        'id: share, kind: percent, part: not cured.treated, whole: treated, printed: "35.0"',
        'id: or, kind: odds_ratio, table: cured, model: univariable, printed: "2.10"',
        'id: or_p, kind: p_value, of: or, tests: [Wald, Fisher], printed: "0.04"',
        'id: better, kind: statement, of: [or_p], limit: "<0.05", printed: "treatment is better"',
    )
    assert list(paper.claims) == ["n", "share", "or", "or_p", "better"]
    assert paper.claims["n"].of == Quantity("treated")
    assert paper.claims["share"].part == Quantity("cured", "treated", True)
    assert paper.claims["share"].number.decimals == 1
    assert paper.claims["or_p"].tests == ("Wald", "Fisher")
    assert paper.claims["better"].limit.relation == "<"
    assert paper.groups["all"].parts == ("treated", "control")


ODDS = "kind: odds_ratio, table: cured, model: univariable"
HAZARD = "kind: hazard_ratio, endpoint: OS, term: t, model: univariable"
COUNT = 'id: n, kind: count, of: treated, printed: "20"'


@pytest.mark.parametrize(
    "line, key, problem",
    [
        ('id: x, kind: cuont, of: treated, printed: "20"', "claims.x.kind", "Did you mean 'count'"),
        ('id: x, kind: percent, part: treated, printed: "20"', "claims.x", "the key 'whole' is missing"),
        ('id: x, kind: count, off: treated, printed: "20"', "claims.x", "Did you mean 'of'"),
        ('id: x, kind: count, of: treatd, printed: "20"', "claims.x.of", "Did you mean 'treated'"),
        ('id: x, kind: count, of: cured.tretaed, printed: "20"', "claims.x.of", "Did you mean 'treated'"),
        (
            'id: x, kind: count, of: not treated, printed: "20"',
            "claims.x.of",
            "'treated' is not a group or table",
        ),
        ('id: x, kind: count, of: treated, printed: "twenty"', "claims.x.printed", "not a number as printed"),
        ("id: x, kind: count, of: treated, printed: 20", "claims.x.printed", "Put it in quotes"),
        ('id: x, kind: count, of: treated, printed: "20.5"', "claims.x.printed", "a count is a whole number"),
        ('id: x, kind: count, of: treated, printed: "-2"', "claims.x.printed", "a number of at least 0"),
        (
            'id: x, kind: percent, part: treated, whole: all, printed: "120"',
            "claims.x.printed",
            "a percent is a number from 0 to 100",
        ),
        (
            'id: x, kind: p_value, table: cured, tests: [Wald], printed: "1.2"',
            "claims.x.printed",
            "a p value is a number from 0 to 1",
        ),
        ('id: x, kind: p_value, table: cured, printed: "0.2"', "claims.x", "the key 'tests' is missing"),
        ('id: x, kind: p_value, table: cured, tests: [Wlad], printed: "0.2"', "claims.x.tests.0", "'Wald'"),
        ('id: x, kind: p_value, printed: "0.2"', "claims.x", "neither what it rests on"),
        ('id: x, kind: p_value, of: n, printed: "0.2"', "claims.x.of", "'n' is a count"),
        ('id: x, kind: p_value, of: m, printed: "0.2"', "claims.x.of", "'m' is not a claim"),
        (
            'id: x, kind: odds_ratio, table: curred, model: univariable, printed: "2"',
            "claims.x.table",
            "Did you mean 'cured'",
        ),
        (
            f'id: x, {ODDS}, groups: [treated, all], printed: "2"',
            "claims.x.groups",
            "have patients in common",
        ),
        (
            f'id: x, {ODDS}, groups: [treated, sick], printed: "2"',
            "claims.x.groups",
            "'sick' is not a group of the table cured",
        ),
        (
            f'id: x, {HAZARD}, population: al, printed: "2"',
            "claims.x.population",
            "Did you mean 'all'",
        ),
        (
            f'id: x, {HAZARD}, population: all, printed: "0.0"',
            "claims.x.printed",
            "a hazard ratio is above 0",
        ),
        ('id: x, kind: statement, printed: "better"', "claims.x", "neither what it rests on"),
        (
            'id: x, kind: statement, tables: [cured], tests: [Wald], printed: "better"',
            "claims.x",
            "the key 'limit' is missing",
        ),
        (
            'id: x, kind: statement, tables: [cured], limit: "<0.05", printed: "better"',
            "claims.x",
            "the key 'tests' is missing",
        ),
        (
            'id: x, kind: statement, tables: [cured], tests: [Wald], limit: "0.05", printed: "better"',
            "claims.x.limit",
            "is not a limit",
        ),
        (
            'id: x, kind: ratio, numerator: n, denominator: m, printed: "2"',
            "claims.x.denominator",
            "'m' is not",
        ),
        ('id: n, kind: count, of: control, printed: "20"', "claims.n", "is the id of two claims"),
    ],
)
def test_a_mistake_is_named_with_its_file_claim_and_key(tmp_path, line, key, problem):
    with pytest.raises(RecohortError) as error:
        read(tmp_path, COUNT, line)
    assert error.value.where["file"] == tmp_path / "published.yaml"
    assert error.value.where["key"] == key
    assert problem in str(error.value)


@pytest.mark.parametrize(
    "old, new, key, problem",
    [
        (
            "parts: [treated, control]",
            "parts: [treated, contrl]",
            "groups.all.parts",
            "Did you mean 'control'",
        ),
        (
            "groups: [treated, control]",
            "groups: [treated, sick]",
            "tables.cured.groups",
            "'sick' is not a group",
        ),
        ("  cured:", "  treated:", "tables.treated", "is also the name of a group"),
        (
            "groups: [treated, control]}",
            "groups: [treated, control], counts: {all: '1'}}",
            "tables.cured.counts",
            "'all' is not a group of the table",
        ),
        (
            "groups: [treated, control]}",
            "groups: [treated, control], counts: {treated: many}}",
            "tables.cured.counts.treated",
            "not a number as printed",
        ),
        ("source: {citation: invented}", "source: {doi: x}", "source", "the key 'citation' is missing"),
    ],
)
def test_a_mistake_in_the_structure_is_named(tmp_path, old, new, key, problem):
    with pytest.raises(RecohortError) as error:
        read(tmp_path, COUNT, paper=PAPER.replace(old, new))
    assert error.value.where["key"] == key
    assert problem in str(error.value)


@pytest.mark.parametrize("line", ["tables: [fourfold]", "table: fourfold"])
def test_two_of_many_groups_must_be_named(tmp_path, line):
    many = PAPER.replace("tables:\n", "tables:\n  fourfold: {label: x, groups: [all, treated, control]}\n")
    kind = "statement" if "tables" in line else "p_value"
    text = f'id: x, kind: {kind}, {line}, tests: [Wald], printed: "0.01"' + (
        ', limit: "<0.05"' if "s:" in line else ""
    )
    with pytest.raises(RecohortError, match="Name the two that are compared"):
        read(tmp_path, text.replace(', limit: "<0.05"', "") if kind == "p_value" else text, paper=many)


@pytest.mark.parametrize("study", STUDIES)
def test_the_claims_of_each_study_are_read(study):
    paper = claims.read(ROOT / "data" / study / "published.yaml")
    assert paper.study == study
    assert paper.source["citation"] and paper.method["stated"]


def test_the_seed_studies_have_about_a_hundred_claims(capsys):
    number = {study: len(claims.read(ROOT / "data" / study / "published.yaml").claims) for study in STUDIES}
    with capsys.disabled():
        print(f"\nclaims: {number}")
    assert 100 <= number["gim14"] + number["cher2"] + number["ihc-fish-ngs"] <= 150
