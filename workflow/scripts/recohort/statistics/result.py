"""What inference on counts gives, and what it takes."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from recohort.base.errors import RecohortError
from recohort.statistics.arrays import Floats, Given


@dataclass(frozen=True)
class Estimate:
    """
    An estimate with its interval and test; NaN for what does not exist, and `note` says why.

    Attributes
    ----------
    estimate, ci_low, ci_high, p_value : float
    std_error : float
        On the scale the interval was made on; NaN if the interval was not made from one.
    ci_method, p_method, note : str
    """

    estimate: float
    ci_low: float
    ci_high: float
    ci_method: str
    std_error: float = np.nan
    p_value: float = np.nan
    p_method: str = ""
    note: str = ""


class Methods(TypedDict):
    """The names of the methods of an Estimate."""

    ci_method: str
    p_method: str


@dataclass(frozen=True)
class Test:
    """
    A test; NaN for what does not exist, and `note` says why.

    Attributes
    ----------
    statistic, df : float
        NaN for an exact test.
    p_value : float
        Two-sided.
    p_method, note : str
    """

    statistic: float
    df: float
    p_value: float
    p_method: str
    note: str = ""


def counts(table: Given) -> Floats:
    """A table of counts (r, c) as floats, or a RecohortError that says why it is none."""
    values = np.asarray(table, dtype=float)
    if values.ndim != 2 or min(values.shape) < 2:
        raise RecohortError("a table needs at least two rows and two columns", value=values.shape)
    if not np.all((values >= 0) & (values == np.floor(values)) & np.isfinite(values)):
        raise RecohortError("a table holds counts: whole numbers, not below 0", value=values.tolist())
    return values


def two_by_two(table: Given) -> Floats:
    """A 2 x 2 table of counts as floats, or a RecohortError."""
    values = counts(table)
    if values.shape != (2, 2):
        raise RecohortError("the table is not 2 x 2", value=values.shape)
    return values
