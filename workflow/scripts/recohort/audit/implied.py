"""
What printed results imply about each other, without data.

An estimate and its P value give its standard error; one over its square is the information about the log ratio. Of a Cox
model, univariable or not, stratified or not, that is at most d1 d0 / (d1 + d0) with d1 events among those who have the
factor and d0 among the others: the score equation makes the sum over the events of the probability p that it happens to
somebody with the factor equal to d1, the information is at most the sum of p (1 - p), and p (1 - p) is concave.
"""

from dataclasses import dataclass
from math import ceil, inf, log, sqrt

import numpy as np
from scipy.special import ndtri

from recohort import formats
from recohort.audit import associations, counts
from recohort.audit.finding import (
    CONTRADICTED,
    IMPLIED,
    NO_EVIDENCE,
    NOT_CHECKABLE,
    REPRODUCED,
    Finding,
    listed,
    needs,
    shown,
)
from recohort.claims import Quantity

# ASSUME: implied evidence contradicts a claim only if it does so for all numbers that print the same, and by more than a fifth in information (a tenth in standard error): likelihood-ratio instead of Wald P values, and the sum of subgroups in place of the whole, differ by less.
MARGIN = 1.2
# Schoenfeld's number of events is within this factor of the true one, whatever the censoring
EVENTS_FACTOR = 3
Z = ndtri(0.975)


@dataclass(frozen=True)
class Result:
    """
    A printed ratio with its P value, and what they imply.

    Attributes
    ----------
    estimate, p : Claim
    low, high : float
        Limits of the information over all numbers that print the same; high may be infinite.
    size, exposed : int or None
        Patients, and those with the factor, if printed; the number of those with it that allows the most information.
    """

    estimate: object
    p: object
    low: float
    high: float
    size: int | None
    exposed: int | None

    @property
    def most(self):
        """The most information that the patients can give, if all of them have the event."""
        if self.size is None:
            return inf
        if self.exposed is None:
            return self.size / 4
        return self.exposed * (self.size - self.exposed) / self.size

    @property
    def std_error(self):
        """From the numbers as printed; NaN for a P value that is only bounded."""
        if self.p.number.relation != "=":
            return float("nan")
        return abs(log(self.estimate.number.value)) / _z(self.p.number.value)

    @property
    def least_events(self):
        """The fewest events that can give this information."""
        if self.exposed is None:
            return 4 * self.low
        fewer = min(self.exposed, self.size - self.exposed)
        return 4 * self.low if fewer >= 2 * self.low else fewer + _other(self.low, fewer)

    @property
    def least_exposed_events(self):
        """The fewest events among those with the factor, if all others have the event."""
        return _other(self.low, self.size - self.exposed)

    @property
    def likely_events(self):
        """Schoenfeld's number of events, from the highest information."""
        share = self.exposed / self.size
        return self.high / (share * (1 - share))


def information(ratio, p):
    """
    What a ratio and its P value say about the information on the log ratio.

    Parameters
    ----------
    ratio, p : Printed

    Returns
    -------
    low, high : float
        Over all ratios and P values that print so; high is infinite if the ratio may be 1 or p 0.
    """
    logs = [abs(log(limit)) if limit > 0 else inf for limit in (ratio.low, ratio.high)]
    smallest = 0.0 if ratio.low <= 1 <= ratio.high else min(logs)
    low, high = _z(min(p.high, 1.0)), _z(max(p.low, 0.0))
    return (low / max(logs)) ** 2, (high / smallest) ** 2 if smallest > 0 else inf


def _z(p):
    return float(-ndtri(p / 2)) if p > 0 else inf


def _other(information_needed, others):
    """Events in one group that give an information, with all of the other group having theirs."""
    if information_needed == 0:
        return 0.0
    return inf if others <= information_needed else 1 / (1 / information_needed - 1 / others)


def results(publication):
    """
    Every hazard ratio that is printed with its P value.

    Returns
    -------
    dict of str to Result
        By the id of the hazard ratio.
    """
    known = counts.known(publication).values
    p_values = {claim.of: claim for claim in publication.of_kind("p_value") if claim.of}
    found = {}
    for claim in publication.of_kind("hazard_ratio"):
        # the bounds are those of a factor that a patient has or has not
        if claim.id in p_values and claim.per is None:
            p = p_values[claim.id]
            size = known.get(Quantity(claim.population))
            exposed = _exposed(publication, claim, size, known) if size and claim.exposed else None
            found[claim.id] = Result(claim, p, *information(claim.number, p.number), size, exposed)
    return found


def _exposed(publication, claim, size, known):
    quantity = claim.exposed
    if quantity in known:
        values = np.array([known[quantity]])
    else:
        groups = (quantity.group,) if quantity.group else ()
        possible = (
            counts.possible(publication, quantity.name, groups)
            if quantity.name in publication.tables
            else None
        )
        if possible is None or not len(possible):
            return None
        values = possible.of(quantity)
    within = values[(values > 0) & (values < size)]
    return int(within[np.argmin(np.abs(within - size / 2))]) if len(within) else None


def conflicts(publication, found):
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
    contradictions, strains = {}, {}
    for members, needed, available, text in _bounds(publication, found):
        if needed > available:
            into = contradictions if needed > MARGIN * available else strains
            for result in members:
                into.setdefault(result.estimate.id, text)
    return contradictions, strains


def _bounds(publication, found):
    """What one result needs and what others make available: (results, needed, available, words)."""
    for result in found.values():
        yield _within_cohort(publication, result)
    for one in found.values():
        for other in found.values():
            if one is other or one.estimate.endpoint != other.estimate.endpoint:
                continue
            if one.estimate.population == other.estimate.population:
                yield from _same_population(one, other)
        yield from _whole_and_parts(publication, found, one)


def _within_cohort(publication, result):
    label = publication.groups[result.estimate.population].label
    who = "" if result.exposed is None else f", {formats.count(result.exposed)} of them with the factor,"
    text = (
        f"{_said(result)} needs a standard error of at most {shown(_se(result.low), 3)}, but {_size(result)} {label} "
        f"patients{who} cannot give less than {shown(_se(result.most), 3)}, even if all of them have the event"
    )
    return [result], result.low, result.most, text


def _same_population(one, other):
    first, second = one.estimate, other.estimate
    if first.term == second.term and (first.model, second.model) == ("multivariable", "univariable"):
        text = (
            f"adjusted, {_said(one)} implies a standard error of at most {shown(_se(one.low), 3)}, smaller than the "
            f"{shown(_se(other.high), 3)} or more that {_said(other)} implies unadjusted"
        )
        yield [one, other], one.low, other.high, text
    if second.model == "univariable" and other.exposed is not None and other.high < inf:
        available = EVENTS_FACTOR * other.likely_events
        text = (
            f"{_said(one)} ({first.term}) needs at least {ceil(one.least_events)} events, but {_said(other)} "
            f"({second.term}) in the same patients implies about {other.likely_events:.0f}"
        )
        yield [one, other], one.least_events, available, text


def _whole_and_parts(publication, found, whole):
    claim = whole.estimate
    parts = publication.groups[claim.population].parts
    if not parts or claim.exposed is None:
        return
    members, available = [], 0.0
    for part in parts:
        same = [
            r
            for r in found.values()
            if (r.estimate.endpoint, r.estimate.term, r.estimate.population)
            == (claim.endpoint, claim.term, part)
            and r.estimate.model == "univariable"
        ]
        available += min([r.high for r in same] + [_most(publication, claim.exposed, part)])
        members += same
    if members:
        printed = listed(f"{_said(r)} in {publication.groups[r.estimate.population].label}" for r in members)
        text = (
            f"{_said(whole)} in all patients needs a standard error of at most {shown(_se(whole.low), 3)}, but "
            f"{printed}, with all other patients having the event, can give no less than {shown(_se(available), 3)}"
        )
        yield [whole, *members], whole.low, available, text


def _most(publication, exposed, part):
    """The most information that a part of the patients can give about the factor of a table."""
    size = counts.known(publication).values.get(Quantity(part))
    if (
        exposed.name not in publication.tables
        or part not in publication.tables[exposed.name].groups
        or not size
    ):
        return inf
    possible = counts.possible(publication, exposed.name, (part,))
    if possible is None or not len(possible):
        return inf
    n = possible.of(Quantity(exposed.name, part, exposed.without))
    return float((n * (size - n) / size).max())


def hazard(publication, claim, found, contradictions, strains):
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
    if name not in found:
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}.")
    result = found[name]
    value = None if np.isnan(result.std_error) else result.std_error
    if name in contradictions:
        return Finding(
            claim, IMPLIED, CONTRADICTED, f"{_capital(contradictions[name])}: they cannot all be right."
        )
    text = f"{need}. {_implies(publication, result)}"
    text += f", but only just: {strains[name]}." if name in strains else "."
    said = "" if value is None else f"implied standard error {value!r}"
    return Finding(claim, IMPLIED, NOT_CHECKABLE, text, robustness=said)


def adjusted_odds_ratio(publication, claim, comparison):
    """
    An odds ratio of a multivariable model, or its P value, against the table of its factor.

    Adjusting a logistic regression does not make the standard error smaller (Robinson and Jewell 1991).

    Parameters
    ----------
    publication : Publication
    claim : Claim
    comparison : Comparison
        Of its table and groups.

    Returns
    -------
    Finding
    """
    ratio = publication.claims[claim.of] if claim.kind == "p_value" else claim
    p = next((c for c in publication.of_kind("p_value") if c.of == ratio.id), None)
    need = needs(claim, "all variables of the model for each patient")
    if p is None or not len(comparison.tables):
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}.")
    low, high = information(ratio.number, p.number)
    smallest = float(associations.std_error(comparison.tables).min())
    said = f"odds ratio {ratio.printed} with {_p_text(p.number)} implies a standard error"
    text = f"the counts give {shown(smallest, 3)} without adjustment, and adjusting cannot make it smaller"
    if low > MARGIN / smallest**2:
        return Finding(
            claim, IMPLIED, CONTRADICTED, f"{_capital(said)} of at most {shown(_se(low), 3)}; {text}."
        )
    span = (
        f"of {shown(_se(high), 3)} to {shown(_se(low), 3)}"
        if high < inf
        else f"of at most {shown(_se(low), 3)}"
    )
    return Finding(
        claim, IMPLIED, NOT_CHECKABLE, f"{need}. {_capital(said)} {span}, which is possible: {text}."
    )


def interval(publication, claim):
    """
    A confidence limit whose table is not printed, against the estimate, the other limit and the P value.

    Parameters
    ----------
    publication : Publication
    claim : Claim
        Of kind confidence_low or confidence_high.

    Returns
    -------
    Finding
    """
    ratio = publication.claims[claim.of].number
    ends = {
        c.kind: c.number for c in publication.of_kind("confidence_low", "confidence_high") if c.of == claim.of
    }
    p = next((c.number for c in publication.of_kind("p_value") if c.of == claim.of), None)
    need = needs(claim, "the data behind the model")
    if len(ends) < 2:
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}.")
    low, high = ends["confidence_low"], ends["confidence_high"]
    said = f"{ratio.text} ({low.text} to {high.text})"
    if ratio.high < low.low or ratio.low > high.high:
        return Finding(
            claim, IMPLIED, CONTRADICTED, f"The estimate {ratio.text} is outside its interval {said}."
        )
    widest = log(high.high / low.low) / (2 * Z) if low.low > 0 else inf
    narrowest = max(log(high.low / low.high) / (2 * Z), 0.0)
    if p is None:
        reason = f"{need}. The interval holds its estimate."
        return Finding(claim, IMPLIED, NOT_CHECKABLE, reason)
    least, most = information(ratio, p)
    text = (
        f"{said} implies a standard error of {shown(narrowest, 3)} to {shown(widest, 3)}, {_p_text(p)} one of "
        f"{shown(_se(most), 3)} to {shown(_se(least), 3)}"
    )
    apart = least > MARGIN / narrowest**2 if narrowest else False
    apart = apart or (widest < inf and MARGIN * most < 1 / widest**2)
    if apart:
        return Finding(claim, IMPLIED, CONTRADICTED, f"{text}: interval and P value cannot both be right.")
    return Finding(claim, IMPLIED, NOT_CHECKABLE, f"{need}. {text}, which agree.")


def printed_p_values(publication, claim):
    """A statement that rests on printed p values."""
    numbers = [publication.claims[name].number for name in claim.of]
    limit = claim.limit
    below = "<" in limit.relation
    # "<0.0001" is below 0.05 although no number is printed
    meets = [(n.high <= limit.value if below else n.low >= limit.value) for n in numbers]
    against = [(n.low > limit.value if below else n.high < limit.value) for n in numbers]
    printed = listed(_p_text(n) for n in numbers)
    if all(meets):
        return Finding(
            claim, IMPLIED, REPRODUCED, f"The printed {printed} agree{'s' * (len(numbers) == 1)} with it."
        )
    if any(against):
        return Finding(claim, IMPLIED, CONTRADICTED, f"The printed {printed} do not all meet {limit.text}.")
    reason = f"Needs the P value with more decimals: {printed} may or may not meet {limit.text}."
    return Finding(claim, IMPLIED, NOT_CHECKABLE, reason)


def _implies(publication, result):
    label = publication.groups[result.estimate.population].label
    if result.size is None:
        return f"{_said(result)} implies at least {ceil(4 * result.low)} events"
    if result.exposed is None:
        return (
            f"{_said(result)} implies at least {ceil(result.least_events)} events among the {_size(result)} {label} "
            "patients, which is possible"
        )
    share = result.exposed / result.size
    text = (
        f"{_said(result)} implies at least {ceil(result.least_exposed_events)} events among the "
        f"{formats.count(result.exposed)} with the factor"
    )
    if result.p.number.relation == "=":
        about = 1 / result.std_error**2 / (share * (1 - share))
        text += f" and, by Schoenfeld's approximation, about {about:.0f} among all {_size(result)} {label} patients"
    return f"{text}, which is possible"


def _said(result):
    return f"HR {result.estimate.printed} with {_p_text(result.p.number)}"


def _p_text(p):
    """ "p = 0.036", "p < 0.0001"."""
    return f"p {p.relation} {p.text.strip().lstrip('pP<>=≤≥ ')}"


def _size(result):
    return formats.count(result.size)


def _se(information_available):
    return 1 / sqrt(information_available) if information_available > 0 else inf


def _capital(text):
    return text[0].upper() + text[1:]
