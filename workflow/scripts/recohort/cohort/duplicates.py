"""Rows that share an identifier: the same contents twice, or an identifier that stands for two."""

from typing import Any

import numpy as np
import pandas as pd


def find(
    ids: Any, is_identified: np.ndarray, codebook: dict[str, Any], cleaned: Any
) -> tuple[np.ndarray, np.ndarray]:
    """
    Compare the rows of each identifier by what the codebook reads of them.

    Parameters
    ----------
    ids : text_column.Texts, shape (n,)
    is_identified : ndarray of bool, shape (n,)
        Rows whose identifier is not missing.
    codebook : dict of str to Variable
    cleaned : codebook.Cleaned

    Returns
    -------
    merged : ndarray of bool, shape (n,)
        Rows identical to an earlier one, if all of their identifier are identical.
    conflicting : ndarray of bool, shape (n,)
        Rows whose identifier stands for different contents.
    """
    merged, conflicting = np.zeros((2, len(ids.codes)), dtype=bool)
    is_repeated = (np.bincount(ids.codes) > 1)[ids.codes]
    where = np.flatnonzero(is_repeated & is_identified)
    if len(where):
        rows, unit = _distinct_rows(where, ids, codebook, cleaned)
        is_repeat = pd.Series(rows).duplicated().to_numpy()
        has_several = np.bincount(unit, weights=~is_repeat) > 1
        conflicting[where] = has_several[unit]
        merged[where] = is_repeat & ~has_several[unit]
    return merged, conflicting


def _distinct_rows(
    where: np.ndarray, ids: Any, codebook: dict[str, Any], cleaned: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Of some rows a number that equal rows share, and one that rows of one id share."""
    unit, _ = pd.factorize(ids.codes[where])
    rows = unit
    for name, variable in codebook.items():
        if variable.column is not None:
            codes, distinct = pd.factorize(_contents(where, name, cleaned))
            rows, _ = pd.factorize(rows * len(distinct) + codes)
    return rows, unit


def _contents(where: np.ndarray, name: str, cleaned: Any) -> np.ndarray:
    """The cells of a variable as they are compared, in some rows; one that cannot be read as it stands."""
    column, (positions, which, said) = cleaned.columns.folded[name], cleaned.problems
    texts = np.where(column.known, column.values.astype(str), "").astype(object)
    contents: np.ndarray = column.spread(texts, where)
    is_here = np.array([problem.variable == name for problem in said], dtype=bool)[which]
    _, at, of_problem = np.intersect1d(where, positions[is_here], assume_unique=True, return_indices=True)
    contents[at] = [f"{said[i].raw} (unreadable)" for i in which[is_here][of_problem]]
    return contents
