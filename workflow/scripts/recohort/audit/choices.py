"""Other choices as an explanation, on patient-level data: the smallest set that gives a printed number."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from recohort.analyses.cox.estimate import batches as cox_batches
from recohort.analyses.logistic.estimate import batches as logistic_batches
from recohort.analyses.regression.estimate import term
from recohort.audit.from_estimates import column_of
from recohort.base.errors import NotEstimable
from recohort.protocol.model import DAYS
from recohort.statistics import contingency, fisher, kaplan_meier
from recohort.statistics.coded_table import code_terms
from recohort.statistics.cox import fit as cox
from recohort.statistics.design import Term, encode
from recohort.statistics.maximum_likelihood import (
    likelihood_ratio,
    profile_interval,
    score_test,
    wald_interval,
    wald_test,
)
from recohort.statistics.survival_rows import SurvivalRows

# a choice in words, and what it sets; the first of each list is the protocol's
AS_IS = ("", {})
COMPLETE_CASES = [AS_IS, ("complete cases of all terms", {"complete": True})]
MONTHS = [
    AS_IS,
    ("a month of 365/12 days", {"month_days": 365 / 12}),
    ("a month of 30 days", {"month_days": 30.0}),
]
KAPLAN_MEIER = {"log": "a log interval", "log-log": "a log-log interval", "plain": "a plain interval"}
INTERVALS = {"Wald": "Wald's interval", "profile likelihood": "a profile-likelihood interval"}
TESTS = {"Wald": "Wald's P", "likelihood ratio": "the likelihood-ratio P"}
# for one factor of two levels
EXACT_TESTS = {
    "Fisher": "Fisher's P",
    "mid-p": "the mid-p P",
    "chi-square with correction": "the P of chi-square with continuity correction",
}
EXACT = {"exact": "the exact conditional interval"}
CONDITIONAL = {"exact": "the conditional odds ratio"}


@dataclass(frozen=True)
class Choice:
    """
    What a search over choices found.

    Attributes
    ----------
    changes : tuple of str
        What is different from the protocol's analysis, in words; empty if nothing gives the printed number.
    value : float or None
    search : str
        What was tried.
    """

    changes: tuple
    value: float | None
    search: str


def search(patients, protocol, rows, claim, row):
    """
    Refit an estimate with other choices until it prints as a claim.

    Tried are, where they apply: ties; Wald, profile-likelihood and exact intervals; Wald, likelihood-ratio,
    score, exact and corrected P values; the conditional odds ratio; each reference level; complete cases; the
    length of a month; the scale of a Kaplan-Meier interval. First one change, then more.

    Parameters
    ----------
    patients : DataFrame
        The cohort.
    protocol : Protocol
    rows : list of dict
        The estimates table.
    claim : Claim
    row : dict
        Its row.

    Returns
    -------
    Choice or None
        None if there is nothing to choose.
    """
    analysis, column = protocol.analyses[row["analysis"]], column_of(claim)
    if analysis.kind not in MODELS or column in ("n", "events", "n_level", "events_level"):
        return None
    model = MODELS[analysis.kind](patients, protocol, analysis, rows, row, column)
    axes = [axis for axis in model.axes() if len(axis) > 1]
    combinations = sorted(product(*axes), key=lambda choices: sum(choice is not AS_IS for choice in choices))
    said = f"{len(combinations) - 1} combinations of other choices"
    for choices in combinations[1:]:
        settings = {name: value for _, setting in choices for name, value in setting.items()}
        try:
            value = model.value(settings)
        except NotEstimable:
            continue
        if claim.number.rounds(value):
            return Choice(tuple(words for words, _ in choices if words), float(value), said)
    return Choice((), None, said) if combinations[1:] else None


def _axis(words, used, name):
    """The choices of one thing: the protocol's, then the others."""
    return [AS_IS, *((text, {name: key}) for key, text in words.items() if key != used)]


class _Regression:
    """An estimate of a Cox or logistic model: of which kind, says a class that has `batches`."""

    # whether the cross-table of one factor gives other tests
    has_table = False

    def __init__(self, patients, protocol, analysis, rows, row, column):
        self.patients, self.protocol, self.analysis = patients, protocol, analysis
        self.row, self.column = row, column
        same = ("analysis", "outcome", "population", "model")
        names = dict.fromkeys(
            r["term"] for r in rows if r["term"] and all(r[key] == row[key] for key in same)
        )
        self.all_terms = [protocol.codebook[name] for name in names]
        self.term = protocol.codebook[row["term"]]
        self.alone = row["model"] == "univariable"

    def axes(self):
        yield COMPLETE_CASES
        yield from self.more_axes()
        if self.term.is_factor:
            level, reference = self.row["level"], self.row["reference"]
            swap = (f"{reference} against {level}", {"level": reference, "reference": level})
            others = [name for name in self.term.levels if name not in (level, reference)]
            yield [AS_IS, swap, *((f"the reference {name}", {"reference": name}) for name in others)]
        yield self._inference()

    def more_axes(self):
        return ()

    def _inference(self):
        by_table = self.alone and self.has_table and self.term.is_factor
        if self.column == "p_value":
            score = {"score": "the score P"} if self.alone else {}
            return _axis({**TESTS, **score, **(EXACT_TESTS if by_table else {})}, self.row["p_method"], "by")
        if self.column in ("ci_low", "ci_high"):
            return _axis({**INTERVALS, **(EXACT if by_table else {})}, self.row["ci_method"], "by")
        return _axis(CONDITIONAL if by_table and self.column == "estimate" else {}, "", "by")

    def value(self, settings):
        chosen = {**self.row, **settings}
        level, reference = chosen["level"], chosen["reference"]
        methods = {"by": self.row["p_method" if self.column == "p_value" else "ci_method"]}
        by = {**methods, **settings}["by"]
        names = [variable.name for variable in ([self.term] if self.alone else self.all_terms)]
        models, among = self._models(settings, reference)
        if by == "exact" or by in EXACT_TESTS:
            rows = models.known & among & models.table.known(names)
            group, event = self.patients.loc[rows, self.term.name].to_numpy(object), models.event[rows] == 1
            table = [
                [np.sum(event & (group == g)), np.sum(~event & (group == g))] for g in (level, reference)
            ]
            return _of_table(table, by, self.column)
        model = models.fit(names, among)
        if model.status != "ok":
            raise NotEstimable(model.note)
        return _of_fit(model.fit, self.term.name, level, by, self.column)

    def _models(self, settings, reference):
        """The models of the row's outcome under some settings, and who is asked about."""
        options = {**self.analysis.options, **{key: settings[key] for key in ("ties",) if key in settings}}
        variables = [self.term] if self.alone and "complete" not in settings else self.all_terms
        table = code_terms(
            [term(v, self.patients[v.name], reference if v is self.term else None) for v in variables]
        )
        made = self.batches(self.patients, options, table)
        among = self.patients[f"in_{self.row['population']}"].to_numpy()
        if "complete" in settings:
            among = among & table.known(table.coded)
        return made[self.row["outcome"]], among


class _Logistic(_Regression):
    batches = staticmethod(logistic_batches)
    has_table = True


class _Cox(_Regression):
    batches = staticmethod(cox_batches)

    def more_axes(self):
        ties = {"efron": "Efron's ties", "breslow": "Breslow's ties"}
        yield _axis(ties, self.analysis.options["ties"], "ties")


def _of_fit(fit, term, level, by, column):
    """A number of a fitted model; NaN if the level has no coefficient."""
    i = next((i for i, c in enumerate(fit.columns) if (c.term, c.level or "") == (term, level)), None)
    if i is None or fit.columns[i] in fit.dropped:
        return np.nan
    if column == "estimate":
        return np.exp(fit.coefficients[i])
    if column == "std_error":
        return fit.std_error[i]
    if column == "p_value":
        if by == "score":
            return score_test(fit).p_value
        return {"Wald": wald_test, "likelihood ratio": likelihood_ratio}[by](fit, [fit.columns[i]]).p_value
    limits = {"Wald": wald_interval, "profile likelihood": profile_interval}[by](fit)
    return np.exp(limits[i, 0 if column == "ci_low" else 1])


def _of_table(table, by, column):
    if by == "chi-square with correction":
        return contingency.chi_square(table, correction=True).p_value
    if by == "mid-p":
        return fisher.fisher_mid_p(table).p_value
    return getattr(fisher.fisher(table), column)


class _Curve:
    """A median, a survival at a time, or a log-rank test."""

    def __init__(self, patients, protocol, analysis, rows, row, column):
        self.endpoint = protocol.endpoints[row["outcome"]]
        among = patients[patients[f"in_{row['population']}"].to_numpy()]
        self.patients = among[among[f"{self.endpoint.name}_time_days"].notna()]
        self.interval = analysis.options["interval"]
        self.row, self.column = row, column

    def axes(self):
        if self.row["measure"] == "logrank":
            yield _axis(
                {"Wald": "Wald's P of a Cox model", "likelihood ratio": "its likelihood-ratio P"}, "", "by"
            )
            return
        yield _axis(KAPLAN_MEIER, self.interval, "interval")
        yield MONTHS if self.endpoint.unit == "months" else [AS_IS]

    def value(self, settings):
        by, level = self.row["term"], self.row["level"]
        if self.row["measure"] == "logrank":
            return self._cox_p(self.patients[self.patients[by].notna()], settings["by"])
        group = self.patients[self.patients[by] == level] if level else self.patients
        unit = settings.get("month_days", DAYS[self.endpoint.unit])
        interval = {"interval": self.interval, **settings}["interval"]
        curve = kaplan_meier.kaplan_meier(self._survival(group, unit), interval)
        if self.row["measure"] == "median":
            return dict(zip(("estimate", "ci_low", "ci_high"), kaplan_meier.median(curve), strict=True))[
                self.column
            ]
        found = kaplan_meier.at_times(curve, [self.row["at"]])
        return dict(zip(("estimate", "std_error", "ci_low", "ci_high"), found, strict=True))[self.column][0]

    def _survival(self, group, unit=1):
        """Follow-up in a unit of so many days."""
        name = self.endpoint.name
        entry = group[f"{name}_entry_days"].to_numpy() / unit if f"{name}_entry_days" in group else None
        return SurvivalRows(
            group[f"{name}_time_days"].to_numpy() / unit, group[f"{name}_event"].to_numpy(), entry
        )

    def _cox_p(self, known, by):
        codes = known[self.row["term"]].cat
        patterns = encode([Term("group", codes.codes.to_numpy().astype(np.int64), tuple(codes.categories))])
        fit = cox.fit(patterns, self._survival(known))
        return {"Wald": wald_test, "likelihood ratio": likelihood_ratio}[by](fit, list(fit.columns)).p_value


# Of other kinds of analysis no other choice is tried.
MODELS = {"cox": _Cox, "logistic": _Logistic, "curves": _Curve}
