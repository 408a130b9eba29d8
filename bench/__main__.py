"""
Times of engine and peers on this machine: `make bench`, or `make bench TASKS="cox read"` for some tasks.

Writes results.csv (a row per task, shape, size and engine), results.md (goals and medians) and growth.svg and
.png. Rows of tasks that are not run stay as they are.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench import cases, export, growth, job, machine, report, results, shapes, turns

ROOT = Path(__file__).parents[1]


def main():
    options = _options()
    tasks = options.tasks or cases.TASKS
    folder = ROOT / "results/bench" if options.quick else ROOT / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    here = machine.describe()
    print(f"{here}\n{machine.versions()}")
    chosen = [case for case in (cases.quick() if options.quick else cases.everything()) if case.task in tasks]
    old, new = results.read(folder / "results.csv"), []
    for case in chosen:
        new += _time(case, new, here)
        # each case at once: what was measured outlasts a run that is broken off
        results.write(results.merged(old, new), folder / "results.csv")
    if "job" in tasks and not options.quick:
        new += results.rows_of_job(job.time_job(_progress), here)
    rows = results.merged(old, new)
    results.write(rows, folder / "results.csv")
    (folder / "results.md").write_text(report.markdown(rows))
    if growth.lines_of(rows):
        growth.save(growth.figure(rows), folder)
    print(report.summary(rows))
    print(f"Written to {folder}: results.csv, results.md and, of Cox models, growth.svg and .png")
    if wrong := report.ours_that_differ(rows):
        sys.exit("\n".join(wrong))


def _options():
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(cases.TASKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, written to results/bench")
    options = parser.parse_args()
    if unknown := set(options.tasks) - set(cases.TASKS):
        parser.error(f"no task {', '.join(sorted(unknown))}: choose from {', '.join(cases.TASKS)}")
    return options


def _time(case, before, here):
    """The rows of one case."""
    start = time.perf_counter()
    left_out = results.too_slow(case, before, cases.cap_seconds)
    with tempfile.TemporaryDirectory() as folder:
        n_columns = _make_table(case, Path(folder))
        engines = turns.time_in_turn(case, Path(folder), left_out)
    rows = results.rows_of(case, n_columns, engines, left_out, here)
    _progress(f"{case}: {time.perf_counter() - start:.0f} s")
    for row in rows:
        _progress("    " + report.line(row))
    return rows


def _make_table(case, folder):
    """Write what the engines of a case read, and return the columns of its design."""
    if case.task == "read":
        return export.write(case.n, folder)
    table = shapes.make(case.shape, case.n)
    if case.task == "bootstrap":
        table = shapes.resampled(table)
    shapes.save(table, folder)
    return table.n_columns


def _progress(text):
    print(text, flush=True)


if __name__ == "__main__":
    main()
