"""The protocol of a study: data/<study>/study.yaml, read, checked against itself and turned into values."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from recohort.base.errors import RecohortError
from recohort.protocol import schema, yaml_file

YES_NO = ("no", "yes")
# The stages that estimate.
STAGES = ("logistic", "survival", "contingency")
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}


@dataclass(frozen=True)
class Variable:
    """One entry of the codebook; the schema documents each key."""

    name: str
    type: str
    label: str
    column: str | None = None
    levels: tuple = ()
    levels_from_dictionary: bool = False  # then some may never have been chosen
    reference: str | None = None
    recode: dict = field(default_factory=dict)
    missing: tuple = ()
    positive: tuple = ("yes", "y", "true", "1")
    negative: tuple = ("no", "n", "false", "0")
    formats: tuple = ("%Y-%m-%d",)
    decimal: str = "."
    thousands: str | None = None
    range: tuple | None = None
    unit: str | None = None
    per: float = 1.0
    required: bool = False
    unreadable: str = "quarantine"
    derive: str | dict | None = None
    guideline: dict | None = None

    @property
    def is_factor(self):
        return self.type in ("category", "flag")

    @property
    def days_per_unit(self):
        """Of a number that is a time; None for any other."""
        return DAYS.get(self.unit) if self.type == "number" else None


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
    event: tuple  # (variable, level)
    unit: str
    start: str | None = None
    end: str | None = None
    time: str | None = None
    entry: str | None = None


@dataclass(frozen=True)
class Step:
    """An inclusion criterion: a condition to keep, or the first row per unit."""

    step: str
    keep: str | None = None
    first: tuple = ()
    per: str | None = None


@dataclass(frozen=True)
class Population:
    """A named subgroup of the cohort."""

    name: str
    label: str
    steps: tuple = ()


@dataclass(frozen=True)
class Analysis:
    """What is computed: its kind, and the keys of that kind, with the default of each that has one."""

    name: str
    kind: str
    label: str
    populations: tuple
    options: dict

    @property
    def stage(self):
        return schema.kind(self.kind)["stage"]


@dataclass(frozen=True)
class Protocol:
    """A study as its protocol states it."""

    study: str
    title: str
    data: str
    description: str
    source: dict
    extract: dict
    unit: str
    codebook: dict
    checks: tuple
    endpoints: dict
    cohort: tuple
    populations: dict
    analyses: dict
    assumptions: tuple
    public: str = ""
    fail_when: dict = field(default_factory=dict)
    # how counts are shown: a disclosure.Rule, which the jobs that show them set; None for exactly
    rule: object = None

    def of_stage(self, stage):
        """The analyses that a stage computes, in the protocol's order."""
        return [analysis for analysis in self.analyses.values() if analysis.stage == stage]

    @property
    def stages(self):
        """The stages that have something to estimate in this study."""
        return [stage for stage in STAGES if self.of_stage(stage)]

    @property
    def missing(self):
        """Texts that mean missing in every column."""
        return frozenset(text.strip() for text in self.extract.get("missing", ()))


def read(path, check=True):
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
    _add_dictionaries(content, path.parent, study)
    populations = [Population("all", "All")]
    populations += [
        Population(name, entry["label"], _steps(entry["steps"]))
        for name, entry in content.get("populations", {}).items()
    ]
    protocol = Protocol(
        study=study,
        title=content["title"],
        data=content["data"],
        description=content.get("description", ""),
        source=content.get("source", {}),
        extract=content["extract"],
        unit=content["extract"].get("unit", "patients"),
        codebook={name: _variable(name, entry) for name, entry in content["codebook"].items()},
        checks=tuple(Check(**entry) for entry in content.get("checks", [])),
        endpoints={name: _endpoint(name, entry) for name, entry in content.get("endpoints", {}).items()},
        cohort=_steps(content["cohort"]),
        populations={population.name: population for population in populations},
        analyses={name: _analysis(name, entry) for name, entry in content["analyses"].items()},
        assumptions=tuple(re.findall(r"#\s*ASSUME:?\s+(.+)", path.read_text(encoding="utf-8-sig"))),
        public=content.get("public", ""),
        fail_when=content.get("fail_when", {}),
    )
    if check:
        from recohort.protocol import check as consistency

        consistency.check(protocol, path)
    return protocol


def _validate(content, path, study):
    yaml_file.validate(content, schema.study(), file=path, study=study)
    for name, entry in content["analyses"].items():
        try:
            rules = schema.analysis(entry["kind"])
        except RecohortError as unknown:
            raise unknown.within(study=study, file=path, key=f"analyses.{name}.kind") from None
        yaml_file.validate(entry, rules, file=path, study=study, at=("analyses", name))


def _add_dictionaries(content, folder, study):
    """The fields of REDCap's dictionaries beside their files, and levels from them where none are written."""
    files = content["extract"]["files"]
    files = {k: file for k, file in files.items() if isinstance(file, dict) and "dictionary" in file}
    if not files:
        return
    from recohort.extract import read as extract
    from recohort.extract import redcap

    unwritten = {
        name: entry
        for name, entry in content["codebook"].items()
        if entry["type"] == "category" and not {"levels", "derive", "guideline"} & set(entry)
    }
    for name, file in files.items():
        file["fields"] = redcap.dictionary(extract.locate(file["dictionary"], folder, []), study)
        for variable, entry in unwritten.items():
            column = entry.get("column", variable).removeprefix(f"{name}.")
            missing = [*content["extract"].get("missing", []), *entry.get("missing", [])]
            replaced = {**dict.fromkeys(missing), **entry.get("recode", {})}
            values = file.get("values", "labels")
            entry["levels"] = entry.get("levels") or redcap.levels(column, file["fields"], values, replaced)
            entry["levels_from_dictionary"] = True


def _variable(name, entry):
    entry = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    if entry["type"] == "flag":
        entry.setdefault("levels", YES_NO)
    if "derive" not in entry and "guideline" not in entry:
        entry.setdefault("column", name)
    # as cells are, before they are compared
    if "missing" in entry:
        entry["missing"] = tuple(text.strip() for text in entry["missing"])
    for key in ("positive", "negative"):
        if key in entry:
            entry[key] = tuple(text.strip().casefold() for text in entry[key])
    return Variable(name=name, **entry)


def _endpoint(name, entry):
    return Endpoint(name=name, **{**entry, "event": next(iter(entry["event"].items()))})


def _steps(entries):
    return tuple(Step(**{**entry, "first": tuple(entry.get("first", ()))}) for entry in entries)


def _analysis(name, entry):
    rules = schema.analysis(entry["kind"])["properties"]
    options = {**schema.defaults(rules), "label": name, **entry}
    kind, label, populations = (options.pop(key) for key in ("kind", "label", "populations"))
    return Analysis(name, kind, label, tuple(populations), options)
