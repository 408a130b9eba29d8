"""HER2 guideline rules, read from guidelines/*.yaml, and what testing strategies find and cost."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import yaml

from recohort.base.errors import RecohortError, nearest

GUIDELINES = Path(__file__).with_name("guidelines")

RESULTS = ("negative", "equivocal", "positive")

# Which specimens each strategy sends to FISH: IHC negative, equivocal, positive by NGS negative, positive
SENT_TO_FISH = {
    "FISH for all": [[1, 1], [1, 1], [1, 1]],
    "IHC first, FISH if equivocal": [[0, 0], [1, 1], [0, 0]],
    "IHC and NGS, FISH if equivocal or discordant": [[0, 1], [1, 1], [1, 0]],
}
# Which IHC results each strategy sends to NGS
SENT_TO_NGS = {"IHC and NGS, FISH if equivocal or discordant": [1, 0, 1]}


@dataclass(frozen=True)
class Rules:
    """
    A guideline, or a laboratory's adaptation of one.

    Attributes
    ----------
    title, citation : str
    ihc : dict of str to str
        IHC score to negative, equivocal or positive.
    scores : dict of str to str
        The IHC categories of the data to the guideline's scores.
    groups : dict of int to dict
        ISH group to the bounds of the HER2/CEP17 ratio and of the mean HER2 copies.
    results : dict of int to dict of str to str
        ISH group to its result by IHC score.
    """

    title: str
    citation: str
    ihc: dict
    scores: dict
    groups: dict
    results: dict


@dataclass(frozen=True)
class Strategy:
    """
    What a testing strategy needs and finds; numbers of specimens, not whole where NGS was not measured.

    Attributes
    ----------
    name : str
    specimens, ngs_tests, fish_tests : float
        IHC is done on all specimens.
    found, missed : float
        Specimens with positive FISH that the strategy calls positive, and those it calls negative.
    false_positives : float
        Specimens with negative FISH that the strategy calls positive.
    """

    name: str
    specimens: float
    ngs_tests: float
    fish_tests: float
    found: float
    missed: float
    false_positives: float

    def per_1000(self):
        """The same for 1,000 specimens."""
        numbers = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "name"}
        return replace(self, **{name: 1000 * x / self.specimens for name, x in numbers.items()})


def load(name):
    """
    Read a guideline.

    Parameters
    ----------
    name : str
        For example "asco-cap-2018".

    Returns
    -------
    Rules

    Raises
    ------
    RecohortError
        If there is no such guideline.
    """
    names = sorted(path.stem for path in GUIDELINES.glob("*.yaml"))
    if name not in names:
        raise RecohortError("no such HER2 guideline", value=name, remedy=nearest(name, names))
    written = yaml.safe_load((GUIDELINES / f"{name}.yaml").read_text(encoding="utf-8"))
    if "affirms" in written:
        return replace(load(written["affirms"]), title=written["title"], citation=written["citation"])
    scores = {score: score for score in written["ihc"]}
    bare = Rules(written["title"], written["citation"], written["ihc"], scores, written["groups"], {})
    return adapt(bare, results=written["results"])


def adapt(rules, scores=None, results=None):
    """
    A guideline as a laboratory applied it.

    Parameters
    ----------
    rules : Rules
    scores : dict of str to str, optional
        Further IHC categories and the guideline's score that holds for each: {"1-2+ focal": "2+"}.
    results : dict, optional
        ISH groups with another result than the guideline's: one for all, {3: "positive"}, or one for each
        score, {3: {"0": "positive", ...}}.

    Returns
    -------
    Rules

    Raises
    ------
    RecohortError
        If a score, group or result does not exist in the guideline, or a score has no result.
    """
    for score in (scores or {}).values():
        _check("IHC score", score, rules.ihc)
    changed = {}
    # Keys of a protocol may be text
    groups = {str(group): group for group in rules.groups}
    for group, result in (results or {}).items():
        _check("ISH group", str(group), groups)
        by_score = result if isinstance(result, dict) else dict.fromkeys(rules.ihc, result)
        for score in by_score:
            _check("IHC score", score, rules.ihc)
        for score in rules.ihc:
            if score not in by_score:
                raise RecohortError(f"ISH group {group} has no result for IHC {score}", remedy="Add one.")
            _check("ISH result", by_score[score], RESULTS)
        changed[groups[str(group)]] = by_score
    return replace(rules, scores=rules.scores | (scores or {}), results=rules.results | changed)


def ish_groups(ratio, copies, rules):
    """
    The ISH group of each specimen.

    Parameters
    ----------
    ratio : array_like, shape (n,)
        HER2/CEP17 ratio, NaN if missing.
    copies : array_like, shape (n,)
        Mean HER2 signals per cell, NaN if missing.
    rules : Rules

    Returns
    -------
    ndarray of int, shape (n,)
        0 where a value is missing.
    """
    values = {"ratio": np.asarray(ratio, dtype=float), "copies": np.asarray(copies, dtype=float)}
    found = np.zeros(values["ratio"].shape, dtype=int)
    for group, bounds in rules.groups.items():
        found[np.all([_inside(values[name], bounds[name]) for name in values], axis=0)] = group
    return found


def ish_result(group, ihc, rules):
    """
    The ISH result of each specimen, which in some groups depends on concurrent IHC.

    Parameters
    ----------
    group : array_like of int, shape (n,)
        As from `ish_groups`.
    ihc : array_like of str, shape (n,)
        IHC category; None or NaN if missing.
    rules : Rules

    Returns
    -------
    ndarray of object, shape (n,)
        negative, equivocal or positive; None where the group is missing, or the IHC if it matters.

    Raises
    ------
    RecohortError
        If an IHC category has no score in the rules.
    """
    # ASSUME a recount by another observer, which the guideline asks for at IHC 2+, finds the same ISH group
    table = np.full((max(rules.groups) + 1, len(rules.ihc) + 1), None, dtype=object)
    for number, by_score in rules.results.items():
        results = [by_score[score] for score in rules.ihc]
        # The last column is for missing IHC
        table[number] = [*results, results[0] if len(set(results)) == 1 else None]
    return table[np.asarray(group, dtype=int), _score_index(ihc, rules)]


def cross_tabulate(ihc, fish, ngs):
    """
    Count specimens by IHC, FISH and NGS.

    Parameters
    ----------
    ihc : array_like of str, shape (n,)
        negative, equivocal or positive.
    fish : array_like of str, shape (n,)
        negative or positive.
    ngs : array_like of str, shape (n,)
        negative or positive; None or NaN where it was not done.

    Returns
    -------
    ndarray of int, shape (3, 2, 3)
        IHC negative, equivocal, positive; FISH negative, positive; NGS negative, positive, not done.

    Raises
    ------
    RecohortError
        If a value is another one: the caller excludes specimens without IHC, or with equivocal or no FISH.
    """
    counts = np.zeros((3, 2, 3), dtype=int)
    two = {"negative": 0, "positive": 1}
    index = (
        _index("IHC result", ihc, {result: i for i, result in enumerate(RESULTS)}),
        _index("FISH result", fish, two),
        _index("NGS result", ngs, two, missing=2),
    )
    np.add.at(counts, index, 1)
    return counts


def strategies(counts, ngs_sensitivity, ngs_specificity):
    """
    Tests needed, positives found and missed by each testing strategy.

    Parameters
    ----------
    counts : array_like, shape (3, 2, 3)
        As from `cross_tabulate`.
    ngs_sensitivity, ngs_specificity : float
        Of NGS against FISH, for the specimens on which NGS was not done.

    Returns
    -------
    list of Strategy
        FISH for all; IHC first with FISH for the equivocal; IHC, with NGS for the negative and positive and
        FISH for the equivocal and for those on which IHC and NGS disagree.

    Raises
    ------
    RecohortError
        If sensitivity or specificity is not between 0 and 1.
    """
    for name, value in {"sensitivity": ngs_sensitivity, "specificity": ngs_specificity}.items():
        if not 0 <= value <= 1:
            raise RecohortError(f"the {name} of NGS is not between 0 and 1", value=value)
    counts = np.asarray(counts, dtype=float)
    # ASSUME a specimen is truly positive if its FISH is positive
    # ASSUME NGS, where it was not done, would have had the stated sensitivity and specificity against FISH
    # ASSUME numbers per 1,000 hold for the mix of IHC and FISH results in the specimens of the study
    ngs_given_fish = [[ngs_specificity, 1 - ngs_specificity], [1 - ngs_sensitivity, ngs_sensitivity]]
    specimens = counts[:, :, :2] + counts[:, :, 2, None] * ngs_given_fish
    return [_follow(name, specimens) for name in SENT_TO_FISH]


def _follow(name, specimens):
    """Follow one strategy; specimens by IHC, FISH and NGS, shape (3, 2, 2)."""
    fish_negative, fish_positive = specimens[:, 0], specimens[:, 1]
    to_fish = np.array(SENT_TO_FISH[name])
    to_ngs = np.array(SENT_TO_NGS.get(name, [0, 0, 0]))
    # Without FISH, IHC decides
    called_by_ihc = (1 - to_fish) * np.array([[0], [0], [1]])
    found = np.sum(fish_positive * (to_fish + called_by_ihc))
    return Strategy(
        name,
        specimens=float(specimens.sum()),
        ngs_tests=float(specimens.sum(axis=(1, 2)) @ to_ngs),
        fish_tests=float(np.sum(specimens.sum(axis=1) * to_fish)),
        found=float(found),
        missed=float(fish_positive.sum() - found),
        false_positives=float(np.sum(fish_negative * called_by_ihc)),
    )


def _check(what, value, known):
    if value not in known:
        raise RecohortError(f"no such {what} in the guideline", value=value, remedy=nearest(value, known))


def _inside(values, bounds):
    return (values >= bounds.get("from", -np.inf)) & (values < bounds.get("below", np.inf))


def _score_index(ihc, rules):
    """Position of each specimen's score among those of the guideline; one after the last if missing."""
    order = list(rules.ihc)
    known = {category: order.index(score) for category, score in rules.scores.items()}
    return _index("IHC category", ihc, known, missing=len(order))


def _index(what, values, known, missing=None):
    values = np.asarray(values, dtype=object)
    if missing is not None:
        known = known | {None: missing}
        values = np.where(values != values, None, values)
    strange = [value for value in set(values.tolist()) if value not in known]
    if strange:
        remedy = nearest(strange[0], [k for k in known if k is not None])
        raise RecohortError(f"no such {what}", value=strange[0], remedy=remedy)
    return np.array([known[value] for value in values.tolist()], dtype=int)
