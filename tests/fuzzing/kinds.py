"""What is fuzzed: each kind has a sound input, ways to damage it, and a check of what becomes of it."""

import functools
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import yaml

from fuzzing import damaged, mutations, oracle, small
from fuzzing.outcomes import ACCOUNTED, REFUSED, SAME, UNTOLD
from recohort import audit, draft
from recohort.audit import claims
from recohort.base import files
from recohort.base.errors import RecohortError
from recohort.cohort import build as cohort
from recohort.cohort import ledger
from recohort.draft.sniff import options
from recohort.extract import decoding, line_reader
from recohort.extract import read as extract
from recohort.protocol import model as protocol
from recohort.protocol import studies

BINARY = (".gz", ".xlsx", ".parquet", ".sas7bdat", ".xpt", ".dta", ".sav")
ESTIMATED = 30  # one in so many extracts: models take ten times longer than the cohort


class Kind(NamedTuple):
    """
    original : bytes, the sound input; suffix of a file with it.
    mutations : tuple of functions of bytes and a Random.
    run : function of bytes and whether they are the original cut short; what they gave, or any exception.
    """

    original: bytes
    suffix: str
    mutations: tuple
    run: Callable


def kinds():
    """
    All kinds.

    Returns
    -------
    dict of str to function
        Of an empty folder to write in (Path), to Kind.
    """
    found = {
        "csv patients.csv": lambda work: _text(damaged.tiny(work, "patients.csv")),
        "csv latin1.csv": lambda work: _text(
            damaged.tiny(work, "latin1.csv", separator=";", encoding="latin-1")
        ),
        "csv two joined files": lambda work: _text(*damaged.joined(work)),
    }
    for name in ("csv patients.csv", "csv latin1.csv"):
        found[f"{name}, small blocks"] = lambda work, make=found[name]: _in_small_blocks(make(work))
    for name in ("cher2", "gim14", "ihc-fish-ngs"):
        found[f"csv {name}"] = lambda work, name=name: _text(
            damaged.copied(work, name, damaged.newest(name).name)
        )
    for name, file in damaged.raw().items():
        found[f"raw {name}"] = lambda work, name=name, file=file: _text(damaged.copied(work, name, file))
    for path in sorted(damaged.EXTRACTS.iterdir()):
        if path.suffix in BINARY and not path.stem.startswith("ad"):
            found[f"binary {path.name}"] = lambda work, name=path.name: _binary(damaged.tiny(work, name))
    found["binary adtte.xpt"] = lambda work: _binary(damaged.adam(work, "adtte.xpt"))
    found["adam adtte.csv"] = lambda work: _binary(damaged.adam(work, "adtte.csv"))
    for file in ("redcap.csv", "dictionary.csv"):
        found[f"redcap {file}"] = lambda work, file=file: _binary(damaged.redcap(work, file))
    found["protocol tiny"] = lambda work: _protocol(damaged.tiny(work, "patients.csv", "study.yaml"))
    for name in ("cher2", "gbsg2", "gim14", "ihc-fish-ngs", *damaged.raw()):
        found[f"protocol {name}"] = lambda work, name=name: _protocol(
            damaged.copied(work, name, "study.yaml")
        )
    for path in sorted(damaged.DATA.glob("*/published.yaml")):
        found[f"claims {path.parent.name}"] = lambda work, path=path: _claims(path, work / "published.yaml")
    found["config"] = lambda work: _config(damaged.copied(work, "cher2", "study.yaml").folder.parent)
    found["draft patients.csv"] = lambda work: _draft(damaged.EXTRACTS / "patients.csv", work)
    found["draft cher2"] = lambda work: _draft(damaged.newest("cher2"), work)
    for name, run in (
        ("condition", small.condition),
        ("printed number", small.printed_number),
        ("cell", small.cell),
    ):
        found[name] = lambda work, run=run: Kind(b"", ".txt", (), run)
    return found


# -- checks -----------------------------------------------------------------------------------------


def _text(study, base=None):
    """An extract as text; `base` is the first file where another one is damaged."""
    original, read = (study.folder / study.target).read_bytes(), study.protocol()
    sound = study.build(read)[2]
    is_plain = base is None and "prepare" not in read.extract

    def run(content, is_cut):
        study.damage(content)
        try:
            _, _, built = study.build(read)
        except RecohortError as error:
            return _refused(error)
        found = _records(content, study.target, read)
        assert not (is_cut and oracle.is_torn(content, found)), "a cohort from a file cut within a row"
        first = found if base is None else _records(base, study.target, read)
        oracle.conserved(built, len(first) - 1)
        if is_plain:
            oracle.stands_in_file(built, found, read.codebook)
        written = b"".join(ledger.as_csv(built.ledger))
        assert written == files.csv_text(built.ledger.astype(object)).encode(), "the ledger is written amiss"
        if base is not None:
            oracle.unjoined_are_told(built, found, first, **read.extract["joins"][0])
        if oracle.same(built, sound):
            return SAME
        if zlib.crc32(content) % ESTIMATED == 0:
            damaged.estimate(built.patients, read)
        return UNTOLD if is_cut else ACCOUNTED

    return Kind(original, Path(study.target).suffix, mutations.TEXT, run)


def _in_small_blocks(kind):
    """The same, read and written a few bytes and rows at a time: a file of many blocks would be slow."""

    def run(content, is_cut):
        size = 1 + zlib.crc32(content) % 200
        with (
            patch.object(decoding, "CHUNK_BYTES", size),
            patch.object(line_reader, "PIECE_CHARACTERS", size),
            patch.object(ledger, "ROWS_AT_ONCE", 2),
        ):
            return kind.run(content, is_cut)

    return kind._replace(run=run)


def _records(content, path, read):
    """The rows of the first file, by the oracle's own splitting."""
    entry = next(iter(read.extract["files"].values()))
    entry = {} if isinstance(entry, str) else entry
    how = {key: entry[key] for key in ("quote", "skip_rows", "skip_after_header") if key in entry}
    text = content.decode(entry.get("encoding", "utf-8")).removeprefix("\ufeff")
    separator = entry["separator"]
    return oracle.records(text, separator, **how)


def _binary(study):
    """A file of which the package's own reader counts the rows."""
    original = (study.folder / study.target).read_bytes()
    sound = study.build(study.protocol())[2]
    cached = functools.cache(study.protocol) if study.target != "dictionary.csv" else study.protocol

    def run(content, is_cut):
        study.damage(content)
        try:
            frame, refused, built = study.build(cached())
        except RecohortError as error:
            return _refused(error)
        oracle.conserved(built, _n_rows(frame, refused))
        if oracle.same(built, sound):
            return SAME
        is_text_or_records = study.target.endswith((".csv", ".xpt"))
        assert not is_cut or is_text_or_records, "a cohort from a file that was cut short"
        return UNTOLD if is_cut else ACCOUNTED

    ways = {".gz": mutations.GZIP, ".xlsx": mutations.WORKBOOK, ".csv": mutations.TEXT}
    suffix = Path(study.target).suffix
    return Kind(original, suffix, ways.get(suffix, mutations.BYTES), run)


def _protocol(study):
    original = (study.folder / "study.yaml").read_bytes()
    sound = study.build(study.protocol())[2]

    def run(content, is_cut):
        study.damage(content)
        try:
            read = study.protocol()
            frame, refused, built = study.build(read)
            damaged.estimate(built.patients, read)
        except RecohortError as error:
            return _refused(error)
        oracle.conserved(built, _n_rows(frame, refused))
        return SAME if oracle.same(built, sound) else ACCOUNTED

    return Kind(original, ".yaml", mutations.YAML, run)


def _claims(source, path):
    original = source.read_bytes()
    path.write_bytes(original)
    sound = repr(_plain(claims.read(path)))

    def run(content, is_cut):
        path.write_bytes(content)
        try:
            read = claims.read(path)
        except RecohortError as error:
            return _refused(error)
        if repr(_plain(read)) == sound:
            return SAME
        found = audit.findings(read)
        assert [one.claim.id for one in found] == list(read.claims), "a claim without a verdict"
        assert len(audit.table(read, found)) == len(read.claims)
        return ACCOUNTED

    return Kind(original, ".yaml", mutations.YAML, run)


def _plain(publication):
    return {name: vars(claim) for name, claim in publication.claims.items()}


def _config(data):
    original = b"studies:\n  - cher2\nconfidence: 0.95\ncertificate: true\n"

    def run(content, is_cut):
        try:
            config = yaml.safe_load(content)
        except (yaml.YAMLError, ValueError, UnicodeDecodeError):
            return REFUSED  # by Snakemake, which reads it
        if not isinstance(config, dict):
            return REFUSED
        try:
            studies.load(studies.configuration(config), data)
        except RecohortError as error:
            return _refused(error)
        return SAME if content == original else ACCOUNTED

    return Kind(original, ".yaml", mutations.YAML, run)


def _draft(source, folder):
    """A draft from a damaged extract: the cohort that it gives at once."""
    original, path = source.read_bytes(), folder / source.name

    def run(content, is_cut):
        path.write_bytes(content)
        try:
            entry = {"path": path.name, **options(path)}
            frame, refused = extract.read(path, protocol.file(entry), "draft")
        except RecohortError as error:
            return _refused(error)
        made = draft.draft(frame, "draft", entry, len(refused))
        (folder / "study.yaml").write_text(made.content, encoding="utf-8")
        if made.id_column is None:
            frame = frame.assign(**{draft.text.NUMBERED: [f"row-{row}" for row in frame["row"]]})
            (folder / "prepare.py").write_text("", encoding="utf-8")
        built = cohort.build(frame, refused, protocol.read(folder / "study.yaml"))
        oracle.conserved(built, _n_rows(frame, refused))
        return SAME if content == original else ACCOUNTED

    return Kind(original, source.suffix, mutations.TEXT, run)


def _n_rows(frame, refused):
    """Rows of the base file: `refused` holds those of joined files too."""
    return len(frame) + sum(not row.file for row in refused)


def _refused(error):
    """A refusal is one line of some length at most."""
    text = str(error)
    assert "\n" not in text and "\r" not in text, f"a refusal of several lines: {text!r}"
    return REFUSED
