"""What `make bench` says: goals, medians, what was left out, and whose answers differ."""

from bench import goals

# Largest difference from R: converged to rounding and, beyond so many rows, as it stops by default
AGREES, AGREES_AS_IT_STOPS = 1e-6, 1e-4
CONVERGED_ROWS = {"batch": 100_000}
MOST_CONVERGED_ROWS = 1_000_000
ORDER = ("recohort", "R", "R-fit")
ENGINES = """\
* recohort: from int8 codes and int32 days; coding of patterns, fit and covariance are on the clock.
* R: `coxph` and `glm`, a data frame with factors and a formula; R-fit: `coxph.fit` and `glm.fit` on a numeric
  matrix prepared before.
* lifelines `CoxPHFitter`, statsmodels `PHReg` and `Logit`, statsmodels GLM `GLM`, scikit-survival
  `CoxPHSurvivalAnalysis` (no standard errors), greenwood `CoxPH`: on a prepared numeric matrix. Efron's ties
  in all. Of these only statsmodels fits the logistic models too.
* bootstrap: seconds of one replicate, of several on the clock together. R draws its own; compared are the
  coefficients of recohort's first replicate with R's on the same rows.
* read: an extract of 30 columns read, cleaned and checked (levels, other spellings, missing codes, ranges,
  dates, repeated identifiers, logic, inclusion steps, an endpoint): recohort's cohort stage without writing,
  R's `fread` and pandas' `read_csv` with the same checks. recohort alone also keeps the line of each row, a
  ledger of changed cells and the refused rows with their reasons.
* job: whole processes. R's script does a part of the work, so no ratio is given.
"""


def line(row):
    """One row as a line of text."""
    if row["seconds"] is None:
        return f"{row['engine']:<16} {row['note']}"
    text = f"{row['engine']:<16} {_time(row['seconds']):>9}"
    if row["runs"]:
        spread = f"{_time(row['fastest'])} to {_time(row['slowest'])}"
        text += f"  ({spread}, {row['runs']} runs, first {_time(row['first'])})"
    if row["ratio_to_r"]:
        text += f"  {row['ratio_to_r']:.3g} times R"
    if row["peak_mb"]:
        text += f"  {row['peak_mb']:.0f} MB"
    if row["difference"] is not None:
        text += f"  differs {row['difference']:.0e}"
    return text + (f"  ({row['note']})" if row["note"] else "")


def summary(rows):
    """Goals, what was left out and whose answers differ, as text."""
    verdicts = goals.judge(rows)
    width = max(len(verdict.text) for verdict in verdicts)
    lines = ["", "Goals"]
    lines += [f"  {v.text:<{width}}  {v.wanted:>8}  {_number(v.got):>8}  {v.word}" for v in verdicts]
    return "\n".join([*lines, "", "Left out", *_indented(_left_out(rows)), "", *_indented(_differing(rows))])


def markdown(rows):
    """The same with the medians, as a page."""
    verdicts = goals.judge(rows)
    lines = [
        "# Benchmark",
        "",
        "Made by `make bench`; every number is in [results.csv](results.csv). Synthetic data: a seeded",
        "program makes the rows. Engines run in turn on the same ones, each in a process of its own; the",
        "table is in memory before the clock starts. Medians of the runs after a first one; in brackets how",
        "many times as fast as R's `coxph` and `glm`.",
        "",
        f"Machine: {'; '.join(dict.fromkeys(row['machine'] for row in rows))}.",
        f"Versions: {'; '.join(dict.fromkeys(row['version'] for row in rows if row['version']))}.",
        "",
        "| goal | wanted | measured | |",
        "|---|---|---|---|",
        *(f"| {v.text.strip()} | {v.wanted} | {_number(v.got)} | {v.word} |" for v in verdicts),
    ]
    for task in dict.fromkeys(row["task"] for row in rows):
        lines += ["", *_task_table(task, [row for row in rows if row["task"] == task])]
    lines += ["", "![How cost grows](growth.svg)", "", "## Engines", "", ENGINES, "## Left out", ""]
    lines += [f"* {text}" for text in _left_out(rows)]
    lines += ["", "## Answers", "", *(f"* {text}" for text in _differing(rows))]
    return "\n".join(lines) + "\n"


def ours_that_differ(rows):
    """Lines on our answers that are not R's: a time of another answer means nothing."""
    ours = [row for row in rows if row["engine"] == "recohort"]
    return [
        f"{_place(row)}: {row['engine']} differs from R by {row['difference']:.1g}"
        for row in ours
        if _differs(row)
    ]


def _task_table(task, rows):
    """Medians with the ratio to R, a column an engine."""
    found = dict.fromkeys(row["engine"] for row in rows)
    engines = [name for name in ORDER if name in found] + [name for name in found if name not in ORDER]
    cells = {(row["shape"], row["n"], row["engine"]): row for row in rows}
    yield f"## {task}"
    yield ""
    yield f"| shape | rows | {' | '.join(engines)} |"
    yield "|---|---:|" + "---:|" * len(engines)
    for shape, n in dict.fromkeys((row["shape"], row["n"]) for row in rows):
        shown = [_cell(cells.get((shape, n, engine))) for engine in engines]
        yield f"| {shape} | {'' if n is None else f'{n:,}'} | {' | '.join(shown)} |"


def _cell(row):
    if row is None or row["seconds"] is None:
        return ""
    ratio = "" if row["ratio_to_r"] is None or row["engine"] == "R" else f" (×{row['ratio_to_r']:.3g})"
    return _time(row["seconds"]) + ratio


def _left_out(rows):
    lines = [
        f"{row['engine']}, {_place(row)}: {row['note'].removeprefix('left out: ')}"
        for row in rows
        if row["seconds"] is None
    ]
    return lines or ["nothing"]


def _differing(rows):
    """Engines whose answers are not R's, with the largest difference."""
    checked = [row for row in rows if row["difference"] is not None]
    lines = [
        f"{len(checked)} answers were compared with R's, converged to rounding (beyond 1,000,000 rows, and "
        "100,000 of a batch, as it stops by default); largest differences:"
    ]
    for engine in dict.fromkeys(row["engine"] for row in checked):
        worst = max((row for row in checked if row["engine"] == engine), key=lambda row: row["difference"])
        lines.append(f"{engine}: {worst['difference']:.1g} ({_place(worst)})")
    return lines


def _differs(row):
    is_converged = (row["n"] or 0) <= CONVERGED_ROWS.get(row["task"], MOST_CONVERGED_ROWS)
    return row["difference"] is not None and row["difference"] > (
        AGREES if is_converged else AGREES_AS_IT_STOPS
    )


def _place(row):
    return f"{row['task']}, {row['shape']}" + ("" if row["n"] is None else f", {row['n']:,} rows")


def _indented(lines):
    return [f"  {text}" for text in lines]


def _time(seconds):
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _number(value):
    return "-" if value is None else f"{value:.3g}"
