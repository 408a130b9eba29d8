"""Drops as a user meets them: what a new one reruns, a gate that fails the run, another previous one."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from support.paths import ROOT
from support.workflow import project, snakemake

NEWEST, EARLIER = "2021-01-15", "2020-09-01"
PROFILE = ("--workflow-profile", "workflow/profiles/local")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The project after a run of two studies, one of which has drops."""
    folder = project(tmp_path_factory.mktemp("finished"), "cher2")
    shutil.copytree(ROOT / "data" / "ihc-fish-ngs", folder / "data" / "ihc-fish-ngs")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["studies"] = ["cher2", "ihc-fish-ngs"]
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    run = snakemake(folder, *PROFILE)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def copy(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "copy", symlinks=True)


def drop(folder, day):
    return folder / "data" / "cher2" / "drops" / f"{day}.csv"


def jobs(folder, *arguments):
    """Rule and study of each job that a run would do."""
    dry = snakemake(folder, "--dry-run", *arguments)
    assert dry.returncode == 0, dry.stderr
    found = re.findall(r"^(?:local)?rule (\w+):\n((?: .*\n)+)", dry.stdout + dry.stderr, re.M)
    return {(rule, "".join(re.findall("wildcards: study=(.*)", about))) for rule, about in found}


def content(folder):
    """The files of the results by name, without logs and Snakemake's own."""
    results = folder / "results"
    files = [path for path in results.rglob("*") if path.is_file() and path.suffix != ".log"]
    return {
        str(path.relative_to(results)): path.read_bytes() for path in files if not path.name.startswith(".")
    }


def test_the_newest_drop_is_compared_with_the_one_before(finished):
    made = (finished / "results/cher2/drop/drop.md").read_text(encoding="utf-8")
    assert made.startswith(f"### cher2: Drop {NEWEST} against {EARLIER}\n")
    assert "| skin | Renamed | now skin\\_soft\\_tissue |" in made
    assert "| serosa | 168 | 6 | 3.6 | 0 | 0 |" in made and "| bone | 168 | 5 | 3.0 | 0 | 0 |" in made
    page = (finished / "results/report.html").read_text(encoding="utf-8")
    assert f"<b>Drop {NEWEST} against {EARLIER}.</b>" in page
    assert 'id="cher2-drop"' in page and 'id="ihc-fish-ngs-drop"' not in page
    assert (finished / "results/gates.txt").read_text() == "cher2: 4 gates passed\n"


def test_what_shows_a_patient_stays_in_the_cohort(finished):
    rows = (finished / "results/cher2/cohort/drop_cells.csv").read_text().splitlines()
    assert rows[0] == "id,column,old,new" and len(rows) == 12 and "MBC-014,bone,N,Y" in rows
    shown = content(finished)
    drops = [name for name in shown if name.startswith("cher2/drop/")]
    assert len(drops) == 10
    assert not any(b"MBC-" in shown[name] for name in [*drops, "report.html"])


def test_a_new_drop_reruns_nothing_of_another_study(copy):
    shutil.copy(drop(copy, NEWEST), drop(copy, "2021-06-01"))
    found = jobs(copy)
    assert {study for _, study in found} == {"cher2", ""}
    assert {rule for rule, study in found if study} == {
        "cohort", "contingency", "audit", "tables", "figures", "drop",
    }  # fmt: skip


def test_an_unchanged_drop_changes_no_result(copy, finished):
    shutil.copy(drop(copy, NEWEST), drop(copy, "2021-06-01"))
    run = snakemake(copy, *PROFILE)
    assert run.returncode == 0, run.stderr
    before, after = content(finished), content(copy)
    differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {name for name in differing if "drop" not in name} == {"report.html", "provenance.json"}
    assert after["cher2/drop/drop.md"].decode() == (
        f"### cher2: Drop 2021-06-01 against {NEWEST}\n\nNo change: the two drops say the same.\n\n"
        "Gates passed: 4 of 4.\n\nSynthetic data: made by a program, no row is a patient; agreement with "
        "published numbers is by construction.\n"
    )
    # compared with the earlier one, it is the drop that it equals
    again = snakemake(copy, *PROFILE, "--config", f"previous={EARLIER}")
    assert again.returncode == 0, again.stderr
    started = set(re.findall(r"^(?:\S+ )?(\w+) +starts$", again.stderr, re.M))
    assert started == {"drop", "report", "provenance", "gate"}
    for name in ("estimates.csv", "columns.csv", "schema.csv"):
        assert content(copy)[f"cher2/drop/{name}"] == before[f"cher2/drop/{name}"]


def test_a_date_without_quotes_in_the_configuration_is_a_date(copy):
    config = yaml.safe_load((copy / "config.yaml").read_text())
    shutil.copy(drop(copy, NEWEST), drop(copy, "2021-06-01"))
    text = yaml.safe_dump(config) + f"previous: {{cher2: {EARLIER}}}\n"
    (copy / "config.yaml").write_text(text)
    assert ("drop", "cher2") in jobs(copy)


def test_an_unknown_date_names_those_there_are(finished):
    run = snakemake(finished, "--dry-run", "--config", "previous=2020-01-01")
    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1] == (
        "ERROR  file config.yaml, key previous: no study has a drop '2020-01-01' before its newest. "
        f"Known: cher2 has {EARLIER}, {NEWEST}."
    )


def test_an_earlier_drop_that_cannot_be_read_is_said_and_its_log_has_why(copy):
    with drop(copy, EARLIER).open("a", encoding="utf-8") as file:
        file.write('MBC-999,"')
    run = snakemake(copy, *PROFILE, "results/cher2/drop/drop.md")
    assert run.returncode == 0, run.stderr
    made = (copy / "results/cher2/drop/drop.md").read_text(encoding="utf-8")
    said = "the row cannot be split into fields (unexpected end of data)"
    assert f"The drops are not compared: {said}." in made
    assert "Gates passed: 0 of 4." in made
    log = (copy / "results/cher2/drop/drop.log").read_text(encoding="utf-8")
    assert log.startswith(f"study cher2, file data/cher2/drops/{EARLIER}.csv, row 175: {said}.")


def test_a_gate_fails_the_run_after_everything_is_written(copy):
    text = drop(copy, NEWEST).read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    bone = header.split(",").index("bone")
    for i in range(0, 60, 3):
        cells = rows[i].split(",")
        cells[bone] = {"Y": "N", "N": "Y"}[cells[bone]]
        rows[i] = ",".join(cells)
    drop(copy, "2021-06-01").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    failed = snakemake(copy, *PROFILE)
    assert failed.returncode == 1
    gates = [line.strip() for line in failed.stderr.splitlines() if "GATE" in line]
    # 20 of 177: one of the 20 is there twice, and its rows contradict each other now
    assert gates == [
        f"GATE  study cher2, drop 2021-06-01 against {NEWEST}: cells_changed_percent: column bone has 11.3 % "
        "of its cells changed, above 5"
    ]
    assert "Traceback" not in failed.stderr + failed.stdout
    results = content(copy)
    assert "gates.txt" not in results and b"cells_changed_percent" in results["report.html"]
    assert (
        b"2021-06-01" in results["cher2/drop/drop.md"]
        and f"ctc of {NEWEST}".encode() in results["provenance.json"]
    )
    # and again, although nothing else is left to do
    assert jobs(copy) == {("gate", ""), ("all", "")}
    assert snakemake(copy, *PROFILE).returncode == 1


def test_the_workflow_file_runs_the_loop_where_the_patients_are():
    text = (Path(ROOT) / ".github/workflows/drops.yml").read_text(encoding="utf-8")
    loop = yaml.safe_load(text)
    assert loop["permissions"] == {"contents": "read"}
    # drops are not in git, so that no commit of one can start it (YAML 1.1 reads the key `on` as true)
    assert set(loop[True]) == {"workflow_dispatch", "schedule", "pull_request"}
    assert not any("drops" in path or "raw" in path for path in loop[True]["pull_request"]["paths"])
    job = loop["jobs"]["drop"]
    assert "self-hosted" in job["runs-on"] and "head.repo.full_name == github.repository" in job["if"]
    steps = job["steps"]
    place = steps.index({"run": "make results"})
    assert "$RECOHORT_RAW" in steps[place - 1]["run"] and "rm -f" in steps[place - 1]["run"]
    assert all("!cancelled()" in step["if"] for step in steps[place + 1 :])
    # nothing but drop.md is posted or uploaded
    posted = " ".join(step.get("run", "") for step in steps[place + 1 :])
    assert set(re.findall(r"\S*results/\S+", posted)) == {"results/*/drop/drop.md"}
    assert not any("upload" in step.get("uses", "") for step in steps)


def test_actions_are_pinned_by_hash():
    for name in ("ci.yml", "drops.yml"):
        text = (Path(ROOT) / ".github/workflows" / name).read_text(encoding="utf-8")
        used = re.findall(r"uses: (.+)", text)
        assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)


def test_a_level_that_only_the_newest_drop_lacks_is_empty(copy):
    plan = copy / "data/cher2/study.yaml"
    lines = drop(copy, NEWEST).read_text(encoding="utf-8").splitlines()
    at = lines[0].split(",").index("draw")
    treated = [line for line in lines[1:] if line.split(",")[at].casefold() != "on treatment"]
    assert 1 < len(treated) < len(lines) - 1
    drop(copy, "2021-06-01").write_text("\n".join([lines[0], *treated]) + "\n", encoding="utf-8")
    run = snakemake(copy, *PROFILE, "results/cher2/cohort/cohort.parquet")
    assert run.returncode == 0, run.stderr
    # a spelling that no drop has is still a mistake
    text = plan.read_text(encoding="utf-8").replace("on treatment]", "on treatment, on treatmnt]")
    plan.write_text(text, encoding="utf-8")
    run = snakemake(copy, *PROFILE, "results/cher2/cohort/cohort.parquet")
    assert run.returncode == 1
    assert "the level 'on treatmnt' of draw never occurs in the extract" in run.stderr


def test_a_newest_drop_without_a_sound_row_names_the_columns_that_changed_places(copy):
    header, *rows = (line.split(",") for line in drop(copy, NEWEST).read_text(encoding="utf-8").splitlines())
    i, j = header.index("draw_date"), header.index("draw")
    for row in rows:
        row[i], row[j] = row[j], row[i]
    lines = [",".join(row) for row in [header, *rows]]
    drop(copy, "2021-06-01").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = snakemake(copy, *PROFILE, "results/cher2/cohort/cohort.parquet")
    assert run.returncode == 1
    (line,) = [line for line in run.stderr.splitlines() if "every row is in the quarantine" in line]
    assert line.endswith(
        "Since the drop before, the columns draw_date and draw changed places: ask for the extract again."
    ) or line.endswith(
        "Since the drop before, the columns draw and draw_date changed places: ask for the extract again."
    )
