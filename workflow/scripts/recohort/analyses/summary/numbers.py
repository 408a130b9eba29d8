"""Numbers of Table 1, unrounded: counts, medians, missing values, differences, and the tests of the stage."""

from collections.abc import Iterable
from itertools import islice, permutations
from typing import Any

import numpy as np
import pandas as pd

from recohort.analyses.estimates import records
from recohort.analyses.summary import control
from recohort.analyses.summary.groups import cross_table, members, samples
from recohort.base import result_files
from recohort.disclosure import rounded
from recohort.statistics import rank_tests

COLUMNS = [
    "analysis", "population", "variable", "level", "group", "n", "n_missing", "n_ungrouped",
    "median", "q1", "q3", "p_value", "p_method", "std_difference",
]  # fmt: skip
TEXT = ["variable", "level", "group", "p_method"]
COUNTS = [name for name, type_ in (result_files.SUMMARY_NUMBERS.numbers or {}).items() if type_ is int]
NUMBERS = [name for name, type_ in (result_files.SUMMARY_NUMBERS.numbers or {}).items() if type_ is float]
QUARTILES = ["q1", "median", "q3"]


def summaries(
    protocol: Any, cohort: pd.DataFrame, counts: list[dict[str, Any]], estimates: list[dict[str, Any]]
) -> tuple[dict[str, list[dict[str, Any]]], dict[tuple[str, str, str], int | None]]:
    """
    The numbers of the summaries and of the data dictionary as they may be shown.

    Parameters
    ----------
    protocol : Protocol
        Its rule is how they are shown.
    cohort : DataFrame
        One row per unit; only counts and quantiles of it come out.
    counts : list of dict
        Rows of contingency/counts.csv, exact: what the summaries may show depends on them.
    estimates : list of dict
        Of all stages, exact: those of the summaries are their tests.

    Returns
    -------
    shown : dict of str to list of dict
        COLUMNS, unrounded unless controlled: of each analysis, and under "" those
        of every variable of the codebook for the dictionary.
    sizes : dict of (str, str, str) to int or None
        How many are in each (analysis, population, group); None where it is withheld.
    """
    analyses = [analysis for analysis in protocol.analyses.values() if analysis.kind == "summary"]
    variables = list(protocol.codebook.values())
    exact = {a.name: records(numbers(protocol, a, cohort, _of(estimates, a))) for a in analyses}
    exact[""] = records(summarise(cohort, variables))
    sizes = {
        (name, r["population"], r["group"]): rounded(r["n"] + r["n_missing"], protocol.rule)
        for name, rows in exact.items()
        for r in rows
        if name and not r["level"]
    }
    if protocol.rule is None:
        return exact, sizes
    by = {a.name: a.options["by"] for a in analyses if "by" in a.options}
    following = derived(cohort, variables)
    every = [r for rows in exact.values() for r in rows]
    controlled = iter(control.summary(every, protocol.rule, by, counts, following))
    return {name: list(islice(controlled, len(rows))) for name, rows in exact.items()}, sizes


def _of(rows: list[dict[str, Any]], analysis: Any) -> list[dict[str, Any]]:
    return [r for r in rows if r["analysis"] == analysis.name]


def numbers(
    protocol: Any, analysis: Any, cohort: pd.DataFrame, estimates: list[dict[str, Any]]
) -> pd.DataFrame:
    """
    The unrounded numbers of an analysis of kind summary.

    Parameters
    ----------
    protocol : Protocol
    analysis : Analysis
    cohort : DataFrame
        The whole cohort, with a boolean column in_<population> for each population.
    estimates : list of dict
        Of the analysis, exact.

    Returns
    -------
    DataFrame
        COLUMNS, for all populations of the analysis.
    """
    variables = [protocol.codebook[name] for name in analysis.options["variables"]]
    by = protocol.codebook.get(analysis.options.get("by"))
    parts = []
    for population in analysis.populations:
        rows = records(summarise(cohort[cohort[f"in_{population}"]], variables, by))
        tests = {r["term"]: _test(r) for r in estimates if r["population"] == population}
        for row in rows:
            row |= {"analysis": analysis.name, "population": population}
            if row["level"] == row["group"] == "":
                row |= tests.get(row["variable"], {})
        parts += rows
    return frame(parts)


def _test(row: dict[str, Any]) -> dict[str, Any]:
    """The test of a variable over the groups as its row of a summary has it."""
    method = "; ".join(filter(None, [row["p_method"], row["note"]])) if row["p_method"] else ""
    return {"p_value": row["p_value"], "p_method": method}


def summarise(cohort: pd.DataFrame, variables: Iterable[Any], by: Any = None) -> pd.DataFrame:
    """
    Describe variables, overall and by group.

    Parameters
    ----------
    cohort : DataFrame
        One row per unit; factors as categories, numbers as float, a missing value as such.
    variables : sequence of recohort.protocol.model.Variable
    by : Variable, optional
        A factor; rows where it is missing (n_ungrouped of them) are left out of everything.

    Returns
    -------
    DataFrame
        COLUMNS without analysis and population. Per variable and group a row with level "": n known,
        n_missing and, of a number, median and quartiles (R's type 7). Per level of a factor a row with its
        count. Group "" is everybody; its row with level "" has, if the groups are two, the absolute
        standardised difference, and takes the test over them.

    References
    ----------
    Yang & Dalton (2012), SAS Global Forum, paper 335 (standardised difference of a factor).
    Agrees with R, tests/analyses/summary.
    """
    grouped = cohort if by is None else cohort[cohort[by.name].notna()]
    groups = {} if by is None else members(grouped, by)
    rows = []
    for variable in variables:
        described = _describe(variable, grouped[variable.name], {"": np.ones(len(grouped), bool), **groups})
        if len(groups) == 2:
            described[0] |= {"std_difference": _difference(variable, grouped[variable.name], groups.values())}
        rows += described
    return frame([{**row, "n_ungrouped": len(cohort) - len(grouped)} for row in rows], COLUMNS[2:])


def frame(rows: list[dict[str, Any]], columns: list[str] = COLUMNS) -> pd.DataFrame:
    """Rows, of which a number left out or None is missing, as a table with these columns and their types."""
    table = pd.DataFrame(rows, columns=columns)
    table[TEXT] = table[TEXT].astype(object).fillna("")
    table[COUNTS] = table[COUNTS].astype("Int64")
    table[NUMBERS] = table[NUMBERS].astype(float)
    return table


def derived(cohort: pd.DataFrame, variables: Iterable[Any]) -> dict[tuple[str, str], dict[str, str]]:
    """
    Which factors follow from which in a cohort.

    Parameters
    ----------
    cohort : DataFrame
    variables : iterable of recohort.protocol.model.Variable

    Returns
    -------
    dict of (str, str) to dict
        For a variable that follows from another, whose missing values are among its own: its level for each
        level of the other that occurs, those without one left out.
    """
    factors = {variable.name: variable.levels for variable in variables if variable.is_factor}
    codes = {name: cohort[name].cat.codes.to_numpy(int) for name in factors}
    found = {}
    for follows, other in permutations(factors, 2):
        size = len(factors[follows]) + 1
        pairs = [
            divmod(int(code), size) for code in np.unique((codes[other] + 1) * size + codes[follows] + 1)
        ]
        mapped = dict(pairs)
        # code 0 is a missing value
        if len(mapped) == len(pairs) and mapped.get(0, 0) == 0:
            names = [None, *factors[follows]]
            found[follows, other] = {factors[other][i - 1]: names[to] for i, to in pairs if i and to}
    return found


def _describe(variable: Any, column: Any, groups: dict[str, Any]) -> list[dict[str, Any]]:
    known = column.notna().to_numpy()
    rows = []
    for group, inside in groups.items():
        shared = {"variable": variable.name, "group": group}
        row = {
            **shared,
            "level": "",
            "n": int((inside & known).sum()),
            "n_missing": int((inside & ~known).sum()),
        }
        if variable.type == "number" and row["n"]:
            row |= zip(QUARTILES, rank_tests.quartiles(column.to_numpy(float)[inside & known]), strict=True)
        rows.append(row)
        if variable.is_factor:
            counts = {
                level: int((inside & (column == level).to_numpy(bool)).sum()) for level in variable.levels
            }
            rows += [{**shared, "level": level, "n": n} for level, n in counts.items()]
    return rows


def _difference(variable: Any, column: Any, groups: Iterable[Any]) -> float:
    """The standardised difference of two groups; NaN where there is none."""
    if variable.is_factor:
        table = cross_table(variable, column, groups)
        return difference_of_shares(table) if table.shape[1] == 2 else np.nan
    if variable.type == "number":
        known = samples(column, groups)
        return difference_of_means(*known) if len(known) == 2 else np.nan
    return np.nan


def difference_of_means(first: Any, second: Any) -> float:
    """
    Absolute difference of two means by the root of the mean of the two variances.

    Parameters
    ----------
    first, second : ndarray of float

    Returns
    -------
    float
        NaN if a sample has fewer than two values or neither varies.
    """
    if min(len(first), len(second)) < 2:
        return np.nan
    spread = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    return abs(first.mean() - second.mean()) / spread if spread > 0 else np.nan


def difference_of_shares(table: Any) -> float:
    """
    Standardised difference of a factor between two groups.

    Parameters
    ----------
    table : ndarray of counts, shape (n_levels, 2)
        Every level and both groups occur.

    Returns
    -------
    float
        Mahalanobis distance of the shares by the mean of the two multinomial covariances. NaN with fewer than
        two levels or if the groups have no level in common.

    References
    ----------
    Yang & Dalton (2012), SAS Global Forum, paper 335.
    """
    # one level follows from the others
    shares = (table / table.sum(axis=0))[1:]
    covariance: Any = sum(np.diag(p) - np.outer(p, p) for p in shares.T) / 2
    if not len(shares) or np.linalg.matrix_rank(covariance) < len(covariance):
        return np.nan
    difference = shares[:, 0] - shares[:, 1]
    return float(np.sqrt(difference @ np.linalg.solve(covariance, difference)))
