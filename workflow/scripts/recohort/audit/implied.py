"""What printed numbers imply about each other, without data: estimates, their P values and intervals."""

from math import inf, log, sqrt
from typing import Any

from recohort.audit import associations
from recohort.audit.finding import (
    CONTRADICTED,
    IMPLIED,
    NO_EVIDENCE,
    NOT_CHECKABLE,
    REPRODUCED,
    Finding,
    capital,
    listed,
    needs,
    shown,
)
from recohort.statistics.distributions import normal_quantile

# ASSUME: printed results contradict each other only if all numbers that print the same do, by a fifth.
# A fifth in information is a tenth in standard error: likelihood-ratio instead of Wald P values, or the sum
# over subgroups in place of the whole, make less of a difference.
MARGIN = 1.2


def information(ratio: Any, p: Any) -> tuple[float, float]:
    """
    What a ratio and its P value say about the information on the log ratio, by Wald's test.

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
    low, high = z_value(min(p.high, 1.0)), z_value(max(p.low, 0.0))
    return (low / max(logs)) ** 2, (high / smallest) ** 2 if smallest > 0 else inf


def z_value(p: float) -> float:
    """The standard normal value that a two-sided p belongs to."""
    return -normal_quantile(p / 2) if p > 0 else inf


def standard_error(level: float) -> float:
    """Of the log ratio, from the information on it."""
    return 1 / sqrt(level) if level > 0 else inf


def p_text(p: Any) -> str:
    """A printed P value as "p = 0.036" or "p < 0.0001"."""
    return f"p {p.relation} {p.text.strip().lstrip('pP<>=≤≥ ')}"


def adjusted_odds_ratio(publication: Any, claim: Any, comparison: Any) -> Finding:
    """
    An odds ratio of a multivariable model, or its P value, against the table of its factor.

    Parameters
    ----------
    publication : Publication
    claim : Claim
    comparison : Comparison
        Of its table and groups.

    Returns
    -------
    Finding

    References
    ----------
    Robinson & Jewell (1991), Int. Stat. Rev. 59:227: adjusting increases logistic standard errors.
    """
    ratio = publication.claims[claim.of] if claim.kind == "p_value" else claim
    p = next((c for c in publication.of_kind("p_value") if c.of == ratio.id), None)
    need = needs(claim, "all variables of the model for each patient")
    if p is None or not len(comparison.tables):
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}.")
    low, _ = information(ratio.number, p.number)
    smallest = float(associations.std_error(comparison.tables).min())
    text = (
        f"odds ratio {ratio.printed} with {p_text(p.number)} implies a standard error of at most "
        f"{shown(standard_error(low), 3)}, and the counts give {shown(smallest, 3)} without adjustment"
    )
    if low > MARGIN / smallest**2:
        reason = f"{capital(text)}, which adjusting cannot make smaller."
        return Finding(claim, IMPLIED, CONTRADICTED, reason)
    return Finding(claim, IMPLIED, NOT_CHECKABLE, f"{need}; {text}, which is possible.")


def interval(publication: Any, claim: Any) -> Finding:
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
    of_same = [other for other in publication.claims.values() if other.of == claim.of]
    ratio = publication.claims[claim.of].number
    numbers = {other.kind: other.number for other in of_same}
    need = needs(claim, "the data behind the model")
    if not {"confidence_low", "confidence_high"} <= set(numbers):
        return Finding(claim, NO_EVIDENCE, NOT_CHECKABLE, f"{need}.")
    low, high = numbers["confidence_low"], numbers["confidence_high"]
    said = f"{ratio.text} ({low.text} to {high.text})"
    if ratio.high < low.low or ratio.low > high.high:
        return Finding(claim, IMPLIED, CONTRADICTED, f"The interval does not hold its estimate: {said}.")
    if "p_value" not in numbers or low.low <= 0:
        return Finding(claim, IMPLIED, NOT_CHECKABLE, f"{need}; the interval holds its estimate.")
    widths = high.low / low.high, high.high / low.low
    narrow, wide = (max(log(width) / 2 / associations.Z, 0) for width in widths)
    p = numbers["p_value"]
    least, most = information(ratio, p)
    text = (
        f"{said} implies a standard error of {shown(narrow, 3)} to {shown(wide, 3)}, {p_text(p)} one of "
        f"{shown(standard_error(most), 3)} to {shown(standard_error(least), 3)}"
    )
    if least * narrow**2 > MARGIN or most * wide**2 < 1 / MARGIN:
        return Finding(claim, IMPLIED, CONTRADICTED, f"{text}: interval and P value cannot both be right.")
    return Finding(claim, IMPLIED, NOT_CHECKABLE, f"{need}; {text}, which agree.")


def printed_p_values(publication: Any, claim: Any) -> Finding:
    """
    A statement that rests on printed P values.

    Parameters
    ----------
    publication : Publication
    claim : Claim

    Returns
    -------
    Finding
    """
    numbers, limit = [publication.claims[name].number for name in claim.of], claim.limit
    said = listed(map(p_text, numbers))
    if all(_meets(number, limit) for number in numbers):
        verb = "agrees" if len(numbers) == 1 else "agree"
        return Finding(claim, IMPLIED, REPRODUCED, f"The printed {said} {verb} with it.")
    if any(_violates(number, limit) for number in numbers):
        return Finding(claim, IMPLIED, CONTRADICTED, f"Of the printed {said}, not all are {limit.text}.")
    reason = f"Needs the P value with more decimals: {said} may or may not be {limit.text}."
    return Finding(claim, IMPLIED, NOT_CHECKABLE, reason)


def _meets(number: Any, limit: Any) -> Any:
    """Whether all numbers that print so meet a limit."""
    return number.high <= limit.value if "<" in limit.relation else number.low >= limit.value


def _violates(number: Any, limit: Any) -> Any:
    """Whether no number that prints so meets a limit."""
    return number.low >= limit.value if "<" in limit.relation else number.high <= limit.value
