"""
A protocol held against itself before any data are read: names, levels, units, expressions, codes.

Its analyses are held against it by analyses/check.py.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from recohort.protocol import cell as cells
from recohort.protocol import expressions, schema, yaml_file
from recohort.protocol.expression_values import KINDS, Values
from recohort.protocol.model import Endpoint, Protocol, Step, Variable
from recohort.protocol.references import References

GUIDELINES = Path(__file__).parents[1] / "her2" / "guidelines"
# Keys of the codebook that have a meaning for some types or some sources only.
OF_TYPE: dict[str, set[str]] = {
    "category": {"levels", "reference"},
    "flag": {"levels", "reference", "positive", "negative"},
    "number": {"range", "decimal", "thousands", "unit", "per"},
    "date": {"range", "formats"},
    "text": set(),
}
OF_COLUMN = {
    "recode",
    "missing",
    "unreadable",
    "positive",
    "negative",
    "formats",
    "decimal",
    "thousands",
    "range",
}
OF_ANY = {"type", "label", "required", "column", "derive", "guideline"}
GUIDELINE_INPUTS = ({"ratio": "number", "copies": "number"}, {"group": "category", "ihc": "category"})
LANGUAGE = "What an expression may say is in docs/expressions.md."


def check(protocol: Protocol, path: Path) -> None:
    """
    Raise RecohortError for the first thing in a protocol that cannot be meant.

    Parameters
    ----------
    protocol : Protocol
        As its schema allows it.
    path : Path
        Named in the error, with the key and the nearest right spelling.
    """
    checker = _Checker(protocol, path)
    checker.extract()
    checker.codebook()
    checker.names()
    for entry in protocol.checks:
        checker.condition(f"checks.{entry.check}", entry.require, protocol.codebook)
    checker.once("checks", [entry.check for entry in protocol.checks])
    for endpoint in protocol.endpoints.values():
        checker.endpoint(f"endpoints.{endpoint.name}", endpoint)
    checker.steps("cohort", protocol.cohort)
    for population in protocol.populations.values():
        checker.steps(f"populations.{population.name}", population.steps)


class _Checker(References):
    def extract(self) -> None:
        files, joins = self.protocol.extract["files"], self.protocol.extract["joins"]
        for i, join in enumerate(joins):
            self.known(
                f"extract.joins.{i}.file", join["file"], list(files)[1:], "a file to join to the first"
            )
        self.once("extract.joins", [join["file"] for join in joins])
        unused = [name for name in list(files)[1:] if name not in [join["file"] for join in joins]]
        if unused and "prepare" not in self.protocol.extract:
            self.fail(
                f"extract.files.{unused[0]}", "is neither joined nor prepared", "Add it to extract.joins."
            )

    def codebook(self) -> None:
        earlier: dict[str, Variable] = {}
        for name, variable in self.book.items():
            key = f"codebook.{name}"
            self.keys(key, variable)
            self.levels(key, variable)
            self.limits(key, variable)
            if variable.column is not None:
                self.codes(key, variable)
            elif variable.derive is not None:
                self.derive(f"{key}.derive", variable, earlier)
            else:
                self.guideline(f"{key}.guideline", variable, earlier)
            earlier[name] = variable

    def keys(self, key: str, variable: Variable) -> None:
        sources = [variable.column, variable.derive, variable.guideline]
        if sum(source is not None for source in sources) != 1:
            self.fail(key, "has more than one of column, derive and guideline", "Keep one of them.")
        unset = yaml_file.whole({}, schema.part("variable"))
        given = {name for name, value in unset.items() if _listed(getattr(variable, name)) != value}
        in_vain = sorted(given - OF_ANY - OF_TYPE[variable.type] - {"recode", "missing", "unreadable"})
        if in_vain:
            self.fail(f"{key}.{in_vain[0]}", f"has no meaning for a {variable.type}", "Remove it.")
        in_vain = sorted(given & OF_COLUMN)
        if in_vain and variable.column is None:
            self.fail(
                f"{key}.{in_vain[0]}", "is for text from a column", "Remove it, or write it into the rule."
            )

    def levels(self, key: str, variable: Variable) -> None:
        if variable.type == "category" and not variable.levels:
            self.fail(key, "is a category without levels", "List its levels in order.")
        if variable.type == "flag" and variable.levels != ("no", "yes"):
            self.fail(
                f"{key}.levels", "a flag has the levels no and yes", "Make it a category or remove them."
            )
        if variable.reference is not None:
            self.known(f"{key}.reference", variable.reference, variable.levels, "a level")
        both = sorted(set(variable.positive) & set(variable.negative))
        if both:
            self.fail(
                f"{key}.positive", f"{both[0]!r} is among the negative too", "Remove it from one of them."
            )

    def limits(self, key: str, variable: Variable) -> None:
        if variable.type == "date":
            for pattern in variable.formats:
                if not _holds_a_year(pattern):
                    self.fail(
                        f"{key}.formats", f"{pattern!r} is not the format of a date", "Such as %d/%m/%Y."
                    )
        if variable.thousands is not None and variable.decimal in (variable.thousands, "either"):
            self.fail(
                f"{key}.thousands",
                f"{variable.thousands!r} may be the decimal mark too",
                "Say in `decimal` which other mark that is.",
            )
        if variable.range is None:
            if variable.type == "date" and any("%y" in pattern for pattern in variable.formats):
                self.fail(f"{key}.range", "years of two digits need one, to tell 1945 from 2045", "Add it.")
            return
        low, high = variable.range
        if variable.type == "date" and not all(_is_iso(end) for end in (low, high)):
            self.fail(
                f"{key}.range",
                f"{low} to {high} is not a range of dates",
                "Such as [1990-01-01, 2026-12-31].",
            )
        if variable.type == "number" and any(isinstance(end, str) for end in (low, high)):
            self.fail(f"{key}.range", f"{low} to {high} is not a range of numbers", "Such as [18, 110].")
        if low > high:
            self.fail(f"{key}.range", f"begins at {low} above its end {high}", "Turn it round.")

    def codes(self, key: str, variable: Variable) -> None:
        """Recoded texts that can be read, and codes for missing that are nothing else in this column."""
        for raw, to in variable.recode.items():
            if raw != raw.strip():
                self.fail(
                    f"{key}.recode.{raw}", "has a space at an end, which no text has here", "Remove it."
                )
            if to is not None and variable.is_factor:
                self.known(f"{key}.recode.{raw}", to, variable.levels, "a level")
            elif to is not None and (problem := cells.typed(to, variable).problem):
                self.fail(f"{key}.recode.{raw}", f"{to!r} is {problem}", "Correct it, or null for missing.")
        for code in sorted(self.protocol.missing - set(variable.missing) - set(variable.recode) - {""}):
            if variable.type != "text" and not cells.typed(code, variable).problem:
                self.fail(
                    "extract.missing",
                    f"{code!r} means missing in every column, and is a value of {variable.name}",
                    "Move it to `missing` of the variables that use it, or narrow this one's range.",
                )

    def derive(self, key: str, variable: Variable, earlier: Mapping[str, Variable]) -> None:
        derived = cast(str | dict[str, str], variable.derive)
        if isinstance(derived, dict) != (variable.type == "category"):
            self.fail(
                key, f"a {variable.type} is not derived so", "A category: level: condition; else: expression."
            )
        if isinstance(derived, dict):
            for level, condition in derived.items():
                self.known(key, level, variable.levels, "a level")
                self.condition(f"{key}.{level}", condition, earlier)
            for level in variable.levels:
                self.known(key, level, derived, "given a condition")
        elif variable.type == "flag":
            self.condition(key, derived, earlier)
        else:
            kind = self.expression(key, derived, earlier).values.dtype.kind
            if kind != {"number": "f", "date": "M"}.get(variable.type):
                what = KINDS[kind]
                self.fail(
                    key, f"{what} is derived for a {variable.type}", "Correct the type or the expression."
                )

    def guideline(self, key: str, variable: Variable, earlier: Mapping[str, Variable]) -> None:
        given = cast(dict[str, str], variable.guideline)
        rules = sorted(path.stem for path in GUIDELINES.glob("*.yaml"))
        self.known(f"{key}.rules", given["rules"], rules, "a guideline")
        if variable.type != "category":
            self.fail(key, f"gives a category, not a {variable.type}", "Correct the type.")
        inputs = {role: name for role, name in given.items() if role != "rules"}
        wanted = next((types for types in GUIDELINE_INPUTS if set(types) == set(inputs)), None)
        if wanted is None:
            self.fail(key, "needs ratio and copies, or group and ihc", "Name the variables.")
        for role, name in inputs.items():
            self.known(f"{key}.{role}", name, earlier, "an earlier variable")
            if earlier[name].type != wanted[role]:
                self.fail(
                    f"{key}.{role}",
                    f"{name!r} is a {earlier[name].type}, not a {wanted[role]}",
                    "Name another.",
                )

    def names(self) -> None:
        """Columns of the cohort that would overwrite each other."""
        taken = {"row", "id"}
        taken |= {f"in_{name}" for name in self.protocol.populations}
        taken |= {
            f"{name}_{part}"
            for name in self.protocol.endpoints
            for part in ("time_days", "event", "entry_days")
        }
        for name in self.book:
            if name in taken:
                self.fail(
                    f"codebook.{name}", "is a name that the cohort's table keeps for itself", "Rename it."
                )

    def endpoint(self, key: str, endpoint: Endpoint) -> None:  # type: ignore[override]  # itself, not its name
        self.level(f"{key}.event", *endpoint.event)
        dates = [endpoint.start, endpoint.end]
        if (dates == [None, None]) == (endpoint.time is None) or (endpoint.time is None and None in dates):
            self.fail(key, "needs either start and end, or time", "Give one of them.")
        wanted = "date" if endpoint.time is None else "number"
        for role in ("start", "end", "time", "entry"):
            name = getattr(endpoint, role)
            if name is None:
                continue
            self.known(f"{key}.{role}", name, self.book, "a variable")
            if self.book[name].type != wanted:
                self.fail(
                    f"{key}.{role}", f"{name!r} is a {self.book[name].type}, not a {wanted}", "Name another."
                )
            if wanted == "number" and self.book[name].days_per_unit is None:
                self.fail(
                    f"codebook.{name}.unit", "a time needs a unit", "Give days, weeks, months or years."
                )

    def steps(self, key: str, steps: Sequence[Step]) -> None:
        for i, step in enumerate(steps):
            if step.keep is not None:
                self.condition(f"{key}.{i}.keep", step.keep, self.book)
            for name in filter(None, (*step.first, step.per)):
                self.known(f"{key}.{i}", name, self.book, "a variable")
        self.once(key, [step.step for step in steps])

    def condition(self, key: str, text: str, variables: Mapping[str, Variable]) -> None:
        self.expression(key, text, variables, expressions.condition)

    def expression(
        self,
        key: str,
        text: str,
        variables: Mapping[str, Variable],
        evaluate: Callable[[str, dict[str, Values]], Values] | None = None,
    ) -> Values:
        """Evaluated on made-up cells, which finds kinds that do not go together."""
        try:
            tree = expressions.parse(text)
            for name in expressions.names(tree):
                self.known(key, name, variables, "a variable")
            for compared, literal in expressions.literals(tree):
                factors = [name for name in compared if self.book[name].is_factor]
                if factors == list(compared):
                    levels = [level for name in factors for level in self.book[name].levels]
                    self.known(key, literal, levels, f"a level of {' or '.join(factors)}")
            columns = _made_up({name: variables[name] for name in expressions.names(tree)})
            return evaluate(text, columns) if evaluate else expressions.evaluate(tree, columns)
        except expressions.ExpressionError as error:
            self.fail(key, str(error), LANGUAGE)


def _made_up(variables: Mapping[str, Variable]) -> dict[str, Values]:
    """A column for each variable with a cell for each of its levels; of other types any cell."""
    n = max([len(variable.levels) for variable in variables.values()] + [1])
    cell: dict[str, Any] = {
        "number": 1.0,
        "date": np.datetime64("2000-01-01"),
        "text": np.array("a text", dtype=object),
    }
    columns = {}
    for name, variable in variables.items():
        made_up = np.array(variable.levels, dtype=object) if variable.is_factor else cell[variable.type]
        columns[name] = Values(np.resize(made_up, n), np.ones(n, dtype=bool))
    return columns


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _holds_a_year(pattern: str) -> bool:
    if since := cells.SINCE.fullmatch(pattern):
        return _is_iso(since[1])
    written = datetime(2003, 2, 4).strftime(pattern)
    try:
        found = datetime.strptime(written, pattern)
        # a week without its day is not read: any week would be 1 January
        return found.year == 2003 and found.strftime(pattern) == written
    except (ValueError, re.error):  # a code given twice is a group named twice to strptime
        return False


def _is_iso(text: object) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
