"""A file is there whole or as it was before, whatever happens while it is written."""

import csv
import errno
import os
import subprocess
import sys

import pandas as pd
import pytest

from recohort.base.errors import RecohortError
from recohort.base.files import read_rows, whole, write_csv, write_rows, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_text_is_written_as_utf_8_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "new" / "a.txt", "größer\n≥ 2\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "größer\n≥ 2\n".encode()
    assert names(tmp_path / "new") == ["a.txt"]


def test_a_file_that_happens_to_be_beside_it_stays(tmp_path):
    (tmp_path / "a.txt.old").write_text("mine")
    write_text(tmp_path / "a.txt", "new")
    assert names(tmp_path) == ["a.txt", "a.txt.old"]


def test_csv_keeps_every_digit_and_every_character(tmp_path):
    text = ['a,"b"', "two\nlines", "carriage\rreturn", "", " x "]
    frame = pd.DataFrame({"n": [0.1 + 0.2, 1e-300, 2.0, 1 / 3, float("nan")], "text": text})
    write_csv(tmp_path / "a.csv", frame)
    assert (tmp_path / "a.csv").read_bytes().startswith(b'"n","text"\n0.30000000000000004,"a,""b"""\n1e-300,')
    back = pd.read_csv(
        tmp_path / "a.csv", keep_default_na=False, na_values={"n": [""]}, float_precision="round_trip"
    )
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_dtype=False)


def test_csv_has_quotes_only_where_they_are_needed(tmp_path):
    write_csv(tmp_path / "a.csv", pd.DataFrame({"n": [0.1, None], "text": ["a,b", ""]}))
    assert (tmp_path / "a.csv").read_bytes() == b'n,text\n0.1,"a,b"\n,\n'


ROWS = [
    {"level": "None", "n": 3, "share": 0.1 + 0.2},
    {"level": 'a,"b"\nc', "n": None, "share": 1e-300},
    {"level": "", "n": 0, "share": float("inf")},
]


@pytest.mark.parametrize("more", [[], [{"level": "carriage\rreturn", "n": 1, "share": None}]])
def test_rows_come_back_as_they_were(tmp_path, more):
    write_rows(tmp_path / "a.csv", ["level", "n", "share"], ROWS + more)
    assert read_rows(tmp_path / "a.csv", {"n": int, "share": float}) == ROWS + more


@pytest.mark.parametrize("level", ["a,b", "carriage\rreturn"])
def test_rows_and_a_frame_are_written_alike(tmp_path, level):
    rows = [{"level": level, "n": 3, "share": 0.1 + 0.2}]
    write_rows(tmp_path / "rows.csv", ["level", "n", "share"], rows)
    write_csv(tmp_path / "frame.csv", pd.DataFrame(rows))
    assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "frame.csv").read_bytes()


FORMULAS = [
    *("=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1", "-A1", "+/-"),
    *(" =1+1", "\t=1", "\n=1", "\ttext"),
]
PLAIN = [
    *("-0.12", "-1.5e-05", "-1,234.5 (-2 to 3)", "+5", "-", "-12.5%", " -5"),
    *("2+", "<0.001", "", "a = b", "'quoted'"),
]


@pytest.mark.parametrize("text", [*FORMULAS, "\r=1", "'=1", "''=1", *PLAIN])
def test_a_formula_reaches_no_csv_and_comes_back_as_it_was(tmp_path, text):
    rows = [{"level": text, "n": -1.5}, {"level": "other", "n": 2.0}]
    write_csv(tmp_path / "frame.csv", pd.DataFrame(rows))
    write_rows(tmp_path / "rows.csv", ["level", "n"], rows)
    for name in ("frame.csv", "rows.csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            (_, (cell, number), _) = csv.reader(file)
        assert cell == (text if text in PLAIN else f"'{text}")
        assert number == "-1.5"
        assert read_rows(tmp_path / name, {"n": float}) == rows


@pytest.mark.parametrize("kind", ["object", "string", "category"])
def test_texts_of_every_kind_are_guarded_and_missing_ones_stay(tmp_path, kind):
    frame = pd.DataFrame({"raw": pd.Series(["=1", None, "3+"], dtype=kind), "n": [-1, -2, -3]})
    write_csv(tmp_path / "a.csv", frame)
    assert (tmp_path / "a.csv").read_bytes() == b"raw,n\n'=1,-1\n,-2\n3+,-3\n"
    assert frame["raw"].tolist()[0] == "=1"


def test_what_was_there_is_replaced_only_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "before")
    with whole(path) as part:
        part.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_whole(tmp_path):
    for content in ("before", "after"):
        with whole(tmp_path / "tables") as folder:
            folder.mkdir()
            (folder / f"{content}.csv").write_text(content)
    assert names(tmp_path) == ["tables"]
    assert names(tmp_path / "tables") == ["after.csv"]


@pytest.mark.parametrize("error", [ValueError("bug"), KeyboardInterrupt()])
def test_an_error_inside_leaves_what_was_there(tmp_path, error):
    write_text(tmp_path / "a.txt", "before")
    with pytest.raises(type(error)), whole(tmp_path / "a.txt") as part:
        part.write_text("half")
        raise error
    assert (tmp_path / "a.txt").read_text() == "before"
    assert names(tmp_path) == ["a.txt"]


def test_a_part_left_by_a_killed_run_is_no_obstacle(tmp_path):
    (tmp_path / "a.txt.part").write_text("left over")
    (tmp_path / "tables.part").mkdir()
    (tmp_path / "tables.old").mkdir()
    write_text(tmp_path / "a.txt", "new")
    with whole(tmp_path / "tables") as folder:
        folder.mkdir()
    assert (tmp_path / "a.txt").read_text() == "new"
    assert names(tmp_path) == ["a.txt", "tables"]


def test_disk_full_in_the_middle(tmp_path):
    write_text(tmp_path / "a.txt", "before")
    with pytest.raises(RecohortError) as caught, whole(tmp_path / "a.txt") as part:
        part.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == (
        f"file {tmp_path / 'a.txt'}: could not be written (No space left on device)."
        " Free space on the disk or choose a folder that can be written to, then run again."
    )
    assert (tmp_path / "a.txt").read_text() == "before"
    assert names(tmp_path) == ["a.txt"]


def test_disk_full_for_real(tmp_path):
    """A limit of 8 kB on the size of a file stops a real write of a table in its middle."""
    script = f"""
import resource, pandas as pd
from recohort.base.files import write_csv, whole
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
frame = pd.DataFrame({{"x": range(10_000)}})
for name, write in {{
    "a.csv": lambda path: write_csv(path, frame),
    "a.parquet": lambda path: frame.sample(frac=1, random_state=1).to_parquet(path),
}}.items():
    try:
        if name == "a.csv":
            write(f"{tmp_path}/{{name}}")
        else:
            with whole(f"{tmp_path}/{{name}}") as part:
                write(part)
    except Exception as error:
        print(type(error).__name__, error)
"""
    write_text(tmp_path / "a.csv", "before")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert [line.split(": could not be written")[0] for line in lines] == [
        f"RecohortError file {tmp_path / name}" for name in ("a.csv", "a.parquet")
    ]
    assert "File too large" in lines[0]
    assert (tmp_path / "a.csv").read_text() == "before"
    assert names(tmp_path) == ["a.csv"]


def test_a_full_device(tmp_path):
    with pytest.raises(RecohortError, match="No space left on device"), whole(tmp_path / "a.txt") as part:
        part.symlink_to("/dev/full")
        part.write_text("x")
    assert names(tmp_path) == []


def test_a_file_where_a_folder_is_needed(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(RecohortError, match=r"results/a\.csv: could not be written \("):
        write_csv(tmp_path / "results" / "a.csv", pd.DataFrame({"x": [1]}))
    assert (tmp_path / "results").read_text() == "a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only(tmp_path):
    write_text(tmp_path / "a.txt", "before")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(RecohortError, match=r"a\.txt: could not be written \(Permission denied\)"):
            write_text(tmp_path / "a.txt", "after")
    finally:
        tmp_path.chmod(0o755)
    assert (tmp_path / "a.txt").read_text() == "before"


def test_a_folder_of_the_system_that_nobody_may_write_to():
    with pytest.raises(RecohortError, match=r"file /proc/recohort/a\.txt: could not be written \("):
        write_text("/proc/recohort/a.txt", "x")


def test_an_error_of_another_file_is_not_blamed_on_this_one(tmp_path):
    with pytest.raises(FileNotFoundError, match="other"), whole(tmp_path / "a.txt"):
        (tmp_path / "other" / "b.txt").read_text()


def test_a_full_disk_inside_a_folder_that_is_written(tmp_path):
    with (
        pytest.raises(RecohortError, match="tables: could not be written"),
        whole(tmp_path / "t" / "tables") as folder,
    ):
        folder.mkdir()
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "table1.csv"))
    assert names(tmp_path / "t") == []
