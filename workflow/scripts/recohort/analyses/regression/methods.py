"""What the methods of logistic and Cox models share."""

from typing import Any

from recohort.analyses.regression.overall_test import overall_test

ADJECTIVES = {"likelihood ratio": "likelihood-ratio", "robust Wald": "robust Wald"}


def models(analyses: list[Any]) -> str:
    """Which models there are, and what is done where one has no maximum."""
    text = (
        "Each term is fitted alone (univariable). A model uses those whose values of its terms are known; "
        "how many a term leaves out is in the tables."
    )
    rules = [a.options["multivariable"] for a in analyses]
    if "all" in rules:
        text += " The multivariable model has all terms."
    chosen = {
        (rule["univariable_p_below"], overall_test(a.options))
        for a, rule in zip(analyses, rules, strict=True)
        if isinstance(rule, dict)
    }
    for limit, test in sorted(chosen):
        which = f"whose univariable {ADJECTIVES[test]} p is below {limit:g}"
        text += f" The multivariable model has the terms {which}."
    if any(isinstance(rule, list) for rule in rules):
        text += " The multivariable model has the terms that the protocol names."
    return (
        f"{text} Where a likelihood has no finite maximum, Firth's penalty is used and marked; an estimate "
        "that does not exist is said to be not estimable."
    )
