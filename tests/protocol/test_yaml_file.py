"""YAML read as people mean it, and what is wrong with it said in one line."""

import os

import pytest

from recohort.base.errors import RecohortError
from recohort.protocol import yaml_file


def read(tmp_path, text):
    (tmp_path / "study.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return yaml_file.read(tmp_path / "study.yaml")


def message(tmp_path, text):
    with pytest.raises(RecohortError) as caught:
        read(tmp_path, text)
    return str(caught.value).removeprefix(f"file {tmp_path / 'study.yaml'}").lstrip(", :")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("n", "n"), ("No", "No"),  # Norway
        ("true", True), ("false", False), ("True", "True"),
        ("2020-01-31", "2020-01-31"), ("12:30", "12:30"),
        ("12", 12), ("010", 10), ("-3", -3), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e6", 1e6),
        ("1_000", "1_000"),
        ("~", None), ("null", None), ("", None), ("'12'", "12"), ("2+", "2+"), ("<5", "<5"), ("0x1F", "0x1F"),
    ],
)  # fmt: skip
def test_plain_words(tmp_path, text, value):
    found = read(tmp_path, f"a: {text}\n")["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text(tmp_path):
    content = read(tmp_path, 'recode: {2: "2+", 3.0: "3+", no: a, null: b, true: c, 010: d}\n')
    assert content == {"recode": {"2": "2+", "3.0": "3+", "no": "a", "null": "b", "true": "c", "010": "d"}}


def test_anchors_and_merges(tmp_path):
    text = "a: &flag {type: flag, label: A}\nb: {<<: *flag, label: B}\nc: *flag\n"
    flag = {"type": "flag", "label": "A"}
    assert read(tmp_path, text) == {"a": flag, "b": {"type": "flag", "label": "B"}, "c": flag}


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    assert read(tmp_path, "\ufefftitle: x\n") == {"title": "x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: {c: 1,\n  c: 2}\n", "row 3: the key 'c' is given twice."),
        ("a: 1\n2: x\n'2': y\n", "row 3: the key '2' is given twice."),
        (
            "a:\n\tb: 1\n",
            "row 2: found character that cannot start any token. Indent with spaces, not with tabs.",
        ),
        (
            "label: HER2: IHC\n",
            "row 1: mapping values are not allowed in this context. Check the indentation and",
        ),
        ("a: [1\n", "row 2: did not find expected ',' or ']'."),
        ("? [a]\n: b\n", "row 1: a key must be a word."),
        ("a: !!python/name:os.system x\n", "row 1: could not determine a constructor for the tag"),
        ("a: &a [*a]\n", "row 1: found unconstructable recursive node."),
        ("a: \x07\n", "unacceptable character #x0007: control characters are not allowed in "),
        ("- a\n", "is not a mapping of keys to values. Start from a study in data/."),
        ("", "is not a mapping of keys to values. Start from a study in data/."),
        ("title: größer".encode("latin-1"), "is not UTF-8 (byte 9). Save it as UTF-8."),
    ],
)
def test_mistakes(tmp_path, text, expected):
    assert message(tmp_path, text).startswith(expected)


def test_a_file_that_is_not_there_or_a_folder(tmp_path):
    with pytest.raises(RecohortError, match=r"none\.yaml: does not exist\. Create it or correct the name\."):
        yaml_file.read(tmp_path / "none.yaml")
    with pytest.raises(RecohortError, match=r"is a folder, not a file\. Put a file in its place\."):
        yaml_file.read(tmp_path)


def test_a_pipe_that_would_be_read_for_ever(tmp_path):
    os.mkfifo(tmp_path / "study.yaml")
    with pytest.raises(
        RecohortError, match=r"study\.yaml: is a pipe, not a file\. Put a file in its place\."
    ):
        yaml_file.read(tmp_path / "study.yaml")


def bomb(first, part, n):
    """Each line stands for several of the one before."""
    return f"a0: &a0 {first}\n" + "".join(f"a{i}: &a{i} {part(f'*a{i - 1}')}\n" for i in range(1, n))


DEEP = (
    "has more than 50 levels, with what its aliases stand for. Write less of it, and no aliases of aliases."
)
MANY = "has more than 500,000 values, with what its aliases stand for."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 5,000 levels were too many for Python's stack, 200,000 for the machine's
        *((f"a: {'[' * n}{']' * n}\n", f"row 1: {DEEP}") for n in (50, 5000, 200_000)),
        (f"{'{a: ' * 200_000}1{'}' * 200_000}\n", f"row 1: {DEEP}"),
        (f"a: {'[' * 200_000}", f"row 1: {DEEP}"),
        (f"a:\n  {'- ' * 200_000}x\n", f"row 2: {DEEP}"),
        ("".join(f"{' ' * i}a:\n" for i in range(51)) + f"{' ' * 51}b: 1\n", f"row 51: {DEEP}"),
        (bomb("[x]", lambda alias: f"[{alias}]", 60), f"row 50: {DEEP}"),
        (bomb("[x]", lambda alias: f"[{','.join([alias] * 10)}]", 30), f"row 7: {MANY}"),
        (bomb("{x: 1}", lambda alias: f"{{<<: [{alias}, {alias}]}}", 30), f"row 17: {MANY}"),
        (f"a: [{'1,' * 500_000}]\n", f"row 1: {MANY}"),
        (f"a: '{'x' * 10**7}'\n", "is larger than 10 MB. Keep data in files of the extract, not in it."),
    ],
)  # fmt: skip
def test_depth_and_size_have_limits(tmp_path, text, expected):
    assert message(tmp_path, text).startswith(expected)


def test_what_is_within_the_limits(tmp_path):
    nested = f"a: {'[' * 49}{']' * 49}\n"
    value = read(tmp_path, nested)["a"]
    for _ in range(48):
        (value,) = value
    assert value == []
    many = read(tmp_path, "a: &a [x]\n" + "".join(f"b{i}: [*a, *a]\n" for i in range(1000)))
    assert many["b999"] == [["x"], ["x"]]
    assert read(tmp_path, "a: &a {<<: *a, b: 1}\n") == {"a": {"b": 1}}


RULES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title"],
    "properties": {
        "title": {"type": "string"},
        "kind": {"enum": ["cox", "logistic"]},
        "levels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "In order."},
        "book": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}},
    },
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"title": "x", "knid": "cox"}, ": unknown key 'knid'. Did you mean 'kind'?"),
        ({}, ": the key 'title' is missing. Add it."),
        ({"title": 3}, ".title: 3 is not of type string. Correct the value. Put it in quotes."),
        ({"title": None}, ".title: has no value. Give it one or remove the key."),
        ({"title": "x", "kind": "coxx"}, ".kind: 'coxx' is not one of the choices. Did you mean 'cox'?"),
        ({"title": "x", "levels": ["a", 2]}, ".levels.1: 2 is not of type string. Correct the value. Put it "
                                             "in quotes."),
        ({"title": "x", "levels": []}, ".levels: [] should be non-empty. In order."),
        ({"title": "x", "book": {"A": 1}}, ".book: 'A' is not a name. Use lower-case letters, digits and "
                                           "underscores, a letter first."),
    ],
)  # fmt: skip
def test_validate(content, expected):
    with pytest.raises(RecohortError) as caught:
        yaml_file.validate(content, RULES, file="f", at=("top",), study="s")
    assert str(caught.value) == f"study s, file f, key top{expected}"


def test_valid_content_passes():
    yaml_file.validate({"title": "x", "kind": "cox", "levels": ["a"]}, RULES, file="f")


def refused(tmp_path, text, at=()):
    """What `validate` says of a text of YAML under a schema that allows everything."""
    with pytest.raises(RecohortError) as caught:
        yaml_file.validate(read(tmp_path, text), {}, file="f", at=at)
    return str(caught.value)


@pytest.mark.parametrize(
    "number", [".inf", "-.inf", "1e999", "!!float .nan", "!!float .inf", "1" + "0" * 400, "-1" + "0" * 400]
)
def test_a_number_is_finite(tmp_path, number):
    said = "file f, key per: is not a finite number. Give one that is."
    assert refused(tmp_path, f"per: {number}\n") == said
    assert "key a.times.1: is not a finite number" in refused(tmp_path, f"a: {{times: [1, {number}]}}\n")


def test_the_end_of_a_range_may_be_open_but_is_a_number(tmp_path):
    yaml_file.validate(read(tmp_path, "range: [-.inf, .inf]\n"), {}, file="f")
    assert "key range.0: is not a finite number" in refused(tmp_path, "range: [!!float .nan, 1]\n")


@pytest.mark.parametrize("key", ["confidence", "per"])
def test_not_a_number_is_refused_by_the_schemas(key):
    rules = yaml_file.schema("config" if key == "confidence" else "study")
    content = {"studies": ["a"], "confidence": float("nan")}
    if key == "per":
        content = {"codebook": {"age": {"type": "number", "label": "Age", "per": float("nan")}}}
    with pytest.raises(RecohortError, match=f"{key}: is not a finite number"):
        yaml_file.validate(content, rules, file="f")


@pytest.mark.parametrize(
    "mark", ["\\0", "\\a", "\\b", "\\e", "\\r", "\\x7f", "\\x85", "\\u2028", "\\u202e", "\\u2066"]
)
def test_a_text_has_no_control_characters(tmp_path, mark):
    for text, key in [
        (f'title: "a{mark}b"', "title"),
        (f'a: {{label: "a{mark}b"}}', "a.label"),
        (f'levels: [x, "a{mark}b"]', "levels.1"),
        (f'a: {{"x{mark}": y}}', "a.x"),
    ]:
        said = refused(tmp_path, f"{text}\n")
        assert f"key {key}" in said
        assert "holds the control character" in said


@pytest.mark.parametrize("key", ["title", "label", "step", "check", "unit"])
def test_what_is_printed_on_one_line_is_one_line(tmp_path, key):
    remedy = "holds a tab or the end of a line. Write it on one line, with spaces."
    assert remedy in refused(tmp_path, f'a: {{{key}: "x\\ty"}}\n')
    assert remedy in refused(tmp_path, f"{key}: |\n  x\n  y\n")


def test_texts_of_the_extract_are_what_they_are_and_paragraphs_have_lines(tmp_path):
    text = (
        'description: "two\\nlines"\nseparator: "\\x01"\ncolumn: "A\\a"\nmissing: ["\\x1a"]\n'
        'recode: {"x\\a": y}\nlabel: größer ≥ 漢\n'
    )
    yaml_file.validate(read(tmp_path, text), {}, file="f")


def test_a_whole_number_has_no_decimal_point():
    rules = {"properties": {"rows": {"type": "integer"}}}
    yaml_file.validate({"rows": 7}, rules, file="f")
    with pytest.raises(RecohortError, match=r"key rows: 7\.0 is not of type integer"):
        yaml_file.validate({"rows": 7.0}, rules, file="f")
