"""Numbers of Table 1: counts, medians, missing values, tests and standardised differences, unrounded."""

from itertools import permutations

import numpy as np
import pandas as pd

from recohort.statistics import contingency, rank_tests

COLUMNS = [
    "analysis", "population", "variable", "level", "group", "n", "n_missing", "n_ungrouped",
    "median", "q1", "q3", "p_value", "p_method", "std_difference",
]  # fmt: skip
TEXT = ["variable", "level", "group", "p_method"]
COUNTS = ["n", "n_missing", "n_ungrouped"]
NUMBERS = ["median", "q1", "q3", "p_value", "std_difference"]
QUARTILES = ["q1", "median", "q3"]


def summarise(cohort, variables, by=None):
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
        count. Group "" is everybody; its row with level "" has the test over the groups and, if they are two,
        the absolute standardised difference.

    References
    ----------
    Yang & Dalton (2012), SAS Global Forum, paper 335 (standardised difference of a factor).
    Agrees with R, tests/test_summary.py.
    """
    grouped = cohort if by is None else cohort[cohort[by.name].notna()]
    groups = {} if by is None else {level: (grouped[by.name] == level).to_numpy(bool) for level in by.levels}
    rows = []
    for variable in variables:
        described = _describe(variable, grouped[variable.name], {"": np.ones(len(grouped), bool), **groups})
        if groups:
            described[0] |= _compare(variable, grouped[variable.name], list(groups.values()))
        rows += described
    return frame([{**row, "n_ungrouped": len(cohort) - len(grouped)} for row in rows], COLUMNS[2:])


def frame(rows, columns=COLUMNS):
    """Rows, of which a number left out or None is missing, as a table with these columns and their types."""
    table = pd.DataFrame(rows, columns=columns)
    table[TEXT] = table[TEXT].astype(object).fillna("")
    table[COUNTS] = table[COUNTS].astype("Int64")
    table[NUMBERS] = table[NUMBERS].astype(float)
    return table


def derived(cohort, variables):
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


def _describe(variable, column, groups):
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


def _compare(variable, column, groups):
    """The test over the groups, and the standardised difference of two."""
    if variable.is_factor:
        shares = [
            [(inside & (column == level).to_numpy(bool)).sum() for inside in groups]
            for level in variable.levels
        ]
        # a level or a group that does not occur takes no part
        table = np.array(shares, dtype=float)
        table = table[table.any(axis=1)][:, table.any(axis=0)]
        test = contingency.association(table) if min(table.shape) > 1 else None
        difference = difference_of_shares(table) if len(groups) == table.shape[1] == 2 else np.nan
    elif variable.type == "number":
        known, values = column.notna().to_numpy(), column.to_numpy(float)
        samples = [sample for inside in groups if len(sample := values[inside & known])]
        test = _compare_numbers(samples)
        difference = difference_of_means(*samples) if len(groups) == len(samples) == 2 else np.nan
    else:
        return {}
    if test is None:
        return {"std_difference": difference}
    method = "; ".join(filter(None, [test.p_method, test.note]))
    return {"p_value": test.p_value, "p_method": method, "std_difference": difference}


def _compare_numbers(samples):
    if len(samples) < 2:
        return None
    if len(samples) == 2:
        return rank_tests.rank_sum(*samples)
    groups = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
    return rank_tests.kruskal_wallis(np.concatenate(samples), groups)


def difference_of_means(first, second):
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


def difference_of_shares(table):
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
    covariance = sum(np.diag(p) - np.outer(p, p) for p in shares.T) / 2
    if not len(shares) or np.linalg.matrix_rank(covariance) < len(covariance):
        return np.nan
    difference = shares[:, 0] - shares[:, 1]
    return float(np.sqrt(difference @ np.linalg.solve(covariance, difference)))
