"""The protocol of a study: data/<study>/study.yaml, read, checked against itself and turned into values."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from recohort.base.errors import RecohortError
from recohort.extract import formats
from recohort.protocol import drops as dates
from recohort.protocol import schema, yaml_file

YES_NO = ("no", "yes")
# The stages that estimate.
STAGES = ("logistic", "survival", "contingency")
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
# From and to: two numbers, or two dates as ISO texts.
Range = tuple[Any, Any]


@dataclass(frozen=True)
class Variable:
    """One entry of the codebook; the schema documents each key."""

    name: str
    type: str
    label: str
    column: str | None
    levels: tuple[str, ...]
    reference: str | None
    recode: dict[str, str | None]
    missing: tuple[str, ...]
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    formats: tuple[str, ...]
    decimal: str
    thousands: str | None
    range: Range | None
    unit: str | None
    per: float
    required: bool
    unreadable: str
    derive: str | dict[str, str] | None
    guideline: dict[str, str] | None
    levels_from_dictionary: bool = False  # then some may never have been chosen

    @property
    def is_factor(self) -> bool:
        return self.type in ("category", "flag")

    @property
    def days_per_unit(self) -> float | None:
        """Of a number that is a time; None for any other."""
        return DAYS.get(self.unit) if self.type == "number" and self.unit is not None else None


@dataclass(frozen=True)
class Check:
    """Logic across fields: a row where `require` is false is quarantined with `check` as the reason."""

    check: str
    require: str


@dataclass(frozen=True)
class Endpoint:
    """A time to an event: from two dates, or from a number with a unit."""

    name: str
    label: str
    event: tuple[str, str]  # (variable, level)
    unit: str
    start: str | None
    end: str | None
    time: str | None
    entry: str | None


@dataclass(frozen=True)
class Step:
    """An inclusion criterion: a condition to keep, or the first row per unit."""

    step: str
    keep: str | None
    first: tuple[str, ...]
    per: str | None


@dataclass(frozen=True)
class Population:
    """A named subgroup of the cohort."""

    name: str
    label: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Analysis:
    """What is computed: its kind, and the keys of that kind, with the default of each that has one."""

    name: str
    kind: str
    label: str
    populations: tuple[str, ...]
    options: dict[str, Any]

    @property
    def stage(self) -> str:
        stage: str = schema.kind(self.kind)["stage"]
        return stage


@dataclass(frozen=True)
class Protocol:
    """A study as its protocol states it."""

    study: str
    title: str
    data: str
    description: str
    source: dict[str, Any]
    extract: dict[str, Any]
    unit: str
    codebook: dict[str, Variable]
    checks: tuple[Check, ...]
    endpoints: dict[str, Endpoint]
    cohort: tuple[Step, ...]
    populations: dict[str, Population]
    analyses: dict[str, Analysis]
    assumptions: tuple[str, ...]
    public: str
    fail_when: dict[str, Any]
    # how counts are shown: a disclosure.Rule, which the jobs that show them set; None for exactly
    rule: Any = None

    def of_stage(self, stage: str) -> list[Analysis]:
        """The analyses that a stage computes, in the protocol's order."""
        return [analysis for analysis in self.analyses.values() if analysis.stage == stage]

    @property
    def stages(self) -> list[str]:
        """The stages that have something to estimate in this study."""
        return [stage for stage in STAGES if self.of_stage(stage)]

    @property
    def missing(self) -> frozenset[str]:
        """Texts that mean missing in every column."""
        return frozenset(text.strip() for text in self.extract["missing"])


def read(path: str | Path, check: bool = True) -> Protocol:
    """
    Read and check a protocol; its analyses are held against it by `analyses.check.check`.

    Parameters
    ----------
    path : str or Path
        study.yaml; the name of its folder is the name of the study.
    check : bool
        False in the jobs of a run, which checked every protocol before its first job: importing what checks
        takes longer than most jobs.

    Returns
    -------
    Protocol

    Raises
    ------
    RecohortError
        For an unknown key, name, level or unit, an expression that does not parse, a reference that is not a
        level, and whatever else `consistency` finds: with the file, the key and the nearest right spelling.
    """
    path = Path(path)
    content = yaml_file.read(path)
    study = path.absolute().parent.name
    if check:
        _validate(content, path, study)
    assumptions = re.findall(r"#\s*ASSUME:?\s+(.+)", path.read_text(encoding="utf-8-sig"))
    protocol = made(content, study, path.parent, assumptions)
    if check:
        from recohort.protocol import check as consistency

        consistency.check(protocol, path)
    return protocol


def made(
    content: dict[str, Any], study: str, folder: Path = Path(), assumptions: Iterable[str] = ()
) -> Protocol:
    """
    A protocol from its content.

    Parameters
    ----------
    content : dict
        As the schema allows it.
    study : str
        Its name.
    folder : Path, optional
        Where REDCap's dictionaries are.
    assumptions : list of str, optional

    Returns
    -------
    Protocol
    """
    files = {name: file(entry) for name, entry in content["extract"]["files"].items()}
    content = {**content, "extract": {**content["extract"], "files": files}}
    content = yaml_file.filled(content, schema.study())
    _add_dictionaries(content, folder, study)
    populations = [Population("all", "All", ())]
    populations += [
        Population(name, entry["label"], tuple(map(step, entry["steps"])))
        for name, entry in content["populations"].items()
    ]
    return Protocol(
        study=study,
        title=content["title"],
        data=content["data"],
        description=content["description"],
        source=content["source"],
        extract=content["extract"],
        unit=content["extract"]["unit"],
        codebook={name: variable(name, entry) for name, entry in content["codebook"].items()},
        checks=tuple(Check(**entry) for entry in content["checks"]),
        endpoints={name: endpoint(name, entry) for name, entry in content["endpoints"].items()},
        cohort=tuple(map(step, content["cohort"])),
        populations={population.name: population for population in populations},
        analyses={name: analysis(name, entry) for name, entry in content["analyses"].items()},
        assumptions=tuple(assumptions),
        public=content["public"],
        fail_when=content["fail_when"],
    )


def file(entry: str | dict[str, Any]) -> dict[str, Any]:
    """An entry of `extract.files` with every default: its format's own, then the schema's."""
    entry = {"path": entry} if isinstance(entry, str) else entry
    own = formats.of(Path(dates.path(entry))).defaults
    return yaml_file.filled({**own, **entry}, schema.part("file"))


def variable(name: str, entry: dict[str, Any]) -> Variable:
    """A variable from its entry in the codebook."""
    entry = yaml_file.whole(entry, schema.part("variable"))
    entry = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    if entry["type"] == "flag" and not entry["levels"]:
        entry["levels"] = YES_NO
    if entry["column"] is entry["derive"] is entry["guideline"] is None:
        entry["column"] = name
    # as cells are, before they are compared
    entry["missing"] = tuple(text.strip() for text in entry["missing"])
    for key in ("positive", "negative"):
        entry[key] = tuple(text.strip().casefold() for text in entry[key])
    return Variable(name=name, **entry)


def endpoint(name: str, entry: dict[str, Any]) -> Endpoint:
    """An endpoint from its entry in the protocol."""
    entry = yaml_file.whole(entry, schema.part("endpoint"))
    return Endpoint(name=name, **{**entry, "event": next(iter(entry["event"].items()))})


def step(entry: dict[str, Any]) -> Step:
    """A step of the cohort or of a population from its entry in the protocol."""
    entry = yaml_file.whole(entry, schema.part("step"))
    return Step(**{**entry, "first": tuple(entry["first"])})


def analysis(name: str, entry: dict[str, Any]) -> Analysis:
    """An analysis from its entry in the protocol."""
    options = {"label": name, **yaml_file.filled(entry, schema.analysis(entry["kind"]))}
    kind, label, populations = (options.pop(key) for key in ("kind", "label", "populations"))
    return Analysis(name, kind, label, tuple(populations), options)


def _validate(content: dict[str, Any], path: Path, study: str) -> None:
    yaml_file.validate(content, schema.study(), file=path, study=study)
    for name, entry in content["extract"]["files"].items():
        _can_be_read(name, {"path": entry} if isinstance(entry, str) else entry, path, study)
    for name, entry in content["analyses"].items():
        try:
            rules = schema.analysis(entry["kind"])
        except RecohortError as unknown:
            raise unknown.within(study=study, file=path, key=f"analyses.{name}.kind") from None
        yaml_file.validate(entry, rules, file=path, study=study, at=("analyses", name))


def _can_be_read(name: str, entry: dict[str, Any], path: Path, study: str) -> None:
    key = f"extract.files.{name}"
    if ("raw" in entry) == ("path" in entry):
        remedy = "Give one of them."
        raise RecohortError("needs either path or raw", study=study, file=path, key=key, remedy=remedy)
    try:
        formats.check(Path(dates.path(entry)), entry)
    except RecohortError as refused:
        raise refused.within(study=study, file=path, key=key) from None


def _add_dictionaries(content: dict[str, Any], folder: Path, study: str) -> None:
    """The fields of REDCap's dictionaries beside their files, and levels from them where none are written."""
    files = {name: entry for name, entry in content["extract"]["files"].items() if "dictionary" in entry}
    if not files:
        return
    from recohort.extract import read as extract
    from recohort.extract import redcap

    unwritten = {
        name: entry
        for name, entry in content["codebook"].items()
        if entry["type"] == "category" and not entry["levels"] and not {"derive", "guideline"} & set(entry)
    }
    for name, read_as in files.items():
        described = file(read_as["dictionary"])
        read_as["fields"] = redcap.dictionary(extract.locate(described, folder, []), described, study)
        for of_variable, entry in unwritten.items():
            # a variable that is neither derived nor by a guideline has a column
            column = cast(str, variable(of_variable, entry).column).removeprefix(f"{name}.")
            missing = [*content["extract"]["missing"], *entry["missing"]]
            replaced = {**dict.fromkeys(missing), **entry["recode"]}
            choices = redcap.levels(column, read_as["fields"], read_as["values"], replaced)
            entry["levels"] = entry["levels"] or choices
            entry["levels_from_dictionary"] = True
