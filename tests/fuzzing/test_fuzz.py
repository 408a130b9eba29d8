"""
A short fuzzing, and that it sees what it looks for; the long one is `make fuzz SECONDS=600`.

Rows are counted and split a second time by fuzzing.oracle, which shares nothing with the package.
"""

import json
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import fuzz
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.command import recohort
from support.paths import ROOT

from fuzzing.damaged import CODEBOOK, EXTRACTS, SECTIONS
from fuzzing.kinds import kinds
from fuzzing.oracle import records
from fuzzing.outcomes import ACCOUNTED, REFUSED, SAME, UNTOLD
from recohort.base.errors import RecohortError
from recohort.cohort import build as cohort
from recohort.extract import read as extract
from recohort.extract import readstat_process
from recohort.protocol import model as protocol

BIG = ("raw ", "csv gim14", "csv ihc", "protocol gim14", "protocol ihc", "protocol msk", "protocol tcga")
SEED = 7
quick = settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True)


@pytest.fixture(autouse=True)
def forked(monkeypatch):
    """Statistics files are read in forked processes: a new one for each takes twenty times longer."""
    import_module("pyreadstat")  # once, not in each of them
    monkeypatch.setattr(readstat_process, "_apart", fuzz.forked)


def run(name, inputs):
    """What inputs of one kind gave, and what was said of findings."""
    said = []
    tried = fuzz.run({name: kinds()[name]}, SEED, inputs=inputs, say=said.append)
    return tried[name], said


@pytest.mark.parametrize("name", [name for name in kinds() if not name.startswith(BIG)])
def test_damaged_inputs(name):
    counts, said = run(name, 6)
    assert said == []
    assert (counts.total(), counts[fuzz.FINDING]) == (6, 0)


def test_inputs_of_one_seed_are_the_same_and_give_the_same():
    assert run("csv patients.csv", 20) == run("csv patients.csv", 20)


def test_each_outcome_occurs():
    counts, _ = run("csv two joined files", 60)
    assert set(counts) == {SAME, ACCOUNTED, REFUSED, UNTOLD}


# -- bugs that it must see --------------------------------------------------------------------------


@pytest.fixture
def plant(monkeypatch):
    """Replace a function by one that is given what the real one returns, or the exception."""

    def replace(module, name, spoil):
        real = getattr(module, name)

        def spoilt(*args, **kwargs):
            return spoil(real(*args, **kwargs))

        monkeypatch.setattr(module, name, spoilt)

    return replace


def without_ragged_rows(read):
    frame, _ = read
    return frame, []


def without_last_row(read):
    frame, refused = read
    return frame.iloc[:-1], refused


def with_other_ages(built):
    return built._replace(patients=built.patients.assign(age=built.patients["age"] + 1))


def without_quarantine(built):
    return built._replace(quarantine=built.quarantine.iloc[:0])


def without_ledger(built):
    return built._replace(ledger=built.ledger.iloc[:0])


def with_a_row_twice(built):
    return built._replace(patients=built.patients.iloc[[0, *range(1, len(built.patients) - 1), 0]])


def with_a_traceback(built):
    return {}["a key"] if len(built.quarantine) > 1 else built


@pytest.mark.parametrize(
    ("module", "name", "spoil", "said_of_it"),
    [
        (extract, "assemble", without_last_row, "rows in the file"),
        (extract, "assemble", without_ragged_rows, "rows in the file"),
        (cohort, "build", with_other_ages, "became"),
        (cohort, "build", without_quarantine, "AssertionError"),
        (cohort, "build", without_ledger, "became"),
        (cohort, "build", with_a_row_twice, "a row is there twice"),
        (cohort, "build", with_a_traceback, "KeyError"),
    ],
)
def test_a_planted_bug_is_found(plant, module, name, spoil, said_of_it):
    plant(module, name, spoil)
    counts, said = run("csv patients.csv", 40)
    assert counts[fuzz.FINDING] > 0
    assert said_of_it in " ".join(said)


def test_a_reader_that_takes_what_a_file_cut_short_still_has_is_found(monkeypatch):
    real, whole = extract.assemble, []

    def lenient(*args):
        try:
            whole.append(real(*args))
        except RecohortError:
            return without_last_row(whole[0])
        return whole[-1]

    monkeypatch.setattr(extract, "assemble", lenient)
    counts, said = run("binary patients.parquet", 60)
    assert counts[fuzz.FINDING] > 0
    assert "a cohort from a file that was cut short" in " ".join(said)


def test_a_finding_comes_with_the_smallest_input_and_can_be_had_again(plant, tmp_path, monkeypatch):
    plant(cohort, "build", with_a_traceback)
    monkeypatch.setattr(fuzz.tempfile, "tempdir", str(tmp_path))
    _, said = run("csv patients.csv", 40)
    path = Path(said[0].rpartition("; ")[2])
    assert len(path.read_bytes().splitlines()) < len((EXTRACTS / "patients.csv").read_bytes().splitlines())
    number = said[0].split("'")[1].split()[-1]
    with pytest.raises(KeyError):
        fuzz.again({"csv patients.csv": kinds()["csv patients.csv"]}, SEED, int(number))


def test_an_input_that_takes_too_long_is_a_finding_even_if_a_reader_takes_it_for_damage(
    tmp_path, monkeypatch
):
    def endless(*args):
        try:
            while True:
                pass
        except Exception as error:
            raise RecohortError("cannot be read") from error

    monkeypatch.setattr(fuzz, "LONGEST_SECONDS", 0.05)
    kind = kinds()["csv patients.csv"](tmp_path)
    monkeypatch.setattr(cohort, "build", endless)
    before = signal.signal(signal.SIGALRM, fuzz.too_long)
    outcome, error = fuzz.attempt(kind, kind.original, False)
    signal.signal(signal.SIGALRM, before)
    assert (outcome, str(error)) == (fuzz.FINDING, "longer than 0.05 s")


# -- properties -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", [{}, {"separator": ";", "quote": "'", "skip_rows": 1, "skip_after_header": 1}]
)
def test_rows_are_those_that_another_splitting_gives(tmp_path_factory, how):
    path = tmp_path_factory.mktemp("text") / "a.csv"
    split = {"separator": how.get("separator", ","), **{k: v for k, v in how.items() if k != "separator"}}

    @quick
    @given(st.text(",;\"'\n\r ab\u2028\x0c", max_size=40))
    @example('a,b\n1,"x\r\ny"\r\n\r\n2,3')
    def holds(text):
        text = "id,b\n" * (1 + how.get("skip_rows", 0)) + text
        text = text.replace(",", how["separator"]) if how else text
        path.write_bytes(text.encode())
        try:
            frame, refused = extract.read(path, protocol.file({"path": path.name, **how}))
        except RecohortError:
            return
        header, *rows = records(text, **split)
        width = len(header.fields)
        ragged = {row.line for row in rows if len(row.fields) != width}
        lines = [row.line for row in rows]
        assert ragged <= {row.row for row in refused}
        assert sorted([*frame["row"], *(row.row for row in refused)]) == lines
        of_line = {row.line: row.fields for row in rows}
        names = [name.strip() for name in header.fields]
        for row, *cells in frame[["row", *filter(None, names)]].itertuples(index=False):
            assert cells == [cell for cell, name in zip(of_line[row], names, strict=True) if name]

    holds()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@quick
@given(
    st.sampled_from(["title", "data", "extract", "cohort", "endpoints", "checks", "populations", "analyses"])
    | st.sampled_from([("codebook", name) for name in CODEBOOK])
    | st.sampled_from([("codebook", "age", key) for key in ("type", "range", "decimal", "derive", "missing")])
    | st.sampled_from([("extract", key) for key in ("files", "id", "missing", "joins", "prepare")]),
    VALUES,
)
def test_a_protocol_with_any_value_is_read_or_refused_in_one_line(tmp_path_factory, place, value):
    content = {"title": "T", "data": "synthetic", "codebook": json.loads(json.dumps(CODEBOOK)), **SECTIONS}
    content["extract"] = {"files": {"registry": "patients.csv"}, "id": "id"}
    *above, key = [place] if isinstance(place, str) else place
    node = content
    for name in above:
        node = node[name]
    node[key] = value
    path = tmp_path_factory.mktemp("tiny") / "study.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")
    try:
        protocol.read(path)
    except RecohortError as error:
        assert len(str(error).splitlines()) == 1


# -- from the command line --------------------------------------------------------------------------


def command(*args):
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, cwd=ROOT)


def test_the_long_run_prints_what_was_tried():
    done = command("tests/fuzz.py", "--seconds", "0.5", "--seed", "3", "--only", "printed number")
    assert (done.returncode, done.stderr) == (0, "")
    first, head, counts, total = done.stdout.splitlines()
    assert first == "seed 3, 0.5 s, 1 kinds"
    assert head.split() == ["inputs", "same", "accounted", "refused", "cut", "untold", "FINDING"]
    tried, *outcomes = [int(number.replace(",", "")) for number in counts.split()[2:]]
    assert tried == sum(outcomes) > 100
    assert total.split() == ["all", *counts.split()[2:]]


def test_a_damaged_file_through_make_study(tmp_path):
    (tmp_path / "a.sav").write_bytes((EXTRACTS / "patients.sav").read_bytes()[:900])
    done = recohort("study", "damaged", tmp_path / "a.sav", cwd=ROOT)
    assert done.returncode == 1
    assert not (ROOT / "data/damaged").exists()
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
