"""
The files of results/: a row each, with who writes it, what it holds, its numbers and who may see it.

A file that has no row here is refused by a release.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from recohort.base.files import Types, Value, read_rows

# Who may see a file.
STAYS = "patient-level or a log: stays here"
INSIDE = "exact: leaves only where the study is not under disclosure control"
CONTROLLED = "exact here, under disclosure control where it leaves"
AS_IS = "leaves as it is"

# Stages that make a folder, whose files have the names of the analyses.
FOLDERS = {"tables", "figures"}
MODELS = ("logistic", "survival", "contingency")


class ResultFile(NamedTuple):
    """
    Files of the results.

    pattern : str
        Of their path in results/: `{study}`, `{stage}` one of the stages, `*` any part of a name.
    stages : tuple of str
        That write them, as the rules are called.
    holds : str
        What is in them.
    seen : str
        STAYS, INSIDE, CONTROLLED or AS_IS.
    numbers : dict of str to type, or None
        int or float of each column of numbers of a CSV, whose other columns are text; None of another file.
    """

    pattern: str
    stages: tuple[str, ...]
    holds: str
    seen: str
    numbers: Types | None = None

    @property
    def leaves(self) -> bool:
        """Whether it ever leaves the folder of results."""
        return self.seen != STAYS

    def read(self, *paths: str | Path) -> list[dict[str, Value]]:
        """
        The rows of some of them, one after the other: None for a number that is missing.

        Raises
        ------
        ValueError
            If they are no CSV.
        """
        if self.numbers is None:
            raise ValueError(f"{self.pattern} is no CSV")
        return [row for path in paths for row in read_rows(path, self.numbers)]

    def fits(self, path: str) -> bool:
        """Whether a path in results/, with `/`, is one of them."""
        slots = {"{study}": "[^/]+", "{stage}": f"(?:{'|'.join(self.stages)})", "*": "[^/]*"}
        parts = re.split(r"(\{study\}|\{stage\}|\*)", self.pattern)
        return re.fullmatch("".join(slots.get(part) or re.escape(part) for part in parts), path) is not None

    def paths(self, stages: Mapping[str, Collection[str]]) -> list[str]:
        """
        Where they are, for studies of which some stages run.

        Parameters
        ----------
        stages : dict of str to collection of str
            By study.

        Returns
        -------
        list of str
            From the project's folder; of a job that makes a whole folder, the folder.
        """
        makes_folder = not FOLDERS.isdisjoint(self.stages)
        pattern = str(Path(self.pattern).parent) if makes_folder else self.pattern
        found = [
            f"results/{pattern.format(study=study, stage=stage)}"
            for study, of_study in stages.items()
            for stage in self.stages
            if stage in of_study
        ]
        return list(dict.fromkeys(found))


def _numbers(whole: Collection[str] = (), real: Collection[str] = ()) -> Types:
    return {**dict.fromkeys(whole, int), **dict.fromkeys(real, float)}


ESTIMATES = ResultFile(
    "{study}/{stage}/estimates.csv",
    MODELS,
    "estimates and their intervals",
    CONTROLLED,
    _numbers(
        whole=(
            *("n", "events", "n_level", "events_level", "n_missing"),
            *("n_no_outcome", "n_no_covariate"),
        ),
        real=(
            *("estimate", "std_error", "ci_low", "ci_high", "p_value"),
            *("statistic", "df", "df_denominator", "at", "fmi"),
        ),
    ),
)
COUNTS = ResultFile(
    "{study}/contingency/counts.csv",
    ("contingency",),
    "cells of cross-tables",
    CONTROLLED,
    _numbers(whole=["n"]),
)
CURVES = ResultFile(
    "{study}/survival/curves.csv",
    ("survival",),
    "steps of survival curves",
    CONTROLLED,
    _numbers(
        whole=("at_risk", "events", "censored"),
        real=("time", "survival", "std_error", "ci_low", "ci_high"),
    ),
)
ATTRITION = ResultFile(
    "{study}/cohort/attrition.csv",
    ("cohort",),
    "counts of the flow",
    CONTROLLED,
    _numbers(whole=("order", "n", "n_unknown", "n_left")),
)
CLEANING = ResultFile(
    "{study}/cohort/cleaning.csv",
    ("cohort",),
    "counts of changed cells",
    CONTROLLED,
    _numbers(whole=["n"]),
)
CLAIMS = ResultFile(
    "{study}/audit/claims.csv",
    ("audit",),
    "printed numbers beside recomputed ones",
    CONTROLLED,
    _numbers(real=["recomputed"]),
)
CERTIFICATE = ResultFile(
    "{study}/certificate.csv",
    ("certificate",),
    "two engines compared",
    CONTROLLED,
    _numbers(
        real=(
            *("coefficient", "engine_coefficient", "std_error", "engine_std_error"),
            *("difference", "bound"),
        )
    ),
)
GATES = ResultFile("{study}/drop/gates.csv", ("drop",), "gates of a data drop", INSIDE, {})
SUMMARY_NUMBERS = ResultFile(
    "{study}/tables/summary-numbers.csv",
    ("tables",),
    "the numbers of the summaries, unrounded",
    AS_IS,
    _numbers(
        whole=("n", "n_missing", "n_ungrouped"), real=("median", "q1", "q3", "p_value", "std_difference")
    ),
)


def _twice(*names: str) -> list[str]:
    return [f"{name}_{when}" for name in names for when in ("before", "after")]


def _drop(name: str, holds: str, whole: Collection[str] = (), real: Collection[str] = ()) -> ResultFile:
    return ResultFile(f"{{study}}/drop/{name}.csv", ("drop",), holds, INSIDE, _numbers(whole, real))


def _printed(name: str, stage: str, holds: str) -> ResultFile:
    return ResultFile(f"{{study}}/{name}", (stage,), holds, AS_IS)


def _patients(name: str, stage: str, holds: str, numbers: Types | None = None) -> ResultFile:
    return ResultFile(f"{{study}}/cohort/{name}", (stage,), holds, STAYS, numbers)


# The first that fits a path is its row.
FILES = (
    ResultFile("report.html", ("report",), "the report, as printed", AS_IS),
    ResultFile(
        "provenance.json",
        ("provenance",),
        "what the run was made with, without hashes of controlled extracts and of results",
        AS_IS,
    ),
    SUMMARY_NUMBERS,
    _printed("tables/tables.json", "tables", "tables as printed"),
    _printed("tables/*.csv", "tables", "a table as printed"),
    _printed("tables/*.html", "tables", "a table as printed"),
    _printed("tables/*.docx", "tables", "a table as printed"),
    _printed("figures/*.svg", "figures", "a figure as printed"),
    _printed("figures/*.pdf", "figures", "a figure as printed"),
    _printed("figures/*.png", "figures", "a figure as printed"),
    ESTIMATES,
    COUNTS,
    CURVES,
    ATTRITION,
    CLEANING,
    CLAIMS,
    CERTIFICATE,
    _printed("drop/drop.md", "drop", "what a data drop changed, as printed"),
    _printed("drop/page.json", "drop", "what a data drop changed, as printed"),
    _drop("schema", "columns that a data drop changed"),
    _drop("columns", "cells that a data drop changed, counted", whole=("n", "changed", "filled", "emptied")),
    _drop("patients", "patients gone, new and changed, counted", whole=["n"]),
    _drop(
        "followup",
        "follow-up that a data drop changed, counted",
        whole=("n", "longer", "shorter", "lost", "found", "events_new", "events_undone"),
    ),
    _drop("attrition", "counts of the flow in two drops", whole=_twice("n", "left")),
    _drop(
        "estimates",
        "estimates in two drops",
        whole=_twice("n", "events", "n_level", "events_level"),
        real=(
            "at",
            *_twice("estimate", "ci_low", "ci_high", "p_value"),
            *("change", "std_error", "change_std_errors"),
            *("part_recoded", "part_follow_up", "part_patients"),
        ),
    ),
    _drop("verdicts", "verdicts in two drops"),
    GATES,
    _patients("cohort.parquet", "cohort", "the cohort, a row per patient"),
    _patients("ledger.csv", "cohort", "changed cells", _numbers(whole=["row"])),
    _patients("quarantine.csv", "cohort", "refused rows", _numbers(whole=["row"])),
    _patients("drop_cells.csv", "drop", "cells that a data drop changed", {}),
    _patients("drop_patients.csv", "drop", "patients gone, new and changed", {}),
    ResultFile("gates.txt", ("gate",), "that every gate passed", STAYS),
    ResultFile("*.log", (), "what a job said", STAYS),
    ResultFile("{study}/*.log", (), "what a job said", STAYS),
    ResultFile("{study}/*/*.log", (), "what a job said", STAYS),
)


def of(path: str) -> ResultFile | None:
    """
    The row of a file.

    Parameters
    ----------
    path : str
        In the folder of results, with `/`.

    Returns
    -------
    ResultFile or None
        None of a file that has no row.
    """
    return next((row for row in FILES if row.fits(path)), None)
