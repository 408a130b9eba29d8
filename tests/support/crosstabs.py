"""Cross-tables of invented patients."""

import pandas as pd
from support.analyses import analysis_of

from recohort.analyses.estimate import estimate
from recohort.protocol.model import Population, Protocol, Variable

SCORE = Variable("score", "category", "Score", levels=("low", "mid", "high"))


GROUP = Variable("group", "category", "Group", levels=("a", "b"), reference="b")


SICK = Variable("sick", "flag", "Sick", levels=("no", "yes"))


SEEN = Variable("seen", "flag", "Seen", levels=("no", "yes"))


STUDY = Protocol(
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
    populations={"all": Population("all", "All")},
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
    return estimate(frame, STUDY, analysis_of("it", kind, "", ("all",), options))[:2]
