"""What is timed: tasks, shapes, sizes and engines, and the time that each may take."""

from typing import NamedTuple

TASKS = ("cox", "logistic", "batch", "bootstrap", "read", "job")
OURS = "recohort"
R = ("R", "R-fit")
PEERS = {
    "cox": ("lifelines", "statsmodels", "scikit-survival", "greenwood"),
    "logistic": ("statsmodels", "statsmodels GLM"),
    "batch": ("statsmodels",),
    "bootstrap": (),
    "read": ("pandas",),
}
# a run of a peer may take so long; recohort is what is asked about and R the yardstick: they may take longer
CAP_SECONDS = 60
LONG_CAP_SECONDS = 400
LEAST_RUNS = 5
MOST_RUNS = 25
# runs that take longer together are fewer than LEAST_RUNS
LONG_SECONDS = 30
R_LONG_SECONDS = 50

# the last has another response in Cox models only
HELD_OUT = ("continuous", "skewed levels", "few events", "ties in years")


class Case(NamedTuple):
    """A task at a shape of n rows, and the engines that do it in turn."""

    task: str
    shape: str
    n: int
    engines: tuple

    def __str__(self):
        return f"{self.task}, {self.shape}, {self.n:,} rows"


def everything():
    """The default set, small before large: what is too slow at one size is not tried at the next."""
    return [
        *(_with_peers("cox", "registry", n) for n in (1_000, 10_000, 100_000, 1_000_000, 10_000_000)),
        *(_with_peers("cox", shape, 10_000) for shape in HELD_OUT),
        Case("cox", "one flag", 1_000_000, (OURS, *R)),
        *(_with_r("cox", shape, 1_000_000) for shape in HELD_OUT),
        *(_with_peers("logistic", "registry", n) for n in (10_000, 100_000, 1_000_000)),
        *(_with_r("logistic", shape, 1_000_000) for shape in HELD_OUT[:3]),
        _with_peers("batch", "study", 766),
        Case("batch", "study", 1_000_000, (OURS, *R)),
        *(_with_r("batch", "study, age in years", n) for n in (766, 100_000)),
        *(Case("bootstrap", "registry", n, (OURS, *R)) for n in (1_000, 100_000)),
        *(_read(n) for n in (10_000, 100_000, 1_000_000)),
        # pandas would fill the memory
        _read(10_000_000)._replace(engines=(OURS, "R")),
    ]


def quick():
    """Every task and shape at small sizes: to see that all works, not how fast it is."""
    return [
        *(_with_peers("cox", "registry", n) for n in (1_000, 4_000)),
        *(_with_peers("cox", shape, 4_000) for shape in ("one flag", *HELD_OUT)),
        *(_with_peers("logistic", shape, 4_000) for shape in ("registry", *HELD_OUT[:3])),
        *(_with_r("batch", shape, 766) for shape in ("study", "study, age in years")),
        Case("bootstrap", "registry", 1_000, (OURS, *R)),
        _read(10_000),
    ]


def cap_seconds(engine):
    """How long one run of an engine may take."""
    return LONG_CAP_SECONDS if engine in (OURS, *R) else CAP_SECONDS


def runs_after(engine, first_seconds):
    """How many runs follow a first one that took so long; 0 if the first has to serve."""
    in_time = int((R_LONG_SECONDS if engine in R else LONG_SECONDS) / first_seconds) - 1
    if in_time < LEAST_RUNS:
        return max(in_time, 0)
    return min(max(LEAST_RUNS, int(1 / first_seconds)), MOST_RUNS)


def _with_peers(task, shape, n):
    return Case(task, shape, n, (OURS, *R, *PEERS[task]))


def _with_r(task, shape, n):
    return Case(task, shape, n, (OURS, "R"))


def _read(n):
    return Case("read", "registry export", n, (OURS, "R", *PEERS["read"]))
