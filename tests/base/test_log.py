"""One line as a job starts and one as it ends; a traceback is for the log only."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from recohort.base.errors import RecohortError
from recohort.base.log import job, say


@pytest.fixture
def snakemake(tmp_path):
    return SimpleNamespace(
        rule="cohort",
        wildcards=["gim14"],
        input="in",
        output="out",
        log=[str(tmp_path / "logs" / "cohort.log")],
    )


def log_of(snakemake):
    return Path(snakemake.log[0]).read_text(encoding="utf-8")


def test_a_job_that_goes_well(snakemake, capsys):
    with job(snakemake) as (source, target):
        assert (source, target) == ("in", "out")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0] == "gim14 cohort                 starts"
    assert lines[1].startswith("gim14 cohort                 ends ")
    assert lines[1].endswith(" s")
    assert log_of(snakemake) == ""


def test_what_the_body_prints_and_warns_of_is_in_the_log(snakemake, capsys):
    with job(snakemake):
        print("a remark of prepare.py")
        print("FutureWarning: old-fashioned", file=sys.stderr)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 2
    assert log_of(snakemake) == "a remark of prepare.py\nFutureWarning: old-fashioned\n"


def test_a_mistake_of_the_user_is_one_line_without_a_traceback(snakemake, capsys):
    with pytest.raises(SystemExit) as stopped, job(snakemake):
        raise RecohortError("is empty", study="gim14", file="a.csv", remedy="Export it again.")
    assert stopped.value.code == 1
    expected = "study gim14, file a.csv: is empty. Export it again."
    assert capsys.readouterr().err.splitlines()[1] == f"gim14 cohort                 ERROR  {expected}"
    assert log_of(snakemake) == f"{expected}\n"


def test_a_fault_of_ours_is_one_line_and_its_traceback_is_in_the_log(snakemake, capsys):
    with pytest.raises(SystemExit) as stopped, job(snakemake):
        {}["nothing"]
    assert stopped.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[1:] == [
        "gim14 cohort                 ERROR  this is a fault of recohort (KeyError: 'nothing'); details: "
        + snakemake.log[0]
    ]
    assert log_of(snakemake).startswith("Traceback (most recent call last):")


def test_a_log_that_cannot_be_written_hides_nothing(snakemake, capsys):
    snakemake.log = ["/proc/recohort/cohort.log"]
    with pytest.raises(SystemExit), job(snakemake):
        raise RecohortError("could not be written (No space left on device)")
    assert capsys.readouterr().err.splitlines()[1].endswith("could not be written (No space left on device)")


def test_an_interrupt_is_not_swallowed(snakemake):
    with pytest.raises(KeyboardInterrupt), job(snakemake):
        raise KeyboardInterrupt


def test_say_is_one_line_on_the_standard_error(capsys):
    say("Report: results/report.html")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Report: results/report.html\n")
