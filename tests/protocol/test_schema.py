"""The parts of the schema of protocols: documented, closed, put together, and the only place of a default."""

import pytest
import yaml
from support.paths import ROOT

from recohort.base.errors import RecohortError
from recohort.protocol import schema, yaml_file

SCHEMAS = {
    "study": schema.study(),
    "config": yaml_file.schema("config"),
    **{name: schema.analysis(name) for name in schema.kinds()},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_is_described_and_every_mapping_closed(name):
    def walk(rule, path):
        if isinstance(rule, dict):
            if isinstance(rule.get("properties"), dict) and path[-1:] != ["properties"]:
                # what more an analysis has is in the schema of its kind
                assert "additionalProperties" in rule or path[-2:] == ["$defs", "analysis"], path
                for key, entry in rule["properties"].items():
                    described = "description" in entry or "$ref" in entry or "const" in entry
                    assert described or "properties" in entry or "items" in entry, (*path, key)
            for key, part in rule.items():
                walk(part, [*path, key])

    walk(SCHEMAS[name], [])


def test_the_committed_schema_is_the_parts_put_together():
    committed = (ROOT / "workflow" / "schemas" / "study.schema.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(committed) == schema.assembled()


def test_the_kinds_are_the_folders_with_a_schema():
    folders = ROOT / "workflow" / "scripts" / "recohort" / "analyses"
    assert schema.kinds() == tuple(sorted(path.parent.name for path in folders.glob("*/schema.yaml")))
    assert {"cox", "logistic", "summary"} < set(schema.kinds())


def test_a_former_name_of_a_kind_is_refused_with_the_new_one():
    with pytest.raises(RecohortError, match="the kind 'rates' is now 'proportions'. Write 'proportions'."):
        schema.kind("rates")


def test_an_unknown_kind_is_refused_with_the_nearest():
    with pytest.raises(RecohortError, match="'cocks' is no kind of analysis. Known: agreement, co"):
        schema.kind("cocks")


def test_defaults_are_those_of_the_schema_and_nobody_shares_them():
    first = yaml_file.filled({}, schema.analysis("cox"))
    assert first == {"populations": ["all"], "ties": "efron", "multivariable": "none", "strata": []}
    first["strata"].append("centre")
    assert yaml_file.filled({}, schema.analysis("cox"))["strata"] == []


def test_a_default_is_filled_in_at_any_depth_and_never_over_what_is_given():
    rules = {
        "properties": {
            "a": {"$ref": "#/$defs/inner", "default": {}},
            "b": {"items": {"$ref": "#/$defs/inner"}},
            "c": {"additionalProperties": {"$ref": "#/$defs/inner"}},
            "d": {},
        },
        "$defs": {
            "inner": {"properties": {"x": {"default": 1}, "y": {"$ref": "#/$defs/other"}}},
            "other": {"default": 2},
        },
    }
    assert yaml_file.filled({}, rules) == {"a": {"x": 1, "y": 2}}
    given = {"a": {"x": None}, "b": [{"y": 0}, {}], "c": {"k": {"x": 5}}, "d": {"x": 0}}
    assert yaml_file.filled(given, rules) == {
        "a": {"x": None, "y": 2},
        "b": [{"x": 1, "y": 0}, {"x": 1, "y": 2}],
        "c": {"k": {"x": 5, "y": 2}},
        "d": {"x": 0},
    }
    assert given["b"] == [{"y": 0}, {}]
    assert yaml_file.whole({"d": 0}, rules) == {"a": {"x": 1, "y": 2}, "b": None, "c": None, "d": 0}
