"""Terms of regressions that cannot be meant."""

from collections.abc import Mapping
from typing import Any


def terms(references: Any, key: str, options: dict[str, Any], modelled: Mapping[str, str]) -> None:
    """
    Refuse a term that is no variable for a model or is modelled itself.

    Parameters
    ----------
    references : References
    key : str
        Of the analysis.
    options : dict
    modelled : dict of str to str
        What each variable that cannot be a term is: "the outcome".
    """
    for name in options["terms"]:
        references.variable(f"{key}.terms", name)
        kind = references.book[name].type
        if kind in ("date", "text"):
            references.fail(f"{key}.terms", f"{name!r} is a {kind}", "Name a category or a number.")
        if name in modelled:
            references.fail(f"{key}.terms", f"{name!r} is {modelled[name]} itself", "Remove it.")
    if isinstance(options["multivariable"], list):
        for name in options["multivariable"]:
            references.known(f"{key}.multivariable", name, options["terms"], "one of the terms")
