"""A default stands in a schema and nowhere else."""

import ast
import re
from dataclasses import MISSING, fields

import pytest
from support.paths import ROOT

from recohort.audit import claims
from recohort.disclosure import Rule
from recohort.extract import formats
from recohort.protocol import model, schema, yaml_file

SCHEMAS = {
    "study": schema.assembled(),
    "config": yaml_file.schema("config"),
    "published": yaml_file.schema("published"),
}
SCRIPTS = ROOT / "workflow" / "scripts"
PACKAGE = SCRIPTS / "recohort"
MADE_OF_KEYS = [
    model.Variable, model.Check, model.Endpoint, model.Step, model.Population, model.Analysis, model.Protocol,
    claims.Group, claims.Table, claims.Claim,
]  # fmt: skip


def keys(rule):
    """Every key that a schema allows, at any depth."""
    found = set()
    if isinstance(rule, dict):
        own = rule.get("properties")
        found |= set(own) if isinstance(own, dict) else set()
        found |= {key for part in rule.values() for key in keys(part)}
    elif isinstance(rule, list):
        found |= {key for part in rule for key in keys(part)}
    return found


KEYS = {key for rules in SCHEMAS.values() for key in keys(rules)}
# what is read of a publication is read in its own room; elsewhere `estimate` is a column
ELSEWHERE = keys(SCHEMAS["study"]) | keys(SCHEMAS["config"])


def second_defaults(source, names):
    """The line and the key of each `get`, `setdefault` or `pop` of a named key with a default of its own."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
            key = node.args[0]
            is_read = node.func.attr in ("get", "setdefault", "pop")
            if is_read and isinstance(key, ast.Constant) and key.value in names:
                yield node.lineno, key.value


def test_what_brings_a_default_of_its_own_is_found():
    assert {"ties", "unreadable", "joins", "threshold", "certificate", "parts"} <= KEYS
    lines = [
        "a.get('ties', 1)",
        "a.get('ties')",
        "a.setdefault('joins', [])",
        "a.get('x', 1)",
        "a.pop('ties', 2)",
    ]
    assert list(second_defaults("\n".join(lines), KEYS)) == [(1, "ties"), (3, "joins"), (5, "ties")]


def in_module(path):
    names = KEYS if path.parent.name == "audit" else ELSEWHERE
    found = second_defaults(path.read_text(encoding="utf-8"), names)
    return [f"{path.relative_to(ROOT)}:{line}: {key}" for line, key in found]


def test_no_module_has_a_default_of_a_key():
    modules = sorted(SCRIPTS.rglob("*.py"))
    found = [place for path in modules for place in in_module(path)]
    assert not found, found


def test_no_rule_has_a_default_of_a_key_of_the_configuration():
    # rules are not Python that `ast` reads
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in [ROOT / "Snakefile", *sorted((ROOT / "workflow" / "rules").glob("*.smk"))]
        for text in re.findall(
            r"config\.(?:get|setdefault|pop)\([^)]*,[^)]*\)", path.read_text(encoding="utf-8")
        )
    ]
    assert not found, found


@pytest.mark.parametrize("made", MADE_OF_KEYS, ids=lambda made: made.__name__)
def test_no_class_has_a_default_of_a_key(made):
    own = {f.name for f in fields(made) if (f.default, f.default_factory) != (MISSING, MISSING)}
    assert own & KEYS == set()


def test_the_rule_of_disclosure_has_no_default():
    assert Rule._field_defaults == {}


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_description_states_a_default(name):
    def walk(rule):
        if isinstance(rule, dict):
            text = rule.get("description")
            assert not (isinstance(text, str) and re.search(r"\bdefault\b", text, re.IGNORECASE)), text
            rule = list(rule.values())
        for part in rule if isinstance(rule, list) else []:
            walk(part)

    walk(SCHEMAS[name])


# Each default is the one that was documented in words before: a change here changes results.


def test_the_defaults_of_a_variable():
    made = model.variable("age", {"type": "number", "label": "Age"})
    assert (made.column, made.levels, made.recode, made.missing) == ("age", (), {}, ())
    assert (made.positive, made.negative) == (("yes", "y", "true", "1"), ("no", "n", "false", "0"))
    assert (made.formats, made.decimal, made.per) == (("%Y-%m-%d",), ".", 1.0)
    assert (made.required, made.unreadable) == (False, "quarantine")
    assert {made.reference, made.range, made.unit, made.derive, made.guideline} == {None}
    assert model.variable("dead", {"type": "flag", "label": ""}).levels == ("no", "yes")


@pytest.mark.parametrize(
    ("path", "separator", "encoding"),
    [
        ("a.csv", ",", "utf-8"), ("a.CSV.gz", ",", "utf-8"),
        ("a.tsv", "\t", "utf-8"), ("a.txt", "\t", "utf-8"),
        ("a.sav", None, None), ("a.dta", None, None), ("a.xpt", None, None), ("a.sas7bdat", None, None),
    ],
)  # fmt: skip
def test_the_defaults_of_a_file(path, separator, encoding):
    made = model.file(path)
    assert (made.get("separator"), made["encoding"]) == (separator, encoding)
    assert (made["quote"], made["values"], made["max_megabytes"]) == ('"', "labels", 1000)
    assert (made["skip_rows"], made["skip_after_header"]) == (0, 0)
    assert model.file({"path": path, "encoding": "cp1252"})["encoding"] == "cp1252"


def test_formats_have_options_and_defaults_of_the_schema():
    known = set(schema.part("file")["properties"])
    for of_format in formats.FORMATS.values():
        assert set(of_format.defaults) <= of_format.options <= known
    assert known >= formats.OF_ANY
    # each is of some use
    assert known == formats.OF_ANY.union(*(of_format.options for of_format in formats.FORMATS.values()))
