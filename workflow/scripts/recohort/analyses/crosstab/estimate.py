"""Cross-tables of two variables, and estimates of them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from recohort.analyses.estimates import Estimated


def estimates(
    patients: pd.DataFrame,
    protocol: Any,
    analysis: Any,
    of_population: Callable[[pd.DataFrame], tuple[list[dict[str, Any]], list[pd.DataFrame]]],
) -> Estimated:
    """
    Every estimate of an analysis of cross-tables.

    Parameters
    ----------
    patients : DataFrame
        The cohort, one row per patient or specimen.
    protocol : Protocol
    analysis : Analysis
    of_population : callable
        Of those in a population: rows without what all rows of it share, and the cross-tables behind them, as
        `cross` gives them.

    Returns
    -------
    Estimated
    """
    rows, counts = [], []
    for population in analysis.populations:
        inside = patients[patients[f"in_{population}"]]
        place = {"analysis": analysis.name, "population": population}
        found, tables = of_population(inside)
        rows += [{"study": protocol.study, "kind": analysis.kind, **place, **row} for row in found]
        counts += [{**place, **cell} for table in tables for cell in _cells(table)]
    return Estimated(rows, counts)


def cross(patients: pd.DataFrame, row: str, column: str) -> pd.DataFrame:
    """Counts by two factors with all their levels and, last, those missing."""
    codes = [patients[name].cat.codes.to_numpy() for name in (row, column)]
    levels = [[*patients[name].cat.categories, ""] for name in (row, column)]
    table = np.zeros([len(names) for names in levels], dtype=int)
    np.add.at(table, tuple(codes), 1)  # the code of a missing value, -1, is the last place
    return pd.DataFrame(table, pd.Index(levels[0], name=row), pd.Index(levels[1], name=column))


def _cells(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """A cross-table in long form without its empty margins of missing values."""
    for row_level, line in table.iterrows():
        for column_level, n in line.items():
            if n or "" not in (row_level, column_level):
                yield {
                    "row_term": table.index.name,
                    "row_level": row_level,
                    "column_term": table.columns.name,
                    "column_level": column_level,
                    "n": int(n),
                }


def left_out(table: pd.DataFrame) -> dict[str, int]:
    """Of a cross-table from `cross`: those whose column is missing, and of the others those whose row is."""
    n_no_outcome, n_no_covariate = table[""].sum(), table.loc[""].drop("").sum()
    return {
        "n_missing": int(n_no_outcome + n_no_covariate),
        "n_no_outcome": int(n_no_outcome),
        "n_no_covariate": int(n_no_covariate),
    }


def two_columns(table: pd.DataFrame, level: str) -> pd.DataFrame:
    """Having a level, and having another known one, per known row level: shape (rows, 2)."""
    known = table.drop(index="").drop(columns="")
    return pd.DataFrame({"yes": known[level], "no": known.sum(axis=1) - known[level]})


def result(found: Any, status: str = "ok") -> dict[str, Any]:
    """An Estimate as part of a row; what does not exist says why."""
    row = {"note": found.note, "status": status, "p_value": found.p_value, "p_method": found.p_method}
    if hasattr(found, "estimate"):
        row |= {"ci_method": found.ci_method}
        if np.isfinite(found.estimate):
            row |= {
                "estimate": found.estimate,
                "std_error": found.std_error,
                "ci_low": found.ci_low,
                "ci_high": found.ci_high,
            }
    if np.isnan(row["p_value"]) and not np.isfinite(row.get("estimate", np.nan)):
        row["status"] = "not-estimable"
    return row
