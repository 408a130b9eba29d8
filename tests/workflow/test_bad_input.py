"""
Bad input gets one clear line and loses nothing.

Each mistake of a registry extract goes through the script that Snakemake runs: what the user reads is one
line without a traceback, and no output is there; where rows can be saved they are, and the others are in the
quarantine.
"""

import errno
import gzip
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from support.paths import ROOT

SCRIPT = ROOT / "workflow" / "scripts" / "cohort.py"
OUTPUTS = ("cohort.parquet", "ledger.csv", "quarantine.csv", "attrition.csv", "cleaning.csv")

SOUND = "id,ihc,age,dx,cns\n1,2+,50,31/01/2020,yes\n2,3+,60,01/02/2020,no\n3,2+,70,15/03/2020,no\n"
CODEBOOK = {
    "ihc": {"type": "category", "levels": ["2+", "3+"], "label": "IHC"},
    "age": {"type": "number", "range": [18, 110], "label": "Age"},
    "dx": {"type": "date", "formats": ["%d/%m/%Y"], "label": "Diagnosis"},
    "cns": {"type": "flag", "label": "CNS"},
}


@pytest.fixture
def run(study, tmp_path, capsys):
    """Run a study's cohort script as Snakemake does: its status, its lines after the first, its folder."""

    def execute(text=SOUND, codebook=CODEBOOK, folder=tmp_path / "results", **sections):
        written = study(text, codebook, **sections)
        target = SimpleNamespace(**{name.split(".")[0]: folder / name for name in OUTPUTS})
        source = SimpleNamespace(
            protocol=written.folder / "study.yaml",
            files=[
                written.folder / name
                for name in (sections.get("file", "extract.csv"), *sections.get("more", {}))
            ],
            prepare=[],
            other_drops=[],
        )
        snakemake = SimpleNamespace(
            rule="cohort", wildcards=["tiny"], input=source, output=target, log=[tmp_path / "cohort.log"]
        )
        status = 0
        try:
            runpy.run_path(str(SCRIPT), {"snakemake": snakemake}, "__main__")
        except SystemExit as stopped:
            status = stopped.code
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        return status, said.err.splitlines()[1:], folder

    return execute


@pytest.fixture
def refused(run, tmp_path):
    """The one line for a mistake that stops the run; nothing is left behind."""

    def refuse(*args, **sections):
        status, lines, folder = run(*args, **sections)
        assert (status, len(lines)) == (1, 1)
        assert not folder.exists() or list(folder.iterdir()) == []
        start = "tiny cohort                  ERROR  study tiny, "
        assert lines[0].startswith(start)
        return lines[0].removeprefix(start).replace(f"file {tmp_path}/tiny/", "")

    return refuse


@pytest.fixture
def quarantined(run):
    """What is in the quarantine of an extract of which two sound rows are left."""

    def save(*args, **sections):
        status, lines, folder = run(*args, **sections)
        assert (status, len(lines)) == (0, 1)
        assert sorted(path.name for path in folder.iterdir()) == sorted(OUTPUTS)
        quarantine = pd.read_csv(folder / "quarantine.csv", dtype=str, keep_default_na=False)
        n = pd.read_csv(folder / "attrition.csv").groupby("kind")["n"].sum()
        assert n["read"] == n["cohort"] + n.get("quarantined", 0) + n.get("merged", 0)
        assert len(pd.read_parquet(folder / "cohort.parquet")) == n["cohort"]
        return quarantine.drop(columns="id").values.tolist()

    return save


def test_sound_input_is_read(quarantined):
    assert quarantined() == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "extract.csv: is empty. Export it again."),
        ("id,ihc,age,dx,cns\n", "extract.csv: has a header but no rows. Export it again."),
        (SOUND.replace(",", ";"),
         "extract.csv, row 1: has one column when split at ','. Set `separator: ';'` for this file in the "
         "protocol."),
        (SOUND.encode("utf-16"),
         "extract.csv: is UTF-16, not utf-8. Set `encoding: utf-16` for this file in the protocol."),
        (SOUND.encode("utf-16-le"),
         "extract.csv: is not utf-8: it has NUL characters. Set `encoding:` in the protocol, perhaps "
         "utf-16-le."),
        (SOUND.replace("yes", "sí").encode("latin-1"),
         "extract.csv, row 2: is not utf-8 (byte b'\\xed'). Set `encoding:` for this file in the protocol, "
         "perhaps "
         "cp1252, latin-1 or utf-16."),
        (SOUND.replace("cns", "age"), "extract.csv, row 1, column age: is in the header twice. Rename one "
                                      "of them."),
        (SOUND.replace("dx", "DX"), "column dx: is not a column of the extract. Did you mean 'DX'?"),
        (SOUND.replace("id,", "patient,"),
         "column id: is not a column of the extract. Known: patient, ihc, age, dx, cns."),
        (SOUND.replace("2,3+", '2,"3+'),
         "extract.csv, row 3: the row cannot be split into fields (unexpected end of data). Close the quote "
         "that "
         "begins in it, or export the file again."),
        (SOUND.replace("3+", "+3"),
         "column ihc: the level '3+' of ihc never occurs in the extract. Correct its spelling or remove it. "
         "Known: +3."),
        (SOUND.replace("\n", ",\n").replace("cns,", "cns"),
         "extract.csv, row 2: no row can be used: a row has too many or too few fields (6 where the header "
         "has 5). Check the separator and the header."),
        (SOUND.replace("/01/", "/13/").replace("/02/", "/14/").replace("/03/", "/15/"),
         "row 2, column dx, value '31/13/2020': every row is in the quarantine, most often as here: a cell "
         "cannot be "
         "read: not a date in a declared format (%d/%m/%Y). Correct the codebook or the extract."),
    ],
)  # fmt: skip
def test_mistakes_that_stop_the_run(refused, text, line):
    assert refused(text) == line


def test_all_rows_excluded(refused):
    steps = [{"step": "Adult", "keep": "age >= 18"}, {"step": "Over 90", "keep": "age > 90"}]
    assert refused(cohort=steps) == (
        "key cohort.1: no row is left after the step 'Over 90': of 3 rows 3 do not meet it and 0 are unknown."
        " Check the step against the extract."
    )


def test_a_join_key_that_repeats(refused):
    extract = {
        "files": {"registry": "extract.csv", "centres": "centres.csv"},
        "joins": [{"file": "centres", "on": "id", "how": "one-to-one"}],
    }
    assert refused(more={"centres.csv": "id,centre\n1,A\n2,B\n1,C\n"}, extract=extract) == (
        "file centres, row 4, column id, value '1': the join is declared one-to-one, but the key repeats."
        " Correct the file or the declared cardinality."
    )


def test_a_truncated_gzip(refused):
    content = gzip.compress((SOUND * 100).encode())
    line = refused(content[: len(content) // 2], file="extract.csv.gz")
    assert line == (
        "extract.csv.gz: cannot be read (Compressed file ended before the end-of-stream marker was reached)."
        " Export or copy it again."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SOUND + "4,2+,50\n", [["5", "", "4,2+,50", "a row has too many or too few fields: 3 where the "
                                                    "header has 5"]]),
        (SOUND + "4,2+,5O,31/01/2020,yes\n", [["5", "age", "5O", "a cell cannot be read: not a number"]]),
        (SOUND + "4,2+,50,12/31/2020,yes\n",
         [["5", "dx", "12/31/2020", "a cell cannot be read: not a date in a declared format (%d/%m/%Y)"]]),
        (SOUND + "4,2++,50,31/01/2020,yes\n",
         [["5", "ihc", "2++", "a cell cannot be read: not a level (Did you mean '2+'?)"]]),
        (SOUND + "4,2+,50,31/01/2020,oui\n",
         [["5", "cns", "oui", "a cell cannot be read: neither yes nor no (Known: yes, y, true, 1, no, n, "
                              "false, 0.)"]]),
        (SOUND + ",2+,50,31/01/2020,yes\n", [["5", "id", "", "id missing"]]),
        (SOUND + "1,2+,50,31/01/2020,yes\n", []),  # identical: merged
        (SOUND + "1,2+,51,31/01/2020,yes\n",
         [["2", "id", "1", "one id, different contents"], ["5", "id", "1", "one id, different contents"]]),
        ("\ufeff" + SOUND, []),
        (SOUND.replace("\n", "\r\n") + "\r\n\r\n,,,,\r\n", []),
    ],
)  # fmt: skip
def test_mistakes_that_cost_a_row(quarantined, text, expected):
    assert quarantined(text) == expected


def test_a_date_that_two_formats_read_differently(quarantined):
    codebook = {**CODEBOOK, "dx": {**CODEBOOK["dx"], "formats": ["%d/%m/%Y", "%m/%d/%Y"]}}
    assert quarantined(SOUND, codebook) == [
        ["3", "dx", "01/02/2020", "a cell cannot be read: an ambiguous date (2020-01-02 or 2020-02-01)"]
    ]


@pytest.mark.parametrize("failing", OUTPUTS)
def test_a_full_disk_leaves_what_was_there(run, refused_write, failing):
    status, _, folder = run()
    assert status == 0
    before = {name: (folder / name).read_bytes() for name in OUTPUTS}
    refused_write(failing)
    status, lines, _ = run(SOUND.replace("50", "55"))
    assert status == 1
    assert lines == [
        f"tiny cohort                  ERROR  file {folder / failing}: could not be written (No space left "
        f"on device)."
        " Free space on the disk or choose a folder that can be written to, then run again."
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted(OUTPUTS)
    assert (folder / failing).read_bytes() == before[failing]
    # the outputs before it are whole and new, those after it whole and old
    assert all((folder / name).read_bytes() for name in OUTPUTS)


@pytest.fixture
def refused_write(monkeypatch):
    """Let the disk be full in the middle of one file."""

    def refuse(name):
        methods = {method: getattr(Path, method) for method in ("write_text", "open")}

        def full(method):
            def write(self, *args, **kwargs):
                if self.name == f"{name}.part":
                    self.write_bytes(b"half of it") if method == "write_text" else self.touch()
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return methods[method](self, *args, **kwargs)

            return write

        def to_parquet(self, path, *args, **kwargs):
            path.write_text("half of it")

        for method in methods:
            monkeypatch.setattr(Path, method, full(method))
        if name == "cohort.parquet":
            monkeypatch.setattr(pd.DataFrame, "to_parquet", to_parquet)

    return refuse


def test_a_disk_that_is_really_full(study, tmp_path):
    """Files are limited to 4 kB in a process of its own: the ledger does not fit, no part of it is left."""
    rows = "".join(f"{i}, 2+,50,31/01/2020,1\n" for i in range(4, 400))
    study(SOUND + rows, CODEBOOK)
    code = f"""
import resource, runpy, sys
from pathlib import Path
from types import SimpleNamespace
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
folder = Path({str(tmp_path)!r})
source = SimpleNamespace(
    protocol=folder / "tiny/study.yaml", files=[folder / "tiny/extract.csv"], prepare=[]
)
target = SimpleNamespace(**{{name.split(".")[0]: folder / "results" / name for name in {OUTPUTS!r}}})
sys.path.insert(0, {str(SCRIPT.parent)!r})
snakemake = SimpleNamespace(
    rule="cohort", wildcards=["tiny"], input=source, output=target, log=[folder / "cohort.log"]
)
runpy.run_path({str(SCRIPT)!r}, {{"snakemake": snakemake}}, "__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "could not be written (File too large). Free space on the disk" in done.stderr.splitlines()[-1]
    # whatever is there is whole: the big files are not there at all
    assert {path.name for path in (tmp_path / "results").iterdir()} < set(OUTPUTS) - {"ledger.csv"}


def test_a_folder_that_cannot_be_written_to(run, tmp_path):
    (tmp_path / "results").write_text("a file, where the folder should be")
    status, lines, _ = run()
    assert status == 1
    assert lines[0].startswith(
        f"tiny cohort                  ERROR  file {tmp_path}/results/cohort.parquet: could not be written ("
    )
    assert (tmp_path / "results").read_text() == "a file, where the folder should be"
