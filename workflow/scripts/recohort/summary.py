"""Numbers of Table 1: counts, medians, missing values, tests and standardised differences, unrounded."""

import numpy as np
import pandas as pd

from recohort import contingency, ranks

COLUMNS = [
    "analysis", "population", "variable", "level", "group", "n", "n_missing", "median", "q1", "q3",
    "p_value", "p_method", "std_difference",
]  # fmt: skip
# below this expected count the chi-square approximation of a 2 x 2 table is not trusted (Cochran 1954)
SMALLEST_EXPECTED = 5


def summarise(cohort, variables, by=None):
    """
    Describe variables, overall and by group.

    Parameters
    ----------
    cohort : DataFrame
        One row per unit; factors as categories with all declared levels, numbers as float, missing as NaN.
    variables : sequence of recohort.protocol.Variable
    by : Variable, optional
        A factor; rows where it is missing are left out of everything.

    Returns
    -------
    DataFrame
        COLUMNS without analysis and population. Per variable and group one row with level "": n known, n_missing
        and, for a number, median and quartiles (R's type 7). Per level of a factor one row with its count. Group "" is
        everybody; its row with level "" has the test over the groups and, for two groups, the absolute standardised
        difference.

    References
    ----------
    Yang & Dalton (2012), SAS Global Forum 335 (standardised difference of a factor).
    Agrees with R, tests/test_summary.py.
    """
    groups = {"": np.ones(len(cohort), dtype=bool)}
    codes = None
    if by is not None:
        cohort = cohort[cohort[by.name].notna()]
        codes = pd.Categorical(cohort[by.name], categories=list(by.levels)).codes
        groups = {"": np.ones(len(cohort), dtype=bool)}
        groups |= {level: codes == i for i, level in enumerate(by.levels)}
    rows = [row for variable in variables for row in _variable(variable, cohort[variable.name], groups, codes)]
    frame = pd.DataFrame(rows, columns=COLUMNS[2:])
    text = ["variable", "level", "group", "p_method"]
    frame[text] = frame[text].fillna("")
    frame[["n", "n_missing"]] = frame[["n", "n_missing"]].astype("Int64")
    numbers = ["median", "q1", "q3", "p_value", "std_difference"]
    frame[numbers] = frame[numbers].astype(float)
    return frame


def _variable(variable, column, groups, codes):
    known = column.notna().to_numpy()
    values = column.to_numpy(float) if variable.type == "number" else None
    levels = pd.Categorical(column, categories=list(variable.levels)).codes if variable.is_factor else None
    for group, inside in groups.items():
        row = {"variable": variable.name, "level": "", "group": group}
        row |= {"n": int((inside & known).sum()), "n_missing": int((inside & ~known).sum())}
        if values is not None and row["n"]:
            row |= dict(zip(("q1", "median", "q3"), np.quantile(values[inside & known], (0.25, 0.5, 0.75)), strict=True))
        if group == "" and codes is not None and (values is not None or levels is not None):
            row |= _compare(values if levels is None else levels, known, codes, len(groups) - 1, levels is not None)
        yield row
        for i, level in enumerate(variable.levels if levels is not None else ()):
            count = int((inside & (levels == i)).sum())
            yield {"variable": variable.name, "level": level, "group": group, "n": count}


def _compare(values, known, codes, n_groups, is_factor):
    values, codes = values[known], codes[known]
    if is_factor:
        table = np.zeros((values.max(initial=0) + 1, n_groups))
        np.add.at(table, (values, codes), 1)
        p, method = _test_counts(table)
        difference = _difference_of_shares(table) if n_groups == 2 else np.nan
    else:
        samples = [values[codes == group] for group in range(n_groups)]
        p, method = _test_numbers([sample for sample in samples if len(sample)])
        difference = _difference_of_means(*samples) if n_groups == 2 else np.nan
    return {"p_value": p, "p_method": method, "std_difference": difference}
