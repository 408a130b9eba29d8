"""What the engine is to reach, and whether it does."""

from typing import NamedTuple

OURS = "recohort"
OTHERS = ("R-fit", "lifelines", "statsmodels", "scikit-survival", "greenwood")


COX = ("cox", "registry", 1_000_000)
LARGE_COX = ("cox", "registry", 10_000_000)
LOGISTIC = ("logistic", "registry", 1_000_000)
BOOTSTRAP = ("bootstrap", "registry", 100_000)
READ = ("read", "registry export", 10_000_000)
ALONE = ("job", "gim14 alone", None)
DEFAULT = ("job", "default run", None)
NOTHING = ("job", "nothing to do", None)
EDITED = ("job", "edited label", None)
SCRIPT = ("job", "R script of gim14", None)


class Goal(NamedTuple):
    """
    One measure of an engine: at least, or at most, a number.

    against : tuple of str
        Engines whose fastest the seconds are set against; () for the engine's own measure, which has a limit.
    times : tuple, optional
        The case of R's plain script whose seconds the limit multiplies: at most so many times as long.
    """

    text: str
    case: tuple
    engine: str
    against: tuple
    wanted: float
    measure: str = "seconds"
    times: tuple = ()


GOALS = (
    Goal("Cox, 10 covariates, 1,000,000 rows: times R", COX, OURS, ("R",), 80),
    Goal("  the same: times the best other peer", COX, OURS, OTHERS, 40),
    Goal("Cox, 1 covariate, 1,000,000 rows: times R", ("cox", "one flag", 1_000_000), OURS, ("R",), 150),
    Goal("Cox, 10 numbers, 1,000,000 rows: times R", ("cox", "continuous", 1_000_000), OURS, ("R",), 10),
    Goal("Logistic, 10 covariates, 1,000,000 rows: times R", LOGISTIC, OURS, ("R",), 80),
    Goal("96 Cox and 14 logistic models, 766 rows: times R", ("batch", "study", 766), OURS, ("R",), 6),
    Goal("  the same at 1,000,000 rows", ("batch", "study", 1_000_000), OURS, ("R",), 75),
    Goal("A bootstrap replicate, 100,000 rows: times coxph.fit", BOOTSTRAP, OURS, ("R-fit",), 12),
    Goal("Cox, 10 covariates, 10,000,000 rows: seconds", LARGE_COX, OURS, (), 2),
    Goal("  the same: MB beyond the table", LARGE_COX, OURS, (), 2000, "beyond_mb"),
    Goal("30 columns, 10,000,000 rows read and checked: times R", READ, OURS, ("R",), 0.67),
    Goal("  the same: MB", READ, OURS, (), 3815, "peak_mb"),
    Goal("gim14, extract to report: times its R script", ALONE, OURS, (), 2.5, times=SCRIPT),
    Goal("Default run of four studies: likewise", DEFAULT, OURS, (), 4.5, times=SCRIPT),
    Goal("  again, with nothing to do: likewise", NOTHING, OURS, (), 0.6, times=SCRIPT),
    Goal("  after an edit of a table's label: likewise", EDITED, OURS, (), 1.0, times=SCRIPT),
)  # fmt: skip


class Verdict(NamedTuple):
    """
    A goal and what was measured; got is None where it was not measured.

    missed_by : float
        How many times more would be needed; 1 or less if met.
    """

    text: str
    wanted: str
    got: float | None
    missed_by: float | None

    @property
    def word(self):
        if self.got is None:
            return "not measured"
        return "met" if self.missed_by <= 1 else f"missed by a factor of {self.missed_by:.3g}"


def judge(rows):
    """
    Every goal against the rows measured.

    Parameters
    ----------
    rows : list of dict
        As of `results.rows_of`.

    Returns
    -------
    list of Verdict
    """
    cells = {(row["task"], row["shape"], row["n"], row["engine"]): row for row in rows if row["seconds"]}
    return [*(_verdict(goal, cells) for goal in GOALS), _memory(cells)]


def _verdict(goal, cells):
    sign = ">=" if goal.against else "<="
    wanted = f"{sign} {goal.wanted}"
    engine = cells.get((*goal.case, goal.engine))
    others = [cells[*goal.case, name] for name in goal.against if (*goal.case, name) in cells]
    script = cells.get((*goal.times, "R")) if goal.times else None
    if engine is None or (goal.against and not others) or (goal.times and script is None):
        return Verdict(goal.text, wanted, None, None)
    if goal.times:
        got = engine["seconds"] / script["seconds"]
        return Verdict(goal.text, wanted, got, got / goal.wanted)
    if not goal.against:
        got = engine[goal.measure]
        return Verdict(goal.text, wanted, got, got / goal.wanted)
    got = min(row["seconds"] for row in others) / engine["seconds"]
    return Verdict(goal.text, wanted, got, goal.wanted / got)


def _memory(cells):
    """The largest ratio of our peak of memory to R's, over all that both have done."""
    text = "Peak of memory, the most times R's"
    ratios = {}
    for (*case, engine), row in cells.items():
        r = cells.get((*case, "R"))
        if engine == OURS and r and row["peak_mb"] and r["peak_mb"]:
            ratios[row["peak_mb"] / r["peak_mb"]] = f" ({engine}, {case[0]}, {case[1]}, {case[2]:,} rows)"
    if not ratios:
        return Verdict(text, "<= 1", None, None)
    worst = max(ratios)
    return Verdict(text + ratios[worst], "<= 1", worst, worst)
