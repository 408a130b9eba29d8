"""The methods section of a study, written from its protocol."""

from recohort import disclosure


def paragraphs(protocol):
    """
    What was done, in words.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of str
        A paragraph on the cohort, on the endpoints and on p values, and one for each kind of analysis.
    """
    kinds = {}
    for analysis in protocol.analyses.values():
        kinds.setdefault(analysis.kind, []).append(analysis)
    said = [_cohort(protocol), *_endpoints(protocol)]
    said += [WRITERS[kind](protocol, analyses) for kind, analyses in kinds.items()]
    return [*said, _p_values(kinds), *_disclosure(protocol)]


def _disclosure(protocol):
    """One paragraph on what is withheld of a controlled study."""
    rule = protocol.rule
    if rule is None:
        return []
    fewest = "three" if rule.threshold > 1 else "two"
    rounded = f", other counts rounded to the nearest {rule.rounding}" if rule.rounding > 1 else ""
    return [
        "Disclosure control. Everything was computed from exact numbers, of which this page shows less. "
        f"Counts of {rule.threshold} or fewer are withheld{rounded}, and further counts withheld where "
        f"the totals of a table would leave a small one fewer than {fewest} possible values. An estimate is "
        "suppressed if it rests on a withheld count, or if its population differs from that of an earlier "
        f"one of the same term by {rule.threshold} {protocol.unit} or fewer. Percentages, sensitivities and "
        "their intervals are computed from the counts shown; ratios have two decimals, p values three. "
        f"{disclosure.curve_sentence(rule)}"
    ]


def _cohort(protocol):
    text = (
        "The extract was read as text and cleaned by the codebook of the protocol; each changed cell is in "
        "a ledger. Rows that could not be read or that contradict themselves were quarantined, and "
        f"identical rows with one id merged. The {protocol.unit} who met the inclusion criteria, applied in "
        "the order of the protocol, are the cohort."
    )
    populations = [p.label for name, p in protocol.populations.items() if name != "all"]
    return f"{text} Subgroups: {'; '.join(populations)}." if populations else text


def _summary(protocol, analyses):
    text = (
        "Categories are described as count and percentage of those known, numbers as median and first and "
        "third quartile."
    )
    if not any("by" in a.options for a in analyses):
        return text
    return (
        f"{text} Groups are compared by Pearson's chi-square test without continuity correction, by Fisher's "
        "exact test in a 2 x 2 table with an expected count below 5, and for numbers by the Wilcoxon "
        "rank-sum test (two groups) or the Kruskal-Wallis test."
    )


def _logistic(protocol, analyses):
    methods = {
        "wald": "Wald intervals and p values",
        "profile": "profile-likelihood intervals and likelihood-ratio p values",
    }
    used = dict.fromkeys(methods[a.options.get("interval", "profile")] for a in analyses)
    return f"Odds ratios are from logistic regression, with {' or '.join(used)}. {_models(analyses)}"


def _cox(protocol, analyses):
    ties = dict.fromkeys(a.options.get("ties", "efron").capitalize() for a in analyses)
    text = (
        "Hazard ratios are from Cox proportional hazards models with Wald intervals and p values; tied "
        f"times are handled by {' or '.join(ties)}'s method. "
        f"{_models(analyses)}"
    )
    strata = dict.fromkeys(
        protocol.codebook[name].label for a in analyses for name in a.options.get("strata", [])
    )
    clusters = dict.fromkeys(
        protocol.codebook[a.options["cluster"]].label for a in analyses if "cluster" in a.options
    )
    if strata:
        text += f" Baseline hazards differ by {', '.join(strata)}."
    if clusters:
        text += f" Standard errors are robust to clusters of {', '.join(clusters)} (sandwich estimator)."
    return text


def _curves(protocol, analyses):
    scales = dict.fromkeys(a.options.get("interval", "log") for a in analyses)
    text = (
        "Survival curves are Kaplan-Meier estimates with pointwise intervals on the "
        f"{' or '.join(scales)} scale."
    )
    if any("by" in a.options for a in analyses):
        text += " They are compared by the log-rank test."
    return text


def _endpoints(protocol):
    """One paragraph on the endpoints that the analyses use."""
    used = dict.fromkeys(a.options["endpoint"] for a in protocol.analyses.values() if "endpoint" in a.options)
    said = " ".join(_endpoint(protocol, protocol.endpoints[name]) for name in used)
    return [f"Endpoints. {said}"] if said else []


def _endpoint(protocol, endpoint):
    variable, level = endpoint.event
    if endpoint.time is not None:
        clock = f"time is {_quoted(protocol, endpoint.time)}"
    else:
        clock = f"time runs from {_quoted(protocol, endpoint.start)} to {_quoted(protocol, endpoint.end)}"
    if endpoint.entry is not None:
        clock += f", at risk only from {_quoted(protocol, endpoint.entry)} on (delayed entry)"
    event = f"the event is {_quoted(protocol, variable)} ({level})"
    return f"{endpoint.label}: {clock}; {event}, everything else is censored."


def _quoted(protocol, name):
    return f"“{protocol.codebook[name].label}”"


def _models(analyses):
    text = (
        "Each term is fitted alone (univariable). A model uses those whose values of its terms are known; "
        "how many a term leaves out is in the tables."
    )
    rules = [a.options.get("multivariable", "none") for a in analyses]
    if "all" in rules:
        text += " The multivariable model has all terms."
    for limit in sorted({rule["univariable_p_below"] for rule in rules if isinstance(rule, dict)}):
        text += (
            f" The multivariable model has the terms whose univariable likelihood-ratio p is below {limit:g}."
        )
    if any(isinstance(rule, list) for rule in rules):
        text += " The multivariable model has the terms that the protocol names."
    return (
        f"{text} Where a likelihood has no finite maximum, Firth's penalty is used and marked; an estimate "
        "that does not exist is said to be not estimable."
    )


def _fisher(protocol, analyses):
    return (
        "Two groups are compared by Fisher's exact test; odds ratios are conditional maximum-likelihood "
        "estimates with exact intervals."
    )


def _proportions(protocol, analyses):
    text = "Proportions have Wilson and exact (Clopper-Pearson) intervals."
    if any(a.options.get("pairwise") for a in analyses):
        text += (
            " Pairs of groups are compared by Pearson's chi-square test, or Fisher's exact test where an "
            "expected count is below 5; p values are given as they are and with Holm's adjustment."
        )
    return text


def _agreement(protocol, analyses):
    return (
        "Sensitivity, specificity, predictive values and accuracy have exact (Clopper-Pearson) intervals; "
        "agreement is measured by Cohen's kappa, and discordance tested by McNemar's exact test. Results "
        "that are neither positive nor negative are counted as not evaluable."
    )


def _strategies(protocol, analyses):
    return (
        "Testing strategies are compared by the tests that each needs and the positives that it finds and "
        "misses."
    )


def _p_values(kinds):
    adjusted = "Apart from Holm's adjustment, they" if "proportions" in kinds else "They"
    return f"p values are two-sided. {adjusted} are not adjusted for the number of tests."


WRITERS = {
    "summary": _summary,
    "logistic": _logistic,
    "cox": _cox,
    "curves": _curves,
    "fisher": _fisher,
    "proportions": _proportions,
    "agreement": _agreement,
    "strategies": _strategies,
}
