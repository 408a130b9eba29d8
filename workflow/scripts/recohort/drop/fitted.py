"""Every estimate of a cohort, by the functions of the stages themselves."""

from typing import NamedTuple

from recohort import cohort, disclosure, estimates


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
        return disclosure.results(self.estimates, self.counts, self.curves, rule, confidence)[0]


def of_extract(frame, refused, protocol, confidence):
    """
    The cohort of an extract and what the stages compute of it.

    Parameters
    ----------
    frame : DataFrame
        Text columns and `row`.
    refused : list of textfile.Refused
    protocol : Protocol
    confidence : float

    Returns
    -------
    built : recohort.cohort.Cohort
    fitted : Fitted

    Raises
    ------
    RecohortError
        As `cohort.build`.
    """
    built = cohort.build(frame, refused, protocol)
    fitted = Fitted([], [], [])
    for stage in protocol.stages:
        for analysis in protocol.of_stage(stage):
            _add(fitted, built.patients, protocol, analysis, confidence)
    return built, fitted._replace(estimates=estimates.records(estimates.table(fitted.estimates)))


def _add(fitted, patients, protocol, analysis, confidence):
    # imported where needed: a study seldom has all kinds
    if analysis.kind in ("logistic", "cox"):
        from recohort import models

        fitted.estimates.extend(models.estimates(patients, protocol, analysis, confidence))
    elif analysis.kind == "curves":
        from recohort import survival

        rows, steps = survival.estimates(patients, protocol, analysis, confidence)
        fitted.estimates.extend(rows)
        fitted.curves.extend(estimates.records(steps))
    else:
        from recohort import agreement

        rows, counts = agreement.estimates(patients, protocol, analysis, confidence)
        fitted.estimates.extend(rows)
        fitted.counts.extend(counts)
