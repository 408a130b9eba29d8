"""The methods section of a study, written from its protocol."""

SURVIVAL_INTERVAL = {"log": "the log scale", "log-log": "the log-log scale", "plain": "the plain scale"}


def paragraphs(protocol):
    """
    What was done, in words.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of str
        A paragraph on the cohort, one for each kind of analysis that the protocol has, and one on p values.
    """
    kinds = {}
    for analysis in protocol.analyses.values():
        kinds.setdefault(analysis.kind, []).append(analysis)
    said = [_cohort(protocol)]
    said += [WRITERS[kind](protocol, analyses) for kind, analyses in kinds.items()]
    return [*said, _p_values(kinds)]


def _cohort(protocol):
    text = (
        "The extract was read as text and cleaned by the codebook of the protocol; each changed cell is in a ledger. "
        "Rows that could not be read or that contradict themselves were quarantined, identical rows with one id merged, "
        f"and the {protocol.unit} who met the inclusion criteria, applied in the order of the protocol, are the cohort."
    )
    populations = [p.label for name, p in protocol.populations.items() if name != "all"]
    return f"{text} Subgroups: {'; '.join(populations)}." if populations else text


def _summary(protocol, analyses):
    text = (
        "Categories are described as count and percentage of those known, numbers as median and first and third "
        "quartile."
    )
    if not any("by" in a.options for a in analyses):
        return text
    return (
        f"{text} Groups are compared by Pearson's chi-square test without continuity correction, by Fisher's exact test "
        "in a 2 x 2 table with an expected count below 5, and for numbers by the Wilcoxon rank-sum test (two groups) or "
        "the Kruskal-Wallis test; standardised differences do not depend on the number of patients."
    )


def _logistic(protocol, analyses):
    wald = [a for a in analyses if a.options.get("interval", "profile") == "wald"]
    methods = {
        True: "intervals and p values by Wald's method",
        False: "profile-likelihood intervals and likelihood-ratio p values",
    }
    by = [methods[flag] for flag in dict.fromkeys(a in wald for a in analyses)]
    return f"Odds ratios are from logistic regression, with {' or '.join(by)}, as each table says. {_models(analyses)}"


def _cox(protocol, analyses):
    ties = list(dict.fromkeys(a.options.get("ties", "efron").capitalize() for a in analyses))
    text = (
        f"Hazard ratios are from Cox proportional hazards models with {' or '.join(ties)}'s handling of ties and Wald "
        f"intervals and p values. {_endpoints(protocol, analyses)} {_models(analyses)}"
    )
    strata = {protocol.codebook[name].label for a in analyses for name in a.options.get("strata", [])}
    return f"{text} Baseline hazards differ by {', '.join(sorted(strata))}." if strata else text


def _curves(protocol, analyses):
    scales = list(dict.fromkeys(SURVIVAL_INTERVAL[a.options.get("interval", "log")] for a in analyses))
    text = f"Survival curves are Kaplan-Meier estimates with pointwise intervals on {' or '.join(scales)}."
    if any("by" in a.options for a in analyses):
        text += " They are compared by the log-rank test."
    return f"{text} {_endpoints(protocol, analyses)}"


def _endpoints(protocol, analyses):
    names = dict.fromkeys(a.options["endpoint"] for a in analyses)
    return " ".join(_endpoint(protocol, protocol.endpoints[name]) for name in names)


def _endpoint(protocol, endpoint):
    variable, level = endpoint.event
    event = f"{protocol.codebook[variable].label}: {level}"
    if endpoint.time is not None:
        clock = f"is {_inside(protocol.codebook[endpoint.time].label)}"
    else:
        start, end = (protocol.codebook[name].label for name in (endpoint.start, endpoint.end))
        clock = f"runs from {_inside(start)} to {_inside(end)}"
    text = f"{endpoint.label} {clock}; the event is {_inside(event)}, everything else is censored"
    if endpoint.entry is not None:
        entry = _inside(protocol.codebook[endpoint.entry].label)
        text += f"; {protocol.unit} are at risk only from {entry} on (delayed entry)"
    return f"{text}."


def _inside(label):
    """A label inside a sentence: a lower-case start unless it is an abbreviation or a name with capitals."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def _models(analyses):
    text = (
        "Each term is fitted alone (univariable). Each model uses those with known values of its terms; how many a term "
        "leaves out is in the tables."
    )
    rules = [a.options.get("multivariable", "none") for a in analyses]
    if "all" in rules:
        text += " The multivariable model has all terms."
    for limit in sorted({rule["univariable_p_below"] for rule in rules if isinstance(rule, dict)}):
        text += f" The multivariable model has the terms whose univariable likelihood-ratio p is below {limit:g}."
    if any(isinstance(rule, list) for rule in rules):
        text += " The multivariable model has the terms that the protocol names."
    return (
        f"{text} Where a model has no finite maximum (separation), Firth's penalised likelihood is used and marked; what "
        "cannot be estimated is said so."
    )


def _fisher(protocol, analyses):
    return "Two groups are compared by Fisher's exact test; odds ratios are conditional maximum-likelihood estimates with exact intervals."


def _rates(protocol, analyses):
    text = "Proportions have Wilson and exact (Clopper-Pearson) intervals."
    if any(a.options.get("pairwise") for a in analyses):
        text += " Pairs of groups are compared, with p values as they are and adjusted by Holm's method."
    return text


def _agreement(protocol, analyses):
    return (
        "Sensitivity, specificity, predictive values and accuracy have exact (Clopper-Pearson) intervals; agreement is "
        "measured by Cohen's kappa and discordance tested by McNemar's test. Results that are neither positive nor "
        "negative are counted as not evaluable."
    )


def _strategies(protocol, analyses):
    return "Testing strategies are compared by counting the tests that each needs and the positives that it finds and misses."


def _p_values(kinds):
    adjusted = "apart from Holm's adjustment, " if "rates" in kinds else ""
    return f"p values are two-sided; {adjusted}they are not adjusted for the number of tests."


WRITERS = {
    "summary": _summary,
    "logistic": _logistic,
    "cox": _cox,
    "curves": _curves,
    "fisher": _fisher,
    "rates": _rates,
    "agreement": _agreement,
    "strategies": _strategies,
}
