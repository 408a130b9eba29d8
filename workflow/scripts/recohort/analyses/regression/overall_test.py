"""The test of a term over all its levels: what fits a model and what describes the fit read it here."""

from typing import Any


def overall_test(options: dict[str, Any]) -> str:
    """
    The test of several coefficients, by the options of an analysis.

    Returns
    -------
    {"likelihood ratio", "robust Wald"}
        Likelihood ratios take no account of clusters, robust Wald tests do.
    """
    return "robust Wald" if "cluster" in options else "likelihood ratio"
