"""YAML as people mean it: keys are text, `yes` and dates stay words, a key given twice is an error."""

import copy
import re
import sys
from functools import cache
from pathlib import Path

import yaml

from recohort.base.errors import RecohortError, nearest
from recohort.base.files import other_than_a_file

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
# Keys whose texts are those of columns and cells, which may hold anything.
OF_THE_EXTRACT = {"column", "id", "on", "separator", "missing", "recode", "positive", "negative"}
# Keys whose texts are printed on one line.
ON_ONE_LINE = {"title", "label", "step", "check", "unit"}
# Control characters but tab and line feed, separators of lines, marks that reverse the direction of text.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# No protocol comes near; without limits a small file takes all memory, or the process with it.
MAX_BYTES, MAX_DEPTH, MAX_VALUES = 10_000_000, 50, 500_000
MERGE = "tag:yaml.org,2002:merge"
# YAML 1.2's core schema: 1.1, PyYAML's own, reads 12:30 as 750, 010 as 8 and 1e6 as a text.
PLAIN = {
    MERGE: ("<<", "<"),
    "tag:yaml.org,2002:null": ("~|null|", ["~", "n", ""]),
    "tag:yaml.org,2002:bool": ("true|false", "tf"),
    "tag:yaml.org,2002:int": ("[-+]?[0-9]+", "-+0123456789"),
    # after int: the first that matches is taken
    "tag:yaml.org,2002:float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf",
        "-+.0123456789",
    ),
}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    yaml_implicit_resolvers = {}


for _tag, (_pattern, _first) in PLAIN.items():
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), list(_first))


def _mapping(loader, node):
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key.start_mark)
        if key.value in seen:
            problem = f"the key {key.value!r} is given twice"
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        seen.add(key.value)
    loader.flatten_mapping(node)
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def read(path):
    """
    Read a YAML file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict

    Raises
    ------
    RecohortError
        If the file is missing, no file, not UTF-8, not YAML, has a key twice, is not a mapping or is larger
        or deeper than the limits; with the line.
    """
    path = Path(path)
    _is_readable(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RecohortError("does not exist", file=path, remedy="Create it or correct the name.") from None
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise RecohortError(problem, file=path, remedy="Correct its name or its permissions.") from None
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 (byte {error.start})"
        raise RecohortError(problem, file=path, remedy="Save it as UTF-8.") from None
    try:
        _is_within_limits(text, path)
        content = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise _syntax(error, text, path) from None
    if not isinstance(content, dict):
        raise RecohortError(
            "is not a mapping of keys to values", file=path, remedy="Start from a study in data/."
        )
    return content


def _is_readable(path):
    kind = other_than_a_file(path)
    if kind is not None:
        raise RecohortError(f"is {kind}, not a file", file=path, remedy="Put a file in its place.")
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        problem = f"is larger than {MAX_BYTES // 10**6} MB"
        raise RecohortError(problem, file=path, remedy="Keep data in files of the extract, not in it.")


class _Part:
    """A part of a file: its anchor, and as far as it was read its number of values and the levels in it."""

    def __init__(self, anchor):
        self.anchor, self.n, self.height = anchor, 1, 0


def _is_within_limits(text, path):
    """Look at the events of the parser, which take no memory, before anything is built from them."""
    open_parts, of_anchor = [_Part(None)], {}
    for event in yaml.parse(text, Loader=_Loader):
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.CollectionStartEvent):
            open_parts.append(_Part(anchor))
            part = None
        elif isinstance(event, yaml.CollectionEndEvent):
            part = open_parts.pop()
        elif isinstance(event, yaml.AliasEvent):
            # counted in full; one within what it stands for is refused by the loader
            part = of_anchor.get(anchor, _Part(anchor))
        elif isinstance(event, yaml.ScalarEvent):
            part = _Part(anchor)
        else:
            continue
        above = open_parts[-1]
        if part is not None:
            of_anchor[part.anchor] = part
            above.n, above.height = above.n + part.n, max(above.height, part.height + 1)
        depth = len(open_parts) - 1 + (part.height if part else 0)
        if depth > MAX_DEPTH or above.n > MAX_VALUES:
            what = f"{MAX_VALUES:,} values" if above.n > MAX_VALUES else f"{MAX_DEPTH} levels"
            raise RecohortError(
                f"has more than {what}, with what its aliases stand for",
                file=path,
                row=event.start_mark.line + 1,
                remedy="Write less of it, and no aliases of aliases.",
            )


def _syntax(error, text, path):
    mark = getattr(error, "problem_mark", None)
    line = text.splitlines()[mark.line : mark.line + 1] if mark else []
    remedy = "Check the indentation and the quotes: a text with `: ` or ` #` in it needs them."
    if "\t" in "".join(line):
        remedy = "Indent with spaces, not with tabs."
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    return RecohortError(problem, file=path, row=mark and mark.line + 1, remedy=remedy)


def load(path):
    """The content of a YAML file that comes with recohort."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


@cache
def schema(name):
    """A schema of workflow/schemas as a dict; it is read once a process."""
    return load(SCHEMAS / f"{name}.schema.yaml")


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
        For the first problem: the key with its path, and the nearest right spelling of an unknown one. Under
        any schema that is a number that is not finite (but for the ends of a range), and a text with control
        characters.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from jsonschema.validators import extend

    _values(content, file, at, study)
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    validator = extend(Draft202012Validator, type_checker=checker)
    error = best_match(validator(rules).iter_errors(content))
    if error is None:
        return
    path = ".".join(str(part) for part in (*at, *error.absolute_path))
    problem, remedy = _explain(error)
    raise RecohortError(problem, study=study, file=file, key=path or None, remedy=remedy)


def filled(content, rules):
    """
    Content with the default of each key that it lacks: the one place where defaults are read.

    Parameters
    ----------
    content : dict
        As its schema allows it.
    rules : dict
        As for `validate`.

    Returns
    -------
    dict
        New where something was added, at any depth; a key without a default stays away.
    """
    return _filled(content, rules, rules["$defs"])


def whole(content, rules):
    """Content as `filled`, with None under each key that has no default and is not given."""
    return {**dict.fromkeys(rules["properties"]), **filled(content, rules)}


def _filled(content, rule, definitions):
    rule = resolved(rule, definitions)
    if isinstance(content, list) and "items" in rule:
        return [_filled(item, rule["items"], definitions) for item in content]
    if not isinstance(content, dict):
        return content
    made = dict(content)
    of_key = {key: resolved(part, definitions) for key, part in rule.get("properties", {}).items()}
    for key, part in of_key.items():
        if key not in made and "default" in part:
            made[key] = copy.deepcopy(part["default"])
    others = rule.get("additionalProperties")
    for key, value in made.items():
        if isinstance(value, (dict, list)) and (part := of_key.get(key, others)):
            made[key] = _filled(value, part, definitions)
    return made


def resolved(rule, definitions):
    """A rule with what it refers to; what stands beside the reference comes first."""
    while "$ref" in rule:
        own = {key: value for key, value in rule.items() if key != "$ref"}
        rule = {**definitions[rule["$ref"].removeprefix("#/$defs/")], **own}
    return rule


def _values(content, file, at, study):
    """Raise RecohortError for a number or a text that no key can mean."""
    parts = [(tuple(at), content)]
    for path, value in parts:
        if isinstance(value, dict):
            # a key is a text too
            parts += [((*path, key), part) for key in value for part in (key, value[key])]
        elif isinstance(value, list):
            parts += [((*path, i), part) for i, part in enumerate(value)]
        elif (problem := _senseless(value, _key(path))) is not None:
            key = ".".join(map(str, path))
            raise RecohortError(problem[0], study=study, file=file, key=key, remedy=problem[1])


def _key(path):
    """The key of the schema that a value is under: of an item its list's, of a recoded text `recode`."""
    is_part = len(path) > 1 and (isinstance(path[-1], int) or path[-2] == "recode")
    return path[-2] if is_part else path[-1]


def _senseless(value, key):
    """What is wrong with a number or text under a key, and what to do about it; None if nothing is."""
    if isinstance(value, (int, float)):
        # an open end of a range is infinite
        is_open = key == "range" and value in (float("inf"), float("-inf"))
        is_finite = abs(value) <= sys.float_info.max
        return None if is_open or is_finite else ("is not a finite number", "Give one that is.")
    if not isinstance(value, str) or key in OF_THE_EXTRACT:
        return None
    if found := UNPRINTABLE.search(value):
        return f"{value!r} holds the control character {found[0]!r}", "Remove it."
    if key in ON_ONE_LINE and ("\n" in value or "\t" in value):
        return f"{value!r} holds a tab or the end of a line", "Write it on one line, with spaces."
    return None


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
    if rule in ("anyOf", "oneOf"):
        return f"{value!r} has none of the forms allowed", error.schema["description"]
    if rule == "type" and value is None:
        return "has no value", "Give it one or remove the key."
    if rule == "type":
        wanted = " or ".join([demand] if isinstance(demand, str) else demand)
        quote = " Put it in quotes." if "string" in wanted and isinstance(value, (int, float)) else ""
        return f"{value!r} is not of type {wanted}", f"Correct the value.{quote}"
    if rule == "pattern" and "description" in error.schema:
        return f"{value!r} is not in the form wanted", error.schema["description"]
    if rule == "pattern":
        remedy = "Use lower-case letters, digits and underscores, a letter first."
        return f"{value!r} is not a name", remedy
    return error.message, error.schema.get("description") or "See workflow/schemas for what is allowed."
