"""Ways in which a file goes wrong: bytes, lines, cells, and keys and values of a protocol."""

import codecs
import gzip
import io
import json
import re
import zipfile
import zlib

import yaml

from recohort.protocol import yaml_file

PIECES = [
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n"),
    *(b"\x1a", b"\x0b", b"\x85", b"\xc3", b"\xe2\x80\xa8", b"\xed\xa0\x80", b" ", b"\xc2\xa0", b"\\", b"#"),
]
CELLS = [
    *(
        "",
        " ",
        "NA",
        "nan",
        "inf",
        "-1",
        "1e400",
        "1_000",
        "1,5",
        "0x10",
        "٣",
        "²",
        "None",
        "=1+1",
        "@x",
        "'",
    ),
    *('"', '""', "2020-02-30", "0000-00-00", "31/12/1899", "yes", "NO", "2+", "3+ ", "a\nb", "é", "\ufeff"),
]
VALUES = [
    *(None, True, 0, -1, 1.5, 10**9, 10**400, 1e308, float("inf"), [], {}, [None], ["a", "a"], {"a": 1}),
    *("", " ", "yes", "null", "all", "id", "row", "..", "é", "a\0b", "x" * 500, "(" * 300, "{env}", "{drop}"),
    *("%Y", "%d", "%Y-%Y", "number", "date", "flag", "utf-16", "hex", "extract.csv", "../../etc/passwd"),
    *("a == 'b'", "known(age)", "1 / 0 > age", "age > 1e999", "not", [1, 2], ["2+", "3+"], [2, 1], "2+", "#"),
]
KEYS = [
    *("skip_rows", "skip_after_header", "rows", "quote", "separator", "encoding", "sheet", "values", "raw"),
    *("parameter", "dictionary", "instrument", "max_megabytes", "package", "prepare", "joins", "missing"),
    *("levels", "reference", "recode", "positive", "negative", "formats", "decimal", "range", "unit", "per"),
    *("required", "unreadable", "derive", "guideline", "keep", "first", "entry", "time", "start", "checks"),
    *("strata", "cluster", "ties", "interval", "multivariable", "pairwise", "times", "by", "populations"),
]


# -- bytes ------------------------------------------------------------------------------------------


def flip(content, rng):
    """One bit of one byte."""
    changed, at = bytearray(content), rng.randrange(max(len(content), 1))
    if changed:
        changed[at] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(content, rng):
    start, end = _span(content, rng, 8)
    return content[:start] + rng.randbytes(end - start) + content[end:]


def delete(content, rng):
    start, end = _span(content, rng, 200)
    return content[:start] + content[end:]


def insert(content, rng):
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(PIECES) * rng.choice([1, 1, 1, 2, 50]) + content[at:]


def duplicate(content, rng):
    start, end = _span(content, rng, 200)
    return content[:end] + content[start:end] + content[end:]


def move(content, rng):
    start, end = _span(content, rng, 200)
    rest = content[:start] + content[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + content[start:end] + rest[at:]


def truncate(content, rng):
    return content[: rng.randrange(max(len(content), 1))]


def _span(content, rng, longest):
    start = rng.randrange(len(content) + 1)
    return start, min(len(content), start + rng.randint(1, longest))


# -- lines and cells --------------------------------------------------------------------------------


def lines(content, rng):
    """A line goes, comes twice, changes its place, or is blank."""
    parts = content.splitlines(keepends=True) or [b""]
    at, to = rng.randrange(len(parts)), rng.randrange(len(parts))
    match rng.randrange(4):
        case 0:
            del parts[at]
        case 1:
            parts.insert(to, parts[at])
        case 2:
            parts[at], parts[to] = parts[to], parts[at]
        case 3:
            parts.insert(to, rng.choice([b"\n", b" \n", b",,,\n", b"\r\n", b"#\n"]))
    return b"".join(parts)


def cells(content, rng):
    """A cell gets another text, a field goes or comes, or the cells of a row change places."""
    parts = content.split(b"\n")
    at = rng.randrange(len(parts))
    mark = _mark(content)
    fields = parts[at].split(mark)
    i, j = rng.randrange(len(fields)), rng.randrange(len(fields))
    match rng.randrange(4):
        case 0 | 1:
            fields[i] = rng.choice(CELLS).encode("utf-8", "surrogatepass")
        case 2:
            fields[i : i + 1] = rng.choice([[], [fields[i]] * 2])
        case 3:
            fields[i], fields[j] = fields[j], fields[i]
    parts[at] = mark.join(fields)
    return b"\n".join(parts)


def columns(content, rng):
    """Two columns change places, one goes, or one comes twice, in every line."""
    mark = _mark(content)
    rows = [line.split(mark) for line in content.split(b"\n")]
    i, j = rng.randrange(len(rows[0])), rng.randrange(len(rows[0]))
    how = rng.randrange(4)
    for fields in rows:
        if len(fields) <= max(i, j):
            continue
        if how < 2:
            fields[i], fields[j] = fields[j], fields[i]
        elif how == 2:
            del fields[i]
        else:
            fields.insert(j, fields[i])
    return b"\n".join(mark.join(fields) for fields in rows)


def spelling(content, rng):
    """Another separator, line end, encoding, byte order mark or quoting throughout."""
    text = content.decode("utf-8", "replace")
    mark = _mark(content)
    match rng.randrange(8):
        case 0:
            return content.replace(mark, rng.choice([b",", b";", b"\t", b"|", b" ", b"||"]))
        case 1:
            return content.replace(b"\r\n", b"\n").replace(
                b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b"\n\r"])
            )
        case 2:
            return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7"]))
        case 3:
            return text.encode(rng.choice(["latin-1", "cp1252", "cp437"]), "replace")
        case 4:
            return codecs.BOM_UTF8 + content
        case 5:
            quoted = b'"' + mark.replace(mark, b'"' + mark + b'"') + b'"'
            rows = [b'"' + line.replace(mark, quoted[1:-1]) + b'"' for line in content.split(b"\n") if line]
            return b"\n".join(rows) + b"\n"
        case 6:
            return content.rstrip(b"\r\n")
        case 7:
            return content.upper()


def _mark(content):
    header = content.split(b"\n", 1)[0]
    return max((b",", b";", b"\t", b"|"), key=header.count)


# -- inside a gzip file, keys and values of YAML ------------------------------------------------------


def inside_gzip(content, rng):
    """A sound gzip file of a damaged text."""
    try:
        return gzip.compress(rng.choice(TEXT)(gzip.decompress(content), rng), mtime=0)
    except (EOFError, OSError, ValueError, zlib.error):
        return content


def inside_workbook(content, rng):
    """A sound zip file of which a part is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = {name: book.read(name) for name in book.namelist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        return content
    name = rng.choice([*parts, *[part for part in parts if "sheet1" in part or "shared" in part] * 5])
    parts[name] = rng.choice([*BYTES, markup, markup])(parts[name], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for part, data in parts.items():
            book.writestr(zipfile.ZipInfo(part), data)
    return out.getvalue()


def markup(content, rng):
    """A text or an attribute of an XML file gets another value."""
    places = list(re.finditer(rb'(?<=>)[^<>]+(?=<)|(?<=")[^"<>]*(?=")', content))
    if not places:
        return content
    found = rng.choice(places)
    other = rng.choice([*CELLS, rng.choice(places)[0].decode("utf-8", "replace")])
    return content[: found.start()] + other.encode("utf-8", "surrogatepass") + content[found.end() :]


def members(content, rng):
    """Another member, or rubbish, behind the end of a gzip file."""
    return content + rng.choice([content, rng.randbytes(8), b"\0" * 8])


def tree(content, rng):
    """A key goes, is renamed or gets another value; values change places."""
    try:
        whole = yaml.load(content, Loader=yaml_file._Loader)
    except (yaml.YAMLError, ValueError):
        return content
    places = list(_places(whole))
    if not places:
        return content
    (parent, key), (other, other_key) = rng.choice(places), rng.choice(places)
    match rng.randrange(9):
        case 0 | 1:
            del parent[key]
        case 2:
            parent[key] = rng.choice(VALUES)
        case 3:
            parent[key], other[other_key] = other[other_key], parent[key]
        case 4:
            parent[key] = json.loads(json.dumps(other[other_key]))
        case 5 if isinstance(parent, dict):
            parent[rng.choice(["", "x", "label", "all", "é", other_key])] = parent.pop(key)
        case 6 if isinstance(parent, dict):
            parent[rng.choice(KEYS)] = rng.choice(VALUES)
        case 7:  # among its own kind, which is more often sound
            alike = list(parent.values() if isinstance(parent, dict) else parent)
            parent[key] = json.loads(json.dumps(rng.choice(alike)))
        case 8 if isinstance(parent[key], (int, float)):
            parent[key] = rng.choice([-parent[key], 0, 0.5, parent[key] * 2, 10**9])
        case 8 if isinstance(parent[key], list):
            parent[key] = rng.sample(parent[key], rng.randint(0, len(parent[key])))
    return _dump(whole)


def _places(node):
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(pairs):
        yield node, key
        yield from _places(value)


def _dump(node):
    """As JSON, which is YAML with every text in quotes."""
    try:
        return json.dumps(node, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except ValueError:  # two places that hold each other
        return b"{}"


BYTES = (flip, overwrite, delete, insert, duplicate, move)
TEXT = (*BYTES, lines, lines, cells, cells, cells, columns, spelling)
GZIP = (*BYTES, inside_gzip, inside_gzip, members)
WORKBOOK = (*BYTES, *[inside_workbook] * 6)
YAML = (*BYTES, lines, lines, *[tree] * 12, spelling)
