"""Other choices as an explanation, on patient-level data: the smallest set of changes that gives a printed number."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from recohort import contingency, cox, curves
from recohort.audit.from_estimates import column_of
from recohort.errors import NotEstimable
from recohort.likelihood import likelihood_ratio, profile_interval, score_test, wald_interval, wald_test
from recohort.models import cox_responses, logistic_responses
from recohort.patterns import Term, encode
from recohort.protocol import DAYS

# the length of a month in days, as programs and papers have it
MONTHS = {
    "a month of 365.25/12 days": 365.25 / 12,
    "a month of 365/12 days": 365 / 12,
    "a month of 30 days": 30.0,
}
KAPLAN_MEIER = {
    "log": "a log interval",
    "log-log": "a log-log interval",
    "plain": "a plain interval",
}


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

    Tried are, where they apply: ties, Wald, profile-likelihood and exact intervals, Wald, likelihood-ratio, score and
    exact P values, chi-square with and without correction, the conditional odds ratio, each reference level, complete
    cases of all terms, the length of a month and the scale of a Kaplan-Meier interval; alone, then in pairs, and so on.

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
    analysis = protocol.analyses[row["analysis"]]
    column = column_of(claim)
    if column not in ("estimate", "ci_low", "ci_high", "p_value", "std_error"):
        return None
    if analysis.kind in ("cox", "logistic"):
        axes, compute = _regression(patients, protocol, analysis, rows, row, column)
    elif analysis.kind == "curves":
        axes, compute = _curve(patients, protocol, analysis, row, column)
    else:
        return None
    axes = [axis for axis in axes if len(axis) > 1]
    tried = 0
    for picks in sorted(product(*[range(len(axis)) for axis in axes]), key=lambda p: (sum(map(bool, p)), p)):
        if not any(picks):
            continue
        value = compute({key: setting for axis, i in zip(axes, picks) for key, setting in axis[i][1].items()})
        tried += 1
        if value is not None and claim.number.rounds(value):
            changes = tuple(axis[i][0] for axis, i in zip(axes, picks) if i)
            return Choice(changes, float(value), f"{tried} combinations of choices")
    return Choice((), None, f"{tried} combinations of choices") if tried else None


def _regression(patients, protocol, analysis, rows, row, column):
    """The axes of choice of a Cox or logistic model, each a list of (words, settings) with the protocol's first."""
    same = ("analysis", "outcome", "population", "model")
    names = list(dict.fromkeys(r["term"] for r in rows if all(r[key] == row[key] for key in same)))
    terms = (
        [protocol.codebook[row["term"]]]
        if row["model"] == "univariable"
        else [protocol.codebook[n] for n in names]
    )
    variable = protocol.codebook[row["term"]]
    axes = [[("", {}), ("complete cases of all terms", {"complete": True})]]
    if analysis.kind == "cox":
        ties = analysis.options.get("ties", "efron")
        other = "breslow" if ties == "efron" else "efron"
        axes.append([("", {}), (f"{other.capitalize()}'s ties", {"ties": other})])
    if variable.is_factor:
        other = [level for level in variable.levels if level not in (row["reference"], row["level"])]
        axes.append([("", {})] + [(f"the reference {level}", {"reference": level}) for level in other])
        axes.append([("", {}), ("the levels exchanged", {"exchange": True})])
    axes.append(_inference(analysis, row, column, variable))

    def compute(settings):
        try:
            return _refit(patients, protocol, analysis, row, column, terms, names, settings)
        except NotEstimable:
            return None

    return axes, compute


def _inference(analysis, row, column, variable):
    used = row["ci_method"] if column in ("ci_low", "ci_high") else row["p_method"]
    known = {
        "ci": {"Wald": "Wald's interval", "profile likelihood": "a profile-likelihood interval"},
        "p": {"Wald": "Wald's P", "likelihood ratio": "the likelihood-ratio P"},
        "estimate": {},
    }["ci" if column in ("ci_low", "ci_high") else "p" if column == "p_value" else "estimate"]
    extra = {}
    if column == "p_value" and row["model"] == "univariable":
        extra["score"] = "the score P"
    if analysis.kind == "logistic" and row["model"] == "univariable" and variable.is_factor:
        extra |= {
            "p_value": {
                "Fisher": "Fisher's P",
                "mid-p": "the mid-p P",
                "chi-square with correction": "the P of chi-square with continuity correction",
            },
            "ci_low": {"exact": "the exact conditional interval"},
            "ci_high": {"exact": "the exact conditional interval"},
            "estimate": {"exact": "the conditional odds ratio"},
        }.get(column, {})
    return [("", {})] + [(words, {"by": name}) for name, words in {**known, **extra}.items() if name != used]


def _refit(patients, protocol, analysis, row, column, terms, names, settings):
    options = {**analysis.options, **({"ties": settings["ties"]} if "ties" in settings else {})}
    responses = {"cox": cox_responses, "logistic": logistic_responses}[analysis.kind]
    response = next(
        r for r in responses(patients, replace(analysis, options=options)) if r.name == row["outcome"]
    )
    needed = [protocol.codebook[name] for name in names] if settings.get("complete") else terms
    among = patients[f"in_{row['population']}"].to_numpy() & response.known
    inside = among & np.all([patients[v.name].notna().to_numpy() for v in needed], axis=0)
    level, reference = row["level"], settings.get("reference", row["reference"])
    if settings.get("exchange"):
        level, reference = reference, level
    made = [
        _term(v, patients.loc[inside, v.name], reference if v.name == row["term"] else v.reference)
        for v in terms
    ]
    by = settings.get("by", row["p_method"] if column == "p_value" else row["ci_method"])
    if by in ("exact", "Fisher", "mid-p", "chi-square with correction"):
        return _two_by_two(
            patients.loc[inside, row["term"]], response.event[inside], level, reference, by, column
        )
    fit = response.fit(encode(made), inside)
    here = [i for i, c in enumerate(fit.columns) if (c.term, c.level or "") == (row["term"], level)]
    if not here or fit.columns[here[0]] in fit.dropped:
        return None
    i = here[0]
    if column == "std_error":
        return fit.std_error[i]
    if column == "estimate":
        return np.exp(fit.coefficients[i])
    if column == "p_value":
        tests = {"Wald": wald_test, "likelihood ratio": likelihood_ratio}
        return score_test(fit).p_value if by == "score" else tests[by](fit, [fit.columns[i]]).p_value
    interval = profile_interval if by == "profile likelihood" else wald_interval
    return np.exp(interval(fit)[i, 0 if column == "ci_low" else 1])


def _term(variable, values, reference):
    if not variable.is_factor:
        return Term(variable.name, values.to_numpy(float) / variable.per)
    index = variable.levels.index(reference or variable.levels[0])
    return Term(variable.name, values.cat.codes.to_numpy().astype(np.int64), variable.levels, index)


def _two_by_two(values, event, level, reference, by, column):
    table = [
        [np.sum(event[values == group]), np.sum(~event[values == group])] for group in (level, reference)
    ]
    if by == "exact":
        return getattr(contingency.fisher(table), column)
    if by == "Fisher":
        return contingency.fisher(table).p_value
    if by == "mid-p":
        return contingency.fisher_mid_p(table).p_value
    return contingency.chi_square(table, correction=True).p_value


def _curve(patients, protocol, analysis, row, column):
    """The axes of choice of a median, of survival at a time, or of a log-rank test."""
    endpoint = protocol.endpoints[row["outcome"]]
    among = patients[
        patients[f"in_{row['population']}"].to_numpy() & patients[f"{endpoint.name}_time_days"].notna()
    ]
    if row["measure"] == "logrank":
        return _logrank(among, endpoint, row["term"])
    group = among[among[row["term"]] == row["level"]] if row["level"] else among
    used = analysis.options.get("interval", "log")
    axes = [
        [("", {})] + [(words, {"interval": name}) for name, words in KAPLAN_MEIER.items() if name != used]
    ]
    if endpoint.unit == "months":
        other = [(words, {"days": days}) for words, days in MONTHS.items() if days != DAYS["months"]]
        axes.append([("", {}), *other])

    def compute(settings):
        unit = settings.get("days", DAYS[endpoint.unit])
        entry = f"{endpoint.name}_entry_days"
        curve = curves.kaplan_meier(
            group[f"{endpoint.name}_time_days"].to_numpy() / unit,
            group[f"{endpoint.name}_event"].to_numpy(),
            group[entry].to_numpy() / unit if entry in group else None,
            interval=settings.get("interval", used),
        )
        if row["measure"] == "median":
            found = dict(zip(("estimate", "ci_low", "ci_high"), curves.median(curve), strict=True))
        else:
            numbers = curves.at_times(curve, [float(row["reference"])])
            found = dict(
                zip(("estimate", "std_error", "ci_low", "ci_high"), (n[0] for n in numbers), strict=True)
            )
        return found.get(column)

    return axes, compute


def _logrank(among, endpoint, by):
    axes = [
        [
            ("", {}),
            ("Wald's P of a Cox model", {"by": "Wald"}),
            ("its likelihood-ratio P", {"by": "likelihood ratio"}),
        ]
    ]

    def compute(settings):
        known = among[among[by].notna()]
        codes = known[by].cat.codes.to_numpy().astype(np.int64)
        patterns = encode([Term(by, codes, tuple(known[by].cat.categories), 0)])
        fit = cox.fit(
            patterns,
            known[f"{endpoint.name}_time_days"].to_numpy(),
            known[f"{endpoint.name}_event"].to_numpy(),
        )
        test = {"Wald": wald_test, "likelihood ratio": likelihood_ratio}[settings["by"]]
        return test(fit, list(fit.columns)).p_value

    return axes, compute
