"""
The results of a study as an attacker reads them: sets of patients, how many they have, and what ties them.

A set is a population and the values that some variables have in it; a flag or a factor that says no more than
some levels of another variable is turned into these, so that one set of patients has one key wherever it is
counted.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from recohort.protocol import yaml_file

MISSING, KNOWN = "", "known"
CONFIDENCE = 0.95
EQUALS = re.compile(r"(\w+) == '([^']*)'")
AMONG = re.compile(r"(\w+) in \[([^\]]*)\]")


class Shown(NamedTuple):
    """
    What a folder of results says.

    counts : dict of key to int, or None where it is withheld.
    ratios : list of (function, keys, value): a number that is the function of counts.
    lines : list of (key, keys): a total and its parts.
    nested : list of (key, key): a set and one that holds it.
    """

    counts: dict
    ratios: list
    lines: list
    nested: list


class Plan:
    """The protocol: what an attacker knows of the variables and the analyses."""

    def __init__(self, path):
        content = yaml_file.read(path)
        self.analyses, self.codebook = content["analyses"], content["codebook"]
        self.endpoints = content.get("endpoints", {})
        self.levels = {name: self._levels(entry) for name, entry in self.codebook.items()}
        self.levels |= dict.fromkeys(self.endpoints, ("1", "0"))
        self.derived = {name: found for name in self.codebook if (found := self._derived(name))}

    def _levels(self, entry):
        if entry["type"] == "category":
            return tuple(map(str, entry["levels"]))
        return ("no", "yes") if entry["type"] == "flag" else (KNOWN,)

    def _derived(self, name):
        """The variable that another is a coarser version of, and which of its levels each level is."""
        entry = self.codebook[name]
        rule, flag = entry.get("derive"), entry["type"] == "flag"
        rules = {"yes": rule} if flag and isinstance(rule, str) else rule
        if not isinstance(rules, dict):
            return None
        found, bases = {}, set()
        for level, condition in rules.items():
            equal, among = EQUALS.fullmatch(condition), AMONG.fullmatch(condition)
            if not (equal or among):
                return None
            bases.add((equal or among)[1])
            found[level] = {equal[2]} if equal else set(re.findall(r"'([^']*)'", among[2]))
        (base, *more) = bases
        if more or set().union(*found.values()) - set(self.levels.get(base, ())):
            return None
        if flag:
            found["no"] = set(self.levels[base]) - found["yes"]
        found[MISSING] = {*self.levels[base], MISSING}.difference(*found.values())
        return base, found

    def known(self, name):
        return set(self.levels[name])

    def key(self, population, **conditions):
        """The set of patients of a population whose variables have one of some levels each."""
        allowed = {}
        for name, levels in conditions.items():
            levels = {levels} if isinstance(levels, str) else set(levels)
            while name in self.derived:
                name, of_base = self.derived[name]
                levels = set().union(*(of_base[level] for level in levels))
            allowed[name] = allowed.get(name, levels) & levels
        return population, frozenset((name, frozenset(levels)) for name, levels in allowed.items())


def read(folder, plan):
    """
    What the results of a study say: an exact folder and a released one are read alike.

    Parameters
    ----------
    folder : Path
        `<study>` in the results or in a release.
    plan : Plan

    Returns
    -------
    Shown
    """
    shown = Shown({}, [], [], [])
    _flow(rows(folder / "cohort" / "attrition.csv"), plan, shown)
    _summaries(rows(folder / "tables" / "summary-numbers.csv"), plan, shown)
    _dictionary(rows(folder / "tables" / "dictionary.csv"), plan, shown)
    for r in rows(folder / "contingency" / "counts.csv"):
        _say(shown, plan.key(r["population"], **_both(r)), r["n"])
    for stage in ("logistic", "survival", "contingency"):
        found = rows(folder / stage / "estimates.csv")
        for r in found:
            _estimate(r, found, plan, shown)
    return shown


def rows(path):
    """The rows of a CSV; none if there is no such file."""
    path = Path(path)
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _both(r):
    if r["row_term"] == r["column_term"]:
        return {r["row_term"]: r["row_level"]}
    return {r["row_term"]: r["row_level"], r["column_term"]: r["column_level"]}


def _say(shown, key, text):
    """A count as shown; one that is shown anywhere is shown."""
    n = int(float(text)) if text not in ("", None) else None
    if shown.counts.get(key) is None:
        shown.counts[key] = n


def _flow(steps, plan, shown):
    left = ()
    for r in steps:
        if r["kind"] == "read":
            # a subgroup begins with the cohort
            left = ("left",) if r["population"] == "all" else plan.key("all")
            if r["population"] == "all":
                _say(shown, left, r["n_left"])
        elif r["kind"] == "cohort":
            shown.lines.append((left, [plan.key(r["population"])]))
            _say(shown, plan.key(r["population"]), r["n_left"])
        else:
            after = ("left", left, r["step"])
            removed, unknown = ("removed", after), ("unknown", after)
            shown.lines.append((left, [removed, after]))
            _say(shown, removed, r["n"])
            _say(shown, after, r["n_left"])
            if r["kind"] == "excluded":
                shown.lines.append((removed, [unknown, ("failed", after)]))
                _say(shown, unknown, r["n_unknown"])
            left = after


def _summaries(numbers, plan, shown):
    for r in numbers:
        name, by = r["variable"], plan.analyses[r["analysis"]].get("by")
        group = {by: r["group"] or plan.known(by)} if by else {}
        if name == by:
            group = {name: {r["group"]} if r["group"] else plan.known(by)}
        if r["level"]:
            _say(shown, plan.key(r["population"], **{**group, name: r["level"]}), r["n"])
        else:
            _say(shown, plan.key(r["population"], **{**group, name: plan.known(name)}), r["n"])
            _say(shown, plan.key(r["population"], **{**group, name: MISSING}), r["n_missing"])
        if by and not r["level"] and not r["group"]:
            _say(shown, plan.key(r["population"], **{by: MISSING}), r["n_ungrouped"])


def _dictionary(printed, plan, shown):
    """The data dictionary as printed: `1,097`, `614 (98.7)`; anything else is no count."""
    for r in printed:
        if r["Name"]:
            name = r["Name"]
            _say(shown, plan.key("all", **{name: plan.known(name)}), _count(r["Known"]))
            _say(shown, plan.key("all", **{name: MISSING}), _count(r["Missing"]))
        elif r["Level"]:
            (level,) = (level for level in plan.levels[name] if level.casefold() == r["Level"].casefold())
            _say(shown, plan.key("all", **{name: level}), _count(r["Observed"].partition(" ")[0]))


def _count(text):
    return text.replace(",", "") if text.replace(",", "").isdigit() else None


def _estimate(r, found, plan, shown):
    if r["kind"] == "agreement":
        _accuracy(r, plan, shown)
        return
    if r["kind"] == "strategies":
        return
    population, (name, _, counted) = r["population"], r["outcome"].partition("=")
    counted = counted or "1"
    outcome = {name: plan.known(name)}, {name: counted}
    term = {r["term"]: plan.known(r["term"])} if r["term"] else {}
    if r["model"] == "multivariable":
        population = _complete(r, found, plan, shown)
    # those of a Fisher test are sums of what is shown of its groups
    whole = () if r["kind"] == "fisher" else zip(("n", "events"), outcome, strict=True)
    for column, given in whole:
        _say(shown, plan.key(population, **term, **given), r[column])
    if r["kind"] != "summary":
        _say(shown, plan.key(r["population"], **{name: MISSING}), r["n_no_outcome"])
    if r["model"] != "multivariable" and r["term"] and r["kind"] != "summary":
        lacking = plan.key(r["population"], **outcome[0], **{r["term"]: MISSING})
        _say(shown, lacking, r["n_no_covariate"])
    if r["model"] == "univariable" and r["term"]:
        _say(shown, plan.key(r["population"], **{r["term"]: MISSING}), r["n_missing"])
    if not r["level"]:
        return
    n, events = (plan.key(population, **{r["term"]: r["level"]}, **given) for given in outcome)
    _say(shown, n, r["n_level"])
    _say(shown, events, r["events_level"])
    if r["measure"] == "proportion":
        _proportion(r, events, n, shown)
    elif r["measure"] == "OR" and r["model"] != "multivariable" and r["level"] != r["reference"]:
        others = [plan.key(population, **{r["term"]: r["reference"]}, **given) for given in outcome]
        _odds_ratio(r, [events, n, *reversed(others)], shown)


def _complete(r, found, plan, shown):
    """The patients of a multivariable model, as a population inside its own."""
    same = ("analysis", "outcome", "population", "model")
    terms = sorted({o["term"] for o in found if all(o[k] == r[k] for k in same) and o["term"]})
    population = (r["population"], *terms)
    name = r["outcome"].partition("=")[0]
    for term in {r["term"]} - {""}:
        missing = plan.key(population, **{term: MISSING, name: plan.known(name)})
        shown.lines.append((missing, []))
    inner = plan.key(population, **{name: plan.known(name)})
    shown.nested.append((inner, plan.key(r["population"], **{name: plan.known(name)})))
    return population


def _accuracy(r, plan, shown):
    analysis = plan.analyses[r["analysis"]]
    ((test, positive),), ((reference, true),) = analysis["test"].items(), analysis["reference"].items()
    positive, true = {positive}, {true}
    negative, false = plan.known(test) - positive, plan.known(reference) - true

    def count(tested, referred):
        return plan.key(r["population"], **{test: tested, reference: referred})

    both = plan.known(test), plan.known(reference)
    _say(shown, count(*both), r["n"])
    _say(shown, plan.key(r["population"], **{reference: MISSING}), r["n_no_outcome"])
    _say(shown, count(MISSING, both[1]), r["n_no_covariate"])
    _say(shown, count(both[0], true), r["events"])
    of = {
        "sensitivity": (count(positive, true), count(both[0], true)),
        "specificity": (count(negative, false), count(both[0], false)),
        "PPV": (count(positive, true), count(positive, both[1])),
        "NPV": (count(negative, false), count(negative, both[1])),
        "accuracy": (("right", r["analysis"], r["population"]), count(*both)),
    }
    if r["measure"] not in of:
        return
    events, n = of[r["measure"]]
    if r["measure"] == "accuracy":
        shown.lines.append((events, [count(positive, true), count(negative, false)]))
    _say(shown, n, r["n_level"])
    _say(shown, events, r["events_level"])
    _proportion(r, events, n, shown)


def _proportion(r, events, n, shown):
    shown.ratios.append((lambda x, n: x / n, (events, n), r["estimate"]))
    if r["ci_method"] == "Wilson":
        shown.ratios.append((lambda x, n: _wilson(x, n)[0], (events, n), r["ci_low"]))
        shown.ratios.append((lambda x, n: _wilson(x, n)[1], (events, n), r["ci_high"]))


def _wilson(x, n):
    z = norm.ppf(0.5 + CONFIDENCE / 2)
    centre = (x + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(x * (n - x) / n + z**2 / 4)
    return centre - half, centre + half


def _odds_ratio(r, keys, shown):
    """Events and patients of the level and of the reference."""
    if r["ci_method"] == "exact conditional":
        return

    def log_ratio(a, n1, c, n0):
        return np.log(a / (n1 - a) / (c / (n0 - c)))

    def std_error(a, n1, c, n0):
        return np.sqrt(1 / a + 1 / (n1 - a) + 1 / c + 1 / (n0 - c))

    shown.ratios.append((lambda *cells: np.exp(log_ratio(*cells)), keys, r["estimate"]))
    shown.ratios.append((std_error, keys, r["std_error"]))


def is_set(key):
    """Whether a key is a set of patients, not a count of the flow or of the diagonal of a table."""
    return isinstance(key[-1], frozenset)


def words(key):
    """A key as a reader would say it."""
    if not is_set(key):
        return " ".join(words(part) if isinstance(part, tuple) else part for part in key)
    population, conditions = key
    said = [f"{name} {' or '.join(sorted(levels)) or 'missing'}" for name, levels in conditions]
    return f"{population}: {', '.join(sorted(said)) or 'all'}"
