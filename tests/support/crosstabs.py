"""Cross-tables of invented patients."""

import pandas as pd
from support import protocols

from recohort.analyses.estimate import estimate

SCORE = protocols.variable("score", "category", "Score", levels=("low", "mid", "high"))


GROUP = protocols.variable("group", "category", "Group", levels=("a", "b"), reference="b")


SICK = protocols.variable("sick", "flag", "Sick", levels=("no", "yes"))


SEEN = protocols.variable("seen", "flag", "Seen", levels=("no", "yes"))


STUDY = protocols.protocol(
    study="invented",
    title="",
    data="synthetic",
    description="",
    source={},
    extract={},
    unit="patients",
    codebook={v.name: v for v in (SCORE, GROUP, SICK, SEEN)},
    checks={},
    endpoints={},
    cohort=(),
    populations={"all": protocols.population("all", "All")},
    analyses={},
    assumptions=(),
)


def patients(cells, *names):
    """One row per patient from {(level, ...): count}; None is missing."""
    rows = [levels for levels, n in cells.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=list(names)).assign(in_all=True)
    for name in names:
        frame[name] = pd.Categorical(frame[name], categories=STUDY.codebook[name].levels)
    return frame


def run(frame, kind, **options):
    return estimate(frame, STUDY, protocols.analysis("it", kind, "", ("all",), options))[:2]
