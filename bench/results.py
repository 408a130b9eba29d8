"""The rows of bench/results.csv."""

import csv
import statistics

import numpy as np

from bench import cases

COLUMNS = (
    "task",
    "shape",
    "n",
    "columns",
    "engine",
    "seconds",
    "peak_mb",
    "ratio_to_r",
    "runs",
    "fastest",
    "slowest",
    "first",
    "beyond_mb",
    "difference",
    "version",
    "machine",
    "note",
)
NUMBERS = ("seconds", "peak_mb", "ratio_to_r", "fastest", "slowest", "first", "beyond_mb", "difference")


def rows_of(case, n_columns, engines, left_out, machine):
    """
    One row an engine, those without a time too.

    Parameters
    ----------
    case : Case
    n_columns : int
        Columns of the design.
    engines : list of Engine
    left_out : dict of str to str
        Those that were not tried, and why.
    machine : str

    Returns
    -------
    list of dict
        With the keys COLUMNS. seconds is the median; first the first run, which is among the others only if
        it is the only one; difference the largest relative one from R as far as R converges; None where
        there is nothing to say.
    """
    shared = {"task": case.task, "shape": case.shape, "n": case.n, "columns": n_columns, "machine": machine}
    by_name = {engine.name: engine for engine in engines}
    r = by_name.get("R")
    rows = []
    for name in case.engines:
        row = dict.fromkeys(COLUMNS) | shared | {"engine": name}
        if name in left_out or by_name[name].left_out:
            reason = left_out.get(name) or by_name[name].left_out
            rows.append(row | {"runs": 0, "note": f"left out: {reason}"})
        else:
            rows.append(row | _measured(by_name[name], None if r is None or r.left_out else r))
    return rows


def rows_of_job(timed, machine):
    """
    One row a step of the job.

    Parameters
    ----------
    timed : list of tuple of Step and list of float
        As of `job.time_job`.
    machine : str

    Returns
    -------
    list of dict
        Without a ratio to R, whose script does another amount of work, and without memory.
    """
    rows = []
    for step, seconds in timed:
        row = dict.fromkeys(COLUMNS) | {"task": "job", "shape": step.shape, "engine": step.engine}
        row |= {"machine": machine, "note": step.note}
        rows.append(row | (_spread(seconds) if seconds else {"runs": 0, "note": "left out: not installed"}))
    return rows


def _spread(seconds):
    """Median, range and number of the runs after the first; of the first if it is the only one."""
    later = seconds[1:] or seconds
    return {
        "seconds": statistics.median(later),
        "fastest": min(later),
        "slowest": max(later),
        "first": seconds[0],
        "runs": len(later),
    }


def _measured(engine, r):
    spread = _spread(engine.seconds)
    coefficients = np.array(engine.answer["coefficients"])
    notes = [] if len(engine.seconds) > 1 else ["no warm-up: the first run is the only one"]
    if len(engine.answer["std_errors"]) and np.isnan(engine.answer["std_errors"]).all():
        notes.append("no standard errors")
    return spread | {
        "peak_mb": engine.answer["peak_mb"],
        "beyond_mb": engine.answer["beyond_mb"],
        "ratio_to_r": _spread(r.seconds)["seconds"] / spread["seconds"] if r else None,
        "difference": difference(engine.answer, r.answer) if r and coefficients.size else None,
        "version": engine.version,
        "note": "; ".join(notes),
    }


def difference(answer, reference):
    """
    The largest relative difference between an answer and R's converged one.

    Parameters
    ----------
    answer : dict
        coefficients and std_errors.
    reference : dict
        reference_coefficients and reference_std_errors.

    Returns
    -------
    float
        Of coefficients and standard errors, an effect smaller than its standard error in standard errors;
        infinite where a number is missing. Without any standard errors, of the coefficients alone.
    """
    found, r = (
        np.atleast_1d(np.asarray(x, float))
        for x in (answer["coefficients"], reference["reference_coefficients"])
    )
    errors, r_errors = (
        np.atleast_1d(np.asarray(x, float)) for x in (answer["std_errors"], reference["reference_std_errors"])
    )
    if found.shape != r.shape:
        return np.inf
    size = np.maximum(np.abs(r), r_errors) if r_errors.size else np.abs(r)
    gaps = np.abs(found - r) / size
    if errors.size and not np.isnan(errors).all():
        gaps = np.append(gaps, np.abs(errors - r_errors) / r_errors)
    return float(np.nan_to_num(gaps, nan=np.inf).max())


def too_slow(case, rows, cap_seconds):
    """
    The engines that would pass their cap, were time to grow as it has, and at least with the rows.

    Parameters
    ----------
    case : Case
    rows : list of dict
        Measured before, at fewer rows or in another shape.
    cap_seconds : callable
        Engine -> seconds.

    Returns
    -------
    dict of str to str
        Engine and reason.
    """
    left_out = {}
    for name in case.engines:
        before = [
            row for row in rows if (row["task"], row["engine"]) == (case.task, name) and row["n"] <= case.n
        ]
        same_shape = [row for row in before if row["shape"] == case.shape]
        if not before:
            continue
        *_, row = sorted(same_shape or before, key=lambda row: row["n"])
        place, cap = f"{row['shape']}, {row['n']:,} rows", cap_seconds(name)
        if row["seconds"] is None:
            left_out[name] = f"{row['note'].removeprefix('left out: ')} ({place})"
        elif row["seconds"] * (case.n / row["n"]) ** max(1, _power(before, row)) > cap:
            left_out[name] = f"{row['seconds']:.3g} s ({place}), a run here would pass {cap} s"
    return left_out


def _power(rows, last):
    """The power of n by which the time has grown to a last row from the one before it; 1 if there is none."""
    smaller = [row for row in rows if row["shape"] == last["shape"] and row["n"] < last["n"]]
    if not smaller:
        return 1
    row = max(smaller, key=lambda row: row["n"])
    return np.log(last["seconds"] / row["seconds"]) / np.log(last["n"] / row["n"])


def merged(old, new):
    """Old rows, with those of the same task, shape and n as a new one replaced by the new, by task."""
    replaced = {_group(row) for row in new}
    rows = [row for row in old if _group(row) not in replaced] + new
    return sorted(rows, key=lambda row: cases.TASKS.index(row["task"]))


def _group(row):
    return row["task"], row["shape"], row["n"]


def write(rows, path):
    """Write rows, numbers to four digits."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            shown = {name: f"{row[name]:.4g}" for name in NUMBERS if row[name] is not None}
            writer.writerow(row | shown)


def read(path):
    """The rows that `write` has written, an empty list if there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    for row in rows:
        row |= {name: float(row[name]) for name in NUMBERS if row[name] is not None}
        row |= {name: int(row[name]) for name in ("n", "columns", "runs") if row[name] is not None}
    return rows
