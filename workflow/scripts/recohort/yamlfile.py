"""YAML as people mean it: `yes` and `no` stay words, dates stay text, a key given twice is an error."""

import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from recohort.errors import RecohortError, nearest

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


class _Loader(yaml.SafeLoader):
    pass


def _mapping(loader, node):
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} is given twice", key_node.start_mark)
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def read(path):
    """
    Read a YAML file.

    Raises
    ------
    RecohortError
        If the file is missing, not UTF-8, not YAML, has a key twice or is not a mapping; with the line.
    """
    path = Path(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise RecohortError("does not exist", file=path, remedy="Create it or correct the name.") from None
    except UnicodeDecodeError as error:
        raise RecohortError(f"is not UTF-8 (byte {error.start})", file=path, remedy="Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise RecohortError(problem, file=path, row=mark and mark.line + 1, remedy="Correct the YAML.") from None
    if not isinstance(content, dict):
        raise RecohortError("is not a mapping of keys to values", file=path, remedy="Start from a study in data/.")
    return content


def schema(name):
    """A schema of workflow/schemas as a dict; it is read once a process."""
    if name not in _schemas:
        _schemas[name] = yaml.load((SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"), Loader=_Loader)
    return _schemas[name]


_schemas = {}


def validate(content, rules, *, file, at=(), study=None):
    """
    Hold content against a JSON schema.

    Parameters
    ----------
    content : dict
    rules : dict
        A JSON schema; for a part of a schema give the part with the whole's `$defs`.
    file, study : optional
        Named in the error.
    at : tuple of str
        Keys above `content` in its file.

    Raises
    ------
    RecohortError
        For the first problem: the key with its path, and the nearest right spelling of an unknown one.
    """
    error = best_match(Draft202012Validator(rules).iter_errors(content))
    if error is None:
        return
    path = ".".join(str(part) for part in (*at, *error.absolute_path))
    problem, remedy = _explain(error)
    raise RecohortError(problem, study=study, file=file, key=path or None, remedy=remedy)


def _explain(error):
    rule, value, demand = error.validator, error.instance, error.validator_value
    if rule == "additionalProperties" and demand is False:
        known = error.schema.get("properties", {})
        wrong = next(key for key in value if key not in known)
        return f"unknown key {wrong!r}", nearest(wrong, known)
    if rule == "required":
        absent = next(key for key in demand if key not in value)
        return f"the key {absent!r} is missing", "Add it."
    if rule in ("enum", "const"):
        choices = demand if rule == "enum" else [demand]
        return f"{value!r} is not one of the choices", nearest(value, choices)
    if rule == "type":
        wanted = " or ".join([demand] if isinstance(demand, str) else demand)
        quote = " Put it in quotes." if "string" in wanted and isinstance(value, (int, float)) else ""
        return f"{value!r} is not of type {wanted}", f"Correct the value.{quote}"
    if rule == "pattern" and error.parent is None and isinstance(value, str):
        return f"{value!r} is not a name", "Use lower-case letters, digits and underscores, beginning with a letter."
    return error.message, "See workflow/schemas for what is allowed."
