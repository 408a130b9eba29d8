"""The protocol of a study: data/<study>/study.yaml, read, checked against itself and turned into values."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from recohort import expressions, yamlfile
from recohort.errors import RecohortError, nearest

YES_NO = ("no", "yes")
# Stage that computes each kind of analysis; a summary is formatted straight from the cohort.
STAGES = {
    "summary": "tables",
    "logistic": "logistic",
    "cox": "survival",
    "curves": "survival",
    "fisher": "agreement",
    "rates": "agreement",
    "agreement": "agreement",
    "strategies": "agreement",
}
DAYS = {"days": 1.0, "months": 30.4375, "years": 365.25}


@dataclass(frozen=True)
class Variable:
    """One entry of the codebook; the schema documents each key."""

    name: str
    type: str
    label: str
    column: str | None = None
    levels: tuple = ()
    reference: str | None = None
    recode: dict = field(default_factory=dict)
    missing: tuple = ()
    positive: tuple = ("yes", "y", "true", "1")
    negative: tuple = ("no", "n", "false", "0")
    formats: tuple = ("%Y-%m-%d",)
    decimal: str = "."
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
    """What is computed: its kind, and the keys of that kind as the schema has them."""

    name: str
    kind: str
    label: str
    populations: tuple
    options: dict

    @property
    def stage(self):
        return STAGES[self.kind]


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
    checks: dict
    endpoints: dict
    cohort: tuple
    populations: dict
    analyses: dict
    assumptions: tuple

    def of_stage(self, stage):
        """The analyses that a stage computes, in the protocol's order."""
        return [analysis for analysis in self.analyses.values() if analysis.stage == stage]

    @property
    def stages(self):
        """The stages that have something to estimate in this study."""
        return [s for s in ("logistic", "survival", "agreement") if self.of_stage(s)]


def read(path):
    """
    Read and check a protocol.

    Parameters
    ----------
    path : str or Path
        study.yaml; the name of its folder is the name of the study.

    Returns
    -------
    Protocol

    Raises
    ------
    RecohortError
        For an unknown key, name, level or unit, an expression that does not parse, a reference that is not a level:
        with the file, the key and the nearest right spelling.
    """
    path = Path(path)
    content = yamlfile.read(path)
    check = _Check(path)
    check.schema(content)
    codebook = {name: _variable(name, entry) for name, entry in content["codebook"].items()}
    protocol = Protocol(
        study=path.parent.name,
        title=content["title"],
        data=content["data"],
        description=content.get("description", ""),
        source=content.get("source", {}),
        extract=content["extract"],
        unit=content["extract"].get("unit", "patients"),
        codebook=codebook,
        checks={entry["check"]: entry["require"] for entry in content.get("checks", [])},
        endpoints={name: _endpoint(name, entry) for name, entry in content.get("endpoints", {}).items()},
        cohort=_steps(content["cohort"]),
        populations={"all": Population("all", "All"), **{
            name: Population(name, entry["label"], _steps(entry["steps"]))
            for name, entry in content.get("populations", {}).items()
        }},
        analyses={name: _analysis(name, entry) for name, entry in content["analyses"].items()},
        assumptions=tuple(re.findall(r"#\s*ASSUME:?\s+(.+)", path.read_text(encoding="utf-8"))),
    )  # fmt: skip
    check.protocol(protocol)
    return protocol


def _variable(name, entry):
    entry = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    if entry["type"] == "flag":
        entry["levels"] = YES_NO
    if "derive" not in entry and "guideline" not in entry:
        entry.setdefault("column", name)
    for key in ("positive", "negative"):
        if key in entry:
            entry[key] = tuple(text.casefold() for text in entry[key])
    return Variable(name=name, **entry)


def _endpoint(name, entry):
    return Endpoint(name=name, **{**entry, "event": next(iter(entry["event"].items()))})


def _steps(entries):
    return tuple(Step(**{**entry, "first": tuple(entry.get("first", ()))}) for entry in entries)


def _analysis(name, entry):
    options = {key: value for key, value in entry.items() if key not in ("kind", "label", "populations")}
    populations = tuple(entry.get("populations", ["all"]))
    return Analysis(name, entry["kind"], entry.get("label", name), populations, options)


class _Check:
    """Everything a protocol can be held against without its data; the first problem is raised."""

    def __init__(self, path):
        self.path = path

    def fail(self, key, problem, remedy):
        raise RecohortError(problem, study=self.path.parent.name, file=self.path, key=key, remedy=remedy)

    def schema(self, content):
        rules = yamlfile.schema("study")
        study = self.path.parent.name
        yamlfile.validate(content, rules, file=self.path, study=study)
        for name, entry in content["analyses"].items():
            kind = {**rules["$defs"][entry["kind"]], "$defs": rules["$defs"]}
            yamlfile.validate(entry, kind, file=self.path, study=study, at=("analyses", name))

    def protocol(self, protocol):
        self.book = protocol.codebook
        self.codebook()
        self.extract(protocol.extract)
        for name, require in protocol.checks.items():
            self.expression(f"checks.{name}", require, self.book)
        for endpoint in protocol.endpoints.values():
            self.endpoint(endpoint)
        for population, steps in [("cohort", protocol.cohort)] + [
            (f"populations.{p.name}", p.steps) for p in protocol.populations.values()
        ]:
            self.steps(population, steps)
        for analysis in protocol.analyses.values():
            self.analysis(analysis, protocol)

    def codebook(self):
        earlier = {}
        for name, variable in self.book.items():
            key = f"codebook.{name}"
            sources = [variable.column, variable.derive, variable.guideline]
            if sum(source is not None for source in sources) != 1:
                self.fail(key, "has more than one of column, derive and guideline", "Keep one of them.")
            if variable.type == "category" and not variable.levels:
                self.fail(key, "is a category without levels", "List its levels in order.")
            if variable.levels and not variable.is_factor:
                self.fail(f"{key}.levels", f"a {variable.type} has no levels", "Make it a category or drop them.")
            if variable.reference is not None:
                self.known(f"{key}.reference", variable.reference, variable.levels, "a level")
            if variable.type == "category":
                for raw, level in variable.recode.items():
                    if level is not None:
                        self.known(f"{key}.recode.{raw}", level, variable.levels, "a level")
            if isinstance(variable.derive, dict):
                for level, condition in variable.derive.items():
                    self.known(f"{key}.derive", level, variable.levels, "a level")
                    self.expression(f"{key}.derive.{level}", condition, earlier)
            elif variable.derive is not None:
                if variable.type == "category":
                    self.fail(f"{key}.derive", "a category is derived level by level", "Give level: condition.")
                self.expression(f"{key}.derive", variable.derive, earlier)
            for role, other in (variable.guideline or {}).items():
                if role != "rules":
                    self.known(f"{key}.guideline.{role}", other, earlier, "an earlier variable")
            earlier[name] = variable

    def extract(self, extract):
        for i, join in enumerate(extract.get("joins", [])):
            self.known(f"extract.joins.{i}.file", join["file"], extract["files"], "a file")
        for name, file in extract["files"].items():
            if isinstance(file, dict) and ("raw" in file) + ("path" in file) != 1:
                self.fail(f"extract.files.{name}", "needs either path or raw", "Give one of them.")

    def endpoint(self, endpoint):
        key = f"endpoints.{endpoint.name}"
        variable, level = endpoint.event
        self.factor(f"{key}.event", variable)
        self.known(f"{key}.event.{variable}", level, self.book[variable].levels, "a level")
        dates, number = (endpoint.start, endpoint.end), endpoint.time
        if (number is None) == (None in dates) and number is None or (number is not None and dates != (None, None)):
            self.fail(key, "needs either start and end, or time", "Give one of them.")
        for role in ("start", "end", "time", "entry"):
            name = getattr(endpoint, role)
            if name is None:
                continue
            self.known(f"{key}.{role}", name, self.book, "a variable")
            wanted = "number" if number is not None else "date"
            if self.book[name].type != wanted:
                self.fail(f"{key}.{role}", f"{name!r} is a {self.book[name].type}, not a {wanted}", "Name another.")
            if wanted == "number" and self.book[name].unit not in DAYS:
                self.fail(f"codebook.{name}.unit", "a time needs a unit", "Give days, months or years.")

    def steps(self, key, steps):
        for i, step in enumerate(steps):
            if step.keep is not None:
                self.expression(f"{key}.{i}.keep", step.keep, self.book)
            for name in (*step.first, *([step.per] if step.per else [])):
                self.known(f"{key}.{i}", name, self.book, "a variable")

    def analysis(self, analysis, protocol):
        key, options = f"analyses.{analysis.name}", analysis.options
        for population in analysis.populations:
            self.known(f"{key}.populations", population, protocol.populations, "a population")
        if "endpoint" in options:
            self.known(f"{key}.endpoint", options["endpoint"], protocol.endpoints, "an endpoint")
        for role in ("by", "ihc"):
            if role in options:
                self.factor(f"{key}.{role}", options[role])
        for role in ("variables", "terms", "strata"):
            for name in options.get(role, []):
                self.known(f"{key}.{role}", name, self.book, "a variable")
                if role != "variables" and self.book[name].type in ("date", "text"):
                    self.fail(f"{key}.{role}", f"{name!r} is a {self.book[name].type}", "Name a category or a number.")
        for role in ("outcome", "outcomes", "fish", "test", "reference"):
            for name, level in options.get(role, {}).items():
                self.factor(f"{key}.{role}", name)
                self.known(f"{key}.{role}.{name}", level, self.book[name].levels, "a level")
        if isinstance(options.get("multivariable"), list):
            for name in options["multivariable"]:
                self.known(f"{key}.multivariable", name, options["terms"], "one of the terms")
        if analysis.kind == "fisher" and len(self.book[options["by"]].levels) != 2:
            self.fail(f"{key}.by", f"{options['by']!r} has not two levels", "Fisher's 2x2 test compares two groups.")
        if analysis.kind == "strategies":
            for role in ("negative", "equivocal", "positive"):
                for level in options[role]:
                    self.known(f"{key}.{role}", level, self.book[options["ihc"]].levels, "a level")

    def known(self, key, name, names, what):
        if name not in names:
            self.fail(key, f"{name!r} is not {what}", nearest(name, names))

    def factor(self, key, name):
        self.known(key, name, self.book, "a variable")
        if not self.book[name].is_factor:
            self.fail(key, f"{name!r} is a {self.book[name].type}", "Name a category or a flag.")

    def expression(self, key, text, names):
        try:
            tree = expressions.parse(text)
        except expressions.ExpressionError as error:
            self.fail(key, str(error), "See CONTRIBUTING.md, Expressions.")
        for name in expressions.names(tree):
            self.known(key, name, names, "a variable")
        for name, literal in expressions.literals(tree):
            if self.book[name].is_factor:
                self.known(key, literal, self.book[name].levels, f"a level of {name}")
