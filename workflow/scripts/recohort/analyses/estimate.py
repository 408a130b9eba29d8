"""Every estimate of a cohort, by the functions of the stages themselves."""

from typing import NamedTuple

from recohort.analyses import control as analyses_control
from recohort.analyses import estimates
from recohort.cohort import build as cohort


class Fitted(NamedTuple):
    """
    What the stages compute of a cohort, lists of dict as they write them.

    estimates : rows of the estimates. counts : cells of cross-tables. curves : steps of survival curves.
    """

    estimates: list
    counts: list
    curves: list

    def shown(self, rule, confidence):
        """The estimates as they may be shown."""
        return analyses_control.results(self.estimates, self.counts, self.curves, rule, confidence)[0]


def of_extract(frame, refused, protocol, confidence, may_be_empty=frozenset()):
    """
    The cohort of an extract and what the stages compute of it.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`.
    refused : list of textfile.Refused
    protocol : Protocol
    confidence : float
    may_be_empty : set of (str, str)
        As of `cohort.codebook.clean`.

    Returns
    -------
    built : recohort.cohort.build.Cohort
    fitted : Fitted

    Raises
    ------
    RecohortError
        As `cohort.build`.
    """
    built = cohort.build(frame, refused, protocol, may_be_empty)
    fitted = Fitted([], [], [])
    for stage in protocol.stages:
        for analysis in protocol.of_stage(stage):
            _add(fitted, built.patients, protocol, analysis, confidence)
    return built, fitted._replace(estimates=estimates.records(estimates.table(fitted.estimates)))


def _add(fitted, patients, protocol, analysis, confidence):
    # imported where needed: a study seldom has all kinds
    if analysis.kind in ("logistic", "cox"):
        from recohort.analyses.regression import estimate as models

        fitted.estimates.extend(models.estimates(patients, protocol, analysis, confidence))
    elif analysis.kind == "curves":
        from recohort.analyses.curves import estimate as survival

        rows, steps = survival.estimates(patients, protocol, analysis, confidence)
        fitted.estimates.extend(rows)
        fitted.curves.extend(estimates.records(steps))
    else:
        from recohort.analyses.crosstab import estimate as agreement

        rows, counts = agreement.estimates(patients, protocol, analysis, confidence)
        fitted.estimates.extend(rows)
        fitted.counts.extend(counts)
