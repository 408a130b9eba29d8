"""
What hazard ratios and their P values imply about the number of events, without data.

A ratio and its P value give its standard error; one over its square is the information on the log ratio. Of
a Cox model, univariable or not, stratified or not, that is at most d1 d0 / (d1 + d0), with d1 events among
those who have the factor and d0 among the others. For each event the model has a probability p that it
happens to somebody with the factor. The score equation makes their sum d1, the information is at most the sum
of p (1 - p), and p (1 - p) is concave in p.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import ceil, inf, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recohort.audit import counts
from recohort.audit.claims import Claim, Publication, Quantity
from recohort.audit.finding import (
    CONTRADICTED,
    IMPLIED,
    NO_EVIDENCE,
    NOT_CHECKABLE,
    Finding,
    capital,
    listed,
    needs,
    shown,
)
from recohort.audit.implied import MARGIN, information, p_text, standard_error, z_value
from recohort.base import formats

# ASSUME: Schoenfeld's number of events is wrong by a factor of three at most, whatever the censoring.
EVENTS_MARGIN = 3


@dataclass(frozen=True)
class Result:
    """
    A printed hazard ratio with its P value, and what they imply.

    Attributes
    ----------
    claim, p : Claim
    low, high : float
        Limits of the information over all numbers that print the same; high may be infinite.
    label : str
        Of the population.
    size, exposed : int or None
        Patients, and those with the factor, as far as printed: the possible number with most information.
    """

    claim: Claim
    p: Claim
    low: float
    high: float
    label: str
    size: Any  # int, or None
    exposed: Any  # int, or None

    def __str__(self) -> str:
        return f"HR {self.claim.printed} with {p_text(self.p.number)}"

    @property
    def most(self) -> Any:
        """The most information that the patients can give: if all of them have the event."""
        if self.size is None:
            return inf
        return (
            self.size / 4 if self.exposed is None else self.exposed * (self.size - self.exposed) / self.size
        )

    @property
    def std_error(self) -> float:
        """From the numbers as printed; NaN for a P value that is only bounded."""
        if self.p.number.relation != "=":
            return nan
        return abs(log(self.claim.number.value)) / z_value(self.p.number.value)

    @property
    def least_events(self) -> Any:
        """The fewest events that can give this information."""
        smaller = inf if self.exposed is None else min(self.exposed, self.size - self.exposed)
        return 4 * self.low if smaller >= 2 * self.low else smaller + _complement(self.low, smaller)

    @property
    def least_exposed_events(self) -> float:
        """The fewest events among those with the factor, if all others have the event."""
        return _complement(self.low, self.size - self.exposed)

    def schoenfeld(self, level: float) -> Any:
        """Schoenfeld's approximation of the number of events that give an information."""
        share = self.exposed / self.size
        return level / (share * (1 - share))


def _complement(level: float, events: float) -> float:
    """How many events the other group must have for this information, if one group has `events`."""
    if level == 0:
        return 0.0
    return inf if events <= level else 1 / (1 / level - 1 / events)


def results(publication: Publication) -> dict[str, Result]:
    """
    Every hazard ratio of a factor that is printed with its P value.

    Parameters
    ----------
    publication : Publication

    Returns
    -------
    dict of str to Result
        By the id of the hazard ratio. Without ratios per unit of a number: their information has no bound.
    """
    known = counts.known(publication).values
    p_values = {claim.of: claim for claim in publication.of_kind("p_value") if claim.of}
    found = {}
    for claim in publication.of_kind("hazard_ratio"):
        if claim.id in p_values and claim.per is None:
            p, size = p_values[claim.id], known.get(Quantity(claim.population))
            found[claim.id] = Result(
                claim,
                p,
                *information(claim.number, p.number),
                publication.groups[claim.population].label,
                size,
                _exposed(publication, claim.exposed, size) if size and claim.exposed else None,
            )
    return found


def _exposed(publication: Publication, quantity: Any, size: Any) -> int | None:
    values = _values(publication, quantity)
    within = values[(values > 0) & (values < size)]
    return int(within[np.argmin(np.abs(within - size / 2))]) if len(within) else None


def _values(publication: Publication, quantity: Any) -> NDArray[Any]:
    """All values of a quantity that print the same; none if they are unbounded."""
    known = counts.known(publication).values
    if quantity in known:
        return np.array([known[quantity]])
    if quantity.name not in publication.tables:
        return np.array([])
    groups = (quantity.group,) if quantity.group else ()
    possible = counts.possible(publication, quantity.name, groups)
    return np.array([]) if possible is None else possible.of(quantity)


def conflicts(publication: Publication, found: dict[str, Result]) -> tuple[dict[str, str], dict[str, str]]:
    """
    Printed results that cannot hold together.

    Parameters
    ----------
    publication : Publication
    found : dict of str to Result

    Returns
    -------
    contradictions, strains : dict of str to str
        By the id of each hazard ratio concerned, what is wrong: beyond the margin, and within it.
    """
    contradictions: dict[str, str] = {}
    strains: dict[str, str] = {}
    for concerned, needed, available, margin, text in _bounds(publication, found.values()):
        if needed > available:
            into = contradictions if needed > margin * available else strains
            for result in concerned:
                into.setdefault(result.claim.id, text)
    return contradictions, strains


def _bounds(publication: Publication, found: Collection[Result]) -> Iterator[tuple[Any, ...]]:
    """What a result needs and what others make available: the results, both numbers, the margin, words."""
    for one in found:
        yield _in_its_patients(one)
        yield from _events_of_parts(publication, one, found)
        yield from _information_of_parts(publication, one, found)
        for other in found:
            same = (one.claim.endpoint, one.claim.population) == (
                other.claim.endpoint,
                other.claim.population,
            )
            if same and one is not other and other.claim.model == "univariable":
                yield from _beside_another(one, other)


def _in_its_patients(result: Result) -> tuple[Any, ...]:
    who = "" if result.exposed is None else f", {formats.count(result.exposed)} of them with the factor,"
    text = (
        f"{result} needs a standard error of at most {_error(result.low)}, but {_patients(result)}{who} "
        f"cannot give less than {_error(result.most)}, even if all of them have the event"
    )
    return [result], result.low, result.most, MARGIN, text


def _beside_another(one: Any, other: Any) -> Iterator[tuple[Any, ...]]:
    if one.claim.term == other.claim.term and one.claim.model == "multivariable":
        text = (
            f"adjusted, {one} implies a standard error of at most {_error(one.low)}, smaller than the "
            f"{_error(other.high)} or more that {other} implies without adjustment"
        )
        yield [one, other], one.low, other.high, MARGIN, text
    if other.exposed is not None and other.high < inf:
        about = other.schoenfeld(other.high)
        text = (
            f"{one} for {one.claim.term} needs at least {ceil(one.least_events)} events, but {other} for "
            f"{other.claim.term} in the same patients implies at most about {about:.0f}"
        )
        yield [one, other], one.least_events, about, EVENTS_MARGIN, text


def _events_of_parts(
    publication: Publication, whole: Result, found: Collection[Result]
) -> Iterator[tuple[Any, ...]]:
    """The events of all patients are the sum of those of the groups they are made of."""
    parts, chosen = publication.groups[whole.claim.population].parts, []
    if whole.exposed is None:
        return
    for part in parts:
        in_part = [r for r in found if (r.claim.endpoint, r.claim.population) == (whole.claim.endpoint, part)]
        bounded = [r for r in in_part if r.claim.model == "univariable" and r.exposed and r.high < inf]
        chosen += sorted(bounded, key=lambda r: r.schoenfeld(r.high))[:1]
    if parts and len(chosen) == len(parts):
        needed, available = whole.schoenfeld(whole.low), [r.schoenfeld(r.high) for r in chosen]
        said = listed(
            f"{result} for {result.claim.term} in {result.label} about {events:.0f} at most"
            for result, events in zip(chosen, available, strict=True)
        )
        text = f"{whole} for {whole.claim.term} in all patients implies about {needed:.0f} events or more, "
        text += said
        yield [whole, *chosen], needed, sum(available), EVENTS_MARGIN, text


def _information_of_parts(
    publication: Publication, whole: Result, found: Collection[Result]
) -> Iterator[tuple[Any, ...]]:
    """The information on a factor in all patients is about the sum of that in the groups they are made of."""
    claim, parts = whole.claim, publication.groups[whole.claim.population].parts
    if not parts or claim.exposed is None or claim.exposed.name not in publication.tables:
        return
    printed, available = [], 0.0
    for part in parts:
        same = [r for r in found if _is_part(r.claim, claim, part)]
        available += min([_most(publication, claim.exposed, part), *(r.high for r in same)])
        printed += same
    if printed:
        said = listed(f"{result} in {result.label}" for result in printed)
        text = (
            f"{whole} in all patients needs a standard error of at most {_error(whole.low)}, but {said}, "
            f"with the most that the other patients can add, allows no less than {_error(available)}"
        )
        yield [whole, *printed], whole.low, available, MARGIN, text


def _is_part(one: Claim, whole: Claim, part: str) -> bool:
    wanted = (whole.endpoint, whole.term, part, "univariable")
    return (one.endpoint, one.term, one.population, one.model) == wanted


def _most(publication: Publication, exposed: Any, part: Any) -> float:
    """The most information that a group of patients can give about the factor of a table."""
    size = counts.known(publication).values.get(Quantity(part))
    if not size or part not in publication.tables[exposed.name].groups:
        return inf
    n = _values(publication, Quantity(exposed.name, part, exposed.without))
    return float((n * (size - n) / size).max(initial=0)) if len(n) else inf


def hazard(
    publication: Publication,
    claim: Claim,
    found: dict[str, Result],
    contradictions: dict[str, str],
    strains: dict[str, str],
) -> Finding:
    """
    A hazard ratio or its P value.

    Parameters
    ----------
    publication : Publication
    claim : Claim
    found : dict of str to Result
    contradictions, strains : dict of str to str
        As `conflicts` returns them.

    Returns
    -------
    Finding
        Contradicted, or not checkable with what it implies.
    """
    name = claim.of if claim.kind == "p_value" else claim.id
    need = needs(claim, "survival times and the factor for each patient")
    result = found.get(name)
    if result is None or result.low == 0 or result.size is None:
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}.")
    if name in contradictions:
        reason = f"{capital(contradictions[name])}: they cannot all be right."
        return Finding(claim, IMPLIED, CONTRADICTED, reason)
    fits = f", though it fits other results badly: {strains[name]}" if name in strains else ""
    said = "" if np.isnan(result.std_error) else f"implied standard error {result.std_error!r}"
    reason = f"{need}; {_implies(result)}, which is possible{fits}."
    return Finding(claim, IMPLIED, NOT_CHECKABLE, reason, robustness=said)


def _implies(result: Result) -> str:
    if result.exposed is None:
        return f"{result} implies at least {ceil(result.least_events)} events in {_patients(result)}"
    least = ceil(result.least_exposed_events)
    text = f"{result} implies at least {least} events in the {formats.count(result.exposed)} with the factor"
    if np.isnan(result.std_error):
        return text
    about = result.schoenfeld(result.std_error**-2)
    return f"{text} and, by Schoenfeld's approximation, about {about:.0f} in all {_patients(result)}"


def _patients(result: Result) -> str:
    return f"{formats.count(result.size)} patients ({result.label})"


def _error(level: float) -> str:
    return shown(standard_error(level), 3)
