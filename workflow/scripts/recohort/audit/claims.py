"""What a publication printed: data/<study>/published.yaml, read and checked against itself."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from recohort.audit import printed_number as printed
from recohort.base.errors import RecohortError, nearest
from recohort.protocol import yaml_file

DIAGNOSTIC = ("sensitivity", "specificity", "ppv", "npv", "accuracy")
RATIOS = ("odds_ratio", "hazard_ratio")
# lowest and highest value that a kind of number can have; None is open
RANGES = {
    "count": (0, None),
    "percent": (0, 100),
    "odds_ratio": (0, None),
    "hazard_ratio": (0, None),
    "p_value": (0, 1),
    "confidence_low": (0, None),
    "confidence_high": (0, None),
    "median": (0, None),
    **dict.fromkeys(DIAGNOSTIC, (0, 100)),
}


@dataclass(frozen=True)
class Group:
    """A named group of patients, and the groups it is made of."""

    name: str
    label: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A feature by group; counts are how many of a group have it, where the text says so in words."""

    name: str
    label: str
    groups: tuple[str, ...]
    counts: dict[str, Any]


@dataclass(frozen=True)
class Quantity:
    """A number of patients: a group, or those of a table (of one group of it) with or without the feature."""

    name: str
    group: str | None = None
    without: bool = False


@dataclass(frozen=True, eq=False)
class Claim:
    """One claim; the schema documents each key."""

    id: str
    kind: str
    printed: str
    where: str
    number: Any  # of printed
    of: Any
    part: Any
    whole: Any
    table: Any
    tables: tuple[str, ...]
    groups: tuple[str, ...]
    pairs: tuple[Any, ...]
    tests: tuple[str, ...]
    limit: Any
    model: Any
    endpoint: Any
    term: str | None
    population: Any
    exposed: Any
    per: str | None
    numerator: Any
    denominator: Any
    needs: str | None
    estimate: Any


@dataclass(frozen=True, eq=False)
class Publication:
    """
    A publication as its file has it.

    Attributes
    ----------
    study : str
        The name of the folder.
    file : Path
    source, method : dict
    groups, tables, claims : dict
        By name, in the order of the file.
    """

    study: str
    file: Path
    source: dict[str, Any]
    method: dict[str, Any]
    groups: dict[str, Group]
    tables: dict[str, Table]
    claims: dict[str, Claim]

    def of_kind(self, *kinds: str) -> list[Claim]:
        """The claims of some kinds."""
        return [claim for claim in self.claims.values() if claim.kind in kinds]


def read(path: str | Path) -> Publication:
    """
    Read and check a file of claims.

    Parameters
    ----------
    path : str or Path
        published.yaml.

    Returns
    -------
    Publication

    Raises
    ------
    RecohortError
        For an unknown kind, key or name, a missing key, a number that cannot be read or is impossible: with
        the file, the claim and the key.
    """
    path = Path(path)
    content = yaml_file.read(path)
    check = _Check(path)
    check.schema(content)
    content = yaml_file.filled(content, yaml_file.schema("published"))
    groups = {
        name: Group(name, entry["label"], tuple(entry["parts"])) for name, entry in content["groups"].items()
    }
    tables = {
        name: Table(name, entry["label"], tuple(entry["groups"]), entry["counts"])
        for name, entry in content["tables"].items()
    }
    check.structure(groups, tables)
    claims = {entry["id"]: check.claim(entry) for entry in content["claims"]}
    check.claims(claims)
    study = path.resolve().parent.name
    return Publication(study, path, content["source"], content["method"], groups, tables, claims)


def _part(kind: str) -> dict[str, Any]:
    """The schema of a kind of claim."""
    rules = yaml_file.schema("published")
    return {**yaml_file.resolved(rules["$defs"][kind], rules["$defs"]), "$defs": rules["$defs"]}


@cache
def _unset() -> dict[str, Any]:
    """What a claim has of the keys of other kinds: their defaults, or None."""
    kinds = yaml_file.schema("published")["$defs"]["claim"]["properties"]["kind"]["enum"]
    found = {"number": None}
    for parts in (yaml_file.whole({}, _part(kind)) for kind in kinds):
        found |= {key: value for key, value in parts.items() if found.get(key) is None}
    return found


class _Check:
    """Everything a file of claims can be held against without computing; the first problem is raised."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, key: str, problem: str, remedy: str | None = None, value: Any = None) -> NoReturn:
        raise RecohortError(problem, file=self.path, key=key, value=value, remedy=remedy)

    def known(self, key: str, name: Any, names: Collection[str], what: str) -> None:
        if name not in names:
            self.fail(key, f"{name!r} is not {what}", nearest(name, names))

    def schema(self, content: Any) -> None:
        rules = yaml_file.schema("published")
        yaml_file.validate(content, rules, file=self.path)
        seen = set()
        for i, entry in enumerate(content["claims"]):
            name = entry.get("id")
            at = ("claims", str(i if name is None else name))
            for part in ("claim", entry.get("kind")):
                yaml_file.validate(entry, _part(part), file=self.path, at=at)
            if entry["id"] in seen:
                self.fail(".".join(at), "is the id of two claims", "Give each claim its own.")
            seen.add(entry["id"])

    def structure(self, groups: dict[str, Any], tables: dict[str, Any]) -> None:
        self.groups, self.tables = groups, tables
        for name, group in groups.items():
            for part in group.parts:
                self.known(f"groups.{name}.parts", part, groups, "a group")
        for name, table in tables.items():
            if name in groups:
                self.fail(f"tables.{name}", "is also the name of a group", "Rename one of them.")
            for group in table.groups:
                self.known(f"tables.{name}.groups", group, groups, "a group")
            for group, text in table.counts.items():
                self.known(f"tables.{name}.counts", group, table.groups, "a group of the table")
                self.number(f"tables.{name}.counts.{group}", "count", text)

    def claim(self, entry: dict[str, Any]) -> Claim:
        key = f"claims.{entry['id']}"
        whole = {**_unset(), **yaml_file.filled(entry, _part(entry["kind"]))}
        made: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in whole.items()
        }
        if entry["kind"] != "statement":
            made["number"] = self.number(f"{key}.printed", entry["kind"], entry["printed"])
        if "limit" in entry:
            made["limit"] = self.number(f"{key}.limit", "p_value", entry["limit"])
            if made["limit"].relation == "=":
                self.fail(f"{key}.limit", "is not a limit", "Begin with < or >.", entry["limit"])
        quantities = ["part", "whole", "exposed"] + ["of"] * (entry["kind"] == "count")
        for role in quantities:
            if role in entry:
                made[role] = self.quantity(f"{key}.{role}", entry[role])
        made["pairs"] = tuple(map(tuple, whole["pairs"]))
        claim = Claim(**made)
        self.places(key, claim)
        return claim

    def number(self, key: str, kind: str, text: str) -> printed.Printed | None:
        try:
            number = printed.parse(text)
        except ValueError as error:
            self.fail(key, str(error), "Write it as printed, in quotes.")
        low, high = RANGES.get(kind, (None, None))
        if (low is not None and number.value < low) or (high is not None and number.value > high):
            span = f"from {low} to {high}" if high is not None else f"of at least {low}"
            self.fail(key, f"a {kind.replace('_', ' ')} is a number {span}", "Correct it.", text)
        if kind == "hazard_ratio" and number.value == 0:
            self.fail(key, "a hazard ratio is above 0", "Correct it.", text)
        if kind == "count" and (number.decimals or number.relation != "="):
            self.fail(key, "a count is a whole number", "Correct it.", text)
        return number

    def quantity(self, key: str, text: str) -> Quantity:
        without, name = text.startswith("not "), text.removeprefix("not ")
        name, _, group = name.partition(".")
        self.known(
            key, name, self.tables if group or without else {**self.groups, **self.tables}, "a group or table"
        )
        if group:
            self.known(key, group, self.tables[name].groups, f"a group of the table {name}")
        return Quantity(name, group or None, without)

    def places(self, key: str, claim: Any) -> None:
        """Tables, groups and populations that a claim names."""
        if claim.population is not None:
            self.known(f"{key}.population", claim.population, self.groups, "a group")
        for table in (*claim.tables, *([claim.table] if claim.table else ())):
            self.known(f"{key}.table", table, self.tables, "a table")
            pairs = claim.pairs or ((claim.groups,) if claim.groups else ())
            for first, second in pairs:
                for group in (first, second):
                    self.known(
                        f"{key}.groups", group, self.comparable(table), f"a group of the table {table}"
                    )
                if self.leaves(table, first) & self.leaves(table, second):
                    self.fail(
                        f"{key}.groups", f"{first} and {second} have patients in common", "Compare others."
                    )
            if not pairs and len(self.tables[table].groups) != 2:
                self.fail(
                    key, f"the table {table} has more than two groups", "Name the two that are compared."
                )
        if claim.kind == "p_value" and claim.table and not claim.tests:
            self.fail(key, "the key 'tests' is missing", "Name the tests that the publication states.")
        stands_on = (claim.of, claim.table, claim.tables, claim.needs)
        if claim.kind in ("p_value", "statement") and not any(stands_on):
            self.fail(
                key, "says neither what it rests on nor what data it needs", "Add of, a table, or needs."
            )
        if claim.kind == "statement" and (claim.of or claim.tables) and claim.limit is None:
            self.fail(key, "the key 'limit' is missing", "Give what p must be, such as <0.05.")
        if claim.kind == "statement" and claim.tables and not claim.tests:
            self.fail(key, "the key 'tests' is missing", "Name the tests that the publication states.")

    def leaves(self, table: str, group: str) -> set[str]:
        """The groups of a table that a group is made of."""
        return {group} if group in self.tables[table].groups else set(self.groups[group].parts)

    def comparable(self, table: str) -> list[str]:
        """The groups of a table, and those whose parts all are."""
        groups = set(self.tables[table].groups)
        return [
            name for name, g in self.groups.items() if name in groups or (g.parts and groups >= set(g.parts))
        ]

    def claims(self, claims: dict[str, Claim]) -> None:
        """The claims that a claim names."""
        wanted = {
            "p_value": RATIOS,
            "confidence_low": RATIOS,
            "confidence_high": RATIOS,
            "statement": ("p_value",),
        }
        for claim in claims.values():
            key = f"claims.{claim.id}"
            if claim.kind in wanted and claim.of:
                for other in [claim.of] if isinstance(claim.of, str) else claim.of:
                    self.known(f"{key}.of", other, claims, "a claim")
                    if claims[other].kind not in wanted[claim.kind]:
                        kinds = " or ".join(wanted[claim.kind])
                        self.fail(f"{key}.of", f"{other!r} is a {claims[other].kind}", f"Name a {kinds}.")
            for role in ("numerator", "denominator"):
                other = getattr(claim, role)
                if other is not None:
                    self.known(f"{key}.{role}", other, claims, "a claim")
            estimate = claims[claim.of] if claim.kind == "p_value" and claim.of else None
            if (
                estimate
                and estimate.kind == "odds_ratio"
                and estimate.model == "univariable"
                and not claim.tests
            ):
                self.fail(key, "the key 'tests' is missing", "Name the tests that the publication states.")
